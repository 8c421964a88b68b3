/** A real dhcpd that the running server keeps in step over OMAPI: what clients get, what outlives a restart, what is told. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon } from '../system/daemon.ts';
import { dressedAs, type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
const SUBNET = { name: 'lab', network: '10.77.0.0/24', gateway: SERVER };
const MAC = '52:54:00:15:c0:01';
const THEIRS = '52:54:00:15:c0:02';
const PATIENCE = { timeout: 40_000, interval: 300 };
const SECRET = randomBytes(16).toString('base64');

let lab: Lab;
let daemon: Daemon;
let dhcpd: ChildProcess | undefined;
let client: Machine;

const path = (name: string) => join(daemon.directory, name);

function startDhcpd(): void {
  const files = ['-cf', path('dhcpd.conf'), '-lf', path('dhcpd.leases'), '-pf', path('dhcpd.pid')];
  const [file, ...args] = lab.inside(['dhcpd', '-4', '-f', ...files, 'br0']);
  dhcpd = spawn(file!, args, { stdio: 'ignore' });
}

async function stopDhcpd(): Promise<void> {
  const child = dhcpd;
  dhcpd = undefined;
  if (child === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.kill('SIGTERM')) await ended;
}

beforeEach((context) => {
  need(context, ['dhcpd', 'isc-dhcp-server'], ['omshell', 'isc-dhcp-server'], ['udhcpc', 'udhcpc']);
});

const configured = (more: object = {}) => ({
  dhcp_servers: [
    {
      name: 'theirs',
      kind: 'isc',
      omapi: { key_name: 'chainboot', key_file: path('secret') },
      include_file: path('class.conf'),
      main_config: path('dhcpd.conf'),
      leases: path('dhcpd.leases'),
      ...more,
    },
  ],
});

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  lab = await createLab({ address: `${SERVER}/24` });
  lab.exec(['ip', 'link', 'set', 'lo', 'up']);
  daemon = new Daemon({
    link: { interface: 'br0', address: SERVER, mode: 'off' },
    ports: PORTS,
    site: { subnets: [SUBNET], hosts: [{ name: 'web.lab', mac: THEIRS, ip: '10.77.0.60' }] },
    inside: lab.inside,
  });
  writeFileSync(path('secret'), `${SECRET}\n`);
  writeFileSync(path('class.conf'), '');
  writeFileSync(path('dhcpd.leases'), '');
  const settings = [
    'ping-check false;',
    'omapi-port 7911;',
    `key chainboot { algorithm hmac-md5; secret "${SECRET}"; }`,
    'omapi-key chainboot;',
    `include "${path('class.conf')}";`,
    'subnet 10.77.0.0 netmask 255.255.255.0 { range 10.77.0.100 10.77.0.110; }',
    `host printer { hardware ethernet ${THEIRS}; fixed-address 10.77.0.77; }`,
  ];
  writeFileSync(path('dhcpd.conf'), `${settings.join('\n')}\n`);
  daemon.writeConfig(configured());
  startDhcpd();
  client = plugIn(lab, { name: 'client', mac: MAC });
  await daemon.start();
}, 120_000);

afterAll(async () => {
  await daemon?.close();
  await stopDhcpd();
  client?.remove();
  await lab?.close();
});

/** What a client is told now. */
const told = (...options: readonly string[]) => udhcpc(client, daemon.directory, ...options);
const given = async () => /^ip=(.*)$/m.exec(await told())?.[1] ?? '';
const FREE = /^10\.77\.0\.1[01]\d$/;

type Plan = {
  readonly changes: readonly { readonly op: string; readonly name: string; readonly drift?: boolean }[];
  readonly conflicts: readonly { readonly host: string; readonly foreign: { readonly name: string } }[];
};
const plan = () => JSON.parse(daemon.cli('dhcp-server', 'plan', 'theirs', '--json').stdout) as Plan;

