/** The neighbourhood watch beside real servers and a real relay: who is noticed, with what, and who is in the way. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Neighbour } from '../../src/boot/neighbour.ts';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { proves } from '../proofs.ts';
import { Daemon } from '../system/daemon.ts';
import { why } from '../system/why-rig.ts';
import { dressedAs, ip, type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
const OTHER = '10.77.0.2';
const OTHER_MAC = '52:54:00:0e:00:02';
const CLIENT_MAC = '52:54:00:0e:00:01';
const [FIRST, LAST] = ['10.77.0.150', '10.77.0.160'];
const HERE = {
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: SERVER,
  from: '10.77.0.100',
  to: '10.77.0.110',
};
const PATIENCE = { timeout: 45_000, interval: 500 };

let lab: Lab;
let daemon: Daemon | undefined;
let machines: Machine[] = [];
let children: ChildProcess[] = [];
let directory = '';

beforeEach(async (context) => {
  need(context, ['udhcpc', 'udhcpc']);
  directory = mkdtempSync(join(tmpdir(), 'chainboot-watch-'));
  lab = await createLab({ address: `${SERVER}/24` });
});

afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
  await Promise.all(children.map(end));
  children = [];
  for (const machine of machines) machine.remove();
  machines = [];
  await lab?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

function plug(name: string, mac: string): Machine {
  const machine = plugIn(lab, { name, mac });
  machines.push(machine);
  return machine;
}

function other(command: readonly string[]): Machine {
  const machine = plug('other', OTHER_MAC);
  ip('-n', machine.namespace, 'address', 'add', `${OTHER}/24`, 'dev', 'eth0');
  const [file, ...args] = machine.inside(command);
  children.push(spawn(file!, args, { stdio: 'ignore' }));
  return machine;
}

async function serve(mode: 'server' | 'proxy', config: object = {}): Promise<Daemon> {
  const link = { interface: 'br0', address: SERVER, mode };
  daemon = new Daemon({ link, ports: PORTS, site: { subnets: [HERE] }, config, inside: lab.inside });
  return daemon.start();
}

const neighbours = () => daemon!.json<readonly Neighbour[]>('neighbours');

function dnsmasq(...more: readonly string[]): readonly string[] {
  return [
    ...[
      'dnsmasq',
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--no-ping',
      '--interface=eth0',
    ],
    ...[`--pid-file=${join(directory, 'pid')}`, `--dhcp-leasefile=${join(directory, 'leases')}`, ...more],
  ];
}

function dhcpd(): readonly string[] {
  const [config, leases] = [join(directory, 'conf'), join(directory, 'leases')];
  const range = `range ${FIRST} ${LAST}; filename "theirs.0"; next-server ${OTHER};`;
  writeFileSync(config, `ping-check false; subnet 10.77.0.0 netmask 255.255.255.0 { ${range} }\n`);
  writeFileSync(leases, '');
  return ['dhcpd', '-4', '-f', '-cf', config, '-lf', leases, '-pf', join(directory, 'pid'), 'eth0'];
}

/** Asks now and again, so that whoever starts slowly is heard, too. */
async function heard(client: Machine): Promise<readonly Neighbour[]> {
  // -B: an answer to its address alone is heard by nobody else.
  await udhcpc(client, directory, '-B', ...dressedAs(7));
  return neighbours();
}

const dnsmasqServes = () => dnsmasq(`--dhcp-range=${FIRST},${LAST}`);

/** What `chainboot why` tells of the client a minute later, the cause first. */
function told(): readonly string[] {
  const { code, also } = why(daemon!, CLIENT_MAC, '+1 minute');
  return [code, ...also.map((one) => one.code)];
}

it.for([
  [
    proves('two-dhcp-servers', 'dnsmasq beside us is noticed'),
    'dnsmasq',
    'dnsmasq-base',
    dnsmasqServes,
    'server',
    'addresses',
  ],
  [
    proves('two-boot-servers', 'dhcpd beside us is noticed'),
    'dhcpd',
    'isc-dhcp-server',
    dhcpd,
    'proxy',
    'boot-files',
  ],
] as const)('%s', async ([title, program, debian, command, mode, conflicts], context) => {
  need(context, [program, debian], ['faketime', 'faketime']);
  await serve(mode);
  const client = plug('client', CLIENT_MAC);
  other(command());
  await expect
    .poll(() => heard(client), PATIENCE)
    .toContainEqual(
      expect.objectContaining({
        link: 'br0',
        address: OTHER,
        role: 'dhcp',
        mac: OTHER_MAC,
        vendor: 'QEMU/KVM',
      }),
    );
  const found = neighbours().find(({ address }) => address === OTHER);
  expect(found?.conflicts).toBe(conflicts);
  expect(found?.offers.address).toMatch(/^10\.77\.0\.1[56]\d$/);
  if (conflicts !== undefined) await daemon!.logged(new RegExp(`"conflicts":"${conflicts}"`));
  // Its answer is part of the machine's boot.
  const steps = async () => {
    await heard(client);
    return daemon!.json<readonly { kind: string; detail?: object }[]>('boot', 'show', 'last');
  };
  await expect.poll(steps, PATIENCE).toContainEqual(
    expect.objectContaining({
      kind: 'dhcp.foreign',
      mac: CLIENT_MAC,
      detail: expect.objectContaining({ server: OTHER, server_mac: OTHER_MAC, message: 'OFFER' }),
    }),
  );
  await expect.poll(told, PATIENCE).toContain(title.split(':')[0]);
});

it(proves('other-server-won', 'the client takes the offer of a dnsmasq that is faster'), async (context) => {
  need(context, ['dnsmasq', 'dnsmasq-base'], ['faketime', 'faketime']);
  await serve('server');
  const client = plug('client', CLIENT_MAC);
  other(dnsmasqServes());
  const first = async () => {
    await heard(client);
    return told()[0];
  };
  await expect.poll(first, PATIENCE).toBe('other-server-won');
});

it('dnsmasq is found by a question of ours, though no machine asks', async (context) => {
  need(context, ['dnsmasq', 'dnsmasq-base']);
  other(dnsmasqServes());
  await serve('server');
  const found = () => neighbours().find(({ address }) => address === OTHER);
  await expect.poll(found, PATIENCE).toMatchObject({ role: 'dhcp', mac: OTHER_MAC, conflicts: 'addresses' });
  // It was no machine's boot, and took no lease.
  expect(daemon!.json<object[]>('boots')).toEqual([]);
  const file = join(directory, 'leases');
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe('');
});
