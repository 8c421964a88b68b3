/** Workflow C1 through DHCP servers that are not ours, with what `chainboot dhcp-config` prints for each. */

import { expect, it } from 'vitest';
import { startDhcpd, startDnsmasq, startKea } from './foreign-dhcp.ts';
import { Rig } from './rig.ts';
import { bareMachine } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

it.for([
  ['isc', startDhcpd],
  ['kea', startKea],
  ['dnsmasq', (context, rig, text) => startDnsmasq(context, rig, [], text)],
] as readonly (readonly [string, typeof startDhcpd])[])(
  'C1: iPXE ROM → script URL from %s → host',
  LIMIT,
  async ([name, start], context) => {
    const rig = await Rig.open(context, { mode: 'off' });
    context.onTestFinished(() => rig.close());
    const { status, stdout, stderr } = rig.daemon.cli('dhcp-config', '--for', name);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    await start(context, rig, stdout);
    await rig.powerOn();
    await rig.installs();
    expect(rig.tftpFiles).toEqual([]);
    // The reservation of the snippet: nobody else knows the host's address.
    const script = rig.steps.find(({ because }) => because.code === 'script-build');
    expect(script).toMatchObject({ host: 'vm1.lab', address: '10.77.0.50' });
  },
);

it('E: OVMF → loader named by Kea → its iPXE → script → host', LIMIT, async (context) => {
  const rig = await Rig.open(context, { mode: 'off' });
  context.onTestFinished(() => rig.close());
  await startKea(context, rig, rig.daemon.cli('dhcp-config', '--for', 'kea').stdout);
  await rig.powerOn(bareMachine(rig));
  await rig.installs();
  expect(rig.tftpFiles).toContain('snponly.efi');
});
