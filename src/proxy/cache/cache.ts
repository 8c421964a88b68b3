/**
 * Kernels, initrds and what else machines fetch through a proxy: fetched once, however many ask at the same time, used again
 * only when complete and verified, and bounded in size. What a process that was killed had not fetched to the end is swept
 * away at the next start.
 *
 *     <sha-256 of the key>.json   what it is: written last, renamed into place
 *     <sha-256 of the key>-<n>    its bytes, from the first on; nothing without the other
 */

import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../boot/log.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { writeWhole } from '../../ops/write-whole.ts';
import { asError, Download, type DownloadDeps } from './download.ts';
import type { Origin } from './origin.ts';

export type CacheDeps = {
  readonly directory: string;
  /** Bytes of all files. */
  readonly most: () => number;
  readonly origin: Origin;
  readonly log: Log;
  readonly now: () => number;
} & Partial<Pick<DownloadDeps, 'patience' | 'pause'>>;

/** As it lies on the disk. */
type Entry = {
  readonly key: string;
  readonly data: string;
  readonly size: number;
  readonly tag: string;
  readonly sha256: string;
};

/** A file of the cache: whole, or still on its way. */
export type Cached = { readonly path: string; readonly tag: string; readonly growing?: Download };

/** For so long it is not asked whether it is still the newest. */
const FRESH_MS = 30_000;
const PATIENCE_MS = 120_000;
const PAUSE_MS = 1000;

export class PullCache {
  readonly #deps: CacheDeps;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** When each was found to be the newest. */
  readonly #checked = new Map<string, number>();
  readonly #running = new Map<string, Promise<Download>>();
  /** Bytes that downloads will need. */
  #promised = 0;

  private constructor(deps: CacheDeps) {
    this.#deps = deps;
  }

  /** Rejects with FILE_UNWRITABLE. */
  static async open(deps: CacheDeps): Promise<PullCache> {
    const cache = new PullCache(deps);
    try {
      await mkdir(deps.directory, { recursive: true, mode: 0o700 });
      await cache.#load();
    } catch (error) {
      throw new ChainbootError(
        'FILE_UNWRITABLE',
        { name: deps.directory, reason: reasonOf(error) },
        [],
        error,
      );
    }
    return cache;
  }

