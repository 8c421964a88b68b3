/**
 * Workflows A and B: a BIOS ROM loads PXELINUX, which starts an iPXE with drivers of its own or with the ROM's; and B′,
 * where a PXELINUX that speaks HTTP does without iPXE.
 */

import { expect, it } from 'vitest';
import { plainRom } from './plain-rom.ts';
import { MAC, Rig, SERVER } from './rig.ts';

const LIMIT = { timeout: 600_000 };
const CONFIG = `pxelinux.cfg/01-${MAC.replaceAll(':', '-')}`;
const QUIET = { links: [{ interface: 'br0', address: SERVER, mode: 'server', ipv6_router: 'none' }] };
const INSTALLS = ['Preseed default iPXE', 'Preseed default'];

it('A: ROM → pxelinux.0 → ipxe.lkrn with drivers of its own → script → installer', LIMIT, async (context) => {
  const rig = await Rig.open(context, {
    config: QUIET,
    host: { pxe_loader: 'PXELinux BIOS' },
    templates: ['PXELinux chain iPXE', ...INSTALLS],
  });
  context.onTestFinished(() => rig.close());
  await rig.powerOn(plainRom(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['pxelinux.0', 'ldlinux.c32', CONFIG, 'ipxe.lkrn']);
  // It asks DHCP once as a ROM and once as iPXE, which is enough: the script is in the configuration.
  expect(rig.steps.filter(({ kind, stage }) => kind === 'dhcp.ack' && stage === 'rom')).toHaveLength(1);
});

it('B: ROM → pxelinux.0 → undionly-ipxe.0 → DHCP again → script: no loop', LIMIT, async (context) => {
  const rig = await Rig.open(context, {
    config: QUIET,
    host: { pxe_loader: 'PXELinux BIOS' },
    templates: ['PXELinux chain iPXE UNDI', ...INSTALLS],
  });
  context.onTestFinished(() => rig.close());
  await rig.powerOn(plainRom(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['pxelinux.0', 'ldlinux.c32', CONFIG, 'undionly-ipxe.0']);
  const asked = rig.steps.filter(({ kind }) => kind === 'dhcp.ack').map(({ stage, what }) => [stage, what]);
  expect(asked.slice(0, 2)).toEqual([
    ['rom', 'pxelinux.0'],
    ['ipxe', `http://${SERVER}/unattended/iPXE`],
  ]);
});

it('B′: ROM → lpxelinux.0 → kernel and initrd by HTTP, no iPXE', LIMIT, async (context) => {
  const rig = await Rig.open(context, {
    config: QUIET,
    host: { pxe_loader: 'PXELinux BIOS HTTP' },
    templates: ['Preseed default PXELinux', 'Preseed default'],
  });
  context.onTestFinished(() => rig.close());
  await rig.powerOn(plainRom(rig));
  await rig.installs();
  expect(rig.tftpFiles).toEqual(['lpxelinux.0', 'ldlinux.c32', CONFIG]);
  expect(rig.steps.some(({ stage, kind }) => stage === 'ipxe' || kind === 'http.script')).toBe(false);
});
