/**
 * A chainload loop on real firmware: a DHCP server that names undionly.kpxe whoever asks, which is what the loop is
 * made of. Only our TFTP is asked, so it is what ends it: the card's ROM and the iPXE it loads both run PXELINUX.
 */

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onConsole, onStep } from '../../src/lab/milestones.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { proves } from '../proofs.ts';
import { HOST, MAC, Rig, SERVER } from './rig.ts';
import { bareMachine, GRUB, loaderDirectory, quiet } from './uefi-parts.ts';

const DNSMASQ = [
  'dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --port=0 --interface=br0 --bind-interfaces',
  `--dhcp-authoritative --dhcp-range=10.77.0.100,10.77.0.200 --dhcp-host=${MAC},10.77.0.50`,
  `--dhcp-leasefile=/dev/null --dhcp-boot=undionly.kpxe,,${SERVER}`,
  // iPXE waits 13 s for an IPv6 router at every DHCP.
  '--enable-ra --dhcp-range=fd77::,ra-only',
].flatMap((line) => line.split(' '));

/** PXELINUX writes slowly enough for its lines to arrive in pieces. */
async function shows(rig: Rig, text: string, seconds: number): Promise<void> {
  const screen = () => rig.console.join('');
  await expect.poll(screen, { timeout: seconds * 1000, interval: 500 }).toContain(text);
}

it(proves('chainload-loop', 'a machine in a circle is told why, waits, and goes on when it is let go'), {
  timeout: 900_000,
}, async (context) => {
  const rig = await Rig.open(context, { mode: 'off', config: { loop_guard: { chains: 2 } } });
  try {
    rig.lab.exec(['ip', '-6', 'address', 'add', 'fd77::1/64', 'dev', 'br0', 'nodad']);
    await rig.start(DNSMASQ);
    const looping = await rig.powerOn({ memoryMb: 256 });
    await shows(rig, 'CHAINBOOT HOLDS THIS MACHINE', 240);
    await shows(rig, `chainboot host release ${HOST}`, 20);
    expect(rig.daemon.json('host', 'held')).toMatchObject([{ machine: HOST, loop: 'loader', count: 2 }]);
    await expect.poll(() => rig.tftpFiles).toContain('ldlinux.c32');
    expect(rig.why().code).toBe('chainload-loop');
    await looping.powerOff();

    // What PXELINUX goes on with after five minutes.
    const commands = `ifconf -c dhcp && chain http://${SERVER}/unattended/iPXE?mac=${MAC}`;
    await rig.powerOn({ kernel: { file: '/usr/lib/ipxe/ipxe.lkrn', append: commands } });
    await shows(rig, 'asks again every 60 s', 120);
    expect(rig.daemon.cli('host', 'release', HOST).status).toBe(0);
    await rig.until(
      [onStep('goes-on', (step) => step.because.code === 'script-build'), 120],
      [onConsole('kernel-runs', 'Command line:'), 180],
    );
  } finally {
    await rig.close();
  }
});

/** As the guard writes it; a UEFI machine whose iPXE brings no link up cannot be had in QEMU. */
async function hold(rig: Rig): Promise<void> {
  const { inventory, close } = openSqlite(join(rig.daemon.directory, 'chainboot.db'));
  const now = Date.now();
  await inventory.transact(0, (news) =>
    news.flatMap((stored) =>
      stored.op === 'put' && stored.collection === 'hosts'
        ? [
            {
              ...stored,
              record: {
                ...stored.record,
                hold: { loop: 'loader', at: now, since: now, count: 5, file: 'snponly.efi' },
              },
            },
          ]
        : [],
    ),
  );
  await close();
}

it('a UEFI machine that is held is shown why by GRUB', { timeout: 400_000 }, async (context) => {
  const directory = loaderDirectory(context, { 'grub2/grubx64.efi': GRUB });
  const rig = await Rig.open(context, { config: { ...quiet(), loaders: { directories: [directory] } } });
  context.onTestFinished(() => rig.close());
  await hold(rig);
  await rig.powerOn(bareMachine(rig));
  await shows(rig, 'CHAINBOOT HOLDS THIS MACHINE', 120);
  await shows(rig, `chainboot host release ${HOST}`, 20);
  await expect.poll(() => rig.tftpFiles).toContain('grub2/grubx64.efi');
});
