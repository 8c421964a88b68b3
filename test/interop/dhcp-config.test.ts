/** What `chainboot dhcp-config` prints, read by the real servers: who asks is told to boot what it should. */

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon, installing } from '../system/daemon.ts';
import { type Machine, need, PORTS, plugIn } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
const SUBNET = {
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: SERVER,
  dns_primary: SERVER,
  from: '10.77.0.150',
  to: '10.77.0.160',
};
const PLAIN = '52:54:00:0e:00:01';
const PXELINUX = '52:54:00:0e:00:02';
const NOBODY = '52:54:00:0e:00:03';

type Other = {
  readonly name: 'isc' | 'kea' | 'dnsmasq';
  readonly program: string;
  readonly debian: string;
  /** Puts the text where the server reads it. */
  readonly command: (directory: string, text: string) => readonly string[];
};

const OTHERS: readonly Other[] = [
  {
    name: 'isc',
    program: 'dhcpd',
    debian: 'isc-dhcp-server',
    command: (directory, text) => {
      const file = (name: string) => join(directory, name);
      writeFileSync(file('chainboot.conf'), text);
      writeFileSync(file('dhcpd.conf'), `ping-check false;\ninclude "${file('chainboot.conf')}";\n`);
      writeFileSync(file('dhcpd.leases'), '');
      const files = ['-cf', file('dhcpd.conf'), '-lf', file('dhcpd.leases'), '-pf', file('dhcpd.pid')];
      return ['dhcpd', '-4', '-f', ...files, 'eth0'];
    },
  },
  {
    name: 'kea',
    program: 'kea-dhcp4',
    debian: 'kea-dhcp4-server',
    command: (directory, text) => {
      const file = (name: string) => join(directory, name);
      writeFileSync(file('chainboot.json'), text);
      const own = {
        'interfaces-config': { interfaces: ['eth0'] },
        'lease-database': { type: 'memfile', persist: false },
        loggers: [{ name: 'kea-dhcp4', severity: 'WARN', output_options: [{ output: 'stderr' }] }],
      };
      const parts = JSON.stringify(own).slice(1, -1);
      writeFileSync(file('kea.json'), `{ "Dhcp4": { ${parts}, <?include "${file('chainboot.json')}"?> } }`);
      const places = [`KEA_PIDFILE_DIR=${directory}`, `KEA_LOCKFILE_DIR=${directory}`];
      return ['env', ...places, 'kea-dhcp4', '-c', file('kea.json')];
    },
  },
  {
    name: 'dnsmasq',
    program: 'dnsmasq',
    debian: 'dnsmasq-base',
    command: (directory, text) => {
      writeFileSync(join(directory, 'chainboot.conf'), text);
      return [
        ...['dnsmasq', '--keep-in-foreground', '--port=0', '--no-ping', '--interface=eth0'],
        ...[`--conf-file=${join(directory, 'chainboot.conf')}`, `--pid-file=${join(directory, 'pid')}`],
        `--dhcp-leasefile=${join(directory, 'leases')}`,
      ];
    },
  },
];

let lab: Lab;
let daemon: Daemon;
let machines: Machine[] = [];
let child: ChildProcess | undefined;
let said = '';

beforeEach(async (context) => {
  need(context);
  lab = await createLab({ address: `${SERVER}/24` });
  daemon = new Daemon({
    link: { interface: 'br0', address: SERVER, mode: 'off' },
    ports: PORTS,
    site: {
      subnets: [SUBNET],
      hosts: [
        installing('vm1.lab', PLAIN, '10.77.0.50'),
        installing('vm2.lab', PXELINUX, '10.77.0.51', { pxe_loader: 'PXELinux BIOS' }),
      ],
    },
    inside: lab.inside,
  });
});

afterEach(async () => {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  child = undefined;
  said = '';
  for (const machine of machines) machine.remove();
  machines = [];
  await daemon?.close();
  await lab?.close();
});

