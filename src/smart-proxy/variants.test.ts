import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderedName } from '../boot/rendered-names.ts';
import type { TemplateKind } from '../inventory/types.ts';
import { formatMac } from '../net/mac.ts';
import { commonNames, namesFor, pxeMac, VARIANTS, type Variant, variantNamed } from './variants.ts';

const KINDS: Readonly<Record<Variant, TemplateKind>> = {
  syslinux: 'PXELinux',
  pxelinux: 'PXELinux',
  pxegrub: 'PXEGrub',
  pxegrub2: 'PXEGrub2',
  ztp: 'ZTP',
  poap: 'POAP',
  ipxe: 'iPXE',
};
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(formatMac);

describe('variants', () => {
  it('are kept under names that loaders ask for, with the MAC address in them', () => {
    fc.assert(
      fc.property(mac, fc.constantFrom(...VARIANTS), (address, variant) => {
        for (const name of namesFor(variant, address))
          expect(renderedName(name)).toMatchObject({ kind: KINDS[variant], mac: address });
      }),
    );
  });

  it('do not share files, but for the two names of PXELINUX', () => {
    const all = VARIANTS.filter((variant) => variant !== 'syslinux').flatMap((variant) => [
      ...namesFor(variant, 'aa:bb:cc:00:11:22'),
      ...commonNames(variant),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('are known whatever their case', () => {
    expect([variantNamed('PXEGrub2'), variantNamed('Syslinux')]).toEqual(['pxegrub2', 'syslinux']);
    expect(() => variantNamed('constructor')).toThrow(
      expect.objectContaining({ code: 'PXE_VARIANT_UNKNOWN' }),
    );
  });
});

describe('MAC addresses', () => {
  it('are taken with colons or dashes, of Ethernet and of InfiniBand', () => {
    expect(pxeMac('AA-BB-CC-00-11-22')).toBe('aa:bb:cc:00:11:22');
    expect(pxeMac(Array.from({ length: 20 }, () => 'AA').join(':'))).toHaveLength(59);
  });

  it.each([
    '',
    'aabbcc001122',
    'aa:bb:cc:00:11',
    'aa:bb-cc:00:11:22',
    'aa:bb:cc:00:11:22\n',
    'gg:bb:cc:00:11:22',
  ])('are refused otherwise: %j', (text) => {
    expect(() => pxeMac(text)).toThrow(expect.objectContaining({ code: 'PXE_MAC_INVALID' }));
  });
});
