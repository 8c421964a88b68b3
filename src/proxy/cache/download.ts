/**
 * One file on its way into the cache, read by everybody who asked for it while it grows. The last byte is held back until
 * the whole is verified, so that nobody takes a file for complete that is not what it should be.
 */

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../boot/log.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import type { Origin, OriginBody } from './origin.ts';

export type DownloadDeps = {
  readonly origin: Origin;
  readonly log: Log;
  /** Milliseconds without progress after which it is given up. */
  readonly patience: number;
  /** Milliseconds from one try to go on to the next. */
  readonly pause: number;
};

/** Empty and open for writing; the download closes it. */
export type Part = { readonly path: string; readonly handle: FileHandle };

/** How it ends is told before anybody who waits for it. */
export type Ends = {
  /** What it rejects with is the end of the download, too. */
  readonly whole: (download: Download, sha256: string) => Promise<void>;
  readonly failed: (download: Download, error: ChainbootError) => Promise<void>;
};

export class Download {
  readonly key: string;
  readonly path: string;
  readonly size: number;
  readonly tag: string;
  /** Resolves when it is complete, verified and kept. Rejects with a ChainbootError. */
  readonly done: Promise<void>;
  readonly #deps: DownloadDeps;
  readonly #stop = new AbortController();
  #have = 0;
  #verified = false;
  #failure: ChainbootError | undefined;
  #waiting: (() => void)[] = [];

  /** @param first what is read first; later parts are fetched from where it broke off */
  constructor(key: string, file: Part, first: OriginBody, deps: DownloadDeps, ends: Ends) {
    this.key = key;
    this.path = file.path;
    this.size = first.size;
    this.tag = first.tag;
    this.#deps = deps;
    this.done = this.#whole(file.handle, first, ends);
    this.done.catch(() => undefined);
  }

  /** Ends it; whoever reads it is told that it is incomplete. */
  stop(): void {
    this.#stop.abort();
  }

  /** How many bytes may be read, once there are more than `at`. Rejects when they will never come. */
  async beyond(at: number): Promise<number> {
    for (;;) {
      const there = this.#verified ? this.size : Math.min(this.#have, this.size - 1);
      if (there > at) return there;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #whole(file: FileHandle, first: OriginBody, ends: Ends): Promise<void> {
    try {
      await ends.whole(this, await this.#run(file, first));
      this.#verified = true;
    } catch (error) {
      this.#failure = asError(this.key, error);
      await ends.failed(this, this.#failure);
      throw this.#failure;
    } finally {
      this.#wake();
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #run(file: FileHandle, first: OriginBody): Promise<string> {
    try {
      const hash = createHash('sha256');
      const keep = async (body: OriginBody) => {
        for await (const piece of body.bytes) await this.#keep(file, hash, piece, body);
      };
      await this.#untilWhole(first, keep);
      await file.sync();
      const found = hash.digest('hex');
      const wanted = await this.#digest();
      if (wanted !== undefined && wanted !== found)
        throw new ChainbootError('CACHE_DIGEST_WRONG', { name: this.key, found, wanted });
      return found;
    } finally {
      await file.close();
    }
  }

  async #untilWhole(first: OriginBody, keep: (body: OriginBody) => Promise<void>): Promise<void> {
    const { origin, log, patience, pause } = this.#deps;
    let body: OriginBody | undefined = first;
    let moved = Date.now();
    while (this.#have < this.size) {
      const before = this.#have;
      try {
        body ??= await origin.open(this.key, this.#have, this.tag);
        if (body === undefined) throw new ChainbootError('FILE_CHANGED', { name: this.key });
        await keep(body);
      } catch (error) {
        if (error instanceof ChainbootError || isOfTheDisk(error)) throw error;
        if (this.#stop.signal.aborted || Date.now() - moved > patience) throw error;
        log('warn', 'a file for machines broke off and is gone on with', {
          name: this.key,
          at: this.#have,
          of: this.size,
          reason: reasonOf(error),
        });
        await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      } finally {
        body?.cancel();
        body = undefined;
      }
      if (this.#have > before) moved = Date.now();
    }
  }

  /** Whoever sent it may be away just now. */
  async #digest(): Promise<string | undefined> {
    const { origin, patience, pause } = this.#deps;
    const since = Date.now();
    for (;;) {
      try {
        return await origin.digest(this.key, this);
      } catch (error) {
        if (this.#stop.signal.aborted || Date.now() - since > patience) throw error;
        await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #keep(
    file: FileHandle,
    hash: ReturnType<typeof createHash>,
    piece: Uint8Array,
    body: OriginBody,
  ): Promise<void> {
    if (this.#stop.signal.aborted) {
      body.cancel();
      throw new Error('the proxy stops');
    }
    if (this.#have + piece.length > this.size) throw new ChainbootError('FILE_CHANGED', { name: this.key });
    await file.write(piece, 0, piece.length, this.#have);
    hash.update(piece);
    this.#have += piece.length;
    this.#wake();
  }
}

function isOfTheDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');
}

export function asError(name: string, error: unknown): ChainbootError {
  if (error instanceof ChainbootError) return error;
  if (isOfTheDisk(error))
    return new ChainbootError('CACHE_UNWRITABLE', { name, reason: reasonOf(error) }, [], error);
  return new ChainbootError('UPSTREAM_FILE_UNREACHABLE', { name, reason: reasonOf(error) }, [], error);
}
