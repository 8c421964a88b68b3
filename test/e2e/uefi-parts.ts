/** What the UEFI workflows are made of: cards that the firmware drives itself, loaders from Debian's packages. */

import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'vitest';
import type { Step } from '../../src/boot/step.ts';
import { onStep } from '../../src/lab/milestones.ts';
import type { Nic } from '../../src/lab/qemu.ts';
import type { Milestone } from '../../src/lab/story.ts';
import { makeWorkDirectory } from '../../src/lab/workdir.ts';
import type { Rig, RigOptions } from './rig.ts';

/** Where scripts/debian.mjs unpacks packages that are never installed. */
const UNPACKED = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chainboot', 'debian');

export const SHIM = join(UNPACKED, 'usr/lib/shim/shimx64.efi.signed');
export const GRUB = join(UNPACKED, 'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed');

/** A card without a ROM: OVMF boots from it by its own PXE. It has a driver for virtio only. */
export function bareNic(rig: Rig): Nic {
  return rig.nic({ model: 'virtio-net-pci', rom: '' });
}

/** A directory of loaders by the names they are served under; skips the test when a package is not there. */
export function loaderDirectory(context: TestContext, files: Readonly<Record<string, string>>): string {
  const { path, remove } = makeWorkDirectory();
  context.onTestFinished(remove);
  for (const [name, source] of Object.entries(files)) {
    if (!existsSync(source)) context.skip(`${source} is missing: node scripts/setup.mjs`);
    mkdirSync(dirname(join(path, name)), { recursive: true });
    cpSync(source, join(path, name));
  }
  return path;
}

/** A host that is installed by GRUB. */
export function grubHost(loader: string, directory: string): RigOptions {
  return {
    host: { pxe_loader: loader },
    templates: ['Preseed default PXEGrub2', 'Preseed default'],
    config: { loaders: { directories: [directory] } },
  };
}

/** A whole file whose name ends like this went out over TFTP. */
export function onTftp(name: string, ending: string): Milestone {
  const whole = (step: Step) => step.kind === 'tftp.file' && step.because.code === 'transfer-complete';
  return onStep(name, (step) => whole(step) && (step.what ?? '').endsWith(ending));
}
