import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archOf } from './arch.ts';
import { DecodeError, equalBytes, fromHex, Reader, toHex, Writer } from './bytes.ts';
import { broadcast, contains, formatCidr, overlaps, parseCidr, prefixOf } from './cidr.ts';
import { formatIpv4, parseIpv4, unmapIpv4 } from './ip.ts';
import { bootif, formatMac, macBytes, parseMac } from './mac.ts';
import { formatUuid, swapUuid } from './uuid.ts';

const ipv4 = fc.integer({ min: 0, max: 0xffffffff });

describe('byte cursors', () => {
  it('reads back what was written, and not a byte more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 65535 }),
        ipv4,
        fc.uint8Array(),
        (a, b, c, d) => {
          const reader = new Reader(new Writer(1).u8(a).u16(b).u32(c).put(d).finish());
          expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([a, b, c]);
          expect(reader.rest()).toEqual(d);
          expect(() => reader.u8()).toThrow(DecodeError);
        },
      ),
    );
  });

  it('refuses a string without its NUL', () => {
    expect(new Reader(new Writer().cstring('octet').finish()).cstring()).toBe('octet');
    expect(() => new Reader(new Writer().text('octet').finish()).cstring()).toThrow(DecodeError);
  });
});

describe('addresses', () => {
  it('IPv4 text and number are each other’s inverse', () => {
    fc.assert(fc.property(ipv4, (address) => parseIpv4(formatIpv4(address)) === address));
  });

  it.each(['1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.x', '', ' 1.2.3.4'])(
    '%j is no IPv4 address',
    (text) => {
      expect(parseIpv4(text)).toBeUndefined();
    },
  );

  it('takes the v4 address out of a mapped one', () => {
    expect(unmapIpv4('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(unmapIpv4('2001:db8::1')).toBe('2001:db8::1');
  });

  it('MACs have one form, whatever the spelling', () => {
    for (const text of ['52:54:00:AB:cd:10', '52-54-00-ab-cd-10', '5254.00ab.cd10', ' 525400abcd10 ']) {
      expect(parseMac(text)).toBe('52:54:00:ab:cd:10');
    }
    expect(parseMac('52:54:00:ab:cd')).toBeUndefined();
    expect(parseMac('52:54-00:ab:cd:1g')).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) =>
        equalBytes(macBytes(formatMac(bytes)), bytes),
      ),
    );
    expect(bootif('52:54:00:ab:cd:10')).toBe('01-52-54-00-ab-cd-10');
  });

  it('swaps the UUID as firmware sends it (captured: -uuid 11223344-…)', () => {
    const wire = formatUuid(fromHex('443322116655887799aabbccddeeff00'));
    expect(swapUuid(wire)).toBe('11223344-5566-7788-99aa-bbccddeeff00');
    expect(swapUuid(swapUuid(wire))).toBe(wire);
    expect(toHex(fromHex('00ff10'))).toBe('00ff10');
  });
});

describe('networks', () => {
  it('knows its members', () => {
    const cidr = parseCidr('192.0.2.128/25')!;
    expect(contains(cidr, parseIpv4('192.0.2.129')!)).toBe(true);
    expect(contains(cidr, parseIpv4('192.0.2.127')!)).toBe(false);
    expect(formatIpv4(broadcast(cidr))).toBe('192.0.2.255');
    expect(formatCidr(cidr)).toBe('192.0.2.128/25');
    expect(prefixOf(parseIpv4('255.255.255.128')!)).toBe(25);
    expect(prefixOf(parseIpv4('255.0.255.0')!)).toBeUndefined();
  });

  it.each(['192.0.2.1/24', '192.0.2.0', '192.0.2.0/33', '192.0.2.0/24/1', 'x/24'])(
    '%s is no network',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );

  it('overlap is symmetric and means a shared address', () => {
    const cidr = fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => {
      const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
      return { network: (address & mask) >>> 0, prefix };
    });
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        const shared = contains(a, b.network) || contains(b, a.network);
        expect([overlaps(a, b), overlaps(b, a)]).toEqual([shared, shared]);
      }),
    );
  });
});

it('takes 7 for x86-64 UEFI and an unknown code for nothing we have a loader for', () => {
  expect(archOf(7)).toMatchObject({ firmware: 'uefi', cpu: 'x86_64', http: false });
  expect(archOf(16)).toMatchObject({ firmware: 'uefi', cpu: 'x86_64', http: true });
  expect(archOf(4711).cpu).toBe('other');
});
