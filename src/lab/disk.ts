/** A disk whose boot sector says that it runs: what "booted from the local disk" looks like in the lab. */

import { writeFileSync } from 'node:fs';

const SECTOR = 512;
const SIZE = 1024 * 1024;

/** What the boot sector prints on the console. */
export const DISK_SAYS = 'This is the local disk.';

/** 16-bit x86, loaded at 0x7c00: prints the text that follows by BIOS calls, then halts. */
const CODE = [
  ...[0xfb], //             sti             ; SeaBIOS writes to a serial console by its timer, chain.c32 stops that
  ...[0x31, 0xc0], //       xor  ax, ax
  ...[0x8e, 0xd8], //       mov  ds, ax
  ...[0xbe, 0x1a, 0x7c], // mov  si, text
  ...[0xfc], //             cld
  ...[0xac], //       next: lodsb
  ...[0x84, 0xc0], //       test al, al
  ...[0x74, 0x09], //       jz   halt
  ...[0xb4, 0x0e], //       mov  ah, 0x0e   ; teletype output
  ...[0xbb, 0x07, 0x00], // mov  bx, 7
  ...[0xcd, 0x10], //       int  0x10
  ...[0xeb, 0xf2], //       jmp  next
  ...[0xf4], //       halt: hlt
  ...[0xeb, 0xfd], //       jmp  halt
];

export function bootSector(): Uint8Array {
  const sector = new Uint8Array(SECTOR);
  sector.set(CODE);
  sector.set(new TextEncoder().encode(`\r\n${DISK_SAYS}\r\n\0`), CODE.length);
  sector.set([0x55, 0xaa], SECTOR - 2);
  return sector;
}

/** Writes a raw disk image of 1 MiB. */
export function makeDisk(path: string): void {
  const image = new Uint8Array(SIZE);
  image.set(bootSector());
  writeFileSync(path, image);
}
