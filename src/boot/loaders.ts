/**
 * Which first program a ROM is given, and under which names the same bytes are served. Foreman's loader
 * names are the keys (foreman: app/models/concerns/pxe_loader_support.rb is the behaviour to match).
 */

import type { IpxeDriver, PxeLoader, TemplateKind } from '../inventory/types.ts';
import { ARCHES, type Arch, BIOS, type Cpu, type Firmware } from '../net/arch.ts';
import type { DriverChoice } from './drivers.ts';

export type Loader = {
  /** Name in the DHCP answer. */
  readonly file: string;
  readonly firmware: Firmware;
  /** Template kind the loader reads next. */
  readonly kind: TemplateKind;
};

const CPU_SUFFIX: Partial<Record<Cpu, string>> = { x86_64: 'x64', x86: 'ia32', arm64: 'aa64', arm32: 'arm' };

function suffixed(arch: Arch, before: string, after: string): string {
  return `${before}${CPU_SUFFIX[arch.cpu] ?? arch.cpu}${after}`;
}

/** iPXE for the CPU: the plain name is x86-64's, which is what Debian's package and Foreman call it. */
function ipxeEfi(arch: Arch, name: 'ipxe' | 'snponly'): string {
  return arch.cpu === 'x86_64' ? `${name}.efi` : suffixed(arch, `${name}-`, '.efi');
}

type Maker = (arch: Arch) => Loader;
const bios =
  (file: string, kind: TemplateKind): Maker =>
  () => ({ file, firmware: 'bios', kind });
const uefi =
  (file: (arch: Arch) => string, kind: TemplateKind): Maker =>
  (arch) => ({ file: file(arch), firmware: 'uefi', kind });

const TABLE: Readonly<Record<Exclude<PxeLoader, 'None'>, Maker>> = {
  'PXELinux BIOS': bios('pxelinux.0', 'PXELinux'),
  'PXELinux UEFI': uefi(() => 'pxelinux.efi', 'PXELinux'),
  'PXELinux BIOS HTTP': bios('lpxelinux.0', 'PXELinux'),
  'gPXELinux BIOS': bios('gpxelinuxk.0', 'PXELinux'),
  'Grub UEFI': uefi((arch) => suffixed(arch, 'grub/grub', '.efi'), 'PXEGrub'),
  // Foreman names them by the architecture of the host, which a BIOS does not tell.
  'Grub2 BIOS': bios('grub2/grubx64.0', 'PXEGrub2'),
  'Grub2 ELF': bios('grub2/grubx64.elf', 'PXEGrub2'),
  'Grub2 UEFI': uefi((arch) => suffixed(arch, 'grub2/grub', '.efi'), 'PXEGrub2'),
  'Grub2 UEFI SecureBoot': uefi((arch) => suffixed(arch, 'grub2/shim', '.efi'), 'PXEGrub2'),
  'Grub2 UEFI HTTP': uefi((arch) => suffixed(arch, 'grub2/grub', '.efi'), 'PXEGrub2'),
  'Grub2 UEFI HTTPS': uefi((arch) => suffixed(arch, 'grub2/grub', '.efi'), 'PXEGrub2'),
  'Grub2 UEFI HTTPS SecureBoot': uefi((arch) => suffixed(arch, 'grub2/shim', '.efi'), 'PXEGrub2'),
  // A machine whose ROM is said to be iPXE but is not gets the iPXE that suits its firmware.
  'iPXE Embedded': (arch) => byFirmware(arch),
  'iPXE UEFI HTTP': uefi((arch) => ipxeEfi(arch, 'ipxe'), 'iPXE'),
  'iPXE Chain BIOS': bios('undionly-ipxe.0', 'iPXE'),
  'iPXE Chain UEFI': uefi((arch) => ipxeEfi(arch, 'ipxe'), 'iPXE'),
};

function byFirmware(arch: Arch, driver: IpxeDriver = 'rom'): Loader {
  return arch.firmware === 'bios'
    ? { file: driver === 'rom' ? 'undionly-ipxe.0' : 'ipxe.pxe', firmware: 'bios', kind: 'iPXE' }
    : { file: ipxeEfi(arch, driver === 'rom' ? 'snponly' : 'ipxe'), firmware: 'uefi', kind: 'iPXE' };
}

/** Nobody makes an iPXE, PXELINUX or GRUB that these start from the network. */
const LOADERLESS: ReadonlySet<Arch['cpu']> = new Set(['other', 's390', 'ia64']);

/**
 * `substituted`: the host's loader cannot run on the firmware that asks, so the firmware's default was taken.
 * `choice` is the driver of the iPXE that is handed out. A loader of Foreman's that names one build (`iPXE Chain
 * UEFI` …) says more than what is configured, and less than what was seen of the machine.
 */
export function loaderFor(
  arch: Arch,
  wanted: PxeLoader | undefined,
  choice?: DriverChoice,
): { readonly loader: Loader; readonly substituted: boolean } | undefined {
  if (wanted === 'None' || LOADERLESS.has(arch.cpu)) return undefined;
  const fitting = byFirmware(arch, choice?.driver);
  const asked = wanted === undefined ? undefined : TABLE[wanted](arch);
  if (asked === undefined || asked.firmware !== arch.firmware)
    return { loader: fitting, substituted: asked !== undefined };
  const namesNone = wanted === 'iPXE Embedded' || (asked.kind === 'iPXE' && choice?.why !== 'configured');
  return { loader: choice !== undefined && namesNone ? fitting : asked, substituted: false };
}

