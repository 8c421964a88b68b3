/** Files on disk as DATA packets, prepared once for each block size and shared by all who fetch them. */

import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { ChainbootError, reasonOf } from '../errors.ts';
import { type Image, imageOf, packetsOf } from './image.ts';
import { toNetascii } from './netascii.ts';
import { PieceCache } from './server-pieces.ts';

/** Where the packets of one transfer come from. */
export type Source = {
  /** Bytes that are sent in all. */
  readonly size: number;
  /**
   * Packets `first` to `first + count - 1`, in views of one or more that follow each other, of memory that stays
   * as it is; rejects with a ChainbootError. At once when they are in memory.
   */
  readonly packets: (first: number, count: number) => Packets | Promise<Packets>;
  readonly close: () => void;
};

export type Packets = readonly Uint8Array[];

export type FileFacts = {
  /** As the client asked for it; what messages say. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Changes when the content does. */
  readonly version: string;
};

export type FileLimits = {
  /** Memory for packets of files, bytes. */
  readonly cacheBytes: number;
  /** Mode netascii is for text, and text is not larger. */
  readonly netasciiBytes: number;
};

/** Throws FILE_NOT_FOUND or FILE_UNREADABLE. */
export async function describeFile(path: string, name: string): Promise<FileFacts> {
  const facts = await stat(path).catch((error: unknown) => {
    throw unreadable(error, name);
  });
  if (!facts.isFile()) throw new ChainbootError('FILE_NOT_FOUND', { name });
  return { name, path, size: facts.size, version: versionOf(facts) };
}

/** Text made on request. */
export function memorySource(bytes: Uint8Array, blksize: number, netascii: boolean): Source {
  const sent = netascii ? toNetascii(bytes) : bytes;
  const image = imageOf(sent, blksize);
  return {
    size: sent.length,
    packets: (first, count) => viewsOf([image], first, count),
    close: () => {},
  };
}

/** A file that is being fetched, by however many: its handle stays open until nobody is left. */
type Shared = { users: number; handle: Promise<FileHandle> | undefined };

export class FileImages {
  private readonly limits: FileLimits;
  private readonly pieces: PieceCache;
  private readonly shared = new Map<string, Shared>();

  constructor(limits: FileLimits) {
    this.limits = limits;
    this.pieces = new PieceCache(limits.cacheBytes);
  }

  /** Bytes of packets that are kept. */
  get held(): number {
    return this.pieces.held;
  }

  /** Throws FILE_NOT_FOUND, FILE_UNREADABLE or TFTP_NETASCII_TOO_LARGE. */
  async open(file: FileFacts, blksize: number, netascii: boolean): Promise<Source> {
    if (netascii) return memorySource(await this.text(file), blksize, true);
    const key = `${file.path}\0${file.version}`;
    const shared = this.share(key);
    const pieces = this.pieces.of(`${key}\0${blksize}`, file.size, blksize, (bytes, offset) => {
      // Whoever wants this piece must get it, even when the one it is read for has left.
      shared.users++;
      return read(file, shared, bytes, offset).finally(() => this.leave(key, shared));
    });
    const close = once(() => this.leave(key, shared));
    let latest: readonly Image[] = [];
    const packets: Source['packets'] = (first, count) => {
      const ready = viewsOf(latest, first, count);
      if (ready.length > 0) return ready;
      const found = pieces(first, count);
      const settled = (images: readonly Image[]) => {
        latest = images;
        return viewsOf(images, first, count);
      };
      return found instanceof Promise ? found.then(settled) : settled(found);
    };
    // What cannot be read at all is refused; a transfer of it does not begin.
    await Promise.resolve(packets(1, 1)).catch((error: unknown) => {
      close();
      throw error;
    });
    return { size: file.size, packets, close };
  }

  private async text(file: FileFacts): Promise<Uint8Array> {
    if (file.size > this.limits.netasciiBytes)
      throw new ChainbootError('TFTP_NETASCII_TOO_LARGE', { name: file.name });
    return readFile(file.path).catch((error: unknown) => {
      throw unreadable(error, file.name);
    });
  }

  private share(key: string): Shared {
    const shared = this.shared.get(key) ?? { users: 0, handle: undefined };
    this.shared.set(key, shared);
    shared.users++;
    return shared;
  }

  private leave(key: string, shared: Shared): void {
    if (--shared.users > 0) return;
    if (this.shared.get(key) === shared) this.shared.delete(key);
    // A file that was only read loses nothing when closing it fails.
    shared.handle?.then((handle) => handle.close()).catch(() => {});
  }
}

/** Views of the packets, one for each image that holds some of them; none when they are not all there. */
function viewsOf(images: readonly Image[], first: number, count: number): Uint8Array[] {
  const views: Uint8Array[] = [];
  let next = first;
  for (const image of images) {
    const here = Math.min(first + count, image.first + image.count) - next;
    const view = here > 0 ? packetsOf(image, next, here) : undefined;
    if (view === undefined) continue;
    views.push(view);
    next += here;
  }
  return next === first + count ? views : [];
}

/** Fills `bytes` from the file, which must be what it was when it was described. */
async function read(file: FileFacts, shared: Shared, bytes: Uint8Array, offset: number): Promise<void> {
  const opening = (shared.handle ??= open(file.path));
  try {
    const handle = await opening;
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, offset + done);
      if (bytesRead === 0) throw changed(file);
      done += bytesRead;
    }
    if (versionOf(await handle.stat()) !== file.version) throw changed(file);
  } catch (error) {
    throw error instanceof ChainbootError ? error : unreadable(error, file.name);
  }
}

function versionOf({ ino, mtimeMs, size }: { readonly ino: number; mtimeMs: number; size: number }): string {
  return `${ino}:${mtimeMs}:${size}`;
}

function changed(file: FileFacts): ChainbootError {
  return new ChainbootError('FILE_UNREADABLE', { name: file.name, reason: 'it changed while it was read' });
}

function unreadable(error: unknown, name: string): ChainbootError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new ChainbootError('FILE_NOT_FOUND', { name });
  const reason = typeof code === 'string' ? code : reasonOf(error);
  return new ChainbootError('FILE_UNREADABLE', { name, reason }, [], error);
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
