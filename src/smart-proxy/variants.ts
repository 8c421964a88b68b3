/** The names under which a Foreman's boot configurations are kept: those that the loaders ask for (foreman-facts §4.2). Pure. */

import { ChainbootError } from '../errors.ts';
import { bootif, type Mac, macHyphen, parseMac } from '../net/mac.ts';

export const VARIANTS = ['syslinux', 'pxelinux', 'pxegrub', 'pxegrub2', 'ztp', 'poap', 'ipxe'] as const;
export type Variant = (typeof VARIANTS)[number];

type Names = {
  /** Of one machine; the first is read back. */
  readonly own: (mac: Mac) => readonly [string, ...string[]];
  /** For machines that nobody knows. */
  readonly common: readonly [string, ...string[]];
};

const PXELINUX: Names = {
  own: (mac) => [`pxelinux.cfg/${bootif(mac)}`],
  common: ['pxelinux.cfg/default'],
};

const NAMES: Readonly<Record<Variant, Names>> = {
  syslinux: PXELINUX,
  pxelinux: PXELINUX,
  pxegrub: {
    own: (mac) => [`grub/menu.lst.01${bare(mac)}`, `grub/01-${macHyphen(mac).toUpperCase()}`],
    common: ['grub/menu.lst', 'grub/efidefault'],
  },
  pxegrub2: {
    own: (mac) => [`grub2/grub.cfg-${bootif(mac)}`, `grub2/grub.cfg-${mac}`],
    common: ['grub2/grub.cfg'],
  },
  ztp: {
    own: (mac) => [`ztp.cfg/${bare(mac)}`, `ztp.cfg/${bare(mac)}.cfg`],
    common: ['ztp.cfg/default'],
  },
  poap: { own: (mac) => [`poap.cfg/${bare(mac)}`], common: ['poap.cfg/default'] },
  ipxe: {
    own: (mac) => [`pxelinux.cfg/${bootif(mac)}.ipxe`],
    common: ['pxelinux.cfg/default.ipxe'],
  },
};

export function namesFor(variant: Variant, mac: Mac): readonly [string, ...string[]] {
  return NAMES[variant].own(mac);
}

export function commonNames(variant: Variant): readonly [string, ...string[]] {
  return NAMES[variant].common;
}

/** Whatever its case. Throws PXE_VARIANT_UNKNOWN. */
export function variantNamed(text: string): Variant {
  const found = VARIANTS.find((variant) => variant === text.toLowerCase());
  if (found === undefined)
    throw new ChainbootError('PXE_VARIANT_UNKNOWN', { variant: text, known: VARIANTS.join(', ') });
  return found;
}

/** The 20 octets of InfiniBand as well, whose ends are what is asked for in Ethernet's place. */
const INFINIBAND = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){19}$/i;

/** Throws PXE_MAC_INVALID. */
export function pxeMac(text: string): Mac {
  const mac = INFINIBAND.test(text) ? text.toLowerCase().replaceAll('-', ':') : separated(text);
  if (mac === undefined) throw new ChainbootError('PXE_MAC_INVALID', { mac: text });
  return mac;
}

function separated(text: string): Mac | undefined {
  return /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(text) ? parseMac(text) : undefined;
}

function bare(mac: Mac): string {
  return mac.replaceAll(':', '').toUpperCase();
}
