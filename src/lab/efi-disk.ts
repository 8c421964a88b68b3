/** A disk that UEFI boots: one EFI system partition whose loader says that it runs. */

import { writeFileSync } from 'node:fs';
import { bootSector, DISK_SAYS } from './disk.ts';

const SECTOR = 512;

/** x86-64, position independent: prints the text that follows through the firmware's console, then halts. */
const CODE = [
  ...[0x48, 0x83, 0xec, 0x28], //                   sub  rsp, 0x28       ; room the callee may use
  ...[0x48, 0x8b, 0x4a, 0x40], //                   mov  rcx, [rdx+0x40] ; EFI_SYSTEM_TABLE.ConOut
  ...[0x48, 0x8d, 0x15, 0x09, 0x00, 0x00, 0x00], // lea  rdx, [rip+9]    ; the text
  ...[0xff, 0x51, 0x08], //                         call [rcx+8]         ; OutputString
  ...[0xf4], //                               halt: hlt
  ...[0xeb, 0xfd], //                               jmp  halt
  ...[0x90, 0x90, 0x90],
];

/**
 * A UEFI application: PE32+ headers in the first sector, one section with code and text in the second (Microsoft:
 * PE Format; UEFI 2.10, 2.1.1).
 */
export function efiProgram(): Uint8Array {
  const image = Buffer.alloc(2 * SECTOR);
  image.write('MZ', 0, 'latin1');
  image.writeUInt32LE(0x40, 0x3c);
  image.write('PE', 0x40, 'latin1');
  coffHeader(image.subarray(0x44));
  optionalHeader(image.subarray(0x58));
  sectionHeader(image.subarray(0x148));
  image.set(CODE, SECTOR);
  image.write(`\r\n${DISK_SAYS}\r\n\0`, SECTOR + CODE.length, 'utf16le');
  return image;
}

function coffHeader(at: Buffer): void {
  at.writeUInt16LE(0x8664, 0); // x86-64
  at.writeUInt16LE(1, 2); // sections
  at.writeUInt16LE(0xf0, 16); // size of the optional header
  at.writeUInt16LE(0x22, 18); // executable, anywhere in memory
}

function optionalHeader(at: Buffer): void {
  at.writeUInt16LE(0x20b, 0); // PE32+
  at.writeUInt32LE(SECTOR, 4); // size of code
  at.writeUInt32LE(SECTOR, 16); // entry point
  at.writeUInt32LE(SECTOR, 20); // base of code
  at.writeUInt32LE(SECTOR, 32); // alignment in memory
  at.writeUInt32LE(SECTOR, 36); // alignment in the file
  at.writeUInt32LE(2 * SECTOR, 56); // size of the image
  at.writeUInt32LE(SECTOR, 60); // size of the headers
  at.writeUInt16LE(10, 68); // EFI application
  at.writeUInt32LE(16, 108); // directories, all of them empty: nothing is to be relocated
}

function sectionHeader(at: Buffer): void {
  at.write('.text', 0, 'latin1');
  at.writeUInt32LE(SECTOR, 8); // size in memory
  at.writeUInt32LE(SECTOR, 12); // address
  at.writeUInt32LE(SECTOR, 16); // size in the file
  at.writeUInt32LE(SECTOR, 20); // offset in the file
  at.writeUInt32LE(0x60000020, 36); // code, readable, executable
}

/** In sectors. The partition is a FAT12 volume with one sector a cluster. */
const PARTITION = 64;
const VOLUME = 1984;
const FAT = 6;
const ROOT = 1 + 2 * FAT;
const DATA = ROOT + 1;

/** A raw disk image of 1 MiB: to UEFI a system partition with EFI/BOOT/BOOTX64.EFI, to a BIOS a boot sector. */
export function makeEfiDisk(path: string): void {
  const disk = Buffer.alloc((PARTITION + VOLUME) * SECTOR);
  disk.set(bootSector());
  partitionEntry(disk.subarray(446));
  volume(disk.subarray(PARTITION * SECTOR));
  writeFileSync(path, disk);
}

function partitionEntry(at: Buffer): void {
  at[4] = 0xef; // EFI system partition (UEFI 2.10, 5.2.2)
  at.writeUInt32LE(PARTITION, 8);
  at.writeUInt32LE(VOLUME, 12);
}

/** FAT (Microsoft: FAT32 File System Specification 1.03): clusters 2 and 3 are directories, 4 and 5 the program. */
function volume(at: Buffer): void {
  const cluster = (number: number) => at.subarray((DATA + number - 2) * SECTOR);
  biosParameterBlock(at);
  for (const fat of [1, 1 + FAT]) at.set(fat12([0xff8, 0xfff, 0xfff, 0xfff, 5, 0xfff]), fat * SECTOR);
  directoryEntry(at.subarray(ROOT * SECTOR), 'EFI', 2);
  directory(cluster(2), 2, 0, ['BOOT', 3]);
  directory(cluster(3), 3, 2, ['BOOTX64 EFI', 4, 2 * SECTOR]);
  cluster(4).set(efiProgram());
}

function biosParameterBlock(at: Buffer): void {
  at.set([0xeb, 0x3c, 0x90]);
  at.write('CHAINBOO', 3, 'latin1');
  at.writeUInt16LE(SECTOR, 11);
  at[13] = 1; // sectors a cluster
  at.writeUInt16LE(1, 14); // sectors before the first table
  at[16] = 2; // tables
  at.writeUInt16LE(SECTOR / 32, 17); // entries of the root directory
  at.writeUInt16LE(VOLUME, 19);
  at[21] = 0xf8; // a fixed disk
  at.writeUInt16LE(FAT, 22);
  at.writeUInt16LE(32, 24); // sectors a track, heads: no firmware looks, but mtools does
  at.writeUInt16LE(2, 26);
  at.writeUInt32LE(PARTITION, 28);
  at[38] = 0x29;
  at.write('NO NAME    FAT12   ', 43, 'latin1');
  at.writeUInt16LE(0xaa55, 510);
}

/** Entries of twelve bits, two in three bytes. */
function fat12(entries: readonly number[]): Uint8Array {
  const table = Buffer.alloc(Math.ceil(entries.length * 1.5) + 1);
  entries.forEach((entry, index) => {
    const at = Math.floor(index * 1.5);
    table.writeUInt16LE(table.readUInt16LE(at) | (index % 2 === 0 ? entry : entry << 4), at);
  });
  return table;
}

type Entry = readonly [name: string, cluster: number, bytes?: number];

function directory(at: Buffer, own: number, parent: number, entry: Entry): void {
  directoryEntry(at, '.', own);
  directoryEntry(at.subarray(32), '..', parent);
  directoryEntry(at.subarray(64), ...entry);
}

/** A directory unless it has a size. */
function directoryEntry(at: Buffer, name: string, cluster: number, bytes?: number): void {
  at.write(name.padEnd(11), 0, 'latin1');
  at[11] = bytes === undefined ? 0x10 : 0x20;
  at.writeUInt16LE(cluster, 26);
  at.writeUInt32LE(bytes ?? 0, 28);
}
