/** A real dnsmasq that the running server keeps in step: what clients get, what is left alone, what is mended, what is told. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon } from '../system/daemon.ts';
import { type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
const SUBNET = { name: 'lab', network: '10.77.0.0/24', gateway: SERVER };
const MAC = '52:54:00:d5:00:01';
const THEIRS = '52:54:00:d5:00:02';
const PATIENCE = { timeout: 40_000, interval: 300 };

let lab: Lab;
let daemon: Daemon;
let dnsmasq: ChildProcess | undefined;
let client: Machine;
let directory: string;

const path = (name: string) => join(directory, name);

function startDnsmasq(): void {
  const command = ['dnsmasq', '--keep-in-foreground', `--conf-file=${path('dnsmasq.conf')}`];
  const [file, ...args] = lab.inside(command);
  dnsmasq = spawn(file!, args, { stdio: 'ignore' });
}

async function stopDnsmasq(): Promise<void> {
  const child = dnsmasq;
  dnsmasq = undefined;
  if (child === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.kill('SIGKILL')) await ended;
}

beforeEach((context) => {
  need(context, ['dnsmasq', 'dnsmasq-base'], ['udhcpc', 'udhcpc']);
});

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  lab = await createLab({ address: `${SERVER}/24` });
  daemon = new Daemon({
    link: { interface: 'br0', address: SERVER, mode: 'off' },
    ports: PORTS,
    site: { subnets: [SUBNET], hosts: [{ name: 'web.lab', mac: THEIRS, ip: '10.77.0.60' }] },
    inside: lab.inside,
  });
  directory = daemon.directory;
  mkdirSync(path('hosts'));
  daemon.writeConfig({
    dhcp_servers: [
      {
        name: 'theirs',
        kind: 'dnsmasq',
        hosts_directory: path('hosts'),
        config_file: path('loaders.conf'),
        main_config: path('dnsmasq.conf'),
        pid_file: path('dnsmasq.pid'),
        leases: path('leases'),
      },
    ],
  });
  writeFileSync(path('loaders.conf'), '');
  const settings = [
    'port=0',
    'interface=br0',
    'no-ping',
    'user=root',
    `pid-file=${path('dnsmasq.pid')}`,
    `dhcp-leasefile=${path('leases')}`,
    'dhcp-range=10.77.0.100,10.77.0.110,255.255.255.0',
    `dhcp-hostsdir=${path('hosts')}`,
    `conf-file=${path('loaders.conf')}`,
    `dhcp-host=${THEIRS},10.77.0.77,printer`,
  ];
  writeFileSync(path('dnsmasq.conf'), `${settings.join('\n')}\n`);
  startDnsmasq();
  client = plugIn(lab, { name: 'client', mac: MAC });
  await daemon.start();
}, 120_000);

afterAll(async () => {
  await daemon?.close();
  await stopDnsmasq();
  client?.remove();
  await lab?.close();
});

/** The address that a client is given now. */
async function given(): Promise<string> {
  const told = await udhcpc(client, directory);
  return /^ip=(.*)$/m.exec(told)?.[1] ?? '';
}

const FREE = /^10\.77\.0\.1[01]\d$/;
const hosts = () =>
  existsSync(path('hosts/chainboot')) ? readFileSync(path('hosts/chainboot'), 'utf8') : '';

type Plan = {
  readonly changes: readonly { readonly op: string; readonly name: string; readonly drift?: boolean }[];
  readonly conflicts: readonly { readonly host: string; readonly foreign: { readonly name: string } }[];
};
const plan = () => JSON.parse(daemon.cli('dhcp-server', 'plan', 'theirs', '--json').stdout) as Plan;

it('says what is missing, and what is to be done about it', async () => {
  const needs = () => daemon.cli('dhcp-server', 'needs', 'theirs').stdout;
  // Its lines for loaders were written when it ran already.
  await expect.poll(needs, PATIENCE).toContain('it was started before the file was written');
  expect(needs()).toContain('systemctl restart dnsmasq');
  const { stdout, stderr } = daemon.cli('check');
  expect(stdout + stderr).toContain('theirs: it has read');
  expect(readFileSync(path('loaders.conf'), 'utf8')).toContain('dhcp-boot=tag:chainboot-ipxe,');
});

it('gives a host its address from the moment that it is declared', async () => {
  expect(await given()).toMatch(FREE);
  const made = daemon.cli('host', 'create', 'vm1.lab', '--mac', MAC, '--ip', '10.77.0.50');
  expect(made.status, made.stderr).toBe(0);
  await expect.poll(hosts, PATIENCE).toContain(`${MAC},10.77.0.50,vm1.lab`);
  await expect.poll(given, PATIENCE).toBe('10.77.0.50');
});

it('leaves alone what others have declared, and says whose it is', () => {
  expect(hosts()).not.toContain(THEIRS);
  const foreign = expect.objectContaining({ name: 'printer' });
  expect(plan()).toEqual({ changes: [], conflicts: [expect.objectContaining({ host: 'web.lab', foreign })] });
  expect(readFileSync(path('dnsmasq.conf'), 'utf8')).toContain(`dhcp-host=${THEIRS},10.77.0.77,printer`);
});

it('brings here what others have declared there', () => {
  const { status, stdout, stderr } = daemon.cli('dhcp-server', 'import', 'theirs', '-o', '-');
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^# From theirs, by chainboot dhcp-server import\.$/m);
  expect(stdout).toMatch(/name: printer\n\s+mac: 52:54:00:d5:00:02\n\s+ip: 10\.77\.0\.77$/m);
  expect(stdout).not.toContain(MAC);
});

it('tells its leases', () => {
  const leases = daemon.json<object[]>('dhcp-server', 'leases', 'theirs');
  expect(leases).toContainEqual(expect.objectContaining({ mac: MAC, ip: '10.77.0.50' }));
});

it('mends what somebody else changed', () => {
  writeFileSync(path('hosts/chainboot'), hosts().replace('10.77.0.50', '10.77.0.51'));
  expect(plan().changes).toEqual([expect.objectContaining({ op: 'change', name: 'vm1.lab', drift: true })]);
  const synced = daemon.cli('dhcp-server', 'sync', 'theirs');
  expect(synced.stdout).toContain('vm1.lab (somebody else changed it)');
  expect(hosts()).toContain('10.77.0.50');
});

it('tells of one that is dead, and brings it what it missed', async () => {
  await stopDnsmasq();
  const deleted = daemon.cli('host', 'delete', 'vm1.lab');
  expect(deleted.status, deleted.stderr).toBe(0);
  await daemon.logged(/DHCP_SERVER_UNREACHABLE.*a DHCP server is not in step/);
  const listed = daemon.cli('dhcp-server', 'list');
  expect([listed.status, listed.stdout]).toEqual([1, expect.stringContaining('not in step')]);
  startDnsmasq();
  const state = () => daemon.cli('dhcp-server', 'list').stdout;
  await expect.poll(state, PATIENCE).not.toContain('not in step');
  expect(hosts()).not.toContain(MAC);
  await expect.poll(given, PATIENCE).toMatch(FREE);
});
