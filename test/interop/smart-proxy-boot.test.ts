/** A Foreman drives the built program, and machines of its own boot by what it sent; our own API registers it. */

import { reverse } from 'node:dns/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bootVirtually } from '../../src/client/boot.ts';
import { personaOf } from '../../src/client/personas.ts';
import { DEBIAN_MIRROR } from '../../src/lab/medium.ts';
import { ask } from '../system/ask.ts';
import { Daemon, freePorts } from '../system/daemon.ts';
import { Authority, FakeForeman, hasOpenssl, order, type Pair } from './smart-proxy-lab.ts';

const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
const KERNEL = 'linux';
const INITRD = 'initrd.gz';
const PASSWORD = 'correct horse battery';

let authority: Authority;
let foreman: FakeForeman;
let foremanUrl: string;
let daemon: Daemon;
let client: Pair;
let port: number;
let httpPort: number;
let apiPort: number;

beforeAll(async () => {
  if (!hasOpenssl()) return;
  authority = new Authority('Foreman CA');
  client = authority.issue('foreman.example');
  foreman = new FakeForeman();
  foremanUrl = await foreman.start();
  ({ http: port, tftp: httpPort, dhcp: apiPort } = await freePorts());
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: { subnets: [SUBNET] },
    config: {
      api: { enabled: true },
      https: { port: apiPort },
      smart_proxy: {
        enabled: true,
        port,
        http_port: httpPort,
        plain_http: true,
        trusted_hosts: ['foreman.example', 'localhost', ...(await reverse('127.0.0.1').catch(() => []))],
        ...authority.issue('proxy.example'),
        ca: authority.ca,
        foreman_url: foremanUrl,
      },
    },
  });
  const { status, stderr } = daemon.cli(
    'user',
    'create',
    'jane',
    '--role',
    'admin',
    '--password-file',
    password(),
  );
  expect(status, stderr).toBe(0);
  await daemon.start();
});

function password(): string {
  const file = join(daemon.directory, 'password');
  writeFileSync(file, `${PASSWORD}\n`);
  return file;
}

beforeEach((ctx) => {
  if (!hasOpenssl()) ctx.skip('openssl (Debian package openssl)');
});

afterAll(async () => {
  await daemon?.close();
  await foreman?.close();
  authority?.remove();
});

const post = async (path: string, form: Readonly<Record<string, string>>) => {
  const told = await order(`https://127.0.0.1:${port}${path}`, authority.ca, {
    method: 'POST',
    form,
    client,
  });
  expect(told.status, told.text).toBe(200);
};

/** What a Foreman sends when a host enters build mode. */
async function reserve(mac: string, ip: string, filename: string): Promise<void> {
  const hostname = `h${ip.split('.').at(-1)}.foreman.example`;
  await post('/dhcp/127.0.0.0', { mac, ip, hostname, name: hostname, nextServer: '127.0.0.1', filename });
}

const powerOn = (persona: string, mac: string) =>
  bootVirtually({
    persona: personaOf(persona)!,
    mac,
    dhcp: { via: 'server', address: '127.0.0.1', port: daemon.ports.dhcp },
    tftpPort: daemon.ports.tftp,
    timeoutMs: 60_000,
  });

const medium = (name: string) => readFileSync(join(daemon.directory, 'medium', DEBIAN_MIRROR, name));

