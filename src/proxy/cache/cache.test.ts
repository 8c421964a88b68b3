/** The cache of a proxy against a real web server that breaks off, changes its mind, and goes away. */

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cached, PullCache } from './cache.ts';
import { bodyFrom, type Origin, stateOf } from './origin.ts';

const MIB = 1024 * 1024;

/** A web server with a few files, whose mood can be set. */
class Site {
  readonly files = new Map<string, Buffer>();
  readonly asked: string[] = [];
  /** Breaks the connection off after so many bytes of a body, as often as said. */
  breaks = 0;
  breakAfter = 100_000;
  /** Bytes are held back until this resolves. */
  gate: Promise<void> = Promise.resolve();
  digests = true;
  #server: Server | undefined;
  #port = 0;

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const name = request.url ?? '';
      const { range } = request.headers;
      this.asked.push(`${request.method} ${name}${range === undefined ? '' : ` ${range}`}`);
      const file = this.files.get(name);
      if (file === undefined) return void response.writeHead(404).end();
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      const part = file.subarray(from);
      const headers = { 'Content-Length': part.length, ETag: `"${hashOf(file).slice(0, 16)}"` };
      response.writeHead(from > 0 ? 206 : 200, headers);
      if (request.method === 'HEAD') return void response.end();
      if (this.breaks > 0) {
        this.breaks--;
        response.write(part.subarray(0, this.breakAfter), () => response.destroy());
        return;
      }
      response.write(part.subarray(0, 1000));
      void this.gate.then(() => response.end(part.subarray(1000)));
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
    this.#server = undefined;
  }

  get origin(): Origin {
    const source = (key: string) => ({ url: new URL(`http://127.0.0.1:${this.#port}/${key}`) });
    return {
      state: (key) => stateOf(source(key)),
      open: (key, from, tag) => bodyFrom(source(key), from, tag),
      digest: async (key) => (this.digests ? hashOf(this.files.get(`/${key}`)!) : '0'.repeat(64)),
    };
  }

  /** How often the body of a file was asked for. */
  fetches(name: string): number {
    return this.asked.filter((asked) => asked === `GET /${name}`).length;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

let site: Site;
let directory: string;
let cache: PullCache;
let clock = 0;

const reopened = async (mib = 100) => {
  await cache?.close();
  cache = await PullCache.open({
    directory,
    most: () => mib * MIB,
    origin: site.origin,
    log: () => {},
    now: () => clock,
    patience: 1000,
    pause: 10,
  });
};

beforeEach(async () => {
  site = new Site();
  await site.start();
  site.files.set('/initrd', randomBytes(3 * MIB));
  directory = mkdtempSync(join(tmpdir(), 'chainboot-cache-'));
  clock = 1_000_000;
  await reopened();
});
afterEach(async () => {
  await cache.close();
  await site.stop();
  rmSync(directory, { recursive: true });
});

/** As a server that sends it: piece by piece, as far as it is there. */
async function bytesOf({ path, growing }: Cached): Promise<Buffer> {
  if (growing === undefined) return readFileSync(path);
  if (growing.size > 0) await growing.beyond(0);
  const file = await open(path);
  try {
    const whole = Buffer.alloc(growing.size);
    for (let at = 0; at < growing.size; ) {
      const there = await growing.beyond(at);
      at += (await file.read(whole, at, there - at, at)).bytesRead;
    }
    return whole;
  } finally {
    await file.close();
  }
}

const initrd = () => site.files.get('/initrd')!;

describe('a file of the cache', () => {
  it('is fetched once for a hundred machines that ask together, and once for those that come later', async () => {
    let release = () => {};
    site.gate = new Promise((resolve) => (release = resolve));
    const asked = Array.from({ length: 100 }, async () => bytesOf(await cache.get('initrd')));
    release();
    for (const bytes of await Promise.all(asked)) expect(bytes.equals(initrd())).toBe(true);
    expect((await bytesOf(await cache.get('initrd'))).equals(initrd())).toBe(true);
    expect(site.fetches('initrd')).toBe(1);
  });

  it('can be read before all of it is there', async () => {
    let release = () => {};
    site.gate = new Promise((resolve) => (release = resolve));
    const { growing } = await cache.get('initrd');
    expect(await growing!.beyond(0)).toBeGreaterThan(0);
    expect(await growing!.beyond(0)).toBeLessThan(initrd().length);
    release();
    expect(await growing!.beyond(initrd().length - 1)).toBe(initrd().length);
  });

  it('is gone on with where a connection broke off', async () => {
    site.breaks = 3;
    expect((await bytesOf(await cache.get('initrd'))).equals(initrd())).toBe(true);
    const ranges = site.asked.filter((asked) => asked.includes('bytes='));
    expect(ranges).toHaveLength(3);
  });

  it('is given up when nothing comes any more, and fetched anew when it does', async () => {
    site.gate = new Promise(() => {});
    const cached = await cache.get('initrd');
    await site.stop();
    await expect(bytesOf(cached)).rejects.toMatchObject({ code: 'UPSTREAM_FILE_UNREACHABLE' });
    site.gate = Promise.resolve();
    await site.start();
    expect((await bytesOf(await cache.get('initrd'))).equals(initrd())).toBe(true);
  });

  it('never ends with its last byte when it is not what was sent', async () => {
    site.digests = false;
    const cached = await cache.get('initrd');
    await expect(bytesOf(cached)).rejects.toMatchObject({ code: 'CACHE_DIGEST_WRONG' });
    await expect.poll(() => readdirSync(directory)).toEqual([]);
    site.digests = true;
    expect((await bytesOf(await cache.get('initrd'))).equals(initrd())).toBe(true);
  });

  it('that changes while it comes is not put together from two', async () => {
    site.breaks = 1;
    const cached = await cache.get('initrd');
    site.files.set('/initrd', randomBytes(3 * MIB));
    await expect(bytesOf(cached)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    expect((await bytesOf(await cache.get('initrd'))).equals(initrd())).toBe(true);
  });

  it('that is empty is there at once', async () => {
    site.files.set('/none', Buffer.alloc(0));
    expect(readFileSync((await cache.whole('none')).path)).toHaveLength(0);
  });

  it('that nobody has is not there', async () => {
    await expect(cache.get('nothing')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('what is kept', () => {
  const later = () => {
    clock += 60_000;
  };

  it('is asked after when some time has passed, and fetched anew when it has changed', async () => {
    await cache.whole('initrd');
    await cache.whole('initrd');
    expect(site.asked).toEqual(['GET /initrd']);
    later();
    await cache.whole('initrd');
    expect(site.asked.slice(1)).toEqual(['HEAD /initrd']);
    site.files.set('/initrd', randomBytes(1000));
    later();
    expect(readFileSync((await cache.whole('initrd')).path).equals(initrd())).toBe(true);
  });

  it('serves while nobody answers; what is not there cannot', async () => {
    await cache.whole('initrd');
    await site.stop();
    later();
    expect(readFileSync((await cache.whole('initrd')).path).equals(initrd())).toBe(true);
    await expect(cache.get('kernel')).rejects.toMatchObject({ code: 'UPSTREAM_FILE_UNREACHABLE' });
  });

  it('goes when it is gone where it came from', async () => {
    const { path } = await cache.whole('initrd');
    site.files.delete('/initrd');
    later();
    await expect(cache.get('initrd')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(existsSync(path)).toBe(false);
  });

  it('stays within its bounds: what was not used for longest goes first', async () => {
    await reopened(3);
    for (const name of ['a', 'b', 'c', 'd']) site.files.set(`/${name}`, randomBytes(MIB));
    for (const name of ['a', 'b', 'c', 'a', 'd']) await cache.whole(name);
    expect(cache.bytes).toBe(3 * MIB);
    for (const name of ['a', 'c', 'd', 'b']) await cache.whole(name);
    expect(['a', 'b', 'c', 'd'].map((name) => site.fetches(name))).toEqual([1, 2, 1, 1]);
    site.files.set('/huge', randomBytes(3 * MIB + 1));
    await expect(cache.get('huge')).rejects.toMatchObject({ code: 'CACHE_TOO_SMALL' });
  });

  it('outlives the process, and what a process that was killed left behind does not', async () => {
    await cache.whole('initrd');
    writeFileSync(join(directory, `${'a'.repeat(64)}-12345678`), 'half');
    writeFileSync(join(directory, `${'b'.repeat(64)}.json`), '{"key":');
    await reopened();
    expect(readdirSync(directory)).toHaveLength(2);
    await cache.whole('initrd');
    expect(site.fetches('initrd')).toBe(1);
  });

  it('that was cut on the disk is not used', async () => {
    const { path } = await cache.whole('initrd');
    writeFileSync(path, 'short');
    await reopened();
    expect(readFileSync((await cache.whole('initrd')).path).equals(initrd())).toBe(true);
    expect(site.fetches('initrd')).toBe(2);
  });
});
