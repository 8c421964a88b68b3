/**
 * Workflow E on an ARM machine: the firmware's own PXE, architecture 11. Debian has no iPXE for it, so it boots by the
 * shim and the GRUB of Debian's arm64 installer, which look for their configuration in directories of their own.
 */

import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onConsole, onStep } from '../../src/lab/milestones.ts';
import type { Uefi } from '../../src/lab/qemu.ts';
import { makeQuickInstaller } from './quick-installer.ts';
import { Rig } from './rig.ts';
import { bareNic, grubHost, loaderDirectory, onTftp } from './uefi-parts.ts';

const CODE = '/usr/share/AAVMF/AAVMF_CODE.fd';
const INSTALLER = '/usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64';
const MIRROR = 'dists/bookworm/main/installer-arm64/current/images/netboot/debian-installer/arm64';

function armFirmware(rig: Rig): Uefi {
  const variables = join(rig.daemon.directory, 'variables.fd');
  copyFileSync('/usr/share/AAVMF/AAVMF_VARS.fd', variables);
  return { code: CODE, variables, arm64: true };
}

it('E: ARM firmware → shim → GRUB → kernel → installer', { timeout: 900_000 }, async (context) => {
  if (!existsSync(CODE)) context.skip(`${CODE} is missing (Debian package qemu-efi-aarch64)`);
  const loaders = loaderDirectory(context, {
    'grub2/shimaa64.efi': join(INSTALLER, 'bootnetaa64.efi'),
    'grub2/grubaa64.efi': join(INSTALLER, 'grubaa64.efi'),
  });
  const { host, ...options } = grubHost('Grub2 UEFI SecureBoot', loaders);
  const parameters = { kernelcmd: 'console=ttyAMA0 ipv6.disable=1', chainboot_report: 'early' };
  const rig = await Rig.open(context, { ...options, host: { ...host, architecture: 'aarch64', parameters } });
  context.onTestFinished(() => rig.close());
  placeInstaller(join(rig.daemon.directory, 'medium', MIRROR));
  await rig.powerOn({ firmware: armFirmware(rig), nics: [bareNic(rig)] });
  await rig.until(
    [onTftp('kernel', '-linux'), 240],
    [onTftp('initrd', '-initrd.gz'), 240],
    [onConsole('kernel-runs', 'Booting Linux on physical CPU'), 240],
    [onStep('built', (step) => step.kind === 'http.built'), 240],
  );
  expect(rig.steps[0]).toMatchObject({ arch: 'UEFI ARM 64-bit', what: 'grub2/shimaa64.efi' });
  const config = 'debian-installer/arm64/grub/grub.cfg';
  expect(rig.tftpFiles.slice(0, 3)).toEqual(['grub2/shimaa64.efi', 'grub2/grubaa64.efi', config]);
});

function placeInstaller(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const file of ['linux', 'initrd.gz']) copyFileSync(join(INSTALLER, file), join(directory, file));
  makeQuickInstaller(join(directory, 'initrd.gz'));
}
