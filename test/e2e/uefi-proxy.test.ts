/** Workflow D for UEFI: addresses from dnsmasq, what to boot from us. */

import { expect, it } from 'vitest';
import { onConsole, onStep } from '../../src/lab/milestones.ts';
import { startDnsmasq } from './foreign-dhcp.ts';
import { Rig, SERVER } from './rig.ts';
import { bareMachine, GRUB, grubHost, loaderDirectory, onTftp, quiet, SHIM } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

it('D: OVMF asks dnsmasq and our port 4011 → snponly.efi → script → installer', LIMIT, async (context) => {
  const rig = await Rig.open(context, { mode: 'proxy', config: quiet('proxy') });
  context.onTestFinished(() => rig.close());
  await startDnsmasq(context, rig);
  await rig.powerOn(bareMachine(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['snponly.efi']);
  const offers = rig.steps.filter(({ via }) => via === 'proxy-dhcp');
  expect(offers.map(({ kind, what }) => `${kind} ${what}`)).toContain('dhcp.ack snponly.efi');
  expect(rig.console.join('\n')).toContain('Station IP address is 10.77.0.1');
});

it(
  'dnsmasq alone names shim: GRUB, at an address we do not know, asks on under its MAC',
  LIMIT,
  async (context) => {
    const loaders = loaderDirectory(context, { 'grub2/shimx64.efi': SHIM, 'grub2/grubx64.efi': GRUB });
    const { config, ...options } = grubHost('Grub2 UEFI SecureBoot', loaders);
    const rig = await Rig.open(context, { ...options, mode: 'off', config: { ...config, ...quiet('off') } });
    context.onTestFinished(() => rig.close());
    await startDnsmasq(context, rig, [`--dhcp-boot=grub2/shimx64.efi,,${SERVER}`]);
    await rig.powerOn(bareMachine(rig));
    await rig.until(
      [onTftp('menu', 'grub/grub.cfg-52:54:00:77:00:10'), 120],
      [onTftp('kernel', '-linux'), 60],
      [onConsole('kernel-runs', 'Command line:'), 120],
      [onStep('built', (step) => step.kind === 'http.built'), 180],
    );
  },
);
