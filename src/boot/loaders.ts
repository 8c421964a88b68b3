/**
 * Which first program a ROM is given, and under which names the same bytes are served. Foreman's loader
 * names are the keys (foreman: app/models/concerns/pxe_loader_support.rb is the behaviour to match).
 */

import type { IpxeDriver, PxeLoader, TemplateKind } from '../inventory/types.ts';
import { type Arch, BIOS, type Cpu, type Firmware } from '../net/arch.ts';
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
  if (wanted === 'None' || arch.cpu === 'other') return undefined;
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

/** Foreman's architecture names, and Debian's. */
const CPU_OF_ARCHITECTURE: Readonly<Record<string, Cpu>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  i386: 'x86',
  aarch64: 'arm64',
  arm64: 'arm64',
};

/** Names under which the same program is asked for (Foreman renamed the UNDI build four times). */
export const ALIASES: Readonly<Record<string, string>> = {
  'undionly-ipxe.0': 'undionly.kpxe',
  'undionly.0': 'undionly.kpxe',
  'ipxe-x64.efi': 'ipxe.efi',
  'grub2/ipxe.efi': 'ipxe.efi',
  // A shim whose own name came in option 67 looks for GRUB in the root (seen with shim 16.1 behind dnsmasq).
  'grubx64.efi': 'grub2/grubx64.efi',
  'grubaa64.efi': 'grub2/grubaa64.efi',
};
