/** Other DHCP servers give the addresses, chainboot as a proxy adds the boot answer; and two links at once. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon, installing } from '../system/daemon.ts';
import { dressedAs, ip, type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
const [FIRST, LAST] = ['10.77.0.150', '10.77.0.160'];
const MAC = '52:54:00:0e:00:01';
const HERE = {
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: SERVER,
  from: '10.77.0.100',
  to: '10.77.0.110',
};

type Neighbour = {
  readonly name: string;
  readonly program: string;
  readonly debian: string;
  readonly command: (directory: string) => readonly string[];
};

const NEIGHBOURS: readonly Neighbour[] = [
  {
    name: 'dnsmasq',
    program: 'dnsmasq',
    debian: 'dnsmasq-base',
    command: (directory) => [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--no-ping'],
      ...['--interface=eth0', `--dhcp-range=${FIRST},${LAST}`, `--pid-file=${join(directory, 'pid')}`],
      `--dhcp-leasefile=${join(directory, 'leases')}`,
    ],
  },
  {
    name: 'ISC dhcpd',
    program: 'dhcpd',
    debian: 'isc-dhcp-server',
    command: (directory) => {
      const [config, leases] = [join(directory, 'conf'), join(directory, 'leases')];
      const range = `range ${FIRST} ${LAST};`;
      writeFileSync(config, `ping-check false; subnet 10.77.0.0 netmask 255.255.255.0 { ${range} }\n`);
      writeFileSync(leases, '');
      return ['dhcpd', '-4', '-f', '-cf', config, '-lf', leases, '-pf', join(directory, 'pid'), 'eth0'];
    },
  },
  {
    name: 'Kea',
    program: 'kea-dhcp4',
    debian: 'kea-dhcp4-server',
    command: (directory) => {
      const kea = {
        'interfaces-config': { interfaces: ['eth0'] },
        'lease-database': { type: 'memfile', persist: false },
        subnet4: [{ subnet: '10.77.0.0/24', pools: [{ pool: `${FIRST} - ${LAST}` }] }],
        loggers: [{ name: 'kea-dhcp4', severity: 'WARN', output_options: [{ output: 'stderr' }] }],
      };
      writeFileSync(join(directory, 'kea.json'), JSON.stringify({ Dhcp4: kea }));
      const places = [`KEA_PIDFILE_DIR=${directory}`, `KEA_LOCKFILE_DIR=${directory}`];
      return ['env', ...places, 'kea-dhcp4', '-c', join(directory, 'kea.json')];
    },
  },
];

let lab: Lab;
let daemon: Daemon | undefined;
let machines: Machine[] = [];
let children: ChildProcess[] = [];
let directory = '';

beforeEach(async (context) => {
  need(context, ['udhcpc', 'udhcpc']);
  directory = mkdtempSync(join(tmpdir(), 'chainboot-neighbours-'));
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

function plug(name: string, mac: string, bridge = 'br0'): Machine {
  const machine = plugIn(lab, { name, mac, bridge });
  machines.push(machine);
  return machine;
}

/** The virtual client inside a machine: its lease with what it was told to boot, and what it heard of whom. */
async function rom(machine: Machine, persona: string): Promise<string> {
  const built = (name: string) => new URL(`../../dist/${name}`, import.meta.url).href;
  const program = `
    const { runDhcp } = await import('${built('client/dhcp-client.js')}');
    const { personaOf } = await import('${built('client/personas.js')}');
    const { formatIpv4 } = await import('${built('net/ip.js')}');
    const machine = { mac: '${MAC}', uuid: '5a5a5a5a-0000-4000-8000-00000000000e' };
    let xid = 7;
    const lease = await runDhcp(personaOf('${persona}').firmware.dhcp, machine, {
      path: { via: 'broadcast', interface: 'eth0' },
      tell: ({ kind, text }) => console.log(kind, text),
      signal: AbortSignal.timeout(15000),
      xid: () => xid++,
    });
    console.log('ip=' + formatIpv4(lease.ip), 'from=' + formatIpv4(lease.server));
    console.log('boot=' + lease.filename, 'at=' + formatIpv4(lease.nextServer));
    // What firmware asks that does not take the boot answer from the OFFER (PXE 2.1 §2.2.5).
    const { message, REQUEST } = await import('${built('client/dhcp-identity.js')}');
    const { decodePacket, encodePacket } = await import('${built('dhcp/packet.js')}');
    const { createSocket } = await import('node:dgram');
    const wish = { type: REQUEST, xid: 99, nth: 0, ciaddr: lease.ip, broadcast: false };
    const socket = createSocket('udp4').on('message', (bytes, { port }) => {
      const { file, options } = decodePacket(bytes);
      console.log('from port ' + port + ': type ' + options.get(53)[0], file);
      process.exit(0);
    });
    const asked = encodePacket(message(personaOf('${persona}').firmware.dhcp, machine, wish));
    socket.bind(68, () => socket.send(asked, 4011, '${SERVER}'));
    setTimeout(() => process.exit(1), 20_000);`;
  return machine.run(process.execPath, '--input-type=module', '-e', program);
}

