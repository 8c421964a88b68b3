/**
 * ISC's relay agent between a server and two wires of clients:
 *
 *     br0 10.77.0.1 (chainboot serve) ═ eth0 10.77.0.2, agent ─┬─ east 10.78.0.1/24 ═ client
 *                                                              └─ west 10.78.1.1/24 ═ client
 */

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon } from '../system/daemon.ts';
import { dressedAs, ip, type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
const EAST = {
  name: 'east',
  network: '10.78.0.0/24',
  gateway: '10.78.0.1',
  from: '10.78.0.50',
  to: '10.78.0.60',
};
/** On the wire of west, like the one after it, which is for whoever comes by the agent's port `west`. */
const WEST = {
  name: 'west',
  network: '10.78.1.0/24',
  gateway: '10.78.1.1',
  from: '10.78.1.50',
  to: '10.78.1.60',
};
const BY_PORT = {
  name: 'by-port',
  network: '10.79.0.0/24',
  gateway: '10.79.0.1',
  from: '10.79.0.50',
  to: '10.79.0.60',
  relay: { circuit_id: 'west' },
};
const SUBNETS = [EAST, { ...WEST, shared_network: 'w' }, { ...BY_PORT, shared_network: 'w' }];
const HAS_ROOT = process.getuid?.() === 0;

let lab: Lab;
let daemon: Daemon | undefined;
let agent: Machine;
let east: Machine;
let west: Machine;

beforeAll(async () => {
  if (!HAS_ROOT) return;
  lab = await createLab({ address: `${SERVER}/24` });
  const link = { interface: 'br0', address: SERVER };
  daemon = new Daemon({ link, ports: PORTS, site: { subnets: SUBNETS }, inside: lab.inside });
  agent = plugIn(lab, { name: 'agent' });
  ip('-n', agent.namespace, 'address', 'add', '10.77.0.2/24', 'dev', 'eth0');
  east = behind('east', '10.78.0.1/24', '52:54:00:ea:00:01');
  west = behind('west', '10.78.1.1/24', '52:54:00:ea:00:02');
  await agent.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  for (const network of ['10.78.0.0/24', '10.78.1.0/24'])
    ip('-n', lab.namespace, 'route', 'add', network, 'via', '10.77.0.2');
  await daemon.start();
});

afterAll(async () => {
  await daemon?.close();
  for (const machine of [east, west, agent]) machine?.remove();
  await lab?.close();
});

/** A client on a wire of its own, whose other end is an interface of the agent. */
function behind(wire: string, address: string, mac: string): Machine {
  const machine = plugIn(lab, { name: wire, mac });
  // Out of the lab's bridge, into the agent.
  ip('-n', lab.namespace, 'link', 'set', `p-${wire}`, 'netns', agent.namespace, 'name', wire);
  ip('-n', agent.namespace, 'address', 'add', address, 'dev', wire);
  ip('-n', agent.namespace, 'link', 'set', wire, 'up');
  return machine;
}

async function withAgent<T>(options: readonly string[], work: () => Promise<T>): Promise<T> {
  const wires = ['-id', 'east', '-id', 'west', '-iu', 'eth0'];
  const [file, ...args] = agent.inside(['dhcrelay', '-4', '-d', '--no-pid', ...options, ...wires, SERVER]);
  const child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data;
  });
  try {
    for (let tries = 0; tries < 1000 && !said.includes('Sending on   Socket'); tries += 1) await sleep(50);
    return await work();
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

const TOOLS = [
  ['dhcrelay', 'isc-dhcp-relay'],
  ['udhcpc', 'udhcpc'],
  ['tcpdump', 'tcpdump'],
] as const;

it('gives a client behind a relay an address of its wire, and a boot answer', async (context) => {
  need(context, ...TOOLS);
  const told = await withAgent([], () => udhcpc(east, daemon!.directory, ...dressedAs(0)));
  expect(told).toMatch(/^ip=10\.78\.0\.5\d$/m);
  expect(told).toContain('router=10.78.0.1\n');
  expect(told).toContain('boot_file=undionly-ipxe.0\n');
  expect(told).toContain(`siaddr=${SERVER}\n`);
});

it('echoes option 82, and picks the subnet that is for this port of the agent', async (context) => {
  need(context, ...TOOLS);
  const heard = agent.run(
    ...['tcpdump', '-lnvvi', 'eth0', '-c', '2', `src host ${SERVER} and udp dst port 67`],
  );
  // Its packet socket is there: it hears what comes.
  await expect.poll(() => agent.run('cat', '/proc/net/packet')).toMatch(/\n./);
  const told = await withAgent(['-a'], () => udhcpc(west, daemon!.directory, ...dressedAs(7)));
  expect(told).toMatch(/^ip=10\.79\.0\.5\d$/m);
  expect(told).toContain('router=10.79.0.1\n');
  expect(told).toContain('boot_file=snponly.efi\n');
  // RFC 3046 §2.2: OFFER and ACK carry what the request carried; the agent takes it off again.
  const echoed = (await heard).match(/Circuit-ID SubOption 1, length 4: west/g);
  expect(echoed).toHaveLength(2);
  const shown = daemon!.cli('boot', 'show', 'last').stdout;
  expect(shown).toMatch(/by the relay 10\.7[78]\.\d\.\d \(circuit west/);
});

it('another port of the same agent gets the subnet of its own wire', async (context) => {
  need(context, ...TOOLS);
  const told = await withAgent(['-a'], () => udhcpc(east, daemon!.directory));
  expect(told).toMatch(/^ip=10\.78\.0\.5\d$/m);
});

it('without option 82 the subnet for a port of the agent is closed', async (context) => {
  need(context, ...TOOLS);
  west.setMac('52:54:00:ea:00:03');
  const told = await withAgent([], () => udhcpc(west, daemon!.directory));
  expect(told).toMatch(/^ip=10\.78\.1\.5\d$/m);
});
