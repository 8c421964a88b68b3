/** A Debian installation medium in a directory, made from Debian's own installer package: no download. */

import { constants, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What the Debian package debian-installer-12-netboot-amd64 installs. */
const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';
/** Where a Debian mirror keeps the same files. */
export const DEBIAN_MIRROR =
  'dists/bookworm/main/installer-amd64/current/images/netboot/debian-installer/amd64';
const FILES = ['linux', 'initrd.gz'];

export function hasInstaller(): boolean {
  return FILES.every((file) => existsSync(join(INSTALLER, file)));
}

/** Fills `directory` with the layout of a Debian mirror, as far as booting the installer needs it. */
export function makeDebianMedium(directory: string): void {
  const target = join(directory, DEBIAN_MIRROR);
  mkdirSync(target, { recursive: true });
  for (const file of FILES) {
    copyFileSync(join(INSTALLER, file), join(target, file), constants.COPYFILE_FICLONE);
  }
}

/**
 * Files that a virtual client takes for a kernel and an initrd, where there is no installer: in the layout of a
 * Debian mirror, or in `directory` of another medium under the names given.
 */
export function makeStandInMedium(medium: string, directory = DEBIAN_MIRROR, [kernel, initrd] = FILES): void {
  const target = join(medium, directory);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, kernel!), standInKernel());
  writeFileSync(join(target, initrd!), gzipSync(new Uint8Array(1024 * 1024)));
}

/** Boot sector mark and header magic of a bzImage (Linux: Documentation/arch/x86/boot.rst). */
function standInKernel(): Uint8Array {
  const kernel = new Uint8Array(1024 * 1024);
  // As a kernel with an EFI stub, it is a program for UEFI too.
  kernel.set(new TextEncoder().encode('MZ'), 0);
  kernel.set([0x55, 0xaa], 0x1fe);
  kernel.set(new TextEncoder().encode('HdrS'), 0x202);
  return kernel;
}
