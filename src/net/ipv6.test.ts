import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalIpv6, contains6, formatIpv6, overlaps6, parseCidr6, parseIpv6 } from './ipv6.ts';

const address = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
  // Runs of zero groups, which random numbers hardly have.
  fc
    .array(fc.constantFrom(0, 0, 1, 0xffff), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)),
);

describe('IPv6 addresses', () => {
  it('are written as the URL standard of the platform writes them', () => {
    fc.assert(
      fc.property(address, (value) => {
        const text = formatIpv6(value);
        expect(parseIpv6(text)).toBe(value);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  it.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['::', '::'],
    ['fe80::', 'fe80::'],
    ['0010:0:0:1::', '10:0:0:1::'],
  ])('%s is %s', (given, canonical) => {
    expect(canonicalIpv6(given)).toBe(canonical);
  });

  it.each([
    ['192.0.2.1'],
    ['::1%eth0'],
    ['1::2::3'],
    ['1:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7:8::'],
    ['12345::'],
    ['1.2.3.4::'],
    ['::256.0.0.1'],
    [':1:2:3:4:5:6:7'],
    ['g::'],
    [''],
  ])('%j is none', (text) => {
    expect(parseIpv6(text)).toBeUndefined();
  });
});

describe('IPv6 networks', () => {
  it('hold their addresses and no others', () => {
    const cidr = parseCidr6('2001:db8:1::/48')!;
    expect(contains6(cidr, parseIpv6('2001:db8:1:ffff::1')!)).toBe(true);
    expect(contains6(cidr, parseIpv6('2001:db8:2::1')!)).toBe(false);
    expect(overlaps6(cidr, parseCidr6('2001:db8::/32')!)).toBe(true);
    expect(overlaps6(cidr, parseCidr6('2001:db8:2::/48')!)).toBe(false);
  });

  it.each([['2001:db8::1/64'], ['2001:db8::/129'], ['2001:db8::'], ['2001:db8::/'], ['192.0.2.0/24']])(
    'refuses %s',
    (text) => {
      expect(parseCidr6(text)).toBeUndefined();
    },
  );
});
