/** `chainboot why`, each fault provoked for real: who the machine is, what is rendered for it, and circles. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Persona, personaOf } from '../../src/client/personas.ts';
import { proves } from '../proofs.ts';
import { Daemon, DEBIAN, freePorts, MAIN } from './daemon.ts';
import { expectTold, type Fault, hostsOf, macOf, playAll, SUBNET, until } from './why-rig.ts';

const IPXE = 'ipxe-rom';
const plain = personaOf('bios-rom')!;
/** Its iPXE says of itself what its ROM says. */
const disguised: Persona = {
  ...plain,
  ipxe: { ...plain.ipxe, dhcp: { ...plain.ipxe.dhcp, userClass: 'PXEClient' } },
};
const INSTALLED = { build: false };
const TEMPLATES = ['Preseed default iPXE', 'Preseed default'];
const broken = { name: 'Broken', kind: 'iPXE', template: '#!ipxe\n<%= @host.no_such_thing %>\n' };
const system = (name: string, fields: object) => ({
  ...DEBIAN,
  name,
  provisioning_templates: TEMPLATES,
  ...fields,
});
const SYSTEMS = [
  system('Debian', {}),
  system('Bare', { provisioning_templates: ['Preseed default'] }),
  system('Airy', { media: [] }),
  system('Broken', { provisioning_templates: ['Broken', 'Preseed default'] }),
];

/** Another address than any machine has. */
const STRAY = '127.0.0.201';
const tokenOf = (cmdline = '') => /token=([0-9a-f-]+)/.exec(cmdline)?.[1] ?? 'none';

const FAULTS: readonly Fault[] = [
  { title: proves('host-never-seen', 'a host is declared, and its machine stays off') },
  {
    title: proves('wrong-mac', 'a machine comes whose MAC differs in one digit from that of a host'),
    play: (machine) => machine.powerOn(IPXE, { mac: wrong(machine.mac) }),
    asked: (machine) => wrong(machine.mac),
  },
  {
    title: proves('second-nic', 'a machine comes with the card next to the one that is declared'),
    play: (machine) => machine.powerOn(IPXE, { mac: next(machine.mac) }),
    asked: (machine) => next(machine.mac),
  },
  {
    title: proves('machine-never-seen', 'somebody asks about an address that nobody ever had'),
    host: 'none',
    asked: () => '192.0.2.77',
  },
  {
    title: proves('unknown-machine', 'a machine boots that no host is declared for'),
    host: 'none',
    play: (machine) => machine.powerOn(IPXE),
  },
  {
    title: proves('host-disabled', 'the machine of a disabled host boots'),
    host: { enabled: false },
    play: (machine) => machine.powerOn(IPXE, { timeoutMs: 5000 }),
  },
  {
    title: proves('not-in-build-mode', 'the machine of a host that was never built boots'),
    host: INSTALLED,
    play: (machine) => machine.powerOn(IPXE),
  },
  {
    title: proves('token-expired', 'the machine boots seven hours after host build'),
    host: INSTALLED,
    play: async (machine) => {
      const { configFile } = machine.daemon;
      const command = [process.execPath, MAIN, '--config', configFile, 'host', 'build', machine.name];
      const { stderr } = spawnSync('faketime', ['-m', '--exclude-monotonic', '-7 hours', ...command]);
      expect(stderr.toString()).not.toContain('chainboot:');
      return machine.powerOn(IPXE);
    },
  },
  {
    title: proves('token-unknown', 'an installer comes with the token of an installation that was cancelled'),
    play: async (machine) => {
      const { cmdline } = await machine.powerOn(IPXE, { installer: false });
      machine.daemon.cli('host', 'cancel', machine.name);
      const path = `/unattended/provision?token=${tokenOf(cmdline)}`;
      // Its installer did not get the address of its host.
      const told = await machine.ask(path, { from: STRAY });
      expect(told.headers['x-chainboot-error']).toBe('TOKEN_UNKNOWN');
    },
    asked: () => STRAY,
  },
  {
    title: proves(
      'address-of-other-mac',
      'a request comes from a leased address and names the MAC of another',
    ),
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('dhcp.ack') });
      const told = await machine.ask(`/unattended/iPXE?mac=${macOf(0)}`);
      expect(told.headers['x-chainboot-error']).toBe('HOST_MAC_CONFLICT');
    },
  },
  {
    title: proves('boots-own-disk', 'a machine that was installed boots again'),
    play: async (machine) => {
      expect((await machine.powerOn(IPXE)).reached).toBe('installed');
      expect((await machine.powerOn(IPXE)).reached).toBe('local-boot');
    },
    told: 'notes',
  },
  {
    title: proves('other-nic', 'the lease is of one card, and the script names another of the same host'),
    host: {
      interfaces: [
        { mac: macOf(11), ip: '127.0.0.21', primary: true, provision: true },
        { mac: '52:54:aa:bb:cc:dd', identifier: 'eth1' },
      ],
      mac: undefined,
      ip: undefined,
    },
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('dhcp.ack') });
      const told = await machine.ask('/unattended/iPXE?mac=52:54:aa:bb:cc:dd');
      expect(told.status).toBe(200);
    },
    told: 'notes',
  },
  {
    title: proves('no-template', 'the operating system has no template of kind iPXE'),
    host: { operatingsystem: 'Bare 12' },
    play: (machine) => machine.powerOn(IPXE, { timeoutMs: 5000 }),
  },
  {
    title: proves('template-does-not-render', 'the template calls what there is not'),
    host: { operatingsystem: 'Broken 12' },
    play: (machine) => machine.powerOn(IPXE, { timeoutMs: 5000 }),
  },
  {
    title: proves('template-does-not-render', 'the template asks for the medium that a host lacks'),
    host: { operatingsystem: 'Airy 12', medium: undefined },
    play: (machine) => machine.powerOn(IPXE, { timeoutMs: 5000 }),
  },
  {
    title: proves('no-operating-system', 'the machine of a host that has none boots'),
    host: { operatingsystem: undefined, medium: undefined, build: false },
    play: (machine) => machine.powerOn(IPXE),
  },
  {
    title: proves('rate-limited', 'one address asks for its script without end'),
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('dhcp.ack') });
      for (let i = 0; i < 50; i++) await machine.ask(`/unattended/provision?mac=${machine.mac}`);
    },
  },
  {
    title: proves('host-not-ready', 'the system of a host has no medium'),
    host: { operatingsystem: 'Airy 12', medium: undefined },
    told: 'also',
  },
  {
    title: proves('chainload-loop', 'an iPXE asks as its ROM does and gets itself again'),
    play: (machine) => machine.powerOn(disguised, { timeoutMs: 10_000 }),
  },
  {
    title: proves('reinstall-loop', 'an installer fetches its answers and dies, again and again'),
    play: async (machine) => {
      for (let i = 0; i < 3; i++) {
        const { cmdline = '' } = await machine.powerOn(IPXE, { installer: false });
        await machine.ask(new URL(/url=(\S+)/.exec(cmdline)![1]!).pathname);
      }
      await machine.powerOn(IPXE, { installer: false, timeoutMs: 5000 });
    },
  },
  {
    title: proves('script-loop', 'the script is fetched without end, and no kernel'),
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('dhcp.ack') });
      const headers = { 'User-Agent': 'iPXE/1.21.1' };
      for (let i = 0; i < 8; i++) await machine.ask(`/unattended/iPXE?mac=${machine.mac}`, { headers });
    },
  },
  {
    title: proves('disk-does-not-boot', 'sent to its disk, the machine comes back three times'),
    play: async (machine) => {
      expect((await machine.powerOn(IPXE)).reached).toBe('installed');
      for (let i = 0; i < 4; i++) expect((await machine.powerOn(IPXE)).reached).toBe('local-boot');
    },
  },
];

