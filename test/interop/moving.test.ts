/**
 * What is imported is what the other server says: each configuration is accepted by its own server, which then tells
 * machines on a wire of their own the same as Chainboot does with what was imported from it.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { moveDhcpd } from '../../src/moving/dhcpd/move.ts';
import { filesOf } from '../../src/moving/files.ts';
import { OPTIONS, type OptionType } from '../../src/moving/network/option-table.ts';
import { EXAMPLES } from '../moving-examples.ts';
import { Daemon } from '../system/daemon.ts';
import { type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

type Server = {
  readonly source: string;
  readonly program: string;
  readonly debian: string;
  readonly file: string;
  /** Of the link that it serves. */
  readonly address: string;
  /** What the example has to say otherwise to run in a directory of a test, which is written HERE. */
  readonly edits: readonly (readonly [from: RegExp, to: string])[];
  readonly check: (directory: string) => readonly string[];
  readonly run: (directory: string) => readonly string[];
  /** MAC address and reserved address. */
  readonly hosts: readonly (readonly [mac: string, ip: string])[];
};

const keaPlaces = (directory: string) => [
  'env',
  `KEA_PIDFILE_DIR=${directory}`,
  `KEA_LOCKFILE_DIR=${directory}`,
];

const SERVERS: readonly Server[] = [
  {
    source: 'dhcpd',
    program: 'dhcpd',
    debian: 'isc-dhcp-server',
    file: 'dhcpd.conf',
    address: '10.61.0.2',
    // No DNS in here.
    edits: [[/web2\.example\.com/, '10.61.0.12']],
    check: () => ['dhcpd', '-t', '-4', '-cf', 'dhcpd.conf', '-lf', 'empty'],
    run: () => ['dhcpd', '-4', '-f', '-cf', 'dhcpd.conf', '-lf', 'empty', '-pf', 'pid', 'br0'],
    hosts: [
      ['52:54:00:61:00:01', '10.61.0.11'],
      ['52:54:00:61:00:02', '10.61.0.12'],
      ['52:54:00:61:00:03', '10.61.0.13'],
    ],
  },
  {
    source: 'dnsmasq',
    program: 'dnsmasq',
    debian: 'dnsmasq-base',
    file: 'dnsmasq.conf',
    address: '10.64.0.1',
    edits: [
      [/^tftp-root=.*$/m, 'tftp-root=/'],
      [/^dhcp-leasefile=.*$/m, 'dhcp-leasefile=HERE/leases'],
      // It works in / when it reads these.
      [/^addn-hosts=/m, 'addn-hosts=HERE/'],
    ],
    check: () => ['dnsmasq', '--test', '-C', 'dnsmasq.conf'],
    run: () => ['dnsmasq', '-k', '-C', 'dnsmasq.conf', '--user=root', '--no-ping', '--pid-file='],
    hosts: [
      ['52:54:00:64:00:01', '10.64.0.11'],
      ['52:54:00:64:00:03', '10.64.0.13'],
      ['52:54:00:64:00:06', '10.64.0.16'],
    ],
  },
  {
    source: 'kea',
    program: 'kea-dhcp4',
    debian: 'kea-dhcp4-server',
    file: 'kea-dhcp4.conf',
    address: '10.67.0.2',
    edits: [
      [/"eth0"/, '"br0"'],
      [/^ *"control-socket".*$/m, ''],
    ],
    check: (directory) => [...keaPlaces(directory), 'kea-dhcp4', '-t', 'kea-dhcp4.conf'],
    run: (directory) => [...keaPlaces(directory), 'kea-dhcp4', '-c', 'kea-dhcp4.conf'],
    hosts: [
      ['52:54:00:67:00:11', '10.67.0.11'],
      ['52:54:00:67:00:12', '10.67.0.12'],
      ['52:54:00:67:00:14', '10.67.0.14'],
    ],
  },
];

let lab: Lab | undefined;
let child: ChildProcess | undefined;
let daemon: Daemon | undefined;
let machine: Machine | undefined;
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-moving-'));
});

