/** `chainboot why`, faults of real firmware on a network of our own. */

import { copyFileSync, mkdirSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, it, type TestContext } from 'vitest';
import type { Step } from '../../src/boot/step.ts';
import { DEBIAN_MIRROR } from '../../src/lab/medium.ts';
import { makeWorkDirectory } from '../../src/lab/workdir.ts';
import { proves } from '../proofs.ts';
import { DEBIAN } from '../system/daemon.ts';
import { plainRom } from './plain-rom.ts';
import { Rig, uefi } from './rig.ts';
import { HTTP_ONLY, quiet } from './uefi-parts.ts';
import { expectTold, type Fault, hostsOf, macOf, playAll } from './why-rig.ts';

const LIMIT = { timeout: 600_000 };

const LOADER = 'gpxelinuxk.0';
const INSTALLED = { build: false };
const is =
  (kind: Step['kind'], pattern = /(?:)/) =>
  (step: Step): boolean =>
    step.kind === kind && pattern.test(step.what ?? '');
const because =
  (code: string) =>
  (step: Step): boolean =>
    step.because.code === code;
const cut =
  (ending: string) =>
  ({ what = '', detail }: Step): boolean =>
    what.endsWith(ending) && detail?.aborted === true;

const templates = [
  { name: 'Broken', kind: 'iPXE', template: '#!ipxe\n<%= @host.no_such_thing %>\n' },
  // Nobody has this address.
  { name: 'Away', kind: 'iPXE', template: '#!ipxe\nkernel http://10.77.0.250/linux\nboot\n' },
];
const system = (name: string, template: string, fields = {}) => ({
  ...DEBIAN,
  name,
  provisioning_templates: [template, 'Preseed default'],
  ...fields,
});
const operatingsystems = [
  system('Debian', 'Preseed default iPXE'),
  system('Old', 'Preseed default iPXE', { release_name: 'bullseye' }),
  system('Huge', 'Preseed default iPXE', { release_name: 'trixie' }),
  system('Broken', 'Broken'),
  system('Away', 'Away'),
];

/** Those that wait for a silence come first. */
const FAULTS: readonly Fault[] = [
  {
    title: proves('http-boot-never-came', 'OVMF boots by HTTP, and a firewall drops what comes to port 80'),
    play: async (machine) => {
      const dropped = machine.drops('input', 'tcp dport 80');
      const nic = { model: 'virtio-net-pci', rom: '' } as const;
      await machine.boots(dropped, { memoryMb: 512, firmware: uefi(machine.rig), fwCfg: HTTP_ONLY, nic });
    },
  },
  {
    title: proves('script-not-fetched', 'an iPXE ROM asks for its script, and a firewall drops it'),
    play: (machine) => machine.boots(machine.drops('input', 'tcp dport 80')),
  },
  {
    title: proves('tftp-blocked', 'a firewall lets port 69 pass, and not the ports that answers come from'),
    play: (machine) => machine.boots(machine.drops('output', 'udp sport 1024-65535'), plainRom(machine.rig)),
  },
  {
    title: proves('tftp-never-asked', 'a firewall drops what comes to port 69'),
    play: (machine) => machine.boots(machine.drops('input', 'udp dport 69'), plainRom(machine.rig)),
  },
  {
    title: proves('script-without-kernel', 'a script names a kernel on a server that is not there'),
    host: { operatingsystem: 'Away 12' },
    play: (machine) => machine.bootsTo(is('http.script')),
  },
  {
    title: proves('initrd-cut-short', 'iPXE has too little memory for the initrd'),
    play: (machine) => machine.bootsTo(cut('initrd.gz'), { memoryMb: 48 }),
  },
  {
    title: proves('kernel-cut-short', 'iPXE has too little memory for the kernel'),
    host: { operatingsystem: 'Huge 12' },
    play: (machine) => machine.bootsTo(cut('linux'), { memoryMb: 48 }),
  },
  {
    title: proves('medium-file-missing', 'there is no initrd on the medium beside the kernel'),
    host: { operatingsystem: 'Old 12' },
    play: (machine) => machine.bootsTo(is('http.error', /initrd\.gz$/)),
  },
  {
    title: proves('loader-missing', 'the loader of the host is deleted'),
    host: { pxe_loader: 'gPXELinux BIOS' },
    play: (machine) => machine.bootsTo(is('tftp.error', /gpxelinuxk\.0$/), plainRom(machine.rig)),
  },
  {
    title: proves('template-does-not-render', 'the template calls what there is not'),
    host: { operatingsystem: 'Broken 12' },
    play: (machine) => machine.bootsTo(({ detail }) => detail?.error === 'TEMPLATE_FAILED'),
  },
  {
    title: proves('unknown-machine', 'a machine boots that no host is declared for'),
    host: 'none',
    play: (machine) => machine.bootsTo(because('script-unknown')),
  },
  {
    title: proves('host-disabled', 'the machine of a disabled host boots'),
    host: { enabled: false },
    play: (machine) => machine.bootsTo(because('host-disabled')),
  },
  {
    title: proves('boots-own-disk', 'the machine of a host that is not in build mode boots'),
    host: INSTALLED,
    play: (machine) => machine.bootsTo(because('script-local')),
    told: 'notes',
  },
  {
    title: proves(
      'disk-does-not-boot',
      'an installed machine whose disk is empty is switched on three times',
    ),
    host: INSTALLED,
    play: async (machine) => {
      for (const count of [1, 2, 3]) await machine.bootsTo(because('script-local'), {}, count);
    },
  },
];

/** The kernel alone, and one that is a hundred times larger than it has to be. */
function makeMedia(medium: string): void {
  const kernelOf = (release: string) => join(medium, DEBIAN_MIRROR.replace('bookworm', release), 'linux');
  for (const release of ['bullseye', 'trixie']) {
    mkdirSync(dirname(kernelOf(release)), { recursive: true });
    copyFileSync(kernelOf('bookworm'), kernelOf(release));
  }
  truncateSync(kernelOf('trixie'), 800 * 1024 * 1024);
}

type Played = { readonly rig: Rig; readonly failed: ReadonlyMap<number, unknown> };

let playing: Promise<Played> | undefined;
const undo: (() => unknown)[] = [];

async function play(context: TestContext): Promise<Played> {
  const { path: loaders, remove } = makeWorkDirectory();
  undo.push(remove);
  copyFileSync('/usr/lib/ipxe/undionly.kpxe', join(loaders, LOADER));
  const config = { ...quiet(), loaders: { directories: [loaders, '/usr/lib/ipxe'] } };
  const rig = await Rig.open(context, {
    config,
    site: { hosts: hostsOf(FAULTS), operatingsystems, templates },
  });
  undo.push(() => rig.close());
  // A site that names a loader that is not there is not taken.
  rmSync(join(loaders, LOADER));
  makeMedia(join(rig.daemon.directory, 'medium'));
  return { rig, failed: await playAll(rig, FAULTS) };
}

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

it.for(FAULTS.map((fault, n) => [fault.title, fault, n] as const))(
  '%s',
  LIMIT,
  async ([, fault, n], context) => {
    playing ??= play(context);
    const played = await playing;
    if (played.failed.has(n)) throw played.failed.get(n);
    await expectTold(played.rig, fault, macOf(n));
  },
);
