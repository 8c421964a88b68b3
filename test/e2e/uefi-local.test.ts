/**
 * Workflow I for UEFI: an installed machine still boots from the network first, and then gets to its own disk. That
 * of a machine whose iPXE leaves after its installation is in uefi-pxe.test.ts.
 */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'vitest';
import { DISK_SAYS } from '../../src/lab/disk.ts';
import { makeEfiDisk } from '../../src/lab/efi-disk.ts';
import { onConsole } from '../../src/lab/milestones.ts';
import { type Boot, Rig, type RigOptions, uefi } from './rig.ts';
import {
  bareMachine,
  GRUB,
  GRUB_OF_DISK,
  grubHost,
  loaderDirectory,
  onTftp,
  quiet,
  SHIM,
} from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };
const ON_DISK = onConsole('local-disk', DISK_SAYS);

async function installed(
  context: TestContext,
  options: RigOptions,
  make: (disk: string) => void,
  boot: (rig: Rig) => Boot = bareMachine,
): Promise<Rig> {
  const rig = await Rig.open(context, { ...options, host: { ...options.host, build: false } });
  context.onTestFinished(() => rig.close());
  const disk = join(rig.daemon.directory, 'disk.img');
  make(disk);
  await rig.powerOn({ ...boot(rig), disk });
  return rig;
}

/** What Debian's installer leaves on a disk, as far as Secure Boot is concerned. */
function makeSignedDisk(disk: string): void {
  const config = `${disk}.cfg`;
  writeFileSync(config, `echo '${DISK_SAYS}'\nsleep 60\n`);
  mtools('mformat', '-C', '-i', disk, '-T', '32768', '::');
  mtools('mmd', '-i', disk, '::/EFI', '::/EFI/debian');
  for (const [name, file] of [
    ['shimx64.efi', SHIM],
    ['grubx64.efi', GRUB_OF_DISK],
    ['grub.cfg', config],
  ] as const)
    mtools('mcopy', '-i', disk, file, `::/EFI/debian/${name}`);
}

function mtools(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} (Debian package mtools): ${error?.message ?? stderr}`);
}

it('I: the menu of GRUB starts the loader of the disk', LIMIT, async (context) => {
  const loaders = loaderDirectory(context, { 'grub2/shimx64.efi': SHIM, 'grub2/grubx64.efi': GRUB });
  const rig = await installed(context, grubHost('Grub2 UEFI SecureBoot', loaders), makeEfiDisk);
  await rig.until([onTftp('menu', 'grub/grub.cfg'), 120], [ON_DISK, 60]);
});

it('I, G: with Secure Boot, the menu of GRUB starts the shim of the disk', LIMIT, async (context) => {
  const loaders = loaderDirectory(context, { 'grub2/shimx64.efi': SHIM, 'grub2/grubx64.efi': GRUB });
  const secure = (rig: Rig) => ({ ...bareMachine(rig), firmware: uefi(rig, true) });
  const rig = await installed(context, grubHost('Grub2 UEFI SecureBoot', loaders), makeSignedDisk, secure);
  await rig.until([onTftp('menu', 'grub/grub.cfg'), 120], [ON_DISK, 90]);
});

it('I: a host leaves for its disk in a way of its own', LIMIT, async (context) => {
  const own = { name: 'Leave', kind: 'iPXE', template: '#!ipxe\necho <%= @host.name %> leaves\nexit 1\n' };
  const host = { parameters: { local_boot_iPXE: own.name } };
  const options = { config: quiet(), host, site: { templates: [own] } };
  const rig = await installed(context, options, makeEfiDisk);
  await rig.until([onConsole('own', 'vm1.lab leaves'), 120], [ON_DISK, 60]);
});