afterEach(async () => {
  await daemon?.close();
  await stop();
  machine?.remove();
  await lab?.close();
  [lab, daemon, machine] = [undefined, undefined, undefined];
  rmSync(directory, { recursive: true, force: true });
});

async function stop(): Promise<void> {
  const running = child;
  child = undefined;
  if (running === undefined || running.exitCode !== null) return;
  const ended = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGKILL');
  await ended;
}

/** The example in the directory of the test. */
function copy({ source, file, edits }: Server): void {
  cpSync(join(EXAMPLES, source), directory, { recursive: true });
  writeFileSync(join(directory, 'empty'), '');
  const text = readFileSync(join(directory, file), 'utf8');
  writeFileSync(
    join(directory, file),
    edits.reduce((edited, [from, to]) => edited.replace(from, to.replace('HERE', directory)), text),
  );
}

const ASKED = ['ip', 'subnet', 'router', 'dns', 'domain', 'search', 'ntpsrv', 'mtu', 'lease', 'rootpath'];
const WISHES = ['search', 'ntpsrv', 'mtu', 'rootpath', 'staticroutes'].flatMap((name) => ['-O', name]);

/** What a machine with this MAC address is told; asked again until the server is up. */
async function told(mac: string): Promise<Readonly<Record<string, string>>> {
  machine!.setMac(mac);
  for (let tries = 0; tries < 15; tries += 1) {
    const lines = (await udhcpc(machine!, directory, ...WISHES)).split('\n');
    const pairs = lines.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) ?? []);
    const said = Object.fromEntries(
      pairs.filter(([name]) => [...ASKED, 'staticroutes'].includes(name ?? '')),
    );
    if (said.ip !== undefined) return said;
  }
  return {};
}

it.for(SERVERS)('$source: machines are told the same', { timeout: 60_000 }, async (server, context) => {
  need(context, [server.program, server.debian], ['udhcpc', 'udhcpc']);
  copy(server);
  lab = await createLab({ address: `${server.address}/24` });
  const [check, ...words] = lab.inside(server.check(directory));
  const checked = spawnSync(check!, words, { cwd: directory, encoding: 'utf8', timeout: 60_000 });
  expect(checked.status, checked.stderr).toBe(0);

  machine = plugIn(lab, { name: 'client' });
  const [file, ...args] = lab.inside(server.run(directory));
  child = spawn(file!, args, { cwd: directory, stdio: 'ignore' });
  const before = [];
  for (const [mac] of server.hosts) before.push(await told(mac));
  expect(before.map(({ ip }) => ip)).toEqual(server.hosts.map(([, ip]) => ip));
  await stop();

  const link = { interface: 'br0', address: server.address };
  daemon = new Daemon({ link, ports: PORTS, site: {}, inside: lab.inside });
  await daemon.start();
  const imported = daemon.cli('import', server.source, join(directory, server.file));
  expect(imported.status, imported.stderr).toBe(0);
  const after = [];
  for (const [mac] of server.hosts) after.push(await told(mac));
  expect(after).toEqual(before);
});

const OMAPI = `server 127.0.0.1
port 7911
connect
new host
set name = "vm1.example.com"
set hardware-address = 52:54:00:61:02:01
set hardware-type = 1
set ip-address = 10.61.0.21
set statements = "filename = \\"grub2/grubx64.efi\\"; next-server = 0a:3d:00:02; option host-name = \\"vm1.example.com\\";"
create
new host
set name = "vm2.example.com"
set hardware-address = 52:54:00:61:02:02
set hardware-type = 1
create
remove
`;

