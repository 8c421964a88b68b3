import { afterEach, expect, it } from 'vitest';
import { claimsOf } from './claims.ts';
import { FileCache } from './file-cache.ts';
import { passedOn } from './passed-on.ts';
import { BootHttpServer } from './server.ts';

let server: BootHttpServer | undefined;
afterEach(() => server?.close(0));

/** What a request is taken for, where those from `proxy` are passed on by a smart proxy. */
async function taken(proxy: string, headers: Record<string, string>): Promise<object> {
  const routes = passedOn(
    [
      {
        methods: ['GET'],
        pattern: '/unattended/:kind',
        handle: async (request) => ({ kind: 'text', status: 200, text: JSON.stringify(claimsOf(request)) }),
      },
    ],
    (address) => address === proxy,
  );
  server = new BootHttpServer({
    routes,
    cache: new FileCache({ budget: 0 }),
    log: () => undefined,
    now: Date.now,
  });
  await server.start([{ address: '127.0.0.1', port: 0 }]);
  const response = await fetch(`http://127.0.0.1:${server.addresses[0]!.port}/unattended/provision`, {
    headers,
  });
  return (await response.json()) as object;
}

const MAC = '52:54:00:77:00:10';

/** As the Smart Proxy 3.11 sends it for a machine that has `X-Forwarded-For: 10.9.9.9` and Anaconda's header. */
const MEASURED = {
  'X-Forwarded-For': '10.20.0.31',
  X_forwarded_for: '10.9.9.9',
  X_rhn_provisioning_mac_0: `eth0 ${MAC}`,
};

it('is that of the machine, when a smart proxy passes it on', async () => {
  expect(await taken('127.0.0.1', MEASURED)).toEqual({ address: '10.20.0.31', macs: [MAC] });
});

it('is that of whoever asks, when anybody else says so', async () => {
  expect(await taken('10.20.0.2', MEASURED)).toEqual({ address: '127.0.0.1', macs: [] });
});

it.each([
  ['10.9.9.9, 10.20.0.31', '10.20.0.31'],
  ['::ffff:10.20.0.31', '10.20.0.31'],
  ['2001:db8::31', '2001:db8::31'],
  ['unknown', '127.0.0.1'],
  ['10.20.0.31:80', '127.0.0.1'],
])('of X-Forwarded-For: %s it is %s', async (value, address) => {
  expect(await taken('127.0.0.1', { 'X-Forwarded-For': value })).toMatchObject({ address });
});

it('is the one that asks where nothing is said', async () => {
  expect(await taken('127.0.0.1', { X_forwarded_for: '10.9.9.9' })).toMatchObject({ address: '127.0.0.1' });
});
