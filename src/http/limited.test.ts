import { afterEach, describe, expect, it } from 'vitest';
import type { Step } from '../boot/step.ts';
import { FileCache } from './file-cache.ts';
import { limited } from './limited.ts';
import { BootHttpServer } from './server.ts';

const IPXE = { 'User-Agent': 'iPXE/1.21.1' };
const opened: BootHttpServer[] = [];
const steps: Step[] = [];
const warned: string[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close(0);
  steps.length = warned.length = 0;
});

/** A server whose routes may be asked `burst` times, and told of once. */
async function serve(burst: number): Promise<string> {
  let left = burst;
  let tell = 1;
  const route = { methods: ['GET'] as const, pattern: '/unattended/:kind' };
  const routes = limited(
    [
      {
        ...route,
        isScript: ({ kind }) => kind === 'iPXE',
        handle: async () => ({ kind: 'text', status: 200, text: 'rendered' }),
      },
    ],
    {
      requests: { take: () => (left-- > 0 ? 0 : 7) },
      told: { take: () => (tell-- > 0 ? 0 : 1) },
      record: (step) => steps.push(step),
      now: () => 0,
      log: (_level, message) => warned.push(message),
    },
  );
  const deps = { routes, cache: new FileCache({ budget: 0 }), log: () => undefined, now: Date.now };
  const server = new BootHttpServer(deps);
  opened.push(server);
  await server.start([{ address: '127.0.0.1', port: 0 }]);
  return `http://127.0.0.1:${server.addresses[0]!.port}/unattended`;
}

describe('limited', () => {
  it('answers as often as the limit allows, then 429 with the time to wait', async () => {
    const url = await serve(2);
    for (let i = 0; i < 2; i++) expect(await (await fetch(`${url}/provision`)).text()).toBe('rendered');
    const refused = await fetch(`${url}/provision`);
    const { status, headers } = refused;
    expect([status, headers.get('retry-after'), headers.get('x-chainboot-error')]).toEqual([
      429,
      '7',
      'BOOT_RATE_LIMITED',
    ]);
    expect(await refused.text()).toContain('http.boot_burst');
  });

  it('gives an iPXE a script that shows it and asks again', async () => {
    const url = await serve(0);
    const refused = await fetch(`${url}/iPXE?mac=52-54-00-00-00-01`, { headers: IPXE });
    const text = await refused.text();
    expect(refused.status).toBe(200);
    expect(text).toMatch(/^#!ipxe\n/);
    expect(text).toContain('BOOT_RATE_LIMITED');
    expect(text).toContain(`chain --replace --autofree ${url}/iPXE?mac=52-54-00-00-00-01`);
  });

  it('records and warns once, not for every request of a flood', async () => {
    const url = await serve(0);
    for (let i = 0; i < 20; i++) await (await fetch(`${url}/provision`)).text();
    expect(steps).toMatchObject([
      { kind: 'http.error', address: '127.0.0.1', detail: { status: 429, error: 'BOOT_RATE_LIMITED' } },
    ]);
    expect(warned).toHaveLength(1);
  });
});
