/** What the UEFI workflows are made of: cards that the firmware drives itself, loaders from Debian's packages. */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'vitest';
import type { Step } from '../../src/boot/step.ts';
import { onStep } from '../../src/lab/milestones.ts';
import type { Nic } from '../../src/lab/qemu.ts';
import type { Milestone } from '../../src/lab/story.ts';
import { makeWorkDirectory } from '../../src/lab/workdir.ts';
import { type Boot, type Rig, type RigOptions, SERVER, uefi } from './rig.ts';

/** Where scripts/debian.mjs unpacks packages that are never installed. */
const UNPACKED = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chainboot', 'debian');

export const SHIM = join(UNPACKED, 'usr/lib/shim/shimx64.efi.signed');
/** The one that is installed on disks. */
export const GRUB_OF_DISK = join(UNPACKED, 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed');
/** The one that boots from a network. */
export const GRUB = join(UNPACKED, 'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed');

/** A card without a ROM: OVMF boots from it by its own PXE. It has a driver for virtio only. */
export function bareNic(rig: Rig): Nic {
  return rig.nic({ model: 'virtio-net-pci', rom: '' });
}

/**
 * A machine that the firmware itself boots from the network. When that fails OVMF goes on to its next entry, and in
 * QEMU's boot order all of the card come before the disk: over IPv6 it takes 75 s to give up, so that is off.
 */
export function bareMachine(rig: Rig): Boot {
  const fwCfg = [{ name: 'opt/org.tianocore/IPv6PXESupport', string: 'n' }];
  return { firmware: uefi(rig), nics: [bareNic(rig)], fwCfg };
}

/** UEFI HTTP boot: OVMF tries PXE first, and HTTP alone only when PXE is off. */
export const HTTP_ONLY = [
  { name: 'opt/org.tianocore/IPv4PXESupport', string: 'n' },
  { name: 'opt/org.tianocore/IPv6PXESupport', string: 'n' },
];

/** iPXE waits 13 s for an IPv6 router at every DHCP unless it is told that there is none. */
export function quiet(mode: 'server' | 'proxy' | 'off' = 'server'): object {
  return { links: [{ interface: 'br0', address: SERVER, mode, ipv6_router: 'none' }] };
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

/**
 * A GRUB with HTTP, of Debian's modules. Without an `early` configuration it looks for its own where it came from;
 * skips the test when a package is not there.
 */
export function grubDirectory(context: TestContext, early = ''): string {
  const directory = loaderDirectory(context, {});
  const modules = join(UNPACKED, 'usr/lib/grub/x86_64-efi');
  const wanted = 'normal efinet http tftp linux echo test configfile regexp chain part_msdos fat boot';
  mkdirSync(join(directory, 'grub2'));
  writeFileSync(join(directory, 'early.cfg'), early);
  const { error, status, stderr } = spawnSync(
    'grub-mkimage',
    [
      ...['-O', 'x86_64-efi', '-d', modules, '-p', '', '-c', join(directory, 'early.cfg')],
      ...['-o', join(directory, 'grub2/grubx64.efi'), ...wanted.split(' ')],
    ],
    { encoding: 'utf8' },
  );
  if (error !== undefined || !existsSync(modules))
    context.skip('grub-common or grub-efi-amd64-bin is missing');
  if (status !== 0) throw new Error(`grub-mkimage: ${stderr}`);
  return directory;
}

/** A host that is installed by GRUB. */
export function grubHost(loader: string, directory: string): RigOptions {
  return {
    host: { pxe_loader: loader },
    templates: ['Preseed default PXEGrub2', 'Preseed default'],
    config: { ...quiet(), loaders: { directories: [directory] } },
  };
}

/** A whole file whose name ends like this went out over TFTP. */
export function onTftp(name: string, ending: string): Milestone {
  const whole = (step: Step) => step.kind === 'tftp.file' && step.because.code === 'transfer-complete';
  return onStep(name, (step) => whole(step) && (step.what ?? '').endsWith(ending));
}

/** What `boot show` says at the end, once the machine was silent long enough. */
export async function diagnosis(rig: Rig): Promise<string> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const last = rig.daemon.cli('boot', 'show', 'last').stdout.trim().split('\n').at(-1)!;
    if (last.startsWith('It stopped there') || Date.now() > deadline) return last;
    await sleep(2000);
  }
}