function plug(name: string, mac?: string): Machine {
  const machine = plugIn(lab, { name, ...(mac !== undefined && { mac }) });
  machines.push(machine);
  return machine;
}

type Told = { readonly ip: string; readonly boot: string; readonly next: string };

/** What programs of a machine are told; asked again until the server is up. */
async function asked(
  machine: Machine,
  mac: string,
  who: readonly (readonly [persona: string, program: 'firmware' | 'ipxe'])[],
): Promise<readonly Told[]> {
  machine.setMac(mac);
  const built = (name: string) => new URL(`../../dist/${name}`, import.meta.url).href;
  const program = `
    const { runDhcp } = await import('${built('client/dhcp-client.js')}');
    const { personaOf } = await import('${built('client/personas.js')}');
    const { formatIpv4 } = await import('${built('net/ip.js')}');
    let xid = Math.floor(Math.random() * 1e9);
    const ask = async (persona, program) => {
      for (let tries = 0; ; tries++) {
        try {
          return await runDhcp(personaOf(persona)[program].dhcp, { mac: '${mac}', uuid: '5a5a5a5a-0000-4000-8000-00000000000e' }, {
            path: { via: 'broadcast', interface: 'eth0' },
            tell: () => {},
            signal: AbortSignal.timeout(15000),
            xid: () => xid++,
          });
        } catch (error) {
          if (tries > 4) throw error;
        }
      }
    };
    const told = [];
    for (const [persona, program] of ${JSON.stringify(who)}) {
      const { ip, filename, nextServer } = await ask(persona, program);
      told.push({ ip: formatIpv4(ip), boot: filename, next: formatIpv4(nextServer) });
    }
    console.log(JSON.stringify(told));`;
  const printed = await machine.run(process.execPath, '--input-type=module', '-e', program);
  const line = printed.split('\n').find((each) => each.startsWith('['));
  if (line === undefined) throw new Error(printed);
  return JSON.parse(line) as readonly Told[];
}

it.for(OTHERS)('$name boots every firmware, and an iPXE gets the script', async (other, context) => {
  need(context, [other.program, other.debian]);
  expect(daemon.apply()).toMatchObject({ status: 0 });
  const { status, stdout, stderr } = daemon.cli('dhcp-config', '--for', other.name);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const foreign = plug('foreign');
  await foreign.run('ip', 'address', 'add', '10.77.0.2/24', 'dev', 'eth0');
  const [file, ...args] = foreign.inside(other.command(daemon.directory, stdout));
  child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (data: Buffer) => {
    said += data;
  });
  context.onTestFailed(() => console.error(stdout, said));
  const client = plug('client', PLAIN);
  await client.run('ip', 'route', 'add', '255.255.255.255', 'dev', 'eth0');
  const script = `http://${SERVER}/pub/intermediate.ipxe`;
  const firmware = ['bios-rom', 'uefi-x64', 'uefi-http'] as const;
  const all = [
    ...firmware.map((name) => [name, 'firmware'] as const),
    ['bios-rom', 'ipxe'],
    ['uefi-x64', 'ipxe'],
  ] as const;
  const files = ['undionly-ipxe.0', 'snponly.efi', `http://${SERVER}/httpboot/snponly.efi`, script, script];
  const plain = await asked(client, PLAIN, all);
  expect(plain.map(({ boot }) => boot)).toEqual(files);
  expect(new Set(plain.map(({ ip }) => ip))).toEqual(new Set(['10.77.0.50']));
  expect(plain.slice(0, 2).map(({ next }) => next)).toEqual([SERVER, SERVER]);
  const own = await asked(client, PXELINUX, all);
  expect(own.map(({ boot }) => boot)).toEqual(['pxelinux.0', ...files.slice(1)]);
  expect(own[0]!.ip).toBe('10.77.0.51');
  const unknown = await asked(client, NOBODY, all.slice(0, 1));
  expect(unknown[0]!.ip).toMatch(/^10\.77\.0\.1[56]\d$/);
  expect(unknown[0]!.boot).toBe('undionly-ipxe.0');
});
