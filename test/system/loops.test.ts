/** Machines that boot in circles, and iPXEs that bring no link up: the built program and the virtual client on loopback. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReasonCode } from '../../src/boot/reason.ts';
import { bootVirtually } from '../../src/client/boot.ts';
import type { BootEvent } from '../../src/client/events.ts';
import { type Persona, personaOf } from '../../src/client/personas.ts';
import { fetchTftp } from '../../src/client/tftp-client.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { Daemon, freePorts, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
const PXELINUX = '/usr/lib/PXELINUX/pxelinux.0';
const LOADERS: readonly (readonly [string, string])[] = [
  ['/usr/lib/ipxe/undionly.kpxe', 'ipxe'],
  [PXELINUX, 'pxelinux'],
  ['/usr/lib/syslinux/modules/bios/ldlinux.c32', 'syslinux-common'],
];

/** Each starts the program a few times, which takes a second on a busy machine. */
const LIMIT = { timeout: 60_000 };

const daemons: Daemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.close();
});

async function serving(fields: object = {}, config: object = {}): Promise<Daemon> {
  const hosts = [installing('vm1.lab', MAC, '127.0.0.50', fields)];
  const made = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: { subnets: [SUBNET], hosts },
    config,
  });
  daemons.push(made);
  return made.start();
}

type Power = {
  readonly persona?: Persona;
  readonly installer?: boolean;
  readonly mac?: string;
  /** Switched off at the first event it fits. */
  readonly dies?: (event: BootEvent) => boolean;
};

function powerOn(
  made: Daemon,
  { persona = personaOf('bios-rom')!, installer = true, mac = MAC, dies }: Power = {},
) {
  const off = new AbortController();
  return bootVirtually({
    persona,
    mac,
    dhcp: { via: 'server', address: '127.0.0.1', port: made.ports.dhcp },
    tftpPort: made.ports.tftp,
    timeoutMs: 20_000,
    installer,
    signal: off.signal,
    onEvent: (event) => {
      if (dies?.(event)) off.abort();
    },
  });
}

/**
 * Codes of the newest boot's steps, once one is there: the trace is written a moment after the answer, so it must be one
 * that no boot before has.
 */
async function lastCodes(made: Daemon, until: ReasonCode): Promise<readonly ReasonCode[]> {
  const { boots, close } = openSqlite(join(made.directory, 'chainboot.db'));
  const codes = async () => {
    const [last] = await boots.boots({ limit: 1 });
    const steps = last === undefined ? [] : await boots.steps(last.id);
    return steps.map(({ because }) => because.code);
  };
  try {
    await expect.poll(codes, { interval: 100 }).toContain(until);
    return await codes();
  } finally {
    await close();
  }
}

function needLoaders(skip: (note: string) => void): void {
  for (const [file, debianPackage] of LOADERS)
    if (!existsSync(file)) skip(`${file} is missing: Debian package ${debianPackage}`);
}

/** A BIOS machine whose chained iPXE asks as its ROM does. */
const plain = personaOf('bios-rom')!;
const disguised: Persona = {
  ...plain,
  ipxe: { ...plain.ipxe, dhcp: { ...plain.ipxe.dhcp, userClass: 'PXEClient' } },
};
const forgetful: Persona = { ...plain, ipxe: plain.firmware };

