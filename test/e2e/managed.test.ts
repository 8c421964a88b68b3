/** Workflow C1: a virtual machine whose ROM is iPXE, addresses from us. */

import { expect, it } from 'vitest';
import { Rig } from './rig.ts';

const LIMIT = { timeout: 600_000 };

/** Milliseconds from our first offer to the request that takes it. */
function waited({ steps }: Rig): number {
  const at = (what: string) => steps.find(({ kind }) => kind === what)!.at;
  return at('dhcp.ack') - at('dhcp.offer');
}

it.for(['e1000', 'virtio-net-pci'] as const)(
  'C1: iPXE ROM of %s → script URL from DHCP → host',
  LIMIT,
  async (model, context) => {
    const rig = await Rig.open(context);
    context.onTestFinished(() => rig.close());
    await rig.powerOn({ nics: [rig.nic({ model })] });
    await rig.installs();
    expect(rig.tftpFiles).toEqual([]);
    // It does not wait 2 s for proxies, as option 175.176 tells it that there are none; else it takes 3 s to ask.
    expect(waited(rig)).toBeLessThan(2900);
    // Real iPXE fetches them, and hands none of them to the kernel, which would not find its initrd.
    const beacons = rig.steps.filter(({ kind }) => kind === 'http.beacon');
    expect(beacons.map(({ what, host }) => `${host} ${what}`)).toEqual(['vm1.lab kernel', 'vm1.lab boot']);
    const script = rig.steps.find(({ kind }) => kind === 'http.script');
    // No MAC in the URL: the lease of the reserved address tells whose it is.
    expect(script).toMatchObject({
      host: 'vm1.lab',
      address: '10.77.0.50',
      detail: { identity: 'by-lease' },
    });
  },
);
