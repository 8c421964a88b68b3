/**
 * Workflow E: UEFI machines over PXE: the firmware's own client fetches iPXE, or the ROM of the card is an iPXE. With
 * it I: when all is installed, iPXE leaves with a failure, so that the firmware goes on to the disk.
 */

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DISK_SAYS } from '../../src/lab/disk.ts';
import { makeEfiDisk } from '../../src/lab/efi-disk.ts';
import { onConsole, onStep } from '../../src/lab/milestones.ts';
import { Rig, uefi } from './rig.ts';
import { bareMachine, quiet } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

it('E, I: OVMF → snponly.efi → script → installer → built → disk', LIMIT, async (context) => {
  const rig = await Rig.open(context, { config: quiet() });
  context.onTestFinished(() => rig.close());
  const machine = await rig.powerOn(bareMachine(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['snponly.efi']);
  await machine.off;
  const disk = join(rig.daemon.directory, 'disk.img');
  makeEfiDisk(disk);
  await rig.powerOn({ ...bareMachine(rig), disk });
  const leaves = onStep('leaves', ({ because }) => because.code === 'script-local');
  await rig.until([leaves, 120], [onConsole('disk', DISK_SAYS), 120]);
});

it('E: OVMF → ipxe.efi, which has drivers of its own → script → installer', LIMIT, async (context) => {
  const rig = await Rig.open(context, { host: { pxe_loader: 'iPXE Chain UEFI' }, config: quiet() });
  context.onTestFinished(() => rig.close());
  await rig.powerOn(bareMachine(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['ipxe.efi']);
});

it('E: OVMF with iPXE in the ROM of the card → script → installer', LIMIT, async (context) => {
  const rig = await Rig.open(context, { config: quiet() });
  context.onTestFinished(() => rig.close());
  await rig.powerOn({ firmware: uefi(rig), nics: [rig.nic({ model: 'virtio-net-pci' })] });
  await rig.installs();
  expect(rig.tftpFiles).toEqual([]);
});
