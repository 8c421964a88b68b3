/** A smart proxy whose disk is full: what cannot be kept is refused, and what is there stays. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Daemon, freePorts } from '../system/daemon.ts';
import { Authority, FakeForeman, hasOpenssl, type Order, order, type Pair } from './smart-proxy-lab.ts';

const MAC = 'aa:bb:cc:00:33:01';
/** Bytes. */
const ROOM = 256 * 1024;

let authority: Authority;
let foreman: FakeForeman;
let foremanUrl: string;
let daemon: Daemon;
let client: Pair;
let port: number;

/** A mount namespace of its own; a user namespace too, unless root may do without. */
const UNSHARE = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-Urm'];

function missing(): string | undefined {
  if (!hasOpenssl()) return 'openssl (Debian package openssl)';
  const { status } = spawnSync(UNSHARE[0]!, [...UNSHARE.slice(1), 'true']);
  return status === 0 ? undefined : 'unshare (Debian package util-linux), which must be allowed';
}

beforeAll(async () => {
  if (missing() !== undefined) return;
  authority = new Authority('Foreman CA');
  client = authority.issue('foreman.example');
  foreman = new FakeForeman();
  foremanUrl = await foreman.start();
  ({ http: port } = await freePorts());
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: { subnets: [{ name: 'lo', network: '127.0.0.0/24' }] },
    config: { smart_proxy: { enabled: true, port, ...authority.issue('proxy.example'), ca: authority.ca } },
    inside: (command) => {
      const small = join(daemon.directory, 'smart-proxy');
      mkdirSync(small, { recursive: true });
      const mounted = `mount -t tmpfs -o size=${ROOM} none ${small} && exec "$@"`;
      return [...UNSHARE, 'sh', '-c', mounted, 'sh', ...command];
    },
  });
  await daemon.start();
});

beforeEach((ctx) => {
  const reason = missing();
  if (reason !== undefined) ctx.skip(reason);
});

afterAll(async () => {
  await daemon?.close();
  await foreman?.close();
  authority?.remove();
});

const ask = (path: string, options: Order = {}) =>
  order(`https://127.0.0.1:${port}${path}`, authority.ca, { client, ...options });
const post = (path: string, form: Order['form'] = {}) => ask(path, { method: 'POST', form });

it('refuses what it cannot keep, and keeps what it has', async () => {
  const path = `/tftp/pxelinux/${MAC}`;
  expect((await post(path, { pxeconfig: 'first' })).status).toBe(200);
  const full = await post(path, { pxeconfig: 'x'.repeat(2 * ROOM) });
  expect([full.status, full.headers['x-chainboot-error']]).toEqual([500, 'FILE_UNWRITABLE']);
  expect((await ask(path)).text).toBe('first');
  // Nothing of it is left behind, so that there is room again.
  expect((await post(path, { pxeconfig: 'second' })).status).toBe(200);
  expect((await ask(path)).text).toBe('second');
});

it('tells of a boot file for which there is no room, and leaves nothing of it', async () => {
  foreman.answer = () => ({ status: 200, body: Buffer.alloc(2 * ROOM) });
  const form = { prefix: 'boot/large', path: `${foremanUrl}/initrd.gz` };
  expect((await post('/tftp/fetch_boot_file', form)).status).toBe(200);
  await daemon.logged(/no space left.*a boot file was not fetched/i);
  expect((await post(`/tftp/pxelinux/${MAC}`, { pxeconfig: 'third' })).status).toBe(200);
}, 120_000);
