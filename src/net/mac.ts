/** Hardware addresses in one canonical form: six lower-case hex pairs with colons. */

import { hexLayout, toHex } from './bytes.ts';

/** `aa:bb:cc:dd:ee:ff` */
export type Mac = string;

/** Accepts colons, dashes, dots (`aabb.ccdd.eeff`) or bare hex, any case; undefined for anything else. */
export function parseMac(text: string): Mac | undefined {
  const trimmed = text.trim();
  const wellFormed =
    /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(trimmed) ||
    /^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(trimmed) ||
    /^[0-9a-f]{12}$/i.test(trimmed);
  if (!wellFormed) return undefined;
  const hex = trimmed.replace(/[:.-]/g, '').toLowerCase();
  return hex.match(/../g)?.join(':');
}

/** The first six of the given bytes. */
export const formatMac: (bytes: Uint8Array) => Mac = hexLayout([0, ':', 1, ':', 2, ':', 3, ':', 4, ':', 5]);

export function macBytes(mac: Mac): Uint8Array {
  return Uint8Array.from(mac.split(':'), (pair) => Number.parseInt(pair, 16));
}

/** `aa-bb-cc-dd-ee-ff`, as in `pxelinux.cfg/01-…` and `BOOTIF=01-…`. */
export function macHyphen(mac: Mac): string {
  return mac.replaceAll(':', '-');
}

/** PXELINUX's and iPXE's `BOOTIF`: ARP hardware type, then the address. */
export function bootif(mac: Mac): string {
  return `01-${macHyphen(mac)}`;
}

export function isZeroMac(bytes: Uint8Array): boolean {
  return toHex(bytes.subarray(0, 6)) === '000000000000';
}
