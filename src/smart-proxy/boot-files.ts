/**
 * Kernels and initrds that a Foreman orders: fetched in the background, one download for a file at a time, and there only
 * when they are whole. An order is on the disk before it is taken, so that one survives the end of the process.
 */

import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../boot/log.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { download, type Limits } from './download.ts';
import { PART, syncDirectory, type Tree, unwritable } from './tree.ts';

export type BootFilesDeps = {
  readonly tree: Tree;
  /** Where orders are written down. */
  readonly orders: string;
  /** Bytes of one file. */
  readonly most: () => number;
  /** PEM, beside the authorities of the system. */
  readonly ca: () => string | undefined;
  /** Milliseconds between the tries of one download; as many tries as there are, and one more. */
  readonly pauses?: readonly number[];
  readonly log: Log;
};

/** `done`: it was carried out, and what is there came from that URL. */
type Order = { readonly name: string; readonly url: string; readonly done?: true };
type Running = { readonly url: string; readonly done: Promise<void> };

const PAUSES: readonly number[] = [2_000, 10_000, 30_000];
/** At the same time; more wait. */
const MOST_DOWNLOADS = 4;

export class BootFiles {
  readonly #deps: BootFilesDeps;
  readonly #running = new Map<string, Running>();
  /** Where what is there came from, by name. */
  readonly #origins = new Map<string, string>();
  readonly #stop = new AbortController();
  readonly #queue: (() => void)[] = [];
  #downloads = 0;
  /** Orders are written and settled one after the other. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(deps: BootFilesDeps) {
    this.#deps = deps;
  }

  /** Takes up what was ordered before the process ended, and sweeps away what was half fetched. */
  async start(): Promise<void> {
    const { orders, tree, log } = this.#deps;
    await mkdir(orders, { recursive: true });
    await sweep(tree.root);
    for (const file of await readdir(orders)) {
      const path = join(orders, file);
      try {
        if (!file.endsWith('.json')) throw new Error('it is no order');
        const { name, url, done } = JSON.parse(await readFile(path, 'utf8')) as Order;
        tree.path(name);
        if (done) this.#origins.set(name, url);
        else this.#begin({ name, url });
      } catch (error) {
        log('warn', 'an order for a boot file was thrown away', { file: path, reason: reasonOf(error) });
        await rm(path, { force: true });
      }
    }
  }

