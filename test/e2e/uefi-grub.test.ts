/** GRUB without Secure Boot: one with a module for HTTP gets kernel and initrd that way. */

import { expect, it } from 'vitest';
import { Rig, uefi } from './rig.ts';
import { bareMachine, bareNic, grubDirectory, grubHost, HTTP_ONLY } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

it('E: OVMF → GRUB by TFTP → grub.cfg of the MAC → kernel by HTTP', LIMIT, async (context) => {
  const rig = await Rig.open(context, grubHost('Grub2 UEFI', grubDirectory(context)));
  context.onTestFinished(() => rig.close());
  await rig.powerOn(bareMachine(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['grub2/grubx64.efi', 'grub2/grub.cfg-01-52-54-00-77-00-10']);
  expect(rig.steps.map(({ because }) => because.code)).toContain('transfer-peek');
});

/** Debian's GRUB 2.06 does not take over the address of an HTTP boot, nor where it came from: it is told. */
it('F: OVMF as HTTPClient → GRUB → grub.cfg → kernel, nothing by TFTP', LIMIT, async (context) => {
  const early = 'net_bootp\nset prefix=(http,10.77.0.1)/httpboot/grub2\n';
  const rig = await Rig.open(context, grubHost('Grub2 UEFI HTTP', grubDirectory(context, early)));
  context.onTestFinished(() => rig.close());
  await rig.powerOn({ firmware: uefi(rig), nics: [bareNic(rig)], fwCfg: HTTP_ONLY });
  await rig.installs();
  expect(rig.steps.filter(({ via }) => via === 'tftp')).toEqual([]);
  const names = rig.steps.map(({ what = '' }) => what);
  expect(names).toContainEqual(expect.stringMatching(/^\/httpboot\/grub2\/grub\.cfg/));
});
