/**
 * Every way in, by the built program and the virtual client on loopback: each kind of firmware and loader, from
 * power-on to `built`, and to the disk at the next power-on. What test/e2e shows for some machines with real firmware
 * is shown here for all that the table of loaders knows.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BootOptions, bootVirtually } from '../../src/client/boot.ts';
import type { BootOutcome } from '../../src/client/outcome.ts';
import { PERSONAS, type Persona, personaOf } from '../../src/client/personas.ts';
import { OPTION } from '../../src/dhcp/options.ts';
import type { DhcpPacket } from '../../src/dhcp/packet.ts';
import { parseMac } from '../../src/net/mac.ts';
import {
  fakeEfi,
  fakeKernel,
  fakeLoader,
  fullServer,
  LEASED,
  type ScriptedSite,
  SERVER,
  scriptedSite,
} from '../scripted-site.ts';
import { Daemon, DEBIAN, freePorts, installing } from './daemon.ts';

const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.200', to: '127.0.0.250' };
const TEMPLATES = ['Preseed default iPXE', 'Preseed default PXEGrub2', 'Preseed default'];
/** The one whose kernel PXELINUX starts itself. */
const BY_PXELINUX = {
  ...DEBIAN,
  name: 'DebianPXE',
  provisioning_templates: ['Preseed default PXELinux', 'Preseed default'],
};
const SYSTEMS = [{ ...DEBIAN, provisioning_templates: TEMPLATES }, BY_PXELINUX];

/** Loaders under the names of the table; the virtual client only looks at how they begin. */
const EFI_SUFFIXES = ['', '-ia32', '-arm', '-aa64', '-riscv64', '-loongarch64'];
const EFI_LOADERS = [
  ...EFI_SUFFIXES.flatMap((suffix) => [`ipxe${suffix}.efi`, `snponly${suffix}.efi`]),
  ...['x64', 'aa64'].flatMap((cpu) => [`grub2/grub${cpu}.efi`, `grub2/shim${cpu}.efi`]),
];
const BIOS_LOADERS = [
  'undionly.kpxe',
  'ipxe.pxe',
  'pxelinux.0',
  'lpxelinux.0',
  'gpxelinuxk.0',
  'ldlinux.c32',
];

type Case = {
  readonly workflow: string;
  readonly persona: string;
  readonly host?: object;
  /** Names of the files that were fetched to get to the kernel, without the kernel and after it. */
  readonly loaders: readonly string[];
  /** How the kernel comes; over HTTP unless said. */
  readonly kernel?: 'tftp:';
};

const SUFFIX: Readonly<Record<string, string>> = {
  x64: '',
  '9': '',
  ia32: '-ia32',
  arm32: '-arm',
  arm64: '-aa64',
  riscv64: '-riscv64',
  loongarch64: '-loongarch64',
};
const cpuOf = (persona: Persona): string => persona.name.split('-').at(-1)!;

/** E and F: the loader for every architecture; C1: iPXE in the ROM of each. */
const BY_ARCHITECTURE: readonly Case[] = PERSONAS.filter(({ platform }) => platform === 'efi').map(
  (persona) => ({
    workflow: { rom: 'E', http: 'F', ipxe: 'C1' }[persona.starts],
    persona: persona.name,
    loaders: [...(persona.starts === 'ipxe' ? [] : [`snponly${SUFFIX[cpuOf(persona)]}.efi`]), 'iPXE'],
  }),
);

const CASES: readonly Case[] = [
  {
    workflow: 'A',
    persona: 'bios-rom',
    host: { pxe_loader: 'PXELinux BIOS', ipxe_driver: 'own' },
    loaders: ['pxelinux.0', 'ldlinux.c32', '01-MAC', 'ipxe.lkrn', 'iPXE'],
  },
  {
    workflow: 'B',
    persona: 'bios-rom',
    host: { pxe_loader: 'PXELinux BIOS', ipxe_driver: 'rom' },
    loaders: ['pxelinux.0', 'ldlinux.c32', '01-MAC', 'undionly-ipxe.0', 'iPXE'],
  },
  {
    workflow: 'B, without PXELINUX',
    persona: 'bios-rom',
    loaders: ['undionly-ipxe.0', 'iPXE'],
  },
  {
    workflow: 'B′',
    persona: 'bios-rom',
    host: { pxe_loader: 'PXELinux BIOS HTTP', operatingsystem: 'DebianPXE 12' },
    loaders: ['lpxelinux.0', 'ldlinux.c32', '01-MAC'],
  },
  {
    workflow: 'B′, with gPXE',
    persona: 'bios-rom',
    host: { pxe_loader: 'gPXELinux BIOS', operatingsystem: 'DebianPXE 12' },
    loaders: ['gpxelinuxk.0', 'ldlinux.c32', '01-MAC'],
  },
  { workflow: 'C1', persona: 'ipxe-rom', loaders: ['iPXE'] },
  {
    workflow: 'E, drivers of iPXE',
    persona: 'uefi-arm64',
    host: { ipxe_driver: 'own' },
    loaders: ['ipxe-aa64.efi', 'iPXE'],
  },
  ...BY_ARCHITECTURE,
  ...['x64', 'arm64'].flatMap((cpu): Case[] => {
    const efi = { x64: 'x64', arm64: 'aa64' }[cpu];
    return [
      {
        workflow: 'GRUB',
        persona: `uefi-${cpu}`,
        host: { pxe_loader: 'Grub2 UEFI' },
        loaders: [`grub${efi}.efi`, 'grub.cfg-01-MAC'],
      },
      {
        workflow: 'G',
        persona: `uefi-${cpu}`,
        host: { pxe_loader: 'Grub2 UEFI SecureBoot' },
        loaders: [`shim${efi}.efi`, `grub${efi}.efi`, 'grub.cfg'],
        kernel: 'tftp:',
      },
      {
        workflow: 'GRUB by HTTP',
        persona: `uefi-http-${cpu}`,
        host: { pxe_loader: 'Grub2 UEFI HTTP' },
        loaders: [`grub${efi}.efi`, 'grub.cfg-01-MAC'],
      },
    ];
  }),
];

