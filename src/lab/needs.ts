/** What real machines need, and what of it is missing here. */

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hasInstaller } from './medium.ts';
import { QEMU } from './qemu.ts';

const ROM = ['/usr/lib/ipxe/qemu/pxe-e1000.rom', '/usr/share/qemu/pxe-e1000.rom'];

/** One sentence about the first thing that is missing; undefined when a machine can be booted. */
export function whatIsMissing(path: string | undefined): string | undefined {
  if (process.platform !== 'linux') return 'real machines need Linux';
  if (process.getuid?.() !== 0) return 'real machines need root, for a network namespace';
  if (!isInPath('ip', path)) return 'the program ip is missing (Debian package iproute2)';
  if (!isInPath(QEMU, path)) return `the program ${QEMU} is missing (Debian package qemu-system-x86)`;
  if (!ROM.some((file) => existsSync(file))) return 'the PXE ROM is missing (Debian package ipxe-qemu)';
  if (!hasInstaller()) {
    return 'the installer to boot is missing (Debian package debian-installer-12-netboot-amd64)';
  }
  return undefined;
}

function isInPath(program: string, path = '/usr/sbin:/usr/bin:/sbin:/bin'): boolean {
  return path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
