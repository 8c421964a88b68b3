/** The machines a virtual client can be: what their firmware says and how it fetches. Data from captures. */

import { TFTP_ERROR } from '../tftp/packet.ts';
import type { DhcpIdentity } from './dhcp-identity.ts';
import type { TftpStyle } from './tftp-client.ts';

/** One program that speaks DHCP and fetches files. */
export type Speaker = {
  readonly dhcp: DhcpIdentity;
  readonly tftp: TftpStyle;
  readonly userAgent: string;
  /** HTTP/1.0, a connection for each file. */
  readonly http10?: true;
  /** It can do TLS; whom it trusts is told at power-on. */
  readonly tls?: true;
};

export type Persona = {
  readonly name: string;
  readonly summary: string;
  readonly platform: 'pcbios' | 'efi';
  /** iPXE's `${buildarch}`. */
  readonly buildarch: string;
  /** `ipxe`: the ROM is iPXE. `rom`: fetches a loader by TFTP. `http`: fetches a loader by HTTP. */
  readonly starts: 'ipxe' | 'rom' | 'http';
  readonly firmware: Speaker;
  /** The iPXE that a loader of this platform is. */
  readonly ipxe: Speaker;
  /** What it asks TFTP for, whatever ours says: another DHCP server names it. */
  readonly loader?: string;
  /** Only iPXE's own driver for the card works, or only the ROM's (UNDI, SNP); both unless said. */
  readonly drives?: 'own' | 'rom';
};

const IPXE_WANTS = [
  1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, 128, 129, 130, 131, 132, 133, 134, 135, 175, 203,
];
const ROM_WANTS = [
  1, 3, 6, 7, 12, 15, 17, 26, 42, 43, 60, 66, 67, 119, 121, 128, 129, 130, 131, 132, 133, 134, 135, 203,
];
const EDK2_COMMON = [
  1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60,
];
const EDK2_PXE_WANTS = [...EDK2_COMMON, 66, 67, 97, 128, 129, 130, 131, 132, 133, 134, 135];
const EDK2_HTTP_WANTS = [...EDK2_COMMON, 235, 67, 97];

const IPXE_USER_AGENT = 'iPXE/1.0.0+ (virtual)';
const IPXE_TFTP: TftpStyle = {
  options: [
    { name: 'blksize', value: '1432' },
    { name: 'tsize', value: '0' },
  ],
};
const EDK2_TFTP: TftpStyle = {
  options: [
    { name: 'blksize', value: '1468' },
    { name: 'windowsize', value: '4' },
  ],
  probe: {
    options: [
      { name: 'tsize', value: '0' },
      { name: 'blksize', value: '1468' },
      { name: 'windowsize', value: '4' },
    ],
    code: TFTP_ERROR.optionsRefused,
    message: 'User aborted the transfer',
  },
};
/** GRUB 2.06. */
export const GRUB_TFTP: TftpStyle = {
  options: [
    { name: 'blksize', value: '1024' },
    { name: 'tsize', value: '0' },
  ],
};
/** While GRUB looks for its configuration. */
export const GRUB_SEARCH_TFTP: TftpStyle = {
  ...GRUB_TFTP,
  probe: { options: GRUB_TFTP.options, code: TFTP_ERROR.notDefined, message: 'closed' },
};
/** PXELINUX 6.04. */
export const PXELINUX_TFTP: TftpStyle = {
  options: [
    { name: 'tsize', value: '0' },
    { name: 'blksize', value: '1408' },
  ],
};

/** Debian 12's iPXE 1.0.0+git-20190125 on QEMU's e1000. */
const IPXE_BIOS: Speaker = {
  dhcp: {
    vendorClass: 'PXEClient:Arch:00000:UNDI:002001',
    arch: 0,
    ndi: '010201',
    userClass: 'iPXE',
    ipxe: 'b105018086100eeb03010000170101220101130101110101270101190101290101100102210101150101180101120101',
    wants: IPXE_WANTS,
    clientId: true,
    style: 'ipxe',
  },
  tftp: IPXE_TFTP,
  userAgent: IPXE_USER_AGENT,
};

function ipxeEfi(arch: number): Speaker {
  return {
    dhcp: {
      vendorClass: `PXEClient:Arch:000${String(arch).padStart(2, '0')}:UNDI:003010`,
      arch,
      ndi: '01030a',
      userClass: 'iPXE',
      ipxe: 'b105011af41000eb03010000170101240101130101110101270101290101150101120101',
      wants: IPXE_WANTS,
      clientId: true,
      style: 'ipxe',
    },
    tftp: IPXE_TFTP,
    userAgent: IPXE_USER_AGENT,
  };
}

/** A build with HTTPS (`DOWNLOAD_PROTO_HTTPS`), which says so by tag 0x14 of option 175. */
function withTls(speaker: Speaker): Speaker {
  const { dhcp } = speaker;
  return { ...speaker, tls: true, dhcp: { ...dhcp, ipxe: `${dhcp.ipxe ?? ''}140101` } };
}

/** OVMF 2022.11 and its like. */
function edk2(arch: number, http = false): Speaker {
  const kind = http ? 'HTTPClient' : 'PXEClient';
  return {
    dhcp: {
      vendorClass: `${kind}:Arch:000${String(arch).padStart(2, '0')}:UNDI:003000`,
      arch,
      ndi: '010300',
      wants: http ? EDK2_HTTP_WANTS : EDK2_PXE_WANTS,
      clientId: false,
      style: 'edk2',
      wantsEcho: http ? 'HTTPClient' : undefined,
    },
    tftp: EDK2_TFTP,
    userAgent: 'UefiHttpBoot/1.0',
    ...(http && { tls: true }),
  };
}

