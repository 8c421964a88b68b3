/** What the silence of a machine means: a program that was fetched whole and never asked for anything. */

import { because, type Reason } from '../reason.ts';
import type { Step } from '../step.ts';

/** iPXE asks DHCP within five seconds of its start on an emulated machine, GRUB for its lists within one. */
const SILENCE_MS = 15_000;

const PROGRAM = /\.efi$/i;
const SHIM = /(^|\/)(shim|bootx64|bootnet)[^/]*\.efi$/i;
const GRUB = /(^|\/)grub[^/]*\.efi$/i;

/**
 * Undefined while a machine goes on, or when nothing is known of why it stopped.
 * @param steps of one boot, oldest first
 * @param now epoch milliseconds
 */
export function diagnose(steps: readonly Step[], now: number): Reason | undefined {
  const last = steps.at(-1);
  if (last === undefined || now - last.at < SILENCE_MS) return undefined;
  // OVMF of 2022 without a root to trust asks DHCP and does not even connect.
  if (last.kind === 'dhcp.ack' && last.what?.startsWith('https:'))
    return because('stopped-before-tls', { url: last.what });
  const fetched = steps.filter(isWholeFile);
  const file = fetched.at(-1)?.what ?? '';
  const shim = fetched.find(({ what = '' }) => SHIM.test(what))?.what;
  if (shim === file && isMiss(last) && GRUB.test(last.what ?? ''))
    return because('stopped-without-grub', { file: last.what, shim });
  // Whatever it asks for, found or not, shows that it runs.
  if (last !== fetched.at(-1) || !PROGRAM.test(file)) return undefined;
  if (GRUB.test(file) && last.via === 'http') return because('stopped-at-grub-http', { file });
  if (GRUB.test(file) && shim !== undefined) return because('stopped-at-grub', { file, shim });
  return because('stopped-at-loader', { file });
}

/** UEFI asks for the size before it asks for a file. */
function isWholeFile({ kind, because: { code } }: Step): boolean {
  return kind === 'http.file' || (kind === 'tftp.file' && code === 'transfer-complete');
}

function isMiss({ kind }: Step): boolean {
  return kind === 'tftp.error' || kind === 'http.error';
}
