/** A file that is sent while it still comes from somewhere else. */

import type { Growing } from '../boot/files.ts';
import type { Held } from './file-cache.ts';
import type { FileIo, FileState } from './file-io.ts';

const LARGEST_PIECE = 256 * 1024;

/** As it will be. It changes until it is there: by date it is newer than any copy. */
export function growingState(path: string, { size }: Growing, now: number): FileState {
  return { path, inode: 0n, size, changed: BigInt(now) * 1_000_000n };
}

/** Pieces are as long as what is there; a piece is valid only until the next is asked for. `piece` rejects as `beyond` does. */
export async function growingFile(io: FileIo, path: string, name: string, growing: Growing): Promise<Held> {
  // Whoever comes when it has failed is told why, and not that there is no such file.
  if (growing.size > 0) await growing.beyond(0);
  const file = await io.open(path, name);
  const block = Buffer.allocUnsafeSlow(Math.max(1, Math.min(LARGEST_PIECE, growing.size)));
  return {
    size: growing.size,
    async piece(at, max) {
      const there = await growing.beyond(at);
      const into = block.subarray(0, Math.min(block.length, max, there - at));
      return into.subarray(0, await file.read(into, at));
    },
    release: () => void file.close().catch(() => undefined),
  };
}
