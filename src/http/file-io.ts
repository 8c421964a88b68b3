/** The few calls on the file system that serving needs; tests put their own in place. */

import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { ChainbootError, reasonOf } from '../errors.ts';

/** One state of one file: while it holds, the bytes are the same. */
export type FileState = {
  readonly path: string;
  readonly inode: bigint;
  readonly size: number;
  /** Modification time, nanoseconds. */
  readonly changed: bigint;
};

type OpenedFile = {
  /** Fills `into` from byte `at` on; fewer bytes than asked for only at the end of the file. */
  readonly read: (into: Uint8Array, at: number) => Promise<number>;
  readonly state: () => Promise<FileState>;
  readonly close: () => Promise<void>;
};

export type FileIo = {
  /** Rejects with FILE_NOT_FOUND (also for what is no regular file) or FILE_UNREADABLE. */
  readonly state: (path: string, name: string) => Promise<FileState>;
  readonly open: (path: string, name: string) => Promise<OpenedFile>;
};

export function sameState(a: FileState, b: FileState): boolean {
  return a.inode === b.inode && a.size === b.size && a.changed === b.changed;
}

/** A file-system error in the words of the catalogue. */
function fileError(error: unknown, name: string): ChainbootError {
  if (error instanceof ChainbootError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (/^(ENOENT|ENOTDIR|ENAMETOOLONG|EISDIR|ENXIO|ELOOP)$/.test(code)) {
    return new ChainbootError('FILE_NOT_FOUND', { name }, [], error);
  }
  return new ChainbootError('FILE_UNREADABLE', { name, reason: reasonOf(error) }, [], error);
}

type BigStats = Awaited<ReturnType<typeof bigStat>>;
const bigStat = (path: string) => stat(path, { bigint: true });

function stateOf(path: string, name: string, stats: BigStats): FileState {
  if (!stats.isFile()) throw new ChainbootError('FILE_NOT_FOUND', { name });
  return { path, inode: stats.ino, size: Number(stats.size), changed: stats.mtimeNs };
}

async function readFully(handle: FileHandle, into: Uint8Array, at: number): Promise<number> {
  let got = 0;
  while (got < into.length) {
    const { bytesRead } = await handle.read(into, got, into.length - got, at + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return got;
}

export const diskIo: FileIo = {
  state: async (path, name) => {
    try {
      return stateOf(path, name, await bigStat(path));
    } catch (error) {
      throw fileError(error, name);
    }
  },
  open: async (path, name) => {
    try {
      // O_NONBLOCK: opening a FIFO that took the file's place would else hold a thread of the pool for ever.
      const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      return {
        read: (into, at) => readFully(handle, into, at),
        state: async () => stateOf(path, name, await handle.stat({ bigint: true })),
        close: () => handle.close(),
      };
    } catch (error) {
      throw fileError(error, name);
    }
  },
};