/** The file a host's loader needs, whoever asks; undefined when that depends on the firmware. */
export function loaderFileOf(wanted: PxeLoader, architecture: string): string | undefined {
  if (wanted === 'None' || wanted === 'iPXE Embedded') return undefined;
  const cpu = CPU_OF_ARCHITECTURE[architecture] ?? 'other';
  const { file } = TABLE[wanted]({ ...BIOS, cpu });
  return file;
}

const COMPANIONS: readonly (readonly [loader: RegExp, files: readonly string[]])[] = [
  // Since version 5, PXELINUX is two files; the ones with gPXE are from before.
  [/^l?pxelinux\.0$/, ['ldlinux.c32']],
  [/^pxelinux\.efi$/, ['ldlinux.e64']],
  [/^grub2\/shim(\w+)\.efi$/, ['grub2/grub$1.efi']],
];

/** What a loader fetches from beside itself, and cannot do without. */
export function companionsOf(file: string): readonly string[] {
  const [pattern, files] = COMPANIONS.find(([loader]) => loader.test(file)) ?? [];
  return pattern === undefined ? [] : (files ?? []).map((name) => file.replace(pattern, name));
}

/** The kind of template that a host's loader reads; where the loader is chosen for the firmware, that is iPXE. */
export function loaderKindOf(wanted: PxeLoader | undefined): TemplateKind | undefined {
  if (wanted === undefined) return 'iPXE';
  return wanted === 'None' ? undefined : TABLE[wanted](BIOS).kind;
}

/** What the firmware of such machines may be given where no loader is set. */
export function defaultLoaderFiles(architecture: string): readonly string[] {
  const cpu = CPU_OF_ARCHITECTURE[architecture];
  const fitting = ARCHES.filter((arch) => arch.cpu === cpu && !arch.http);
  const bios = cpu === 'x86_64' ? [BIOS] : [];
  return [...new Set([...bios, ...fitting].map((arch) => byFirmware(arch).file))];
}

/** Foreman's architecture names, and Debian's. */
const CPU_OF_ARCHITECTURE: Readonly<Record<string, Cpu>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  i386: 'x86',
  aarch64: 'arm64',
  arm64: 'arm64',
};

export type Program = {
  /** Every name it is asked for under or installed as; that of Debian's package first. */
  readonly names: readonly [string, ...string[]];
  /** Debian package that brings it; undefined where none does. */
  readonly debian?: string;
  /** Wanted by the machines that most sites have. */
  readonly common?: true;
};

/** Foreman renamed its UNDI build four times, distributions and shim have names of their own. */
export const PROGRAMS: readonly Program[] = [
  { names: ['undionly.kpxe', 'undionly-ipxe.0', 'undionly.0'], debian: 'ipxe', common: true },
  { names: ['undionly.kkpxe'], debian: 'ipxe' },
  { names: ['ipxe.lkrn'], debian: 'ipxe', common: true },
  { names: ['ipxe.pxe'], debian: 'ipxe' },
  { names: ['snponly.efi', 'snponly-x64.efi', 'snponly-x86_64.efi'], debian: 'ipxe', common: true },
  { names: ['ipxe.efi', 'ipxe-x64.efi', 'ipxe-x86_64.efi', 'grub2/ipxe.efi'], debian: 'ipxe', common: true },
  { names: ['snponly-aa64.efi', 'snponly-arm64.efi'] },
  { names: ['ipxe-aa64.efi', 'ipxe-arm64.efi'] },
  { names: ['pxelinux.0'], debian: 'pxelinux', common: true },
  { names: ['ldlinux.c32'], debian: 'syslinux-common', common: true },
  { names: ['lpxelinux.0'], debian: 'pxelinux' },
  { names: ['gpxelinuxk.0'] },
  { names: ['gpxelinux.0'] },
  { names: ['syslinux.efi', 'pxelinux.efi'], debian: 'syslinux-efi' },
  { names: ['ldlinux.e64'], debian: 'syslinux-common' },
  // A shim whose own name came in option 67 looks for GRUB in the root (seen with shim 16.1 behind dnsmasq).
  { names: ['shimx64.efi.signed', 'grub2/shimx64.efi', 'shimx64.efi'], debian: 'shim-signed' },
  {
    names: ['grubnetx64.efi.signed', 'grub2/grubx64.efi', 'grubx64.efi', 'grubnetx64.efi'],
    debian: 'grub-efi-amd64-signed',
  },
  { names: ['mmx64.efi.signed', 'grub2/mmx64.efi', 'mmx64.efi'], debian: 'shim-helpers-amd64-signed' },
  { names: ['fbx64.efi.signed', 'grub2/fbx64.efi', 'fbx64.efi'], debian: 'shim-helpers-amd64-signed' },
  { names: ['shimaa64.efi.signed', 'grub2/shimaa64.efi', 'shimaa64.efi'], debian: 'shim-signed:arm64' },
  {
    names: ['grubnetaa64.efi.signed', 'grub2/grubaa64.efi', 'grubaa64.efi', 'grubnetaa64.efi'],
    debian: 'grub-efi-arm64-signed:arm64',
  },
  { names: ['grub2/grubx64.0', 'grub2/grubia32.0'] },
  { names: ['grub2/grubx64.elf'] },
  { names: ['grub/grubx64.efi'] },
];

const PROGRAM_OF = new Map(
  PROGRAMS.flatMap((program) => program.names.map((name) => [name, program] as const)),
);

/** The program that a name asks for; undefined for files that are nothing but themselves. */
export function programNamed(name: string): Program | undefined {
  return PROGRAM_OF.get(name);
}
