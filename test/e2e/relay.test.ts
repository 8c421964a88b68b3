/** Machines behind a relay agent, in another network than the server. */

import { expect, it } from 'vitest';
import { need } from '../interop/dhcp-lab.ts';
import { plainRom } from './plain-rom.ts';
import { FAR_SERVER, startRelay } from './relayed.ts';
import { Rig } from './rig.ts';

it('B behind a relay with option 82: ROM → undionly-ipxe.0 → script → installer', {
  timeout: 600_000,
}, async (context) => {
  need(context, ['dhcrelay', 'isc-dhcp-relay']);
  const rig = await Rig.open(context, {
    far: true,
    site: {
      subnets: [
        {
          name: 'branch',
          network: '10.77.0.0/24',
          gateway: '10.77.0.1',
          from: '10.77.0.100',
          to: '10.77.0.200',
          // Whoever comes by another port of the agent is none of them.
          relay: { circuit_id: 'br0' },
        },
      ],
    },
  });
  context.onTestFinished(() => rig.close());
  await startRelay(rig);
  await rig.powerOn(plainRom(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['undionly-ipxe.0']);
  const script = rig.steps.find(({ kind }) => kind === 'http.script');
  expect(script).toMatchObject({ host: 'vm1.lab', address: '10.77.0.50', detail: { identity: 'by-lease' } });
  const asked = rig.steps.find(({ kind }) => kind === 'dhcp.ack');
  expect(asked?.what).toBe('undionly-ipxe.0');
  expect(rig.steps.some(({ what }) => what?.startsWith(`http://${FAR_SERVER}/`))).toBe(true);
});