  /** Bytes of whole files. */
  get bytes(): number {
    return [...this.#entries.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Rejects with FILE_NOT_FOUND, UPSTREAM_FILE_UNREACHABLE (and there is no copy), CACHE_TOO_SMALL or CACHE_UNWRITABLE.
   */
  async get(key: string): Promise<Cached> {
    const running = this.#running.get(key);
    if (running !== undefined) return growing(await running);
    const entry = await this.#fresh(key);
    if (entry !== undefined) return { path: this.#path(entry.data), tag: entry.tag };
    return growing(await this.#begin(key));
  }

  /** The whole file, for who cannot take it piece by piece. Rejects as `get`, and with CACHE_DIGEST_WRONG. */
  async whole(key: string): Promise<Cached> {
    const { path, tag, growing: download } = await this.get(key);
    await download?.done;
    return { path, tag };
  }

  /** Breaks off what is on its way. */
  async close(): Promise<void> {
    const running = await Promise.allSettled(this.#running.values());
    const downloads = running.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    for (const download of downloads) download.stop();
    await Promise.allSettled(downloads.map(({ done }) => done));
  }

  /** What is there and still the newest, or was the newest when somebody could last be asked. */
  async #fresh(key: string): Promise<Entry | undefined> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { now, origin, log } = this.#deps;
    if (now() - (this.#checked.get(key) ?? 0) < FRESH_MS) return this.#use(entry);
    let state: Awaited<ReturnType<Origin['state']>>;
    try {
      state = await origin.state(key);
    } catch (error) {
      log('debug', 'a file is served from the cache, as nobody answers', {
        name: key,
        reason: reasonOf(error),
      });
      return this.#use(entry);
    }
    if (state?.tag === entry.tag && state.size === entry.size) {
      this.#checked.set(key, now());
      return this.#use(entry);
    }
    await this.#drop(entry);
    if (state === undefined) throw new ChainbootError('FILE_NOT_FOUND', { name: key });
    return undefined;
  }

  #use(entry: Entry): Entry {
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    const at = new Date(this.#deps.now());
    // So that the order outlives the process.
    utimes(this.#meta(entry.key), at, at).catch(() => undefined);
    return entry;
  }

  /** One for all who ask meanwhile. */
  #begin(key: string): Promise<Download> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const begun = this.#download(key);
    this.#running.set(key, begun);
    begun.catch(() => this.#running.delete(key));
    return begun;
  }

  async #download(key: string): Promise<Download> {
    const { origin, log, patience = PATIENCE_MS, pause = PAUSE_MS } = this.#deps;
    const body = await origin.open(key, 0).catch((error) => {
      if (error instanceof ChainbootError) throw error;
      throw new ChainbootError(
        'UPSTREAM_FILE_UNREACHABLE',
        { name: key, reason: reasonOf(error) },
        [],
        error,
      );
    });
    if (body === undefined) throw new ChainbootError('FILE_NOT_FOUND', { name: key });
    const { size } = body;
    const name = `${hashOf(key)}-${randomUUID().slice(0, 8)}`;
    let handle: FileHandle;
    try {
      await this.#makeRoom(key, size);
      handle = await open(this.#path(name), 'wx', 0o600);
    } catch (error) {
      body.cancel();
      throw asError(key, error);
    }
    this.#promised += size;
    const over = () => {
      this.#promised -= size;
      this.#running.delete(key);
    };
    return new Download(
      key,
      { path: this.#path(name), handle },
      body,
      { origin, log, patience, pause },
      {
        whole: async (download, sha256) => {
          await this.#keep(download, name, sha256);
          over();
        },
        failed: async (download, error) => {
          over();
          await this.#giveUp(download, error);
        },
      },
    );
  }

  async #keep({ key, size, tag }: Download, data: string, sha256: string): Promise<void> {
    const entry: Entry = { key, data, size, tag, sha256 };
    await writeWhole(this.#meta(key), JSON.stringify(entry));
    const old = this.#entries.get(key);
    if (old !== undefined) await rm(this.#path(old.data), { force: true });
    this.#checked.set(key, this.#deps.now());
    this.#use(entry);
    this.#deps.log('info', 'a file for machines is in the cache', { name: key, bytes: size });
  }

  async #giveUp({ key, path }: Download, error: ChainbootError): Promise<void> {
    this.#deps.log('error', 'a file for machines could not be fetched', {
      name: key,
      reason: reasonOf(error),
    });
    await rm(path, { force: true }).catch(() => undefined);
  }

  /** What was not used for longest goes. */
  async #makeRoom(key: string, size: number): Promise<void> {
    const most = this.#deps.most();
    if (this.#promised + size > most) {
      const mib = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
      throw new ChainbootError('CACHE_TOO_SMALL', { name: key, size: mib(size), most: mib(most) });
    }
    for (const entry of [...this.#entries.values()]) {
      if (this.bytes + this.#promised + size <= most) return;
      await this.#drop(entry);
    }
  }

  async #drop({ key, data }: Entry): Promise<void> {
    this.#entries.delete(key);
    this.#checked.delete(key);
    // Without the one the other is swept away at the next start, whatever happens in between.
    await rm(this.#meta(key), { force: true });
    await rm(this.#path(data), { force: true });
  }

  async #load(): Promise<void> {
    const { directory, log } = this.#deps;
    const names = await readdir(directory);
    const found: { readonly entry: Entry; readonly used: number }[] = [];
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      try {
        const entry = JSON.parse(await readFile(join(directory, name), 'utf8')) as Entry;
        const { size } = await stat(join(directory, entry.data));
        if (size !== entry.size) throw new Error(`${size} bytes are there of ${entry.size}`);
        found.push({ entry, used: (await stat(join(directory, name))).mtimeMs });
      } catch (error) {
        log('warn', 'a file of the cache was thrown away', { name, reason: reasonOf(error) });
        await rm(join(directory, name), { force: true });
      }
    }
    found.sort((a, b) => a.used - b.used);
    for (const { entry } of found) this.#entries.set(entry.key, entry);
    const kept = new Set(found.flatMap(({ entry }) => [entry.data, `${hashOf(entry.key)}.json`]));
    for (const name of names) if (!kept.has(name)) await rm(join(directory, name), { force: true });
  }

  #path(name: string): string {
    return join(this.#deps.directory, name);
  }

  #meta(key: string): string {
    return this.#path(`${hashOf(key)}.json`);
  }
}

function growing(download: Download): Cached {
  return { path: download.path, tag: download.tag, growing: download };
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