const macOf = (n: number) => parseMac(`52:54:00:77:01:${n.toString(16).padStart(2, '0')}`)!;
const hostOf = ({ host }: Case, n: number) => installing(`vm${n}.lab`, macOf(n), `127.0.0.${10 + n}`, host);

let loaders: string;
let foreign: ScriptedSite | undefined;
const daemons: Daemon[] = [];

beforeAll(() => {
  loaders = mkdtempSync(join(tmpdir(), 'chainboot-loaders-'));
  const write = (name: string, bytes: Uint8Array) => {
    mkdirSync(dirname(join(loaders, name)), { recursive: true });
    writeFileSync(join(loaders, name), bytes);
  };
  for (const name of EFI_LOADERS) write(name, fakeEfi());
  for (const name of BIOS_LOADERS) write(name, fakeLoader());
  write('ipxe.lkrn', fakeKernel());
});

afterAll(() => rmSync(loaders, { recursive: true }));

async function closeAll(): Promise<void> {
  for (const daemon of daemons.splice(0)) await daemon.close();
  await foreign?.close();
  foreign = undefined;
}

const plainHost = (n: number) => installing(`vm${n}.lab`, macOf(n), `127.0.0.${10 + n}`);

/** A DHCP server of somebody else, which gives everybody one address and what `file` says. */
function startForeign(file: string, extra: Partial<DhcpPacket> = {}): Promise<ScriptedSite> {
  return scriptedSite({ dhcp: fullServer(() => file, extra) });
}

async function serve(hosts: readonly object[], mode: 'server' | 'proxy' | 'off' = 'server') {
  const daemon = new Daemon({
    link: { interface: 'lo', address: SERVER, mode },
    ports: await freePorts(),
    site: { subnets: [SUBNET], operatingsystems: SYSTEMS, hosts },
    config: { loaders: { directories: [loaders] } },
  });
  daemons.push(daemon);
  return daemon.start();
}

function powerOn(daemon: Daemon, persona: string, n: number, options: Partial<BootOptions> = {}) {
  return bootVirtually({
    persona: personaOf(persona)!,
    mac: macOf(n),
    dhcp: { via: 'server', address: SERVER, port: daemon.ports.dhcp },
    tftpPort: daemon.ports.tftp,
    timeoutMs: 20_000,
    installer: true,
    ...options,
  });
}

const FETCHES = new Set(['tftp.file', 'http.file', 'script']);

/** Names of the programs and configurations, `iPXE` for its script, before the kernel. */
function chain({ steps, kernel }: BootOutcome, n: number): readonly string[] {
  const mac = macOf(n).replaceAll(':', '-');
  const until = steps.findIndex(({ url, kind }) => url === kernel?.url && FETCHES.has(kind));
  const names = steps
    .slice(0, until)
    .filter(({ kind }) => FETCHES.has(kind))
    .map(({ kind, url = '' }) => (kind === 'script' ? 'iPXE' : new URL(url).pathname.split('/').at(-1)!))
    .filter((name) => !name.startsWith('iPXE?') && name !== 'beacon');
  return [...new Set(names)].map((name) => name.replace(mac, 'MAC'));
}

