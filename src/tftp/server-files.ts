/** Files on disk as DATA packets: small ones read once and shared by everyone, big ones read a piece at a time. */

import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { ChainbootError, reasonOf } from '../errors.ts';
import { frame, type Image, imageOf, packetsOf } from './image.ts';
import { toNetascii } from './netascii.ts';
import { lastBlock } from './transfer.ts';

/** Where the packets of one transfer come from. */
export type Source = {
  /** Bytes that are sent in all. */
  readonly size: number;
  /**
   * Packets `first` to `first + count - 1`, one behind the other, in memory that stays as it is; rejects with a
   * ChainbootError. At once when they are in memory.
   */
  readonly packets: (first: number, count: number) => Uint8Array | Promise<Uint8Array>;
  readonly close: () => void;
};

export type FileFacts = {
  /** As the client asked for it; what messages say. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Changes when the content does. */
  readonly version: string;
};

export type FileLimits = {
  /** Memory for shared files, bytes. */
  readonly cacheBytes: number;
  /** Files above this are read a piece at a time. */
  readonly cacheFileBytes: number;
};

/** Throws FILE_NOT_FOUND or FILE_UNREADABLE. */
export async function describeFile(path: string, name: string): Promise<FileFacts> {
  const facts = await stat(path).catch((error: unknown) => {
    throw unreadable(error, name);
  });
  if (!facts.isFile()) throw new ChainbootError('FILE_NOT_FOUND', { name });
  return { name, path, size: facts.size, version: `${facts.ino}:${facts.mtimeMs}:${facts.size}` };
}

/** Text made on request. */
export function memorySource(bytes: Uint8Array, blksize: number, netascii: boolean): Source {
  const sent = netascii ? toNetascii(bytes) : bytes;
  return imageSource({ image: imageOf(sent, blksize), size: sent.length }, () => {});
}

const NONE = new Uint8Array();

type Loaded = { readonly image: Image; readonly size: number };
type Entry = { readonly reserved: number; users: number; readonly loaded: Promise<Loaded> };

function imageSource({ image, size }: Loaded, close: () => void): Source {
  return { size, packets: (first, count) => packetsOf(image, first, count) ?? NONE, close };
}

/**
 * Images of files by path, version, block size and mode. What is in use counts against the budget and is never
 * dropped; when nothing can make room, a file is streamed.
 */
export class FileImages {
  private readonly entries = new Map<string, Entry>();
  private readonly limits: FileLimits;
  private reserved = 0;
  constructor(limits: FileLimits) {
    this.limits = limits;
  }

  /** Throws FILE_NOT_FOUND, FILE_UNREADABLE or TFTP_NETASCII_TOO_LARGE. */
  async open(file: FileFacts, blksize: number, netascii: boolean): Promise<Source> {
    const key = `${file.path}\0${file.version}\0${blksize}\0${netascii}`;
    const entry = this.entries.get(key) ?? this.enter(key, file, blksize, netascii);
    if (entry === undefined) {
      if (netascii) throw new ChainbootError('TFTP_NETASCII_TOO_LARGE', { name: file.name });
      return openStream(file, blksize);
    }
    entry.users++;
    this.touch(key, entry);
    try {
      return imageSource(
        await entry.loaded,
        once(() => entry.users--),
      );
    } catch (error) {
      entry.users--;
      this.drop(key, entry);
      throw error;
    }
  }

  private enter(key: string, file: FileFacts, blksize: number, netascii: boolean): Entry | undefined {
    if (file.size > this.limits.cacheFileBytes) return undefined;
    const size = netascii ? 2 * file.size : file.size;
    const reserved = size + 4 * lastBlock({ size, blksize });
    if (!this.makeRoom(reserved)) return undefined;
    this.reserved += reserved;
    const entry = { reserved, users: 0, loaded: load(file, blksize, netascii) };
    this.entries.set(key, entry);
    return entry;
  }

  /** Drops what nobody uses, longest unused first. */
  private makeRoom(bytes: number): boolean {
    for (const [key, entry] of this.entries) {
      if (this.reserved + bytes <= this.limits.cacheBytes) return true;
      if (entry.users === 0) this.drop(key, entry);
    }
    return this.reserved + bytes <= this.limits.cacheBytes;
  }

  private touch(key: string, entry: Entry): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
  }

  private drop(key: string, entry: Entry): void {
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    this.reserved -= entry.reserved;
  }
}

async function load(file: FileFacts, blksize: number, netascii: boolean): Promise<Loaded> {
  const bytes = await readFile(file.path).catch((error: unknown) => {
    throw unreadable(error, file.name);
  });
  if (bytes.length !== file.size) throw changed(file);
  const sent = netascii ? toNetascii(bytes) : bytes;
  return { image: imageOf(sent, blksize), size: sent.length };
}

/** Bytes read from a big file at a time, for each of its transfers. */
const CHUNK = 128 * 1024;

async function openStream(file: FileFacts, blksize: number): Promise<Source> {
  const handle = await open(file.path).catch((error: unknown) => {
    throw unreadable(error, file.name);
  });
  let chunk: Image = { packets: new Uint8Array(), blksize, first: 1, count: 0 };
  const read = async (first: number, count: number): Promise<Uint8Array> => {
    chunk = await readChunk(handle, file, blksize, first, Math.max(count, Math.floor(CHUNK / blksize)));
    return packetsOf(chunk, first, count) ?? NONE;
  };
  return {
    size: file.size,
    packets: (first, count) => packetsOf(chunk, first, count) ?? read(first, count),
    // A file that was only read loses nothing when closing it fails.
    close: once(() => void handle.close().catch(() => {})),
  };
}

async function readChunk(
  handle: FileHandle,
  file: FileFacts,
  blksize: number,
  first: number,
  atMost: number,
): Promise<Image> {
  const count = Math.min(atMost, lastBlock({ size: file.size, blksize }) - first + 1);
  const offset = (first - 1) * blksize;
  const bytes = new Uint8Array(Math.min(count * blksize, file.size - offset));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset).catch((error: unknown) => {
    throw unreadable(error, file.name);
  });
  if (bytesRead < bytes.length) throw changed(file);
  return frame(bytes, blksize, first, count);
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