describe('a machine of a Foreman', { timeout: 120_000 }, () => {
  it('boots by PXELINUX: its address, the configuration, and the boot files that came just then', async () => {
    const mac = 'aa:bb:cc:00:22:01';
    foreman.answer = ({ url }) => ({ status: 200, body: medium(url.pathname.slice(1)) });
    await reserve(mac, '127.0.0.60', 'pxelinux.0');
    const pxeconfig =
      'DEFAULT linux\nLABEL linux\n KERNEL boot/deb-linux\n APPEND initrd=boot/deb-initrd.gz auto\n';
    await post(`/tftp/PXELinux/${mac}`, { pxeconfig });
    await post('/tftp/fetch_boot_file', { prefix: 'boot/deb', path: `${foremanUrl}/${KERNEL}` });
    await post('/tftp/fetch_boot_file', { prefix: 'boot/deb', path: `${foremanUrl}/${INITRD}` });
    const outcome = await powerOn('bios-rom', mac);
    expect(outcome, outcome.why).toMatchObject({ reached: 'kernel', address: '127.0.0.60' });
    expect(outcome.kernel?.bytes).toBe(medium(KERNEL).length);
    expect(outcome.initrds[0]?.bytes).toBe(medium(INITRD).length);
    expect(outcome.cmdline).toContain('auto');
  });

  it.each(['bios-rom', 'ipxe-rom'])(
    'boots by iPXE without a loop, with the script of Foreman (%s)',
    async (persona) => {
      const mac = persona === 'bios-rom' ? 'aa:bb:cc:00:22:02' : 'aa:bb:cc:00:22:03';
      const ip = persona === 'bios-rom' ? '127.0.0.61' : '127.0.0.62';
      foreman.seen.length = 0;
      const script = `#!ipxe\nkernel ${foremanUrl}/${KERNEL} from=foreman\ninitrd ${foremanUrl}/${INITRD}\nboot\n`;
      foreman.answer = ({ url }) =>
        url.pathname.startsWith('/unattended/')
          ? { status: 200, body: script }
          : { status: 200, body: medium(url.pathname.slice(1)) };
      await reserve(mac, ip, 'undionly-ipxe.0');
      const outcome = await powerOn(persona, mac);
      expect(outcome, outcome.why).toMatchObject({ reached: 'kernel', address: ip });
      expect(outcome.cmdline).toContain('from=foreman');
      const asked = foreman.seen.find(({ url }) => url.pathname === '/unattended/iPXE');
      expect(asked?.url.searchParams.get('mac')).toBe(mac);
    },
  );

  it('has its lease told to Foreman', async () => {
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    const told = await order(`https://127.0.0.1:${port}/dhcp/127.0.0.0`, authority.ca, { client });
    const { leases } = JSON.parse(told.text) as { leases: readonly { ip: string }[] };
    expect(leases.find(({ ip }) => ip === '127.0.0.60')).toMatchObject({
      name: 'lease-aabbcc002201',
      mac: 'aa:bb:cc:00:22:01',
      subnet: '127.0.0.0/255.255.255.0',
      starts: time,
      ends: time,
      state: 'active',
      type: 'lease',
    });
  });

  it('has its boot in the trace, with what Foreman ordered as the reason', async () => {
    const codes = () => {
      const shown = daemon.cli('boot', 'show', 'last', '--json');
      if (shown.status !== 0) return [];
      return (JSON.parse(shown.stdout) as { because: { code: string } }[]).map(({ because }) => because.code);
    };
    await expect
      .poll(codes, { timeout: 60_000 })
      .toEqual(expect.arrayContaining(['foreman-script', 'foreman-answers']));
  });
});

describe('our own API', () => {
  it('registers it as a smart proxy, and sees what it does', async () => {
    const call = (method: string, path: string, body?: unknown) =>
      ask({
        url: `https://127.0.0.1:${apiPort}/api/v2${path}`,
        method,
        body,
        user: ['jane', PASSWORD],
        ca: daemon.cli('certificate', 'ca').stdout,
      });
    const features = ['DHCP', 'HTTPBoot', 'Logs', 'TFTP', 'Templates'];
    const made = await call('POST', '/smart_proxies', {
      smart_proxy: { name: 'here', url: `http://127.0.0.1:${httpPort}` },
    });
    expect(made.status, made.text).toBe(201);
    const { id } = JSON.parse(made.text) as { id: number };
    const refreshed = await call('PUT', `/smart_proxies/${id}/refresh`, {});
    expect(refreshed.status, refreshed.text).toBe(200);
    const seen = JSON.parse(refreshed.text) as { features: { name: string }[] };
    expect(seen.features.map(({ name }) => name).toSorted()).toEqual(features.toSorted());
  });
});
