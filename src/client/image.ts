/** What a file is by its first bytes, and what firmware would make of it. Pure. */

import { hasMagic } from '../formats/ipxe/parse.ts';
import { readExecutable } from '../media/executable.ts';

export type ImageKind = 'script' | 'bzimage' | 'efi' | 'other' | 'empty';

const utf8 = new TextDecoder();

function startsWith(bytes: Uint8Array, magic: readonly number[], at = 0): boolean {
  return magic.every((byte, i) => bytes[at + i] === byte);
}

const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));

/** `HdrS` at 0x202 behind the boot sector mark (Linux: Documentation/arch/x86/boot.rst). */
export function isBzImage(head: Uint8Array): boolean {
  return startsWith(head, [0x55, 0xaa], 0x1fe) && startsWith(head, ascii('HdrS'), 0x202);
}

export function isEfi(head: Uint8Array): boolean {
  return startsWith(head, ascii('MZ'));
}

/** Where the header of a PE file ends at the latest. */
const PE_HEAD = 4096;
/** Boot protocol 2.12, the first with `xloadflags`. */
const HAS_XLOADFLAGS = 0x020c;

/** The processor that a kernel or an EFI program is for, by the names of net/arch.ts; undefined where it does not say. */
export function cpuOf(head: Uint8Array): string | undefined {
  if (!isBzImage(head)) return isEfi(head) ? readExecutable(head.subarray(0, PE_HEAD)).cpu : undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 0x238 || view.getUint16(0x206, true) < HAS_XLOADFLAGS) return undefined;
  const XLF_KERNEL_64 = 1;
  return view.getUint16(0x236, true) & XLF_KERNEL_64 ? 'x86_64' : 'x86';
}

export function imageKind(head: Uint8Array): ImageKind {
  if (head.length === 0) return 'empty';
  if (hasMagic(utf8.decode(head.subarray(0, 7)))) return 'script';
  if (isBzImage(head)) return 'bzimage';
  return isEfi(head) ? 'efi' : 'other';
}

const INITRDS: readonly (readonly [format: string, magic: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', ascii('BZh')],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['lzop', [0x89, 0x4c, 0x5a, 0x4f]],
  ['cpio', ascii('070701')],
  ['cpio', ascii('070702')],
];

/** The archive or compression formats Linux takes as an initramfs; undefined for anything else. */
export function initrdFormat(head: Uint8Array): string | undefined {
  return INITRDS.find(([, magic]) => startsWith(head, magic))?.[0];
}

/** True for HTML, plain text and the like: what a server sends when it meant to send an error. */
export function looksLikeText(head: Uint8Array): boolean {
  const start = head.subarray(0, 256);
  return (
    start.length > 0 &&
    start.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127))
  );
}

/** The first line of a text, for a message. */
export function firstLine(head: Uint8Array): string {
  return utf8
    .decode(head.subarray(0, 120))
    .split(/[\r\n]/, 1)[0]!
    .slice(0, 80);
}
