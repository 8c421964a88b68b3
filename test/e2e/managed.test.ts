/** Workflow C1: a virtual machine whose ROM is iPXE, addresses from us. */

import { expect, it } from 'vitest';
import { Rig } from './rig.ts';

it('C1: iPXE ROM → script URL from DHCP → host by reservation', { timeout: 600_000 }, async (context) => {
  const rig = await Rig.open(context);
  try {
    await rig.powerOn();
    await rig.installs();
    expect(rig.tftpFiles).toEqual([]);
  } finally {
    await rig.close();
  }
});
