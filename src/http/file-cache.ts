/**
 * Boot files in memory, shared by all clients. A kernel and an initrd are asked for by every machine of a boot
 * storm; read once and written from one buffer they leave faster than sendfile (bench/http.mjs).
 *
 * Bounds: the buffers never hold more than `budget` bytes together, in use or not. A file over `largest` (half
 * the budget unless told, so that a kernel and its initrd fit side by side) and a file for which no room can be
 * made because everything else is being sent are refused: the caller streams them from the disk.
 */

import { basename } from 'node:path';
import { ChainbootError } from '../errors.ts';
import { diskIo, type FileIo, type FileState, sameState } from './file-io.ts';

const MIB = 1024 * 1024;
const DEFAULT_BUDGET = 256 * MIB;
/** One read(2) into the buffer: long enough to be cheap, short enough that a waiting client gets going. */
const LOAD_PIECE = MIB;
/** What an entry costs beside its bytes; keeps the number of tiny files bounded too. */
const ENTRY_COST = 4096;

/** A cached file in use. Nothing evicts it before `release`, which must be called exactly once. */
export type Held = {
  readonly size: number;
  /**
   * Bytes from `at` on, at most `max`: those that are loaded, waiting only if there is none yet. Rejects if the
   * file changed or could not be read. The view is valid until `release`.
   */
  readonly piece: (at: number, max: number) => Promise<Uint8Array>;
  readonly release: () => void;
};

export type CacheStats = {
  readonly files: number;
  readonly bytes: number;
  /** Files read from the disk, and requests that found theirs here. */
  readonly loads: number;
  readonly hits: number;
  readonly evictions: number;
};

type Entry = {
  readonly key: string;
  readonly bytes: Uint8Array;
  loaded: number;
  failure: unknown;
  holders: number;
  /** Out of the map: its bytes are given back when the last holder leaves. */
  dropped: boolean;
  /** Wakes clients that wait for bytes not loaded yet. */
  waiting: (() => void)[];
};

function keyOf(state: FileState): string {
  return `${state.inode}:${state.size}:${state.changed}:${state.path}`;
}

export class FileCache {
  readonly #budget: number;
  readonly #largest: number;
  readonly #io: FileIo;
  /** In the order of last use, oldest first. */
  readonly #entries = new Map<string, Entry>();
  #used = 0;
  #loads = 0;
  #hits = 0;
  #evictions = 0;

  constructor(options: { readonly budget?: number; readonly largest?: number; readonly io?: FileIo } = {}) {
    this.#budget = options.budget ?? DEFAULT_BUDGET;
    this.#largest = options.largest ?? this.#budget / 2;
    this.#io = options.io ?? diskIo;
  }

  get stats(): CacheStats {
    return {
      files: this.#entries.size,
      bytes: this.#used,
      loads: this.#loads,
      hits: this.#hits,
      evictions: this.#evictions,
    };
  }

  /** The file from memory, read once however many ask at the same time; undefined if it must be streamed. */
  hold(state: FileState): Held | undefined {
    const key = keyOf(state);
    const found = this.#entries.get(key);
    if (found !== undefined) {
      this.#hits++;
      this.#entries.delete(key);
      this.#entries.set(key, found);
      return this.#heldBy(found);
    }
    if (state.size > this.#largest || !this.#makeRoom(state.size + ENTRY_COST)) return undefined;
    // Not from the shared pool: a slice of it would keep 8 KiB of strangers alive.
    const bytes = Buffer.allocUnsafeSlow(state.size);
    const entry = { key, bytes, loaded: 0, failure: undefined, holders: 0, dropped: false, waiting: [] };
    this.#entries.set(key, entry);
    this.#used += state.size + ENTRY_COST;
    this.#loads++;
    const held = this.#heldBy(entry);
    void this.#load(entry, state);
    return held;
  }

  #heldBy(entry: Entry): Held {
    entry.holders++;
    return {
      size: entry.bytes.length,
      piece: async (at, max) => {
        while (entry.failure === undefined && entry.loaded <= at && entry.loaded < entry.bytes.length) {
          await new Promise<void>((resolve) => entry.waiting.push(resolve));
        }
        if (entry.failure !== undefined) throw entry.failure;
        return entry.bytes.subarray(at, Math.min(at + max, entry.loaded));
      },
      release: () => this.#release(entry),
    };
  }

  #release(entry: Entry): void {
    entry.holders--;
    if (entry.dropped && entry.holders === 0) this.#used -= entry.bytes.length + ENTRY_COST;
  }

  /** Evicts the files unused for longest, but none at all if that would not be enough. */
  #makeRoom(needed: number): boolean {
    let free = this.#budget - this.#used;
    const victims: Entry[] = [];
    for (const entry of this.#entries.values()) {
      if (free >= needed) break;
      if (entry.holders > 0) continue;
      victims.push(entry);
      free += entry.bytes.length + ENTRY_COST;
    }
    if (free < needed) return false;
    for (const entry of victims) {
      this.#drop(entry);
      this.#evictions++;
    }
    return true;
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.key);
    entry.dropped = true;
    if (entry.holders === 0) this.#used -= entry.bytes.length + ENTRY_COST;
  }

  /** Never rejects: what goes wrong is told to everyone who waits. The load itself holds the entry. */
  async #load(entry: Entry, state: FileState): Promise<void> {
    entry.holders++;
    try {
      await this.#read(entry, state);
    } catch (error) {
      entry.failure = error;
      this.#drop(entry);
      wake(entry);
    }
    this.#release(entry);
  }

  async #read(entry: Entry, state: FileState): Promise<void> {
    // Errors go to clients, who need not know where it lies.
    const name = basename(state.path);
    const changed = () => new ChainbootError('FILE_CHANGED', { name });
    const file = await this.#io.open(state.path, name);
    try {
      for (let at = 0; at < state.size; ) {
        const into = entry.bytes.subarray(at, at + LOAD_PIECE);
        if ((await file.read(into, at)) < into.length) throw changed();
        at += into.length;
        const last = at === state.size;
        // The last piece is shown only when the whole is known to be of one state.
        if (last && !sameState(await file.state(), state)) throw changed();
        entry.loaded = at;
        wake(entry);
      }
    } finally {
      await file.close();
    }
  }
}

function wake(entry: Entry): void {
  const waiting = entry.waiting;
  entry.waiting = [];
  for (const resolve of waiting) resolve();
}