  /** Breaks downloads off; their orders stay. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const wake of this.#queue.splice(0)) wake();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  /**
   * Resolves when the order is safe. Rejects with FILE_FORBIDDEN, PROXY_PARAMETER_INVALID or FILE_UNWRITABLE.
   * @param prefix as Foreman sends it: `boot/debian-12`, to which the last part of the path is added
   */
  async order(prefix: string, path: string): Promise<void> {
    // Foreman orders what lies on NFS as well, and loaders get it from there.
    if (/^nfs:/i.test(path)) return;
    const url = urlOf(path);
    const name = `${prefix}${prefix.endsWith('/') ? '' : '-'}${lastPart(url)}`;
    // Before it is written down.
    this.#deps.tree.path(name);
    if (this.#running.get(name)?.url === url.href) return;
    await this.#alone(() => this.#write({ name, url: url.href }));
    this.#begin({ name, url: url.href });
  }

  /** Resolves when nothing fetches that file any more; at once when nothing does. Never rejects. */
  async settled(name: string, patience: number): Promise<boolean> {
    const running = this.#running.get(name);
    if (running === undefined) return false;
    const timer = new AbortController();
    await Promise.race([
      running.done,
      sleep(patience, undefined, { signal: timer.signal, ref: false }).catch(() => {}),
    ]);
    timer.abort();
    return true;
  }

  #begin(order: Order): void {
    const { name, url } = order;
    const before = this.#running.get(name);
    if (before?.url === url) return;
    const done = (before?.done ?? Promise.resolve())
      .then(() => this.#turn(() => this.#fetch(order)))
      .finally(() => {
        if (this.#running.get(name)?.done === done) this.#running.delete(name);
      });
    this.#running.set(name, { url, done });
  }

  #alone(work: () => Promise<void>): Promise<void> {
    const done = this.#written.then(work);
    this.#written = done.catch(() => {});
    return done;
  }

  async #turn(work: () => Promise<void>): Promise<void> {
    while (this.#downloads >= MOST_DOWNLOADS && !this.#stop.signal.aborted)
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#downloads++;
    try {
      await work();
    } finally {
      this.#downloads--;
      this.#queue.shift()?.();
    }
  }

  /** Never rejects: the log tells. */
  async #fetch(order: Order): Promise<void> {
    const { log, pauses = PAUSES } = this.#deps;
    const { name, url } = order;
    for (let tries = 0; !this.#stop.signal.aborted; tries++) {
      try {
        const size = await this.#try(order);
        const message = size === undefined ? 'a boot file is still the same' : 'a boot file is here';
        log('info', message, { name, url, size });
        this.#origins.set(name, url);
        return await this.#alone(() => this.#settle(order, true));
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const pause = isFinal(error) ? undefined : pauses[tries];
        const values = { name, url, reason: reasonOf(error) };
        if (pause === undefined) {
          log('error', 'a boot file cannot be fetched; hosts that need it will not boot', values);
          return await this.#alone(() => this.#settle(order, false));
        }
        log('warn', 'a boot file was not fetched, and is tried again', { ...values, seconds: pause / 1000 });
        await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
  }

  /** @returns its size; undefined when what is there is the newest */
  async #try(order: Order): Promise<number | undefined> {
    const { name, url } = order;
    const { tree, most, ca } = this.#deps;
    const path = tree.path(name);
    const part = await tree.part(name);
    const limits: Limits = { most: most(), signal: this.#stop.signal, ca: ca() };
    const since = await this.#knownSince(order, path);
    try {
      const fetched = await download(new URL(url), part, since, limits);
      if (fetched === undefined) return undefined;
      if (fetched.modified !== undefined) await utimes(part, fetched.modified, fetched.modified);
      await rename(part, path);
      await syncDirectory(dirname(path));
      return fetched.size;
    } finally {
      await rm(part, { force: true });
    }
  }

  /** Of another origin, or of one that is not known, it may be another file with a later date. */
  async #knownSince({ name, url }: Order, path: string): Promise<Date | undefined> {
    if (this.#origins.get(name) !== url) return undefined;
    return stat(path).then(
      ({ mtime }) => mtime,
      () => undefined,
    );
  }

  async #write(order: Order): Promise<void> {
    const path = this.#path(order);
    const part = `${path}${PART}`;
    try {
      const file = await open(part, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(order));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, path);
      await syncDirectory(dirname(path));
    } catch (error) {
      await rm(part, { force: true });
      throw unwritable(path, error);
    }
  }

  /** Unless another order came for the same file since. Never rejects. */
  async #settle(order: Order, done: boolean): Promise<void> {
    const path = this.#path(order);
    try {
      const { url } = JSON.parse(await readFile(path, 'utf8')) as Order;
      if (url !== order.url) return;
      if (done) await this.#write({ ...order, done });
      else await rm(path, { force: true });
    } catch (error) {
      this.#deps.log('warn', 'an order for a boot file stays', { file: path, reason: reasonOf(error) });
    }
  }

  #path({ name }: Order): string {
    return join(this.#deps.orders, `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`);
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  const reason = 'it is no URL with http or https';
  throw new ChainbootError('PROXY_PARAMETER_INVALID', { parameter: 'path', reason });
}

function lastPart(url: URL): string {
  try {
    const last = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    if (last !== '' && basename(last) === last) return last;
  } catch {
    // Told below.
  }
  throw new ChainbootError('PROXY_PARAMETER_INVALID', { parameter: 'path', reason: 'it names no file' });
}

/** Trying again brings the same. */
function isFinal(error: unknown): boolean {
  return error instanceof ChainbootError && error.code === 'DOWNLOAD_REFUSED';
}

async function sweep(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const names = await readdir(root, { recursive: true });
  await Promise.all(
    names.filter((name) => name.endsWith(PART)).map((name) => rm(join(root, name), { force: true })),
  );
}
