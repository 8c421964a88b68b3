/** Workflow D for UEFI: addresses from dnsmasq, what to boot from us. */

import { expect, it } from 'vitest';
import { startDnsmasq } from './foreign-dhcp.ts';
import { Rig } from './rig.ts';
import { bareMachine, quiet } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

it('D: OVMF asks dnsmasq and our port 4011 → snponly.efi → script → installer', LIMIT, async (context) => {
  const rig = await Rig.open(context, { mode: 'proxy', host: { ip: '10.77.0.150' }, config: quiet('proxy') });
  context.onTestFinished(() => rig.close());
  await startDnsmasq(context, rig);
  await rig.powerOn(bareMachine(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['snponly.efi']);
  const offers = rig.steps.filter(({ via }) => via === 'proxy-dhcp');
  expect(offers.map(({ kind, what }) => `${kind} ${what}`)).toContain('dhcp.ack snponly.efi');
  expect(rig.console.join('\n')).toContain('Station IP address is 10.77.0.1');
});
