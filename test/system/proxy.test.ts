/** `chainboot proxy`: machines that reach nothing but the proxy are installed, with and without the server. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClientCertificate, makeRoot } from '../../src/certificate/authority.ts';
import { OPTION } from '../../src/dhcp/options.ts';
import { makeStandInMedium } from '../../src/lab/medium.ts';
import { fullServer, LEASED, type ScriptedSite, SERVER, scriptedSite } from '../scripted-site.ts';
import { ask } from './ask.ts';
import { DEBIAN, installing } from './daemon.ts';
import { macOf, nameOf, PROXY, ProxyPair, SUBNET, TEMPLATES } from './proxy-pair.ts';

let pair: ProxyPair;

describe('machines behind a proxy', () => {
  let mirror: Server;
  const fetched: string[] = [];
  beforeAll(async () => {
    const files = mkdtempSync(join(tmpdir(), 'chainboot-mirror-'));
    makeStandInMedium(files);
    mirror = createServer((request, response) => {
      fetched.push(`${request.method} ${request.url}`);
      const bytes = readFileSync(join(files, request.url!.replace('/debian', '')));
      response.writeHead(200, { 'Content-Length': bytes.length, ETag: '"1"' });
      response.end(request.method === 'HEAD' ? undefined : bytes);
    });
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
    const { port } = mirror.address() as AddressInfo;
    const hosts = [0, 1, 2].map((n) => installing(nameOf(n), macOf(n), `127.0.0.${10 + n}`));
    const far = [3, 4].map((n) => installing(nameOf(n), macOf(n), `127.0.0.${10 + n}`, { medium: 'Mirror' }));
    pair = await ProxyPair.open(0, {
      media: (directory: string) => [
        { name: 'Debian local', path: join(directory, 'medium'), os_family: 'Debian' },
        { name: 'Mirror', path: `http://127.0.0.1:${port}/debian`, os_family: 'Debian' },
      ],
      operatingsystems: [{ ...DEBIAN, media: ['Debian local', 'Mirror'], provisioning_templates: TEMPLATES }],
      hosts: [...hosts, ...far],
    });
  });
  afterAll(async () => {
    await pair?.close();
    mirror?.close();
  });

  it('files of a mirror come through the server, and once', async () => {
    const bodies = () => fetched.filter((line) => line.startsWith('GET'));
    const before = bodies().length;
    for (const n of [3, 4]) {
      const outcome = await pair.powerOn(n);
      expect(outcome.reached, outcome.why).toBe('installed');
      expect(outcome.kernel!.url).toContain(`${pair.proxy.url}/media/Mirror/`);
    }
    expect(bodies().slice(before)).toHaveLength(2);
  });

  it.each([
    [0, 'ipxe-rom'],
    [1, 'bios-rom'],
    [2, 'uefi-x64'],
  ])('%i: %s is installed, and leaves for its disk', async (n, persona) => {
    const outcome = await pair.powerOn(n, persona);
    expect(outcome.reached, outcome.why).toBe('installed');
    const used = [outcome.kernel!, ...outcome.initrds].map(({ url }) => new URL(url).port);
    expect(new Set(used)).toEqual(new Set([String(pair.proxy.ports.http)]));
    await expect.poll(() => pair.host(n).build).toBe(false);
    const second = await pair.powerOn(n, persona);
    expect(second.reached, second.why).toBe('local-boot');
  });

  it('nothing is wrong with its configuration', () => {
    const { stdout, stderr } = pair.proxy.cli('check');
    expect(stdout + stderr).not.toContain('upstream');
  });

  it('the server has the whole story, and finds nothing wrong', async () => {
    const told = () => JSON.parse(pair.server.cli('why', macOf(0), '--json').stdout) as { code: string };
    await expect.poll(() => told().code).toBe('well');
    const [, boot] = pair.server.json<{ id: string; host: string }[]>('boots', '--host', nameOf(0));
    expect(boot?.host).toBe(nameOf(0));
  });
});

describe('while the server is away', () => {
  beforeAll(async () => {
    pair = await ProxyPair.open(3);
  });
  afterAll(() => pair?.close());

  it('machines go on being installed, and what they report is not lost, whoever is killed', async () => {
    const answers = join(pair.proxy.directory, 'proxy', 'answers');
    // Asked for ahead: no machine was there yet.
    await expect.poll(() => readdirSync(answers).length).toBe(3);
    const first = await pair.powerOn(0);
    expect(first.reached, first.why).toBe('installed');
    // It is in the middle of its installation.
    const begun = await pair.powerOn(1, 'ipxe-rom', { installer: false });
    expect(begun.reached, begun.why).toBe('kernel');
    await pair.server.ended('SIGKILL');

    const second = await pair.powerOn(2);
    expect(second.reached, second.why).toBe('installed');
    const token = /url=(\S+)/.exec(begun.cmdline ?? '')![1]!;
    const reported = await ask({ url: token.replace('/provision', '/built') });
    expect(reported.status).toBe(201);
    const disk = await pair.powerOn(2);
    expect(disk.reached, disk.why).toBe('local-boot');

    // The trace is written behind the wire's back.
    const traced = () => pair.proxy.json<object[]>('boots', '--host', nameOf(2));
    await expect.poll(() => traced().length).toBe(2);
    await pair.proxy.ended('SIGKILL');
    await pair.proxy.serve();
    const again = await pair.powerOn(1);
    expect(again.reached, again.why).toBe('local-boot');

    await pair.server.serve();
    for (const n of [0, 1, 2]) await expect.poll(() => pair.host(n).build).toBe(false);
    // The steps of that time come, too.
    const boots = () => pair.server.json<object[]>('boots', '--host', nameOf(2));
    await expect.poll(() => boots().length).toBe(2);
  });

  it('a newer installation is not ended by a report that comes late', async () => {
    pair.server.cli('host', 'build', nameOf(1), '--force');
    await expect.poll(() => pair.proxy.json<{ build: boolean }>('host', 'show', nameOf(1)).build).toBe(true);
    await pair.server.ended('SIGKILL');
    const installed = await pair.powerOn(1);
    expect(installed.reached, installed.why).toBe('installed');
    // Somebody begins it anew before the report is there.
    expect(pair.server.cli('host', 'build', nameOf(1), '--force').status).toBe(0);
    await pair.server.serve();
    await pair.proxy.logged(/did not take what an installer reported/);
    expect(pair.host(1).build).toBe(true);
  });
});

describe('who is not believed', () => {
  const evil = 'http://192.0.2.66';
  let proxyUrl: string;
  beforeAll(async () => {
    const cloud = { name: 'Cloud', kind: 'user_data', template: '#cloud-config\n# <%= @host.name %>\n' };
    const outside = installing('vm0.elsewhere', macOf(90), '192.0.2.50');
    const hosts = [0, 1].map((n) => installing(nameOf(n), macOf(n), `127.0.0.${10 + n}`));
    pair = await ProxyPair.open(0, {
      templates: [cloud],
      subnets: [SUBNET, { name: 'elsewhere', network: '192.0.2.0/24' }],
      operatingsystems: [{ ...DEBIAN, provisioning_templates: [...TEMPLATES, 'Cloud'] }],
      hosts: [...hosts, outside],
    });
    proxyUrl = pair.proxy.url;
    const booted = await pair.powerOn(1, 'ipxe-rom', { installer: false });
    expect(booted.reached, booted.why).toBe('kernel');
  });
  afterAll(() => pair?.close());

  const told = (path: string, headers: Readonly<Record<string, string>> = {}, from = '127.0.0.1') =>
    ask({ url: `${proxyUrl}${path}`, headers, from });

  it('the MAC address of another host, from an address that was leased to one', async () => {
    const { status, headers } = await told(`/unattended/provision?mac=${macOf(0)}`, {}, '127.0.0.11');
    expect([status, headers['x-chainboot-error']]).toEqual([403, 'HOST_MAC_CONFLICT']);
  });

  it('X-Forwarded-For, headers with underscores, and url=', async () => {
    const forged = {
      'X-Forwarded-For': '127.0.0.10',
      X_RHN_Provisioning_MAC_0: `eth0 ${macOf(0)}`,
    };
    const { status, headers } = await told('/unattended/provision', forged, '127.0.0.99');
    expect([status, headers['x-chainboot-error']]).toEqual([404, 'HOST_UNKNOWN']);
    const script = await told(`/unattended/iPXE?mac=${macOf(1)}&url=${evil}`, {}, '127.0.0.11');
    expect(script.status).toBe(200);
    expect(script.text).toContain(proxyUrl);
    expect(script.text).not.toContain(evil);
  });

  it('a host that is on no subnet of the proxy', async () => {
    const { headers } = await told(`/unattended/provision?mac=${macOf(90)}`, {}, '127.0.0.98');
    expect(headers['x-chainboot-error']).toBe('HOST_UNKNOWN');
  });

  it('errors reach the console of an iPXE as scripts, and everybody else with their status', async () => {
    const ipxe = await told(
      `/unattended/iPXE?mac=${macOf(0)}`,
      { 'User-Agent': 'iPXE/1.21.1' },
      '127.0.0.11',
    );
    expect([ipxe.status, ipxe.text]).toEqual([200, expect.stringMatching(/^#!ipxe[\s\S]*HOST_MAC_CONFLICT/)]);
  });

  it('what belongs below /userdata/<mac>/ is there', async () => {
    const { status, text } = await told(`/userdata/${macOf(1)}/user-data`, {}, '127.0.0.11');
    expect([status, text]).toEqual([200, `#cloud-config\n# ${nameOf(1)}\n`]);
  });

  it.each([
    ['/media/Debian%20local/..%2f..%2fchainboot.db', 400],
    ['/httpboot/%2e%2e/chainboot.db', 404],
    ['/media/Debian%20local//etc/passwd', 404],
  ])('%s is no way out', async (path, expected) => {
    expect((await told(path)).status).toBe(expected);
  });

  it('a proxy without a certificate, with that of another authority, with a name that is not declared', async () => {
    const ca = readFileSync(join(pair.proxy.directory, 'proxy', 'ca.pem'), 'utf8');
    const site = { url: `${pair.url}/proxy/v1/site`, ca };
    const code = async (more: object) => (await ask({ ...site, ...more })).headers['x-chainboot-error'];
    expect(await code({})).toBe('PROXY_UNTRUSTED');
    const root = await makeRoot('Somebody else', Date.now());
    const stranger = await makeClientCertificate(root, PROXY, Date.now());
    expect(await code({ cert: stranger.certificate, key: stranger.key })).toBe('PROXY_UNTRUSTED');
    const out = join(pair.server.directory, 'other');
    expect(pair.server.cli('certificate', 'proxy', 'other', '-o', out).status).toBe(0);
    const [cert, key] = ['certificate.pem', 'key.pem'].map((name) => readFileSync(join(out, name), 'utf8'));
    expect(await code({ cert, key })).toBe('PROXY_UNREGISTERED');
  });

  it('a proxy whose record is gone: it says so, and machines are told', async () => {
    const from = pair.proxy.log.length;
    pair.certify('other');
    await pair.proxy.ended('SIGTERM');
    rmSync(join(pair.proxy.directory, 'proxy', 'answers'), { recursive: true });
    await pair.proxy.serve();
    await pair.proxy.logged(/machines are served from what is kept/, from);
    const checked = pair.proxy.cli('check');
    expect([checked.status, checked.stdout + checked.stderr]).toEqual([
      2,
      expect.stringMatching(/chainboot\.yaml:\d+:\d+: .*refuses this proxy/),
    ]);
    const ipxe = await told(
      `/unattended/iPXE?mac=${macOf(1)}`,
      { 'User-Agent': 'iPXE/1.21.1' },
      '127.0.0.11',
    );
    expect(ipxe.text).toContain('UPSTREAM_REFUSED');
  });
});

describe('a proxy beside the DHCP server of its network', () => {
  let foreign: ScriptedSite | undefined;
  beforeAll(async () => {
    pair = await ProxyPair.open(1, {}, undefined, 'proxy');
    const options = new Map([[OPTION.serverId, Uint8Array.of(127, 0, 0, 3)]]);
    foreign = await scriptedSite({ dhcp: fullServer(() => '', { siaddr: 0, options }) });
  });
  afterAll(async () => {
    await pair?.close();
    await foreign?.close();
  });

  it('adds the boot answers, and nothing else', async () => {
    const { dhcp: port } = pair.proxy.ports;
    const others = [{ address: SERVER, port: foreign!.dhcpPort }];
    const dhcp = { via: 'server', address: SERVER, port, pxePort: port + 4011 - 67, others } as const;
    const outcome = await pair.powerOn(0, 'bios-rom', { dhcp });
    expect(outcome.reached, outcome.why).toBe('installed');
    expect(outcome.address).toBe(LEASED);
    await expect.poll(() => pair.host(0).build).toBe(false);
  });
});
