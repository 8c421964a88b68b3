/**
 * Workflow I for BIOS: an installed machine still boots from the network first, and then gets to its own disk. That of
 * a machine that leaves iPXE right after its installation is what the demo's test shows.
 */

import { join } from 'node:path';
import { it, type TestContext } from 'vitest';
import type { Step } from '../../src/boot/step.ts';
import { DISK_SAYS, makeDisk } from '../../src/lab/disk.ts';
import { onConsole, onStep } from '../../src/lab/milestones.ts';
import { startDnsmasq } from './foreign-dhcp.ts';
import { plainRom } from './plain-rom.ts';
import { type Boot, Rig, type RigOptions, SERVER } from './rig.ts';

const LIMIT = { timeout: 300_000 };
const ON_DISK = onConsole('local-disk', DISK_SAYS);
const SENT = onStep('sent', ({ because }) => because.code === 'script-local');
const CONFIGURED = onStep('configured', isFile('pxelinux.cfg/01-52-54-00-77-00-10'));
const ROM_ASKS = { pxe_loader: 'PXELinux BIOS' };

function isFile(ending: string): (step: Step) => boolean {
  return ({ kind, what = '' }) => kind === 'tftp.file' && what.endsWith(ending);
}

async function installed(
  context: TestContext,
  options: RigOptions,
  machine: (rig: Rig) => Boot | Promise<Boot> = () => ({}),
): Promise<Rig> {
  const rig = await Rig.open(context, { ...options, host: { ...options.host, build: false } });
  context.onTestFinished(() => rig.close());
  const disk = join(rig.daemon.directory, 'disk.img');
  makeDisk(disk);
  await rig.powerOn({ memoryMb: 256, disk, ...(await machine(rig)) });
  return rig;
}

it('I: iPXE starts the first disk', LIMIT, async (context) => {
  const rig = await installed(context, {});
  await rig.until([SENT, 120], [onConsole('san', 'Booting from SAN device 0x80'), 60], [ON_DISK, 60]);
});

it('I: iPXE leaves, and the BIOS goes on to the disk', LIMIT, async (context) => {
  const rig = await installed(context, { host: { parameters: { chainboot_local_boot: 'exit' } } });
  await rig.until([SENT, 120], [onConsole('disk', 'Booting from Hard Disk'), 60], [ON_DISK, 60]);
});

it('I: a host in a way of its own: a script that its parameter names', LIMIT, async (context) => {
  const template = '#!ipxe\necho In a way of its own\nsanboot --no-describe --drive 0x80\n';
  const own = { name: 'By a script', kind: 'iPXE', template };
  const host = { parameters: { local_boot_iPXE: own.name } };
  const rig = await installed(context, { host, site: { templates: [own] } });
  await rig.until([SENT, 120], [onConsole('own', 'In a way of its own'), 60], [ON_DISK, 60]);
});

it('I: PXELINUX leaves, and the BIOS goes on to the disk', LIMIT, async (context) => {
  const rig = await installed(context, { host: ROM_ASKS }, plainRom);
  await rig.until([CONFIGURED, 120], [ON_DISK, 60]);
});

it('I: a host in a way of its own: PXELINUX starts the boot sector by chain.c32', LIMIT, async (context) => {
  const template = '<%= snippet("pxelinux_chainload") -%>\nDEFAULT local_primary\nPROMPT 0\n';
  const own = { name: 'By chain.c32', kind: 'PXELinux', template };
  const options = { mode: 'off', host: { parameters: { local_boot_PXELinux: own.name } } } as const;
  const rig = await installed(context, { ...options, site: { templates: [own] } }, async (opened) => {
    await startDnsmasq(context, opened, [`--dhcp-boot=pxelinux.0,,${SERVER}`]);
    return {};
  });
  await rig.until([CONFIGURED, 120], [onStep('module', isFile('chain.c32')), 60], [ON_DISK, 60]);
});