describe('a machine is installed and then leaves for its disk', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await serve(CASES.map(hostOf));
  });
  afterAll(closeAll);

  it.each(CASES.map((one, n) => ({ ...one, n })))('$workflow: $persona', async (one) => {
    const installed = await powerOn(daemon, one.persona, one.n);
    expect(installed.reached, installed.why).toBe('installed');
    expect(chain(installed, one.n)).toEqual(one.loaders);
    expect(installed.address).toBe(`127.0.0.${10 + one.n}`);
    expect(new URL(installed.kernel!.url).protocol).toBe(one.kernel ?? 'http:');
    const warnings = installed.steps.filter(({ kind }) => kind === 'warning').map(({ text }) => text);
    // What is signed has no HTTP; its menu goes on with TFTP.
    expect(warnings).toEqual(
      one.kernel === undefined ? [] : [expect.stringContaining('no such device: (http')],
    );

    const second = await powerOn(daemon, one.persona, one.n);
    expect(second.reached, second.why).toBe('local-boot');
  });

  it('and of none is it said that anything is wrong', async () => {
    const told = async (n: number) => {
      const { stdout } = daemon.cli('why', macOf(n), '--json');
      return (JSON.parse(stdout) as { readonly code: string }).code;
    };
    for (const n of CASES.keys()) await expect.poll(() => told(n)).toBe('well');
  });
});

describe('C2: another DHCP server hands out the URL of a script, and that is all', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await serve([0, 1, 2, 3].map(plainHost), 'off');
    foreign = await startForeign(`${daemon.url}/pub/intermediate.ipxe`);
  });
  afterAll(closeAll);
  const dead = { mac: macOf(90), dead: true } as const;
  const live = (n: number) => ({ mac: macOf(n) });

  it.each([
    [0, 'one card', [live(0)]],
    [1, 'a second card without a cable', [live(1), dead]],
    [2, 'a first card without a cable', [dead, live(2)]],
    [3, 'numbers that are not used before and between', [undefined, dead, undefined, undefined, live(3)]],
  ])('%i: %s', async (n, _what, cards) => {
    const dhcp = { via: 'server', address: SERVER, port: foreign!.dhcpPort } as const;
    const outcome = await powerOn(daemon, 'ipxe-rom', n, { cards, dhcp });
    expect(outcome.reached, outcome.why).toBe('installed');
    const [first, second] = outcome.scripts.map(({ url }) => url);
    expect(first).toBe(`${daemon.url}/pub/intermediate.ipxe`);
    expect(decodeURIComponent(second!)).toContain(`mac=${macOf(n)}`);
  });
});

describe('D: addresses from another DHCP server, the boot answers from ours', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await serve([0, 1, 2, 3, 4].map(plainHost), 'proxy');
    const options = new Map([[OPTION.serverId, Uint8Array.of(127, 0, 0, 3)]]);
    foreign = await startForeign('', { siaddr: 0, options });
  });
  afterAll(closeAll);

  it.each([
    [0, 'ipxe-rom', 67, ['iPXE']],
    [1, 'bios-rom', 67, ['undionly-ipxe.0', 'iPXE']],
    [2, 'uefi-x64', 4011, ['snponly.efi', 'iPXE']],
    [3, 'uefi-arm64', 4011, ['snponly-aa64.efi', 'iPXE']],
    [4, 'ipxe-uefi', 67, ['iPXE']],
  ])('%i: %s by port %i', async (n, persona, port, loaders) => {
    const { dhcp: ours } = daemon.ports;
    const outcome = await powerOn(daemon, persona, n, {
      dhcp: {
        via: 'server',
        address: SERVER,
        port: ours,
        pxePort: ours + 4011 - 67,
        others: [{ address: SERVER, port: foreign!.dhcpPort }],
      },
    });
    expect(outcome.reached, outcome.why).toBe('installed');
    expect(chain(outcome, n)).toEqual(loaders);
    expect(outcome.address).toBe(LEASED);
    // A ROM takes the loader from our first answer; UEFI asks again at the other port.
    const asked = outcome.steps.some(({ kind }) => kind === 'proxy.request');
    expect(asked).toBe(port === 4011);
  });
});

describe('a card that only one of the drivers brings up', () => {
  const cards = [
    { n: 0, persona: 'bios-rom-only', ipxe_driver: 'own' },
    { n: 1, persona: 'bios-rom-unfit', ipxe_driver: 'rom' },
  ];
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await serve(
      cards.map(({ n, ipxe_driver }) =>
        installing(`vm${n}.lab`, macOf(n), `127.0.0.${10 + n}`, { ipxe_driver }),
      ),
    );
  });
  afterAll(closeAll);

  it.each(cards)(
    '$persona: iPXE with driver $ipxe_driver goes back to the ROM, and the next start gets the other',
    async ({ n, persona }) => {
      const first = await powerOn(daemon, persona, n);
      expect(first.reached, first.why).toBe('local-boot');
      expect(first.console).toContain('No more network devices');
      const second = await powerOn(daemon, persona, n);
      expect(second.reached, second.why).toBe('installed');
    },
  );
});
