/** Workflow E: UEFI machines over PXE: the firmware's own client fetches iPXE, or the card's ROM is an iPXE itself. */

import { expect, it } from 'vitest';
import { Rig, uefi } from './rig.ts';

const LIMIT = { timeout: 600_000 };

it('E: OVMF → snponly.efi → script → installer', LIMIT, async (context) => {
  const rig = await Rig.open(context);
  try {
    await rig.powerOn({ firmware: uefi(rig), nics: [rig.nic({ model: 'virtio-net-pci', rom: '' })] });
    await rig.installs();
    expect(rig.tftpFiles).toEqual(['snponly.efi']);
  } finally {
    await rig.close();
  }
});
