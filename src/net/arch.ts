/** Client system architectures of DHCP option 93 (RFC 4578 §2.1, IANA "Processor Architecture Types"). */

export type Firmware = 'bios' | 'uefi';
export type Cpu =
  | 'x86'
  | 'x86_64'
  | 'arm32'
  | 'arm64'
  | 'ia64'
  | 'riscv64'
  | 'loongarch64'
  | 'powerpc'
  | 's390'
  | 'other';

export type Arch = {
  readonly code: number;
  readonly name: string;
  readonly firmware: Firmware;
  readonly cpu: Cpu;
  /** The firmware fetches its loader by HTTP instead of TFTP (UEFI HTTP boot). */
  readonly http: boolean;
};

const arch = (code: number, name: string, firmware: Firmware, cpu: Cpu, http = false): Arch => ({
  code,
  name,
  firmware,
  cpu,
  http,
});

/** BIOS comes first: it is what a client without option 93 is taken for. */
export const BIOS = arch(0, 'BIOS x86', 'bios', 'x86');

/**
 * RFC 4578 lists 6 as EFI IA32, 7 as "EFI BC" and 9 as "EFI x86-64"; its erratum and all firmware seen
 * (OVMF, Dell, HP, Lenovo) use 7 for x86-64.
 */
export const ARCHES: readonly Arch[] = [
  BIOS,
  arch(2, 'UEFI Itanium', 'uefi', 'ia64'),
  arch(6, 'UEFI x86', 'uefi', 'x86'),
  arch(7, 'UEFI x86-64', 'uefi', 'x86_64'),
  arch(9, 'UEFI x86-64 (9)', 'uefi', 'x86_64'),
  arch(10, 'UEFI ARM 32-bit', 'uefi', 'arm32'),
  arch(11, 'UEFI ARM 64-bit', 'uefi', 'arm64'),
  arch(15, 'UEFI HTTP x86', 'uefi', 'x86', true),
  arch(16, 'UEFI HTTP x86-64', 'uefi', 'x86_64', true),
  arch(18, 'UEFI HTTP ARM 32-bit', 'uefi', 'arm32', true),
  arch(19, 'UEFI HTTP ARM 64-bit', 'uefi', 'arm64', true),
  arch(20, 'BIOS x86 HTTP', 'bios', 'x86', true),
  arch(27, 'UEFI RISC-V 64-bit', 'uefi', 'riscv64'),
  arch(28, 'UEFI HTTP RISC-V 64-bit', 'uefi', 'riscv64', true),
  arch(31, 's390 basic', 'bios', 's390'),
  arch(32, 's390 extended', 'bios', 's390'),
  arch(37, 'UEFI LoongArch 64-bit', 'uefi', 'loongarch64'),
  arch(38, 'UEFI HTTP LoongArch 64-bit', 'uefi', 'loongarch64', true),
];

const BY_CODE = new Map(ARCHES.map((entry) => [entry.code, entry]));

const BY_NAME = new Map(ARCHES.map((entry) => [entry.name, entry]));

export function archNamed(name: string | undefined): Arch | undefined {
  return name === undefined ? undefined : BY_NAME.get(name);
}

export function archOf(code: number): Arch {
  return BY_CODE.get(code) ?? arch(code, `architecture ${code}`, 'uefi', 'other');
}