/** dhcpd's own program for OMAPI. */
function omshell(...lines: readonly string[]): string {
  const input = ['server 127.0.0.1', 'port 7911', `key chainboot ${SECRET}`, 'connect', ...lines].join('\n');
  const [file, ...args] = lab.inside(['omshell']);
  return spawnSync(file!, args, { input: `${input}\n`, encoding: 'utf8', timeout: 10_000 }).stdout;
}

it('has what it needs', () => {
  const { status, stdout } = daemon.cli('dhcp-server', 'needs', 'theirs');
  expect(stdout).not.toContain('MISSING');
  expect(status).toBe(0);
});

it('gives a host its address from the moment that it is declared, and after a restart', async () => {
  expect(await given()).toMatch(FREE);
  const made = daemon.cli('host', 'create', 'vm1.lab', '--mac', MAC, '--ip', '10.77.0.50');
  expect(made.status, made.stderr).toBe(0);
  await expect.poll(given, PATIENCE).toBe('10.77.0.50');
  expect(omshell('new host', 'set name = "chainboot-vm1.lab"', 'open')).toContain(
    'hardware-address = 52:54:00:15:c0:01',
  );
  await stopDhcpd();
  startDhcpd();
  await expect.poll(given, PATIENCE).toBe('10.77.0.50');
});

it('chooses loaders once it has read the class, and lets an iPXE out of the loop', async () => {
  expect(readFileSync(path('class.conf'), 'utf8')).toContain('class "chainboot"');
  await expect.poll(() => told(...dressedAs(0)), PATIENCE).toMatch(/boot_file=undionly|bootfile=undionly/);
  const ipxe = await told(...dressedAs(0), '-x', '0xaf:b1050118', '-O', 'bootfile');
  expect(ipxe).toContain('/pub/intermediate.ipxe');
});

it('leaves alone what others have declared, and says whose it is', () => {
  const foreign = expect.objectContaining({ name: 'printer' });
  expect(plan()).toEqual({ changes: [], conflicts: [expect.objectContaining({ host: 'web.lab', foreign })] });
});

it('tells its leases', async () => {
  const other = plugIn(lab, { name: 'other', mac: '52:54:00:15:c0:03' });
  try {
    await udhcpc(other, daemon.directory);
  } finally {
    other.remove();
  }
  const leases = () => daemon.json<object[]>('dhcp-server', 'leases', 'theirs');
  const lease = expect.objectContaining({ mac: '52:54:00:15:c0:03', ip: expect.stringMatching(FREE) });
  await expect.poll(leases, PATIENCE).toContainEqual(lease);
});

it('mends what somebody else deleted', async () => {
  omshell('new host', 'set name = "chainboot-vm1.lab"', 'open', 'remove');
  expect(plan().changes).toEqual([expect.objectContaining({ op: 'add', name: 'vm1.lab', drift: true })]);
  expect(daemon.cli('dhcp-server', 'sync', 'theirs').stdout).toContain('somebody else changed it');
  await expect.poll(given, PATIENCE).toBe('10.77.0.50');
});

it('tells of a wrong key and of one that is dead, and brings it what it missed', async () => {
  writeFileSync(path('secret'), randomBytes(16).toString('base64'));
  const wrong = daemon.cli('dhcp-server', 'needs', 'theirs');
  expect([wrong.status, wrong.stdout]).toEqual([
    1,
    expect.stringContaining('MISSING: dhcpd answers over OMAPI'),
  ]);
  writeFileSync(path('secret'), SECRET);
  await stopDhcpd();
  expect(daemon.cli('host', 'delete', 'vm1.lab').status).toBe(0);
  await daemon.logged(/DHCP_SERVER_UNREACHABLE.*a DHCP server is not in step/);
  startDhcpd();
  await expect.poll(given, PATIENCE).toMatch(FREE);
  expect(existsSync(path('dhcpd.leases'))).toBe(true);
  expect(omshell('new host', 'set name = "chainboot-vm1.lab"', 'open')).toContain('not found');
});
