/** A proxy whose disk is full: machines are told, nothing is taken for kept that is not, and it goes on when there is room. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ask } from '../system/ask.ts';
import type { Inside } from '../system/daemon.ts';
import { ProxyPair } from '../system/proxy-pair.ts';

/** A mount namespace of its own; a user namespace too, unless root may do without. */
const UNSHARE = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-Urm'];
const hasUnshare = () => spawnSync(UNSHARE[0]!, [...UNSHARE.slice(1), 'true']).status === 0;

/** Half of the kernel has room, and one report. */
const small = (directory: () => string): Inside => {
  return (command) => {
    const mounts = [
      ['cache', '512k'],
      ['reports', '4k'],
    ].map(([name, size]) => {
      const path = join(directory(), 'proxy', name!);
      mkdirSync(path, { recursive: true });
      return `mount -t tmpfs -o size=${size} none ${path}`;
    });
    return [...UNSHARE, 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, 'sh', ...command];
  };
};

let pair: ProxyPair;

beforeEach((context) => {
  if (!hasUnshare()) context.skip('unshare (Debian package util-linux), which must be allowed');
});

beforeAll(async () => {
  if (hasUnshare()) pair = await ProxyPair.open(3, {}, small);
});

afterAll(() => pair?.close());

it('a kernel that has no room is not half started, and the trace says why', async () => {
  const outcome = await pair.powerOn(0, 'ipxe-rom', { timeoutMs: 8000 });
  expect(outcome.kernel).toBeUndefined();
  await pair.proxy.logged(/"code":"CACHE_UNWRITABLE"/);
  const steps = () =>
    pair.server.json<{ what?: string; detail?: { error?: string } }[]>('boot', 'show', 'last');
  const refused = expect.objectContaining({ detail: expect.objectContaining({ error: 'CACHE_UNWRITABLE' }) });
  await expect.poll(steps).toContainEqual(refused);
});

it('a report that cannot be kept while the server is away is refused, and taken when there is room', async () => {
  await pair.server.ended('SIGKILL');
  const built = async (n: number) => {
    const { status, headers } = await ask({
      url: `${pair.proxy.url}/unattended/built`,
      from: `127.0.0.${10 + n}`,
    });
    return [status, headers['x-chainboot-error']];
  };
  expect(await built(1)).toEqual([201, undefined]);
  expect(await built(2)).toEqual([500, 'FILE_UNWRITABLE']);
  expect(pair.proxy.json<{ build: boolean }>('host', 'show', 'vm2.branch').build).toBe(true);
  await pair.server.serve();
  await expect.poll(() => pair.host(1).build).toBe(false);
  expect(pair.host(2).build).toBe(true);
  await expect.poll(() => built(2)).toEqual([201, undefined]);
  await expect.poll(() => pair.host(2).build).toBe(false);
});
