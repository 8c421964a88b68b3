/**
 * Ordinary clients on a network of their own:
 *
 *     namespace ── br0 10.77.0.1/24 (chainboot serve)
 *                   ├── cl0 ═ veth ═ namespace of the client
 */

import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const PORTS = { http: 80, tftp: 69, dhcp: 67 };
const SUBNET = {
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: '10.77.0.1',
  dns_primary: '10.77.0.1',
  from: '10.77.0.100',
  to: '10.77.0.101',
};

const IS_ROOT = process.getuid?.() === 0;
const TOOLS = [
  ['udhcpc', '/usr/sbin/udhcpc', 'udhcpc'],
  ['atftp', '/usr/bin/atftp', 'atftp'],
  ['curl', '/usr/bin/curl', 'curl'],
  ['dnsmasq', '/usr/sbin/dnsmasq', 'dnsmasq-base'],
  ['PXELINUX', '/usr/lib/PXELINUX/pxelinux.0', 'pxelinux'],
] as const;

let lab: Lab | undefined;
let client = '';
let daemon: Daemon | undefined;

beforeEach(async (context) => {
  if (!IS_ROOT) context.skip('network namespaces need root');
  for (const [name, path, debianPackage] of TOOLS)
    if (!existsSync(path)) context.skip(`${name} is missing: apt install ${debianPackage}`);
  lab = await createLab({ address: '10.77.0.1/24' });
  client = `${lab.namespace}-client`;
  ip('netns', 'add', client);
  ip('link', 'add', 'cl0', 'netns', lab.namespace, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client);
  ip('-n', client, 'link', 'set', 'eth0', 'address', MAC, 'up');
  ip('-n', lab.namespace, 'link', 'set', 'cl0', 'master', 'br0', 'up');
});

afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
  if (client !== '') spawnSync('ip', ['netns', 'del', client]);
  client = '';
  await lab?.close();
  lab = undefined;
});

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function onClient(...command: string[]) {
  const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', client, ...command], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

async function serve(mode: 'server' | 'proxy', hosts: readonly object[]) {
  const link = { interface: 'br0', address: '10.77.0.1', mode };
  daemon = new Daemon({ link, ports: PORTS, site: { subnets: [SUBNET], hosts }, inside: lab!.inside });
  return daemon.start();
}

/** Asks with a real udhcpc and writes down what its script is told. */
function udhcpc(...options: string[]) {
  const script = join(daemon!.directory, 'udhcpc.sh');
  writeFileSync(
    script,
    '#!/bin/sh\n[ "$1" = bound ] && { env; ip address add "$ip/$mask" dev "$interface"; }\nexit 0\n',
    { mode: 0o755 },
  );
  return onClient('udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-t', '4', '-T', '1', '-s', script, ...options);
}

const rom = ['-V', 'PXEClient:Arch:00000:UNDI:002001', '-x', '0x5d:0000', '-O', 'bootfile'];

it('gives udhcpc the reserved address with everything it asks for', async () => {
  await serve('server', [installing('vm1.lab', MAC, '10.77.0.50')]);
  const { stdout, stderr } = udhcpc();
  expect(stdout, stderr).toContain('ip=10.77.0.50');
  expect(stdout).toContain('router=10.77.0.1');
  expect(stdout).toContain('dns=10.77.0.1');
  expect(stdout).toContain('hostname=vm1');
  expect(stdout).toContain('subnet=255.255.255.0');
  expect(stdout).not.toContain('boot_file=');
});

it('tells a ROM from an iPXE by user class: loader for one, script for the other', async () => {
  await serve('server', [installing('vm1.lab', MAC, '10.77.0.50')]);
  expect(udhcpc(...rom).stdout).toContain('boot_file=undionly-ipxe.0');
  ip('-n', client, 'address', 'flush', 'dev', 'eth0');
  expect(udhcpc(...rom, '-x', '0x4d:69505845').stdout).toContain(
    'boot_file=http://10.77.0.1/unattended/iPXE',
  );
});

it('serves the same client by TFTP and HTTP, as the host it is', async () => {
  await serve('server', [installing('vm1.lab', MAC, '10.77.0.50')]);
  udhcpc();
  const config = join(daemon!.directory, 'config');
  const get = onClient(
    'atftp',
    '--get',
    '-r',
    'pxelinux.cfg/01-52-54-00-77-00-10',
    '-l',
    config,
    '10.77.0.1',
  );
  expect(get.status, get.stderr).toBe(0);
  expect(spawnSync('cat', [config], { encoding: 'utf8' }).stdout).toContain('/unattended/iPXE');
  expect(onClient('atftp', '--get', '-r', '../chainboot.db', '-l', config, '10.77.0.1').status).not.toBe(0);
  // Neither token nor MAC: the lease of the address it asks from is the evidence.
  const script = onClient('curl', '-s', '-A', 'iPXE/1.0.0', 'http://10.77.0.1/unattended/iPXE');
  expect(script.stdout).toMatch(/^#!ipxe/);
  expect(script.stdout).toContain('/media/');
  const other = onClient(
    'curl',
    '-s',
    '-A',
    'iPXE/1.0.0',
    'http://10.77.0.1/unattended/iPXE?mac=52:54:00:00:00:99',
  );
  expect(other.stdout).toBe(script.stdout);
});

it('offers nothing when the pool is used up, and says so in the trace', async () => {
  await serve('server', []);
  for (const last of ['01', '02', '03']) {
    ip('-n', client, 'link', 'set', 'eth0', 'address', `52:54:00:88:00:${last}`);
    const { stdout } = udhcpc(...rom);
    if (last !== '03') expect(stdout).toMatch(/ip=10\.77\.0\.10[01]/);
    else expect(stdout).not.toContain('ip=');
    ip('-n', client, 'address', 'flush', 'dev', 'eth0');
  }
  const shown = daemon!.cli('boot', 'show', 'last');
  expect(shown.stdout).toContain('no address is free in lab');
});

it('offers no address that another machine has taken for itself, and says whose it is', async () => {
  await serve('server', []);
  const squatter = `${client}-squat`;
  ip('netns', 'add', squatter);
  try {
    const veth = ['link', 'add', 'cl1', 'netns', lab!.namespace, 'type', 'veth'];
    ip(...veth, 'peer', 'name', 'eth0', 'netns', squatter);
    ip('-n', lab!.namespace, 'link', 'set', 'cl1', 'master', 'br0', 'up');
    ip('-n', squatter, 'address', 'add', '10.77.0.100/24', 'dev', 'eth0');
    ip('-n', squatter, 'link', 'set', 'eth0', 'address', '52:54:00:99:00:99', 'up');
    const { stdout, stderr } = udhcpc(...rom);
    expect(stdout, stderr).toContain('ip=10.77.0.101');
    // One attempt was enough: the client had no reason to ask again.
    expect(stderr.match(/broadcasting discover/g)).toHaveLength(1);
    const shown = daemon!.cli('boot', 'show', 'last').stdout;
    expect(shown).toContain('52:54:00:99:00:99 answers at 10.77.0.100');
    expect(shown).toContain('10.77.0.101 was free in lab');
  } finally {
    spawnSync('ip', ['netns', 'del', squatter]);
  }
});

it('beside another DHCP server adds only the boot answer', async () => {
  await serve('proxy', [installing('vm1.lab', MAC, '10.77.0.50')]);
  const foreign = `${client}-dhcp`;
  ip('netns', 'add', foreign);
  try {
    ip(
      'link',
      'add',
      'cl1',
      'netns',
      lab!.namespace,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      foreign,
    );
    ip('-n', lab!.namespace, 'link', 'set', 'cl1', 'master', 'br0', 'up');
    ip('-n', foreign, 'address', 'add', '10.77.0.2/24', 'dev', 'eth0');
    ip('-n', foreign, 'link', 'set', 'eth0', 'up');
    const pidFile = join(daemon!.directory, 'dnsmasq.pid');
    const leaseFile = join(daemon!.directory, 'dnsmasq.leases');
    const dnsmasq = [
      'dnsmasq',
      '--port=0',
      '--no-ping',
      '--dhcp-range=10.77.0.150,10.77.0.160',
      `--pid-file=${pidFile}`,
      `--dhcp-leasefile=${leaseFile}`,
      '--conf-file=/dev/null',
    ];
    const started = spawnSync('ip', ['netns', 'exec', foreign, ...dnsmasq], { encoding: 'utf8' });
    expect(started.status, started.stderr).toBe(0);
    try {
      const ordinary = udhcpc();
      expect(ordinary.stdout).toMatch(/ip=10\.77\.0\.15\d|ip=10\.77\.0\.160/);
      expect(ordinary.stdout).toContain('serverid=10.77.0.2');
      expect(JSON.parse(daemon!.cli('boots', '--json').stdout)).toEqual([]);
      // udhcpc takes whichever OFFER comes first, even one without an address: what counts is what we answered.
      udhcpc(...rom);
      const steps = JSON.parse(daemon!.cli('boot', 'show', 'last', '--json').stdout) as {
        via: string;
        what?: string;
      }[];
      expect(steps).toContainEqual(expect.objectContaining({ via: 'proxy-dhcp', what: 'undionly-ipxe.0' }));
    } finally {
      process.kill(Number(spawnSync('cat', [pidFile], { encoding: 'utf8' }).stdout), 'SIGTERM');
    }
  } finally {
    spawnSync('ip', ['netns', 'del', foreign]);
  }
});
