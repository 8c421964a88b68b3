/** Workflow D for BIOS: addresses from another DHCP server, what to boot from us. */

import { expect, it } from 'vitest';
import { startDhcpd, startDnsmasq, startKea } from './foreign-dhcp.ts';
import { plainRom } from './plain-rom.ts';
import { MAC, Rig, SERVER } from './rig.ts';

const LIMIT = { timeout: 600_000 };
const PROXY = { mode: 'proxy', host: { ip: '10.77.0.150' } } as const;
const SCRIPT = `http://${SERVER}/unattended/iPXE?mac=${encodeURIComponent(MAC)}`;

it.for([
  ['ISC dhcpd', startDhcpd],
  ['Kea', startKea],
] as const)(
  'D: an iPXE ROM takes its address from %s, its script from us',
  LIMIT,
  async ([, start], context) => {
    const rig = await Rig.open(context, PROXY);
    context.onTestFinished(() => rig.close());
    await start(context, rig);
    await rig.powerOn();
    await rig.installs();
    expect(rig.tftpFiles).toEqual([]);
    const offers = rig.steps.filter(({ kind }) => kind === 'dhcp.offer').map(({ via, what }) => [via, what]);
    expect(offers[0]).toEqual(['proxy-dhcp', SCRIPT]);
  },
);

it(
  'D: beside dnsmasq a plain ROM gets undionly, which asks again and gets its script: no loop',
  LIMIT,
  async (context) => {
    const rig = await Rig.open(context, PROXY);
    context.onTestFinished(() => rig.close());
    await startDnsmasq(context, rig);
    await rig.powerOn(plainRom(rig));
    await rig.installs();
    expect(rig.tftpFiles).toEqual(['undionly-ipxe.0']);
    const offers = rig.steps
      .filter(({ kind }) => kind === 'dhcp.offer')
      .map(({ stage, what }) => `${stage} ${what}`);
    expect([...new Set(offers)]).toEqual(['rom undionly-ipxe.0', `ipxe ${SCRIPT}`]);
  },
);
