/** Workflow F: UEFI HTTP boot. The firmware gets its loader by HTTP, and nothing goes over TFTP at all. */

import { expect, it } from 'vitest';
import { onConsole } from '../../src/lab/milestones.ts';
import { proves } from '../proofs.ts';
import { Rig, uefi } from './rig.ts';
import { bareNic, diagnosis, GRUB, grubHost, HTTP_ONLY, loaderDirectory, quiet, SHIM } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

it('F: OVMF as HTTPClient → snponly.efi by HTTP → script → installer', LIMIT, async (context) => {
  const rig = await Rig.open(context, { config: quiet() });
  context.onTestFinished(() => rig.close());
  await rig.powerOn({ firmware: uefi(rig), nics: [bareNic(rig)], fwCfg: HTTP_ONLY });
  await rig.installs();
  expect(rig.steps.filter(({ via }) => via === 'tftp')).toEqual([]);
  expect(rig.steps[0]).toMatchObject({
    arch: 'UEFI HTTP x86-64',
    what: expect.stringMatching(/^http:.*snponly\.efi$/),
  });
});

/** GRUB 2.06 as Debian signs it has no module for HTTP, and Secure Boot lets it load none: PXE is its only way. */
it(
  proves('stopped-at-grub-http', 'shim fetches GRUB by HTTP, and it gets no further'),
  LIMIT,
  async (context) => {
    const loaders = loaderDirectory(context, { 'grub2/shimx64.efi': SHIM, 'grub2/grubx64.efi': GRUB });
    const rig = await Rig.open(context, grubHost('Grub2 UEFI SecureBoot', loaders));
    context.onTestFinished(() => rig.close());
    await rig.powerOn({ firmware: uefi(rig, true), nics: [bareNic(rig)], fwCfg: HTTP_ONLY });
    await rig.until([onConsole('grub', 'Welcome to GRUB!'), 120]);
    expect(rig.steps.filter(({ via }) => via === 'tftp')).toEqual([]);
    expect(await diagnosis(rig)).toMatch(/^It stopped there: GRUB .*\/grubx64.efi\) came by HTTP/);
    expect(rig.why().code).toBe('stopped-at-grub-http');
  },
);
