/** Workflow C2: virtual machines whose ROM is iPXE, and a DHCP server that nobody manages: it hands out one URL to all. */

import { expect, it } from 'vitest';
import { parseMac } from '../../src/net/mac.ts';
import { startDnsmasq } from './foreign-dhcp.ts';
import { MAC, Rig, SERVER } from './rig.ts';

const LIMIT = { timeout: 600_000 };
const SCRIPT = `http://${SERVER}/pub/intermediate.ipxe`;

function scripts(rig: Rig): readonly string[] {
  return rig.steps.filter(({ kind }) => kind === 'http.script').map(({ because }) => because.code);
}

it('C2: one card → intermediate script → host by the MAC it reports', LIMIT, async (context) => {
  const rig = await Rig.open(context, { mode: 'off' });
  context.onTestFinished(() => rig.close());
  await startDnsmasq(context, rig, [`--dhcp-boot=${SCRIPT}`]);
  await rig.powerOn();
  await rig.installs();
  expect(scripts(rig)).toEqual(['script-intermediate', 'script-build']);
  expect(rig.tftpFiles).toEqual([]);
});

it('C2: the first of three cards is dead, and only the last is declared', LIMIT, async (context) => {
  const rig = await Rig.open(context, { mode: 'off' });
  context.onTestFinished(() => rig.close());
  await startDnsmasq(context, rig, [`--dhcp-boot=${SCRIPT}`]);
  const macs = [parseMac('52:54:00:77:00:01')!, parseMac('52:54:00:77:00:02')!, MAC] as const;
  const nics = [
    rig.nic({ mac: macs[0], tap: rig.lab.addTap('unplugged') }),
    rig.nic({ mac: macs[1] }),
    rig.nic({ mac: macs[2] }),
  ];
  await rig.powerOn({ nics });
  await rig.installs();
  const asked = rig.steps.find(({ because }) => because.code === 'script-build');
  expect(asked?.detail).toMatchObject({ macs: [macs[1], macs[0], macs[2]].join(' ') });
});
