/**
 * Pieces of files as ready packets, loaded when somebody comes to them, the next one ahead of need, and kept within
 * a budget; the longest unused goes first. Cutting a file at once would hold everything else up, 2 ms for each MiB.
 */

import { frameInPlace, type Image, payloadOf, roomFor } from './image.ts';
import { lastBlock } from './transfer.ts';

/** Bytes of the file in a piece, as far as whole blocks go. */
const PIECE = 256 * 1024;

/** Fills `bytes` with what the file has at `offset`; rejects with a ChainbootError. */
type Read = (bytes: Uint8Array, offset: number) => Promise<void>;
/** The images that hold these packets, in order. */
type Pieces = (first: number, count: number) => readonly Image[] | Promise<readonly Image[]>;

type Entry = { readonly bytes: number; image: Image | undefined; readonly loading: Promise<Image> };

export class PieceCache {
  /** Longest unused first. */
  private readonly entries = new Map<string, Entry>();
  private readonly budget: number;
  private kept = 0;

  constructor(budget: number) {
    this.budget = budget;
  }

  /** Bytes of all that is kept. */
  get held(): number {
    return this.kept;
  }

  /** @param key of the file as it is now, and of the block size */
  of(key: string, size: number, blksize: number, read: Read): Pieces {
    const last = lastBlock({ size, blksize });
    const blocks = Math.max(1, Math.floor(PIECE / blksize));
    const pieceOf = (block: number) => Math.floor((block - 1) / blocks);
    const entryOf = (piece: number) => {
      const first = piece * blocks + 1;
      const count = Math.min(blocks, last - first + 1);
      return this.entryOf(`${key}\0${piece}`, Math.min(size - piece * blocks * blksize, count * blksize), {
        blksize,
        first,
        count,
        read,
      });
    };
    return (first, count) => {
      const end = pieceOf(first + count - 1);
      const found: Entry[] = [];
      for (let piece = pieceOf(first); piece <= end; piece++) found.push(entryOf(piece));
      if (end < pieceOf(last)) entryOf(end + 1);
      const images = found.flatMap(({ image }) => image ?? []);
      return images.length === found.length ? images : Promise.all(found.map(({ loading }) => loading));
    };
  }

  private entryOf(key: string, length: number, cut: Cut): Entry {
    const known = this.entries.get(key);
    if (known !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, known);
      return known;
    }
    const packets = roomFor(length, cut.count);
    const entry: Entry = { bytes: packets.length, image: undefined, loading: load(packets, cut) };
    entry.loading.then(
      (image) => {
        entry.image = image;
      },
      // Whoever waits for it is told; it is not remembered.
      () => this.drop(key, entry),
    );
    this.keep(key, entry);
    return entry;
  }

  private keep(key: string, entry: Entry): void {
    if (entry.bytes > this.budget) return;
    for (const [oldest, { bytes }] of this.entries) {
      if (this.kept + entry.bytes <= this.budget) break;
      this.entries.delete(oldest);
      this.kept -= bytes;
    }
    this.entries.set(key, entry);
    this.kept += entry.bytes;
  }

  private drop(key: string, entry: Entry): void {
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    this.kept -= entry.bytes;
  }
}

type Cut = { readonly blksize: number; readonly first: number; readonly count: number; readonly read: Read };

async function load(packets: Uint8Array, { blksize, first, count, read }: Cut): Promise<Image> {
  await read(payloadOf(packets, count), (first - 1) * blksize);
  return frameInPlace(packets, blksize, first, count);
}