/** Foreman's Smart Proxy makes its reservations in this way. */
it('hosts that dhcpd was told of by OMAPI are in its leases', async (context) => {
  need(context, ['dhcpd', 'isc-dhcp-server'], ['omshell', 'isc-dhcp-server']);
  const config = 'omapi-port 7911; ddns-update-style none; subnet 10.61.0.0 netmask 255.255.255.0 {}';
  writeFileSync(join(directory, 'dhcpd.conf'), config);
  writeFileSync(join(directory, 'empty'), '');
  lab = await createLab({ address: '10.61.0.2/24' });
  const [file, ...args] = lab.inside(SERVERS[0]!.run(directory));
  child = spawn(file!, args, { cwd: directory, stdio: 'ignore' });
  const [shell, ...words] = lab.inside(['omshell']);
  let leases = '';
  for (let tries = 0; tries < 100 && !leases.includes('deleted;'); tries += 1) {
    await sleep(250);
    spawnSync(shell!, words, { input: OMAPI, timeout: 60_000 });
    leases = readFileSync(join(directory, 'empty'), 'utf8');
  }
  const moved = moveDhcpd(leases, 'leases', filesOf({}), () => []);
  expect(moved.site.hosts).toEqual([
    { name: 'vm1.example.com', pxe_loader: 'Grub2 UEFI', mac: '52:54:00:61:02:01', ip: '10.61.0.21' },
  ]);
});

/** A value of each type, as the three servers write it. */
const VALUES: Readonly<Record<OptionType, Readonly<Record<'isc' | 'dnsmasq' | 'kea', string>>>> = {
  address: { isc: '10.1.0.1', dnsmasq: '10.1.0.1', kea: '10.1.0.1' },
  addresses: { isc: '10.1.0.1, 10.1.0.2', dnsmasq: '10.1.0.1,10.1.0.2', kea: '10.1.0.1, 10.1.0.2' },
  text: { isc: '"x"', dnsmasq: 'x', kea: 'x' },
  byte: { isc: '8', dnsmasq: '8', kea: '8' },
  bytes: { isc: '1, 2', dnsmasq: '01:02', kea: '1, 2' },
  short: { isc: '600', dnsmasq: '600', kea: '600' },
  shorts: { isc: '600, 601', dnsmasq: '600', kea: '600, 601' },
  long: { isc: '70000', dnsmasq: '70000', kea: '70000' },
  'seconds-east': { isc: '-3600', dnsmasq: '3600', kea: '-3600' },
  flag: { isc: 'true', dnsmasq: '1', kea: 'true' },
  domains: { isc: '"a.example", "b.example"', dnsmasq: 'a.example,b.example', kea: 'a.example, b.example' },
  routes: { isc: '', dnsmasq: '10.2.0.0/16,10.1.0.1', kea: '10.2.0.0/16 - 10.1.0.1' },
  hex: { isc: '01:02:03', dnsmasq: '01:02:03', kea: '010203' },
};

/** Policy filter and static routes. */
const PAIRS = new Set([21, 33]);

it('the options of each server are called as it calls them', (context) => {
  need(context, ...SERVERS.map(({ program, debian }) => [program, debian] as const));
  const of = (server: 'isc' | 'dnsmasq' | 'kea') =>
    OPTIONS.flatMap((option) => {
      const [name, value] = [option[server], VALUES[option.type][server]];
      return name === undefined ? [] : [{ ...option, name, value }];
    });
  const isc = of('isc')
    // Sites define those in spaces themselves.
    .filter(({ name }) => !name.includes('.'))
    .map(({ name, code, value }) => `option ${name} ${PAIRS.has(code) ? value.replace(',', '') : value};\n`);
  writeFileSync(join(directory, 'dhcpd.conf'), isc.join(''));
  writeFileSync(join(directory, 'empty'), '');
  const dnsmasq = of('dnsmasq').map(({ name, value }) => `dhcp-option=option:${name},${value}\n`);
  writeFileSync(join(directory, 'dnsmasq.conf'), dnsmasq.join(''));
  const data = of('kea')
    // Kea 2.2 has no name for classless routes yet, and takes the other one in parts.
    .filter(({ code }) => code !== 121 && code !== 125)
    .map(({ name, code, type, value: data }) => ({
      ...{ name, code, data },
      ...(type === 'hex' && { 'csv-format': false }),
    }));
  writeFileSync(join(directory, 'kea-dhcp4.conf'), JSON.stringify({ Dhcp4: { 'option-data': data } }));
  for (const { check } of SERVERS) {
    const [program, ...words] = check(directory);
    const ran = spawnSync(program!, words, { cwd: directory, encoding: 'utf8', timeout: 60_000 });
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
  }
});
