/** `chainboot why`, each fault provoked for real: kernel and initrd that do not arrive, and installers that do not end. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEBIAN_MIRROR } from '../../src/lab/medium.ts';
import { proves } from '../proofs.ts';
import { fakeKernel } from '../scripted-site.ts';
import { Daemon, DEBIAN, freePorts } from './daemon.ts';
import {
  expectTold,
  type Fault,
  hostsOf,
  type Player,
  playAll,
  SUBNET,
  setSyslogPort,
  until,
} from './why-rig.ts';

const IPXE = 'ipxe-rom';
const MIB = 1024 * 1024;
const TEMPLATES = ['Preseed default iPXE', 'Preseed default'];

/** To the installer, which has kernel and initrd and does nothing yet. */
const toInstaller = (machine: Player) => machine.powerOn(IPXE, { installer: false });

/** The machine is switched off while it fetches a file: what is sent is more than any buffer holds. */
async function breakOff(machine: Player, file: string): Promise<void> {
  const url = `${machine.daemon.url}/media/Huge/${DEBIAN_MIRROR}/${file}`;
  await new Promise<void>((resolve, reject) => {
    const call = request(url, { localAddress: machine.address, headers: { 'User-Agent': 'iPXE/1.21.1' } });
    call.once('response', (response) =>
      response.once('data', () => {
        call.destroy();
        resolve();
      }),
    );
    call.once('error', reject);
    call.end();
  });
}

/** As debian-installer logs it, through its syslogd. */
const logs = (program: string, text: string) => async (machine: Player) => {
  await toInstaller(machine);
  await machine.log(`<30>Nov  3 12:00:00 ${program}: ${text}`);
};

const FAULTS: readonly Fault[] = [
  {
    title: proves('ram-too-small', 'the kernel kills the installer'),
    play: logs('kernel', '[   12.3456] Out of memory: Killed process 1234 (debconf)'),
  },
  {
    title: proves('kernel-panic', 'the kernel finds no root file system'),
    play: logs(
      'kernel',
      '[    1.234] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
    ),
  },
  {
    title: proves('initrd-cut-short', 'the machine is switched off while it fetches the initrd'),
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('kernel') });
      await breakOff(machine, 'initrd.gz');
    },
  },
  {
    title: proves('kernel-cut-short', 'the machine is switched off while it fetches the kernel'),
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('script') });
      await breakOff(machine, 'linux');
    },
  },
  {
    title: proves('medium-file-missing', 'the medium has no initrd'),
    host: { medium: 'Half' },
    play: (machine) => machine.powerOn(IPXE, { timeoutMs: 5000 }),
  },
  {
    title: proves('kernel-without-initrd', 'the script names no initrd'),
    host: { operatingsystem: 'Bald 12' },
    play: (machine) => machine.powerOn(IPXE, { installer: false, timeoutMs: 5000 }),
    later: '+2 minutes',
  },
  {
    title: proves('answers-never-fetched', 'the installer never asks for its answers'),
    play: toInstaller,
    later: '+10 minutes',
  },
  {
    title: proves('answers-without-report', 'the installer fetches its answers and is never heard of again'),
    play: async (machine) => {
      const { cmdline = '' } = await toInstaller(machine);
      const { pathname, search } = new URL(/url=(\S+)/.exec(cmdline)![1]!);
      expect((await machine.ask(pathname + search)).status).toBe(200);
    },
    later: '+2 hours',
  },
  {
    title: proves('answers-refused', 'the command line names answers of a kind that there is not'),
    play: async (machine) => {
      await toInstaller(machine);
      const told = await machine.ask('/unattended/kickstart');
      expect(told.headers['x-chainboot-error']).toBe('KIND_UNKNOWN');
    },
  },
  {
    title: proves('built-refused', 'the installer reports from an unknown address with a token of yesterday'),
    play: async (machine) => {
      await toInstaller(machine);
      const from = '127.0.0.202';
      const told = await machine.ask('/unattended/built?token=0', { method: 'POST', from });
      expect(told.headers['x-chainboot-error']).toBe('TOKEN_UNKNOWN');
    },
    asked: () => '127.0.0.202',
  },
  {
    title: proves('installation-failed', 'the installer says so'),
    play: async (machine) => {
      await toInstaller(machine);
      expect((await machine.ask('/unattended/failed', { method: 'POST', text: 'no luck' })).status).toBe(201);
    },
  },
  {
    title: proves('installer-without-network', 'netcfg finds no DHCP server'),
    play: logs('netcfg', '**   Network autoconfiguration failed'),
  },
  {
    title: proves('installer-without-disk', 'partman finds no disk'),
    play: logs('disk-detect', 'No disk drive was detected.'),
  },
  {
    title: proves('medium-unreachable', 'choose-mirror does not reach the mirror'),
    play: logs('choose-mirror', 'bad archive mirror: wget: server returned error: HTTP/1.1 404 Not Found'),
  },
];

let daemon: Daemon;

beforeAll(async () => {
  const others = await freePorts();
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: {},
    config: { syslog: { port: others.tftp } },
  });
  setSyslogPort(daemon, others.tftp);
  const put = (medium: string, file: string, bytes: Uint8Array) => {
    const path = join(daemon.directory, medium, DEBIAN_MIRROR, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  };
  put('half', 'linux', fakeKernel());
  for (const file of ['linux', 'initrd.gz']) put('huge', file, new Uint8Array(64 * MIB));
  const bald = {
    name: 'No initrd',
    kind: 'iPXE',
    template: '#!ipxe\nkernel <%= @host.operatingsystem.boot_files_uri(medium_provider)[0] %>\nboot\n',
  };
  const medium = (name: string, path: string) => ({
    name,
    path: join(daemon.directory, path),
    os_family: 'Debian',
  });
  const media = ['Debian local', 'Half', 'Huge'];
  daemon.writeSite({
    subnets: [SUBNET],
    templates: [bald],
    media: [medium('Debian local', 'medium'), medium('Half', 'half'), medium('Huge', 'huge')],
    operatingsystems: [
      { ...DEBIAN, media, provisioning_templates: TEMPLATES },
      { ...DEBIAN, name: 'Bald', media, provisioning_templates: ['No initrd', 'Preseed default'] },
    ],
    hosts: hostsOf(FAULTS),
  });
  await daemon.start();
  await playAll(daemon, FAULTS);
}, 240_000);

afterAll(() => daemon?.close());

it.for(FAULTS.map((fault, n) => [fault.title, fault, n] as const))('%s', async ([, fault, n], ctx) => {
  await expectTold(daemon, fault, n, ctx);
});