describe('a chainload loop', LIMIT, () => {
  it('of an iPXE that asks as a ROM ends at a text that says why, survives kill -9, and is let go', async () => {
    const made = await serving();
    const outcome = await powerOn(made, { persona: disguised });
    expect(outcome.reached).not.toBe('installed');
    const screen = (await powerOn(made, { persona: disguised })).console.join('\n');
    expect(screen).toContain('CHAINBOOT HOLDS THIS MACHINE');
    expect(screen).toContain('chainboot host release vm1.lab');
    expect((await lastCodes(made, 'loop-disguise')).at(-1)).toBe('loop-disguise');
    await made.logged(/"level":"?(warn|40)"?.*a machine is held/);
    expect(made.log.filter((line) => line.includes('a machine is held'))).toHaveLength(1);

    await made.ended('SIGKILL');
    await made.serve();
    expect((await powerOn(made)).console.join('\n')).toContain('CHAINBOOT HOLDS THIS MACHINE');
    expect(made.json('host', 'held')).toMatchObject([{ machine: 'vm1.lab', loop: 'disguise', count: 5 }]);
    expect(made.cli('host', 'list').stdout).toMatch(/vm1\.lab .*, held/);
    expect(made.cli('host', 'show', 'vm1.lab').stdout).toMatch(/held because +.*5 times since/);
    expect(made.cli('boots').stdout).toMatch(/vm1\.lab .* held\n/);

    expect(made.cli('host', 'release', 'vm1.lab')).toMatchObject({ status: 0 });
    const twice = made.cli('host', 'release', 'vm1.lab');
    expect(twice).toMatchObject({ status: 2, stderr: expect.stringContaining('NOT_HELD') });
    expect((await powerOn(made)).reached).toBe('installed');
  });

  it('of an iPXE that cannot be told from its ROM ends there too', async () => {
    const made = await serving({}, { loop_guard: { chains: 3 } });
    await powerOn(made, { persona: forgetful });
    const outcome = await powerOn(made, { persona: forgetful });
    expect(outcome.steps.some(({ kind, text }) => kind === 'loader' && text.includes('pxelinux.0'))).toBe(
      true,
    );
    expect(outcome.console.join('\n')).toContain('CHAINBOOT HOLDS THIS MACHINE');
    expect(await lastCodes(made, 'loop-loader')).not.toContain('script-build');
  });

  it('behind a DHCP server that goes on naming our loader ends in PXELINUX', async (ctx) => {
    needLoaders(ctx.skip);
    const made = await serving({}, { loop_guard: { chains: 3 } });
    const fetch = () =>
      fetchTftp(
        { address: '127.0.0.1', port: made.ports.tftp },
        'undionly.kpxe',
        plain.firmware.tftp,
        1 << 20,
        { localAddress: '127.0.0.77', tell: () => {}, signal: AbortSignal.timeout(10_000) },
      );
    for (let i = 0; i < 3; i++) expect((await fetch()).bytes).toBe(readFileSync(LOADERS[0]![0]).length);
    await made.logged(/a machine is held/);
    expect((await fetch()).bytes).toBe(readFileSync(PXELINUX).length);
    await expect.poll(() => made.cli('boots').stdout).toMatch(/ 127\.0\.0\.77 .* held\n/);
    const config = await fetchTftp(
      { address: '127.0.0.1', port: made.ports.tftp },
      'pxelinux.cfg/default',
      plain.firmware.tftp,
      1 << 20,
      { localAddress: '127.0.0.77', tell: () => {}, signal: AbortSignal.timeout(10_000) },
    );
    expect(new TextDecoder().decode(config.head)).toContain('chainboot host release 127.0.0.77');
    expect(made.cli('host', 'release', '127.0.0.77').status).toBe(0);
    await expect.poll(async () => (await fetch()).bytes).toBe(readFileSync(LOADERS[0]![0]).length);
  });

  it('is none where iPXE gets its script, however often it boots, and nobody edits dhcpd.conf', async () => {
    const fields = { pxe_loader: 'PXELinux BIOS', ipxe_driver: 'rom' };
    const made = await serving(fields, { loop_guard: { chains: 2, installs: 1 } });
    for (let i = 0; i < 4; i++) {
      expect((await powerOn(made)).reached).toBe('installed');
      expect(made.cli('host', 'build', 'vm1.lab')).toMatchObject({ status: 0 });
    }
    expect(made.json('host', 'held')).toEqual([]);
    await lastCodes(made, 'build-done');
    expect(made.cli('boot', 'show', 'last').stdout).toMatch(/pxelinux\.cfg\/01-.* PXELinux chain iPXE UNDI/);
  });
});

describe('an installation', LIMIT, () => {
  it('that never reports built is held at the fourth start, and goes on by itself once it is let go', async () => {
    const made = await serving();
    for (let i = 0; i < 3; i++) expect((await powerOn(made, { installer: false })).reached).toBe('kernel');
    const held = powerOn(made);
    expect((await held).console.join('\n')).toMatch(/its installation was started 3 times/);
    expect(made.json('host', 'held')).toMatchObject([{ loop: 'install' }]);
    expect(made.cli('host', 'build', 'vm1.lab')).toMatchObject({ status: 0 });
    expect((await powerOn(made)).reached).toBe('installed');
  });
});

