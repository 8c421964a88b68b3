/**
 * Workflow G: Secure Boot. The firmware starts nothing that Microsoft has not signed, shim nothing that Debian has not
 * signed, GRUB no kernel without Debian's signature.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { onConsole, onStep } from '../../src/lab/milestones.ts';
import { makeWorkDirectory } from '../../src/lab/workdir.ts';
import { proves } from '../proofs.ts';
import { Rig, uefi } from './rig.ts';
import { bareNic, diagnosis, GRUB, grubHost, loaderDirectory, onTftp, SHIM } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

async function secureMachine(context: TestContext, grub: string): Promise<Rig> {
  const loaders = loaderDirectory(context, { 'grub2/shimx64.efi': SHIM, 'grub2/grubx64.efi': grub });
  const rig = await Rig.open(context, grubHost('Grub2 UEFI SecureBoot', loaders));
  context.onTestFinished(() => rig.close());
  await rig.powerOn({ firmware: uefi(rig, true), nics: [bareNic(rig)] });
  return rig;
}

it('G: shim → GRUB → grub.cfg of the host → signed kernel', LIMIT, async (context) => {
  const rig = await secureMachine(context, GRUB);
  await rig.until(
    [onTftp('kernel', '-linux'), 180],
    [onTftp('initrd', '-initrd.gz'), 180],
    [onConsole('kernel-runs', 'Command line:'), 180],
    [onConsole('locked', 'secureboot: Secure boot enabled'), 60],
    [onStep('built', (step) => step.kind === 'http.built'), 180],
  );
  await rig.isWell();
  const [shim, grub, config, ...bootFiles] = rig.tftpFiles;
  expect([shim, grub, config]).toEqual(['grub2/shimx64.efi', 'grub2/grubx64.efi', 'grub/grub.cfg']);
  expect(bootFiles).toHaveLength(2);
});

it(
  proves('stopped-at-grub', 'shim refuses a GRUB that was changed after signing'),
  LIMIT,
  async (context) => {
    const { path, remove } = makeWorkDirectory();
    context.onTestFinished(remove);
    const changed = join(path, 'grubx64.efi');
    const program = readFileSync(GRUB);
    program.write('w', program.indexOf('Welcome to GRUB!'), 'latin1');
    writeFileSync(changed, program);
    const rig = await secureMachine(context, changed);
    await rig.until([onConsole('refused', 'Verification failed: (0x1A) Security Violation'), 120]);
    expect(rig.tftpFiles).toEqual(['grub2/shimx64.efi', 'grub2/grubx64.efi']);
    expect(await diagnosis(rig)).toMatch(
      /^It stopped there: shim \(grub2\/shimx64.efi\) fetched grub2\/grubx64.efi,/,
    );
    expect(rig.why().code).toBe('stopped-at-grub');
  },
);

it(proves('stopped-at-loader', 'the firmware refuses a loader without signature'), LIMIT, async (context) => {
  const rig = await Rig.open(context);
  context.onTestFinished(() => rig.close());
  await rig.powerOn({ firmware: uefi(rig, true), nics: [bareNic(rig)] });
  await rig.until([onConsole('refused', 'Access Denied'), 120]);
  await expect.poll(() => rig.tftpFiles).toEqual(['snponly.efi']);
  expect(await diagnosis(rig)).toMatch(/^It stopped there: snponly.efi was fetched whole/);
  expect(rig.why().code).toBe('stopped-at-loader');
});
