/** A file too large for the cache, read piece by piece while it is sent. */

import { ChainbootError } from '../errors.ts';
import type { Held } from './file-cache.ts';
import { type FileIo, type FileState, sameState } from './file-io.ts';

/** 1 MiB reads move 3.3 times as much as the 64 KiB of createReadStream (one thread-pool hop a read). */
const LARGEST_BLOCK = 1024 * 1024;

/**
 * Two blocks in turn: one is read while the other is written, so a piece is valid only until the next is asked
 * for. `block` bounds what the transfer holds in memory to twice its bytes. A file that changes on the way makes
 * `piece` reject, at the latest before its last byte.
 */
export async function streamFile(
  io: FileIo,
  state: FileState,
  name: string,
  block: number,
  end: number = state.size,
): Promise<Held> {
  const changed = () => new ChainbootError('FILE_CHANGED', { name });
  const file = await io.open(state.path, name);
  const length = Math.min(block, LARGEST_BLOCK, Math.max(end, 1));
  const blocks = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const;
  let turn = 0;
  let ahead: { readonly at: number; readonly bytes: Promise<Uint8Array> } | undefined;
  let reading: Promise<unknown> = Promise.resolve();

  async function read(at: number, into: Uint8Array): Promise<Uint8Array> {
    if ((await file.read(into, at)) < into.length) throw changed();
    if (at + into.length === end && !sameState(await file.state(), state)) throw changed();
    return into;
  }

  function start(at: number, max: number): Promise<Uint8Array> {
    turn = 1 - turn;
    const bytes = read(at, blocks[turn as 0 | 1].subarray(0, Math.min(length, max, end - at)));
    reading = bytes.catch(() => undefined);
    return bytes;
  }

  try {
    if (!sameState(await file.state(), state)) throw changed();
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    size: state.size,
    piece: async (at, max) => {
      const bytes = await (ahead?.at === at ? ahead.bytes : start(at, max));
      const next = at + bytes.length;
      ahead = next < end ? { at: next, bytes: start(next, max) } : undefined;
      return bytes;
    },
    // A read may still fill a block: the file is closed behind it.
    release: () => void reading.then(() => file.close()).catch(() => undefined),
  };
}