function wrong(mac: string): ReturnType<typeof macOf> {
  return `${mac.slice(0, 9)}${mac[9] === 'f' ? 'e' : 'f'}${mac.slice(10)}` as ReturnType<typeof macOf>;
}

function next(mac: string): ReturnType<typeof macOf> {
  return `${mac.slice(0, -1)}1` as ReturnType<typeof macOf>;
}

let daemon: Daemon;
let password: string;

beforeAll(async () => {
  const [ports, { http: port }] = await Promise.all([freePorts(), freePorts()]);
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports,
    site: {},
    config: {
      syslog: { enabled: false },
      api: { enabled: true },
      https: { port },
      http: { port: ports.http, boot_burst: 40, boot_rate: 1 },
    },
  });
  password = join(daemon.directory, 'password');
  writeFileSync(password, 'correct horse battery\n');
  const created = daemon.cli('user', 'create', 'jane', '--role', 'viewer', '--password-file', password);
  expect(created).toMatchObject({ status: 0, stderr: '' });
  const path = join(daemon.directory, 'medium');
  daemon.writeSite({
    subnets: [SUBNET],
    templates: [broken],
    media: [{ name: 'Debian local', path, os_family: 'Debian' }],
    operatingsystems: SYSTEMS,
    hosts: hostsOf(FAULTS),
  });
  await daemon.start();
  await playAll(daemon, FAULTS);
}, 240_000);

afterAll(() => daemon?.close());

it.each(FAULTS.map((fault, n) => [fault.title, fault, n] as const))('%s', async (_title, fault, n) => {
  await expectTold(daemon, fault, n);
});

/** What the API answers for the host of a fault. */
function toldByApi(rule: string): unknown {
  const n = FAULTS.findIndex(({ title }) => title.startsWith(`${rule}:`));
  const path = `/hosts/vm${n}.lab/diagnosis`;
  const { stdout } = daemon.cli('api', 'GET', path, '--user', 'jane', '--password-file', password);
  return JSON.parse(stdout);
}

it.each(['host-never-seen', 'host-disabled', 'token-expired', 'no-template', 'disk-does-not-boot'])(
  'the API tells it, too: %s',
  async (code) => {
    await expect.poll(() => toldByApi(code), { interval: 500, timeout: 50_000 }).toMatchObject({ code });
  },
);

it('the API tells what the build check finds of a host that was never seen', () => {
  expect(toldByApi('host-not-ready')).toMatchObject({
    code: 'host-never-seen',
    also: [expect.objectContaining({ code: 'host-not-ready' })],
  });
});
