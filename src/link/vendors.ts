/** Makers of network cards by the first three bytes of a MAC (OUI), from a list that the system has. */

import { readFileSync } from 'node:fs';

/** Of the Debian packages ieee-data, nmap-common and libwireshark-data. */
const LISTS = [
  '/usr/share/ieee-data/oui.txt',
  '/var/lib/ieee-data/oui.txt',
  '/usr/share/nmap/nmap-mac-prefixes',
  '/usr/share/wireshark/manuf',
];

/** Names outside the lists that are met wherever machines are virtual. */
const VIRTUAL: Readonly<Record<string, string>> = { '525400': 'QEMU/KVM', '00163E': 'Xen' };

/** Reads a list each time: it happens once for each neighbour that is new. Undefined where no list knows it. */
export function vendorOf(mac: string, lists: readonly string[] = LISTS): string | undefined {
  const prefix = mac.replaceAll(':', '').slice(0, 6).toUpperCase();
  if (VIRTUAL[prefix] !== undefined) return VIRTUAL[prefix];
  // A locally administered address has no maker.
  if ((Number.parseInt(prefix.slice(0, 2), 16) & 2) !== 0) return undefined;
  for (const list of lists) {
    const found = vendorIn(readOrNothing(list), prefix);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `AABBCC     (base 16)  Maker`, `AABBCC Maker`, `AA:BB:CC  Short  Maker`, one a line. */
export function vendorIn(text: string, prefix: string): string | undefined {
  const bytes = prefix.match(/../g)!.join('[:-]?');
  const line = new RegExp(`^${bytes}(?![0-9A-Fa-f:-])[ \\t]*(?:\\(base 16\\))?[ \\t]*(.+)$`, 'im').exec(
    text,
  )?.[1];
  const maker = line?.trim().split('\t').at(-1)?.trim();
  return maker === '' ? undefined : maker;
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
