/** A real machine made of QEMU: firmware, PXE ROM, one NIC, and a serial console to listen to. */

import type { Mac } from '../net/mac.ts';
import type { Uuid } from '../net/uuid.ts';
import { type Exit, startChild } from './child.ts';
import { serialReader } from './serial.ts';

export const QEMU = 'qemu-system-x86_64';
/** Debian package ovmf. */
const OVMF = '/usr/share/ovmf/OVMF.fd';

export type MachineOptions = {
  /** Runs a command where the tap is: `lab.inside`. */
  readonly inside: (command: readonly string[]) => readonly string[];
  readonly tap: string;
  readonly mac: Mac;
  readonly uuid?: Uuid;
  /** 256 is enough for a BIOS machine to reach its kernel, 512 for a UEFI one. */
  readonly memoryMb: number;
  readonly nic: 'e1000' | 'virtio-net-pci';
  readonly firmware: 'bios' | 'uefi';
  /** Raw image that is tried when the network lets the machine go. */
  readonly disk?: string;
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
  const child = await startChild(options.inside([QEMU, ...qemuArguments(options)]), {
    onText: (text) => serial.feed(text),
    onErrorLine: options.onError,
  });
  return { pid: child.pid, off: child.exited, powerOff: () => child.stop() };
}

function qemuArguments(options: MachineOptions): string[] {
  return [
    // graphics=off sends SeaBIOS, and with it iPXE and PXELINUX, to the first serial port. Emulation, because
    // a /dev/kvm that is itself virtual can be a hundred times slower for real-mode firmware.
    ...['-machine', 'pc,graphics=off', '-accel', 'tcg'],
    ...['-m', String(options.memoryMb), '-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
    ...['-no-user-config', '-no-reboot', '-boot', 'menu=off'],
    ...['-netdev', `tap,id=net0,ifname=${options.tap},script=no,downscript=no`],
    ...['-device', `${options.nic},netdev=net0,mac=${options.mac},bootindex=1`],
    ...(options.uuid === undefined ? [] : ['-uuid', options.uuid]),
    ...(options.firmware === 'uefi' ? ['-bios', OVMF] : []),
    ...(options.disk === undefined ? [] : diskArguments(options.disk)),
  ];
}

function diskArguments(disk: string): string[] {
  return ['-drive', `file=${disk},format=raw,if=none,id=disk0`, '-device', 'ide-hd,drive=disk0,bootindex=2'];
}