it.for(NEIGHBOURS)('beside $name as a proxy', async (neighbour, context) => {
  need(context, [neighbour.program, neighbour.debian]);
  const link = { interface: 'br0', address: SERVER, mode: 'proxy' as const };
  const site = { subnets: [HERE], hosts: [installing('vm1.lab', MAC, '10.77.0.50')] };
  daemon = new Daemon({ link, ports: PORTS, site, inside: lab.inside });
  await daemon.start();
  const foreign = plug('foreign', '52:54:00:0e:00:02');
  ip('-n', foreign.namespace, 'address', 'add', '10.77.0.2/24', 'dev', 'eth0');
  const [file, ...args] = foreign.inside(neighbour.command(directory));
  children.push(spawn(file!, args, { stdio: 'ignore' }));
  const client = plug('client', MAC);
  let ordinary = '';
  for (let tries = 0; tries < 15 && !ordinary.includes('ip='); tries += 1)
    ordinary = await udhcpc(client, directory);
  expect(ordinary).toMatch(/^ip=10\.77\.0\.1[56]\d$/m);
  expect(ordinary).toContain('serverid=10.77.0.2\n');
  expect(ordinary).not.toContain('boot_file=');
  // It has no address, and port 4011 is asked from the one it gets.
  ip('-n', client.namespace, 'route', 'add', '255.255.255.255', 'dev', 'eth0');
  const address = /^ip=(\S+)$/m.exec(ordinary)![1]!;
  ip('-n', client.namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  for (const [persona, loader] of [
    ['uefi-x64', 'snponly.efi'],
    ['bios-rom', 'undionly-ipxe.0'],
  ] as const) {
    const told = await rom(client, persona);
    expect(told).toMatch(/ip=10\.77\.0\.1[56]\d from=10\.77\.0\.2\n/);
    expect(told).toContain('dhcp.offer proxy ');
    expect(told).toContain(`boot=${loader} at=${SERVER}\n`);
    expect(told).toContain(`from port 4011: type 5 ${loader}\n`);
  }
});

it('two links at once: each client hears its own alone', async () => {
  const inLab = ['-n', lab.namespace];
  ip(...inLab, 'link', 'add', 'br1', 'type', 'bridge', 'forward_delay', '0');
  ip(...inLab, 'address', 'add', '10.78.0.1/24', 'dev', 'br1');
  ip(...inLab, 'link', 'set', 'br1', 'up');
  const [one, two] = [plug('one', '52:54:00:0e:01:01'), plug('two', '52:54:00:0e:01:02', 'br1')];
  const there = {
    ...HERE,
    name: 'there',
    network: '10.78.0.0/24',
    gateway: '10.78.0.1',
    from: '10.78.0.100',
    to: '10.78.0.110',
  };
  const link = { interface: 'br0', address: SERVER };
  const links = [
    { ...link, mode: 'server' },
    { interface: 'br1', address: '10.78.0.1', mode: 'server' },
  ];
  daemon = new Daemon({
    link,
    ports: PORTS,
    site: { subnets: [HERE, there] },
    config: { links },
    inside: lab.inside,
  });
  await daemon.start();
  const both = await Promise.all([one, two].map((each) => udhcpc(each, directory, ...dressedAs(7))));
  for (const [told, server] of [
    [both[0]!, SERVER],
    [both[1]!, '10.78.0.1'],
  ] as const) {
    expect(told).toContain(`serverid=${server}\n`);
    expect(told).toContain(`siaddr=${server}\n`);
    expect(told).toContain(`router=${server}\n`);
    expect(told).toContain('boot_file=snponly.efi\n');
    expect(told).toMatch(new RegExp(`^ip=${server.slice(0, -1)}1\\d\\d$`, 'm'));
  }
});