describe('a script', LIMIT, () => {
  it('that is fetched without end is stopped, and one for every card is not', async () => {
    const made = await serving();
    const get = async (path: string) =>
      (await fetch(`${made.url}${path}`, { headers: { 'user-agent': 'iPXE/1.0.0' } })).text();
    for (let i = 0; i < 20; i++) expect(await get('/pub/intermediate.ipxe')).not.toContain('HOLDS');
    for (let i = 0; i < 5; i++) expect(await get(`/unattended/iPXE?mac=${MAC}`)).not.toContain('HOLDS');
    const text = await get(`/unattended/iPXE?mac=${MAC}`);
    expect(text).toContain('CHAINBOOT HOLDS THIS MACHINE');
    expect(text).toContain(`chain --replace --autofree ${made.url}/unattended/iPXE?mac=`);
    expect(await get('/pub/intermediate.ipxe')).not.toContain('HOLDS');
  });

  it('that leads to an empty disk tells so, and still leads there', async () => {
    const made = await serving({ build: false }, { loop_guard: { chains: 3 } });
    for (let i = 0; i < 3; i++) expect((await powerOn(made)).console.join('\n')).not.toContain('ONCE MORE');
    const outcome = await powerOn(made);
    expect(outcome).toMatchObject({ reached: 'local-boot' });
    expect(outcome.console.join('\n')).toContain('chainboot host build vm1.lab');
    await lastCodes(made, 'loop-local');
    expect(made.json('host', 'held')).toEqual([]);
  });
});

describe('an iPXE that brings no link up', LIMIT, () => {
  const runs = (file: string) => (event: BootEvent) => event.kind === 'loader' && event.text.includes(file);

  it.each([
    ['bios-rom', 'undionly-ipxe.0', 'ipxe.pxe'],
    ['uefi-x64', 'snponly.efi', 'ipxe.efi'],
    ['uefi-http', 'snponly.efi', 'ipxe.efi'],
  ])('of %s (%s) is followed by %s, which is offered first from then on', async (name, first, other) => {
    const persona = personaOf(name)!;
    const made = await serving();
    await powerOn(made, { persona, dies: runs(first) });
    const second = await powerOn(made, { persona });
    expect(second).toMatchObject({ reached: 'installed' });
    expect(await lastCodes(made, 'build-done')).toContain('loader-driver-other');
    expect(second.steps.some(runs(other))).toBe(true);
    expect(made.cli('host', 'build', 'vm1.lab')).toMatchObject({ status: 0 });
    expect((await powerOn(made, { persona })).reached).toBe('installed');
    // The boot before reported that it was built, too.
    expect(await lastCodes(made, 'loader-driver-worked')).not.toContain('loader-driver-other');
  });

  it('is followed by the other one through PXELINUX', async () => {
    const made = await serving({ pxe_loader: 'PXELinux BIOS' });
    const first = await powerOn(made, { dies: ({ url }) => url?.endsWith('/ipxe.lkrn') === true });
    expect(first.code).toBe('aborted');
    expect((await powerOn(made)).reached).toBe('installed');
    await lastCodes(made, 'build-done');
    const { stdout } = made.cli('boot', 'show', 'last');
    expect(stdout).toMatch(/undionly-ipxe\.0/);
    expect(stdout).toMatch(/pxelinux\.cfg\/01-.* never asked for anything, .* offered to vm1\.lab once/);
  });

  it('is held by the loop guard when the other brings none up either', async () => {
    const made = await serving({}, { loop_guard: { chains: 3 } });
    const tried: string[] = [];
    for (let i = 0; i < 6; i++) {
      const { steps } = await powerOn(made, { dies: ({ kind }) => kind === 'loader' });
      tried.push(steps.find(({ kind }) => kind === 'loader')?.text ?? '');
    }
    const names = tried.map((text) => /runs (\S+)/.exec(text)?.[1]);
    expect(names.slice(0, 4)).toEqual(['undionly-ipxe.0', 'ipxe.pxe', 'undionly-ipxe.0', 'undionly-ipxe.0']);
    expect(names.at(-1)).toBe('pxelinux.0');
  });
});
