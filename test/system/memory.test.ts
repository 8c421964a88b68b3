/**
 * 64 machines fetch one initrd at once: memory stays that of one copy, however slowly some of them take it, over HTTP
 * as over HTTPS.
 */

import { createHash, randomFillSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { Daemon, freePorts } from './daemon.ts';

/** As large as Debian 12's. */
const SIZE = 40_810_276;
const FAST = 48;
const SLOW = 16;
/** What a slow one takes in a second, and how long it is that slow. */
const SLOW_RATE = 512 * 1024;
const SLOW_MS = 3000;
const MIB = 1024 * 1024;

const daemons: Daemon[] = [];
afterEach(async () => {
  for (const made of daemons.splice(0)) await made.close();
});

/** Resident memory of a process, MiB. */
function resident(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

type Download = { readonly bytes: number; readonly hash: string | undefined };

/** Reads the body of one GET; what is not read stays with the server. Hashes the slow ones, as it takes its time. */
function download(socket: Socket, path: string, slow: boolean): Promise<Download> {
  return new Promise((resolve, reject) => {
    const hash = slow ? createHash('sha256') : undefined;
    const started = performance.now();
    let head = Buffer.alloc(0);
    let bytes = -1;
    let paused = 0;
    socket.setTimeout(60_000, () => socket.destroy(new Error('nothing more comes')));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    socket.on('error', reject);
    socket.on('close', () => resolve({ bytes, hash: hash?.digest('hex') }));
    socket.on('data', (piece) => {
      if (bytes < 0) {
        head = Buffer.concat([head, piece]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        bytes = 0;
        piece = head.subarray(end + 4);
      }
      bytes += piece.length;
      hash?.update(piece);
      const ahead = (bytes / SLOW_RATE) * 1000 - (performance.now() - started);
      if (!slow || performance.now() - started > SLOW_MS || ahead < 10 || paused++ > 1000) return;
      socket.pause();
      setTimeout(() => socket.resume(), Math.min(ahead, SLOW_MS));
    });
  });
}

async function machines(
  made: Daemon,
  open: () => Socket,
  path: string,
): Promise<{ most: number; all: Download[] }> {
  const running = Array.from({ length: FAST + SLOW }, (_, i) => download(open(), path, i >= FAST));
  let most = 0;
  let over = false;
  const all = Promise.all(running).finally(() => {
    over = true;
  });
  while (!over) {
    most = Math.max(most, resident(made.pid));
    await sleep(20);
  }
  return { most, all: await all };
}

describe('64 machines that fetch one initrd', { timeout: 120_000 }, () => {
  it.each([
    ['from memory over HTTP', 256, false],
    ['from memory over HTTPS', 256, true],
    ['from the disk over HTTP', 0, false],
  ])('%s', async (_how, cache_mib, secure) => {
    const { http: securePort } = await freePorts();
    const ports = await freePorts();
    const made = new Daemon({
      link: { interface: 'lo', address: '127.0.0.1', mode: 'off' },
      ports,
      site: {},
      config: { http: { port: ports.http, cache_mib }, https: { enabled: true, port: securePort } },
    });
    daemons.push(made);
    const initrd = randomFillSync(Buffer.alloc(SIZE));
    writeFileSync(join(made.directory, 'medium', 'initrd.gz'), initrd);
    const hash = createHash('sha256').update(initrd).digest('hex');
    await made.start();
    await fetch(`${made.url}/healthz`);
    const path = '/media/Debian%20local/initrd.gz';
    const before = resident(made.pid);
    const port = secure ? securePort : ports.http;
    const target = { host: '127.0.0.1', port };
    const open = () => (secure ? connectTls({ ...target, rejectUnauthorized: false }) : connectTcp(target));
    const { most, all } = await machines(made, open, path);
    for (const [i, each] of all.entries())
      expect(each).toEqual({ bytes: SIZE, hash: i < FAST ? undefined : hash });
    // One copy and what is on its way; without a cache, the two blocks of each transfer, 1 MiB at most.
    expect(most - before).toBeLessThan(cache_mib > 0 ? SIZE / MIB + 80 : 2 * (FAST + SLOW) + 50);
  });
});
