/** A real machine made of QEMU: firmware, network cards with their ROMs, and a serial console to listen to. */

import type { Mac } from '../net/mac.ts';
import type { Uuid } from '../net/uuid.ts';
import { type Exit, startChild } from './child.ts';
import { serialReader } from './serial.ts';

export const QEMU = 'qemu-system-x86_64';
export const QEMU_ARM64 = 'qemu-system-aarch64';

export type Nic = {
  readonly tap: string;
  readonly mac: Mac;
  readonly model: 'e1000' | 'virtio-net-pci' | 'rtl8139' | 'pcnet';
  /** File of its option ROM; empty: none, so that UEFI firmware drives the card itself. Default: QEMU's iPXE. */
  readonly rom?: string;
};

/** UEFI from the Debian package ovmf: the code, and a copy of its variables that this machine may write. */
export type Uefi = {
  readonly code: string;
  readonly variables: string;
  /** The code refuses what is not signed; it needs a chipset that keeps its variables safe. */
  readonly secureBoot?: boolean;
  /** An ARM machine, with code and variables of the Debian package qemu-efi-aarch64. */
  readonly arm64?: boolean;
};

export type MachineOptions = {
  /** Runs a command where the taps are: `lab.inside`. */
  readonly inside: (command: readonly string[]) => readonly string[];
  /** Tried in this order. */
  readonly nics: readonly Nic[];
  readonly uuid?: Uuid;
  /** 256 is enough for a BIOS machine to reach its kernel, 512 for a UEFI one, 1024 for an installer. */
  readonly memoryMb: number;
  readonly firmware: 'bios' | Uefi;
  /** Started by the firmware before any card, as if it were the ROM of one: a program and what comes with it. */
  readonly kernel?: { readonly file: string; readonly initrd?: string; readonly append?: string };
  /** Raw image that is tried when the network lets the machine go. */
  readonly disk?: string;
  /** Items of QEMU's firmware configuration: names, and strings or files. */
  readonly fwCfg?: readonly { readonly name: string; readonly string?: string; readonly file?: string }[];
  readonly onSerial: (line: string) => void;
  /** The unfinished line the cursor is on. */
  readonly onPartial?: (line: string) => void;
  /** QEMU's own complaints. */
  readonly onError?: (line: string) => void;
};

export type Machine = {
  readonly pid: number;
  /** Resolves when the machine is off, by itself or by us. */
  readonly off: Promise<Exit>;
  /** Pulls the plug and waits. */
  powerOff(): Promise<Exit>;
};

/** Powers a machine on. @throws ChainbootError LAB_COMMAND */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const serial = serialReader(options.onSerial, options.onPartial);
  const child = await startChild(options.inside([programFor(options), ...qemuArguments(options)]), {
    onText: (text) => serial.feed(text),
    onErrorLine: options.onError,
  });
  return { pid: child.pid, off: child.exited, powerOff: () => child.stop() };
}

function programFor({ firmware }: MachineOptions): string {
  return firmware !== 'bios' && firmware.arm64 === true ? QEMU_ARM64 : QEMU;
}

function qemuArguments(options: MachineOptions): string[] {
  return [
    ...platform(options.firmware),
    ...['-m', String(options.memoryMb), '-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
    ...['-no-user-config', '-no-reboot', '-boot', 'menu=off'],
    ...options.nics.flatMap(nicArguments),
    ...(options.uuid === undefined ? [] : ['-uuid', options.uuid]),
    ...(options.kernel === undefined ? [] : kernelArguments(options.kernel)),
    ...(options.disk === undefined ? [] : diskArguments(options.disk, options.nics.length + 1)),
    ...(options.fwCfg ?? []).flatMap(({ name, string, file }) => [
      '-fw_cfg',
      `name=${name},${file === undefined ? `string=${string ?? ''}` : `file=${file}`}`,
    ]),
  ];
}

/**
 * graphics=off sends SeaBIOS, and with it iPXE and PXELINUX, to the first serial port; OVMF writes there anyway.
 * Emulation, because a /dev/kvm that is itself virtual can be a hundred times slower for real-mode firmware.
 */
function platform(firmware: MachineOptions['firmware']): string[] {
  if (firmware === 'bios') return ['-machine', 'pc,graphics=off', '-accel', 'tcg'];
  const secure = firmware.secureBoot === true;
  const machine = secure ? 'q35,smm=on' : 'q35';
  return [
    ...(firmware.arm64 === true ? ['-machine', 'virt', '-cpu', 'cortex-a57'] : ['-machine', machine]),
    ...['-accel', 'tcg'],
    ...(secure ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
    ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${firmware.code}`],
    ...['-drive', `if=pflash,format=raw,unit=1,file=${firmware.variables}`],
  ];
}

function nicArguments({ tap, mac, model, rom }: Nic, i: number): string[] {
  const romFile = rom === undefined ? '' : `,romfile=${rom}`;
  return [
    ...['-netdev', `tap,id=net${i},ifname=${tap},script=no,downscript=no`],
    ...['-device', `${model},netdev=net${i},mac=${mac},bootindex=${i + 1}${romFile}`],
  ];
}

function kernelArguments({ file, initrd, append }: NonNullable<MachineOptions['kernel']>): string[] {
  return [
    ...['-kernel', file],
    ...(initrd === undefined ? [] : ['-initrd', initrd]),
    ...(append === undefined ? [] : ['-append', append]),
  ];
}

function diskArguments(disk: string, bootIndex: number): string[] {
  return [
    ...['-drive', `file=${disk},format=raw,if=none,id=disk0`],
    ...['-device', `ide-hd,drive=disk0,bootindex=${bootIndex}`],
  ];
}
