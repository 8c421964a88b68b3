/** chainboot doctor in a network of its own that is broken on purpose: each fault is found, and its command mends it. */

import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../../src/doctor/finding.ts';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon, type Inside } from '../system/daemon.ts';
import { need, PORTS } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';

let lab: Lab;
let daemons: Daemon[] = [];

beforeEach(async (context) => {
  need(context);
  lab = await createLab({ address: `${SERVER}/24` });
});

afterEach(async () => {
  for (const daemon of daemons) await daemon.close();
  daemons = [];
  await lab?.close();
});

function daemonOn(inside: Inside = lab.inside): Daemon {
  const link = { interface: 'br0', address: SERVER, mode: 'server' as const };
  const daemon = new Daemon({ link, ports: PORTS, site: {}, inside });
  daemons.push(daemon);
  return daemon;
}

type Told = { readonly status: number; readonly findings: readonly Finding[] };

function examine(daemon: Daemon): Told {
  const { status, stdout } = daemon.cli('doctor', '--json');
  return { status, findings: (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings };
}

const coded = ({ findings }: Told, code: string) => findings.filter((finding) => finding.code === code);

it('finds nothing wrong where nothing is, and knows its own ports', async () => {
  const daemon = daemonOn();
  await daemon.start();
  const told = examine(daemon);
  expect(told.findings.filter(({ level }) => level === 'error')).toEqual([]);
  expect(told.status).toBe(0);
  expect(coded(told, 'port-ours')).toHaveLength(3);
});

it('a port that somebody else has', async () => {
  const daemon = daemonOn();
  const program = "require('dgram').createSocket('udp4').bind(69, () => console.log('bound'))";
  const [file, ...args] = lab.inside([process.execPath, '-e', program]);
  const child = spawn(file!, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const told = examine(daemon);
    expect(told.status).toBe(1);
    const [found] = coded(told, 'port-taken');
    expect(found?.message).toContain('UDP port 69');
    expect(found?.message).toContain(`process ${child.pid}`);
  } finally {
    child.kill('SIGKILL');
  }
});

it('an interface that is down, or has no address: the commands mend it', () => {
  const daemon = daemonOn();
  lab.exec(['ip', 'link', 'set', 'dev', 'br0', 'down']);
  const [down] = coded(examine(daemon), 'interface-down');
  expect(down?.commands).toEqual(['ip link set dev br0 up']);
  lab.exec(['sh', '-c', down!.commands[0]!]);
  lab.exec(['ip', 'address', 'flush', 'dev', 'br0']);
  const [without] = coded(examine(daemon), 'interface-no-address');
  expect(without?.commands).toEqual([`ip address add ${SERVER}/24 dev br0`]);
  lab.exec(['sh', '-c', without!.commands[0]!]);
  const told = examine(daemon);
  expect([...coded(told, 'interface-down'), ...coded(told, 'interface-no-address')]).toEqual([]);
});

it('a packet filter that drops: the commands mend it', (context) => {
  need(context, ['nft', 'nftables']);
  const daemon = daemonOn();
  lab.exec(['nft', 'add table inet filter']);
  lab.exec(['nft', 'add chain inet filter input { type filter hook input priority 0; policy drop; }']);
  const found = coded(examine(daemon), 'firewall-drops');
  expect(found.map(({ commands }) => commands[0])).toEqual([
    'nft insert rule inet filter input udp dport { 67, 69 } accept',
    'nft insert rule inet filter input tcp dport { 80 } accept',
  ]);
  for (const { commands } of found) lab.exec(['sh', '-c', commands[0]!]);
  expect(coded(examine(daemon), 'firewall')).toHaveLength(1);
});

it('without capabilities', (context) => {
  need(context, ['setpriv', 'util-linux']);
  const bare = [
    'setpriv',
    '--bounding-set=-net_raw,-net_bind_service',
    '--inh-caps=-net_raw,-net_bind_service',
  ];
  const told = examine(daemonOn((command) => lab.inside([...bare, ...command])));
  expect(told.status).toBe(1);
  expect(coded(told, 'cap-net-bind-service')[0]?.commands[0]).toMatch(/^setcap .*\/node$/);
  expect(coded(told, 'cap-net-raw')).toHaveLength(1);
});