/** A ROM without a trace of iPXE: options as of an Intel boot agent. */
const PLAIN_ROM: Speaker = {
  dhcp: {
    vendorClass: 'PXEClient:Arch:00000:UNDI:002001',
    arch: 0,
    ndi: '010201',
    wants: ROM_WANTS,
    clientId: true,
    style: 'ipxe',
  },
  tftp: IPXE_TFTP,
  userAgent: IPXE_USER_AGENT,
};

/** What UEFI calls each CPU in option 93 (PXE, HTTP boot), and iPXE in `${buildarch}`. */
const UEFI_CPUS = [
  { suffix: 'ia32', words: 'x86 32-bit', pxe: 6, http: 15, buildarch: 'i386' },
  { suffix: 'x64', words: 'x86-64', pxe: 7, http: 16, buildarch: 'x86_64' },
  { suffix: 'arm32', words: 'ARM 32-bit', pxe: 10, http: 18, buildarch: 'arm32' },
  { suffix: 'arm64', words: 'ARM 64-bit', pxe: 11, http: 19, buildarch: 'arm64' },
  { suffix: 'riscv64', words: 'RISC-V 64-bit', pxe: 27, http: 28, buildarch: 'riscv64' },
  { suffix: 'loongarch64', words: 'LoongArch 64-bit', pxe: 37, http: 38, buildarch: 'loong64' },
] as const;

function uefiPersonas(cpu: (typeof UEFI_CPUS)[number]): readonly Persona[] {
  const common = { platform: 'efi', buildarch: cpu.buildarch, ipxe: ipxeEfi(cpu.pxe) } as const;
  return [
    {
      ...common,
      name: `uefi-${cpu.suffix}`,
      summary: `UEFI ${cpu.words} machine that boots by PXE`,
      starts: 'rom',
      firmware: edk2(cpu.pxe),
    },
    {
      ...common,
      name: `uefi-http-${cpu.suffix}`,
      summary: `UEFI ${cpu.words} machine that boots by HTTP`,
      starts: 'http',
      firmware: edk2(cpu.http, true),
    },
    {
      ...common,
      name: `ipxe-uefi-${cpu.suffix}`,
      summary: `UEFI ${cpu.words} machine whose network card has iPXE in its ROM`,
      starts: 'ipxe',
      firmware: ipxeEfi(cpu.pxe),
    },
  ];
}

const BIOS_ROM: Persona = {
  name: 'bios-rom',
  summary: 'BIOS machine with a plain PXE ROM',
  platform: 'pcbios',
  buildarch: 'i386',
  starts: 'rom',
  firmware: PLAIN_ROM,
  ipxe: IPXE_BIOS,
};

export const PERSONAS: readonly Persona[] = [
  {
    name: 'ipxe-rom',
    summary: 'BIOS machine whose network card has iPXE in its ROM (QEMU, KVM)',
    platform: 'pcbios',
    buildarch: 'i386',
    starts: 'ipxe',
    firmware: IPXE_BIOS,
    ipxe: IPXE_BIOS,
  },
  BIOS_ROM,
  {
    ...BIOS_ROM,
    name: 'pxelinux',
    summary: 'BIOS machine that another DHCP server sends to PXELINUX',
    loader: 'pxelinux.0',
  },
  {
    ...BIOS_ROM,
    name: 'bios-rom-only',
    summary: 'BIOS machine for whose network card iPXE has no driver of its own',
    drives: 'rom',
  },
  {
    ...BIOS_ROM,
    name: 'bios-rom-unfit',
    summary: 'BIOS machine whose PXE ROM brings no link up for iPXE',
    drives: 'own',
  },
  {
    name: 'ipxe-https',
    summary: 'BIOS machine whose network card has an iPXE built with HTTPS in its ROM',
    platform: 'pcbios',
    buildarch: 'i386',
    starts: 'ipxe',
    firmware: withTls(IPXE_BIOS),
    ipxe: withTls(IPXE_BIOS),
  },
  ...UEFI_CPUS.flatMap(uefiPersonas),
  {
    name: 'uefi-x64-9',
    summary: 'UEFI x86-64 machine whose firmware goes by the letter of RFC 4578 and says 9',
    platform: 'efi',
    buildarch: 'x86_64',
    starts: 'rom',
    firmware: edk2(9),
    ipxe: ipxeEfi(7),
  },
];

/** The usual CPU has shorter names too. */
const ALIASES: Readonly<Record<string, string>> = {
  'bios-pxe': 'bios-rom',
  ipxe: 'ipxe-rom',
  'uefi-http': 'uefi-http-x64',
  'ipxe-uefi': 'ipxe-uefi-x64',
};

/** The processor by the name of net/arch.ts, of which iPXE's differs in two. */
export function cpuOfPersona({ platform, buildarch }: Persona): string {
  if (platform === 'pcbios') return 'x86_64';
  return { i386: 'x86', loong64: 'loongarch64' }[buildarch] ?? buildarch;
}

export function personaOf(name: string): Persona | undefined {
  return PERSONAS.find((persona) => persona.name === (ALIASES[name] ?? name));
}
