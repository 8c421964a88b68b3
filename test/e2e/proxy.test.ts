/** Machines in a network from where only a proxy reaches the server. */

import { expect, it } from 'vitest';
import { onConsole, onFile, onStep } from '../../src/lab/milestones.ts';
import { plainRom } from './plain-rom.ts';
import { HOST, MAC, Rig } from './rig.ts';

const LIMIT = { timeout: 600_000 };

it(
  'A, isolated: ROM → pxelinux.0 → ipxe.lkrn → script → installer, all by the proxy',
  LIMIT,
  async (context) => {
    const rig = await Rig.open(context, {
      proxied: true,
      host: { pxe_loader: 'PXELinux BIOS' },
      templates: ['PXELinux chain iPXE', 'Preseed default iPXE', 'Preseed default'],
    });
    context.onTestFinished(() => rig.close());
    await rig.powerOn(plainRom(rig));
    await rig.installs();
    expect(rig.tftpFiles).toContain('ipxe.lkrn');
    const server = rig.upstream!;
    await expect.poll(() => server.json<{ build: boolean }>('host', 'show', HOST).build).toBe(false);
    const told = () => JSON.parse(server.cli('why', MAC, '--json').stdout) as { readonly code: string };
    await expect.poll(() => told().code).toBe('well');
  },
);

it(
  'C1: the server stops in the middle of the boot, and again in that of the installation',
  LIMIT,
  async (context) => {
    const rig = await Rig.open(context, { proxied: true });
    context.onTestFinished(() => rig.close());
    const server = rig.upstream!;
    await rig.powerOn();
    await rig.until([onStep('script', (step) => step.kind === 'http.script'), 120]);
    await server.ended('SIGKILL');
    // What is under way stalls, or fails and is asked for again.
    await rig.daemon.logged(/broke off|served from what is kept|could not be fetched/);
    await server.serve();
    await rig.until(
      [onFile('initrd', 'initrd.gz'), 300],
      [onConsole('kernel-runs', 'Command line:'), 180],
      [onStep('answers', (step) => step.kind === 'http.answers'), 300],
    );
    await server.ended('SIGKILL');
    await rig.until([onStep('built', (step) => step.kind === 'http.built'), 180]);
    await server.serve();
    await expect.poll(() => server.json<{ build: boolean }>('host', 'show', HOST).build).toBe(false);
  },
);
