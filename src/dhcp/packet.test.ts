import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureNames, readCapture } from '../../test/pcap.ts';
import { DecodeError } from '../net/bytes.ts';
import { type DhcpPacket, decodePacket, encodePacket } from './packet.ts';

const real = captureNames().flatMap((name) =>
  readCapture(name)
    .filter(({ targetPort }) => targetPort === 67 || targetPort === 68 || targetPort === 4011)
    .map((datagram) => ({ title: `${name} #${datagram.frame}`, bytes: datagram.bytes })),
);

const u8 = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const name = (max: number) =>
  fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((c) => String.fromCharCode(c)), maxLength: max });
const code = fc.integer({ min: 1, max: 254 }).filter((value) => value !== 52 && value !== 82);
const options = fc
  .array(fc.tuple(code, fc.uint8Array({ maxLength: 300 })), { maxLength: 4 })
  .map((pairs) => new Map(pairs));

const packets: fc.Arbitrary<DhcpPacket> = fc.record({
  op: u8,
  htype: u8,
  hlen: u8,
  hops: u8,
  xid: u32,
  secs: u16,
  flags: u16,
  ciaddr: u32,
  yiaddr: u32,
  siaddr: u32,
  giaddr: u32,
  chaddr: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  sname: name(63),
  file: name(127),
  options,
});

const sample: DhcpPacket = {
  op: 2,
  htype: 1,
  hlen: 6,
  hops: 0,
  xid: 7,
  secs: 0,
  flags: 0,
  ciaddr: 0,
  yiaddr: 0,
  siaddr: 0,
  giaddr: 0,
  chaddr: new Uint8Array(16),
  sname: '',
  file: '',
  options: new Map([[53, Uint8Array.of(2)]]),
};

/** A message whose option field holds these bytes, and its sname and file fields those. */
function wire(
  field: readonly number[],
  file: readonly number[] = [],
  sname: readonly number[] = [],
): Uint8Array {
  const bytes = new Uint8Array(240 + field.length);
  bytes.set(sname, 44);
  bytes.set(file, 108);
  bytes.set([0x63, 0x82, 0x53, 0x63, ...field], 236);
  return bytes;
}

describe('packet codec', () => {
  it('has captures to test with', () => expect(real.length).toBeGreaterThan(100));

  it.each(real)('decodes and re-encodes $title', ({ bytes }) => {
    const packet = decodePacket(bytes);
    expect(decodePacket(encodePacket(packet))).toEqual(packet);
  });

  it('is the identity on packets', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(decodePacket(encodePacket(packet))).toEqual(packet);
      }),
    );
  });

  it('keeps the order of the options', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const again = decodePacket(encodePacket(packet));
        expect([...again.options.keys()]).toEqual([...packet.options.keys()]);
      }),
    );
  });

  it('answers arbitrary bytes with a value or a DecodeError', () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 700 }),
      fc
        .tuple(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 192, maxLength: 192 }))
        .map(([field, names]) => wire([...field], [...names.subarray(0, 128)], [...names.subarray(128)])),
    );
    fc.assert(fc.property(message, decodesOrRefuses), { numRuns: 500 });
  });

  it('answers damaged captures with a value or a DecodeError', () => {
    const damage = fc.tuple(
      fc.constantFrom(...real.map(({ bytes }) => bytes)),
      fc.array(fc.tuple(fc.nat(600), u8), { maxLength: 8 }),
      fc.nat(600),
    );
    fc.assert(
      fc.property(damage, ([original, changes, length]) => {
        const bytes = original.slice(0, length < 100 ? original.length : length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        decodesOrRefuses(bytes);
      }),
      { numRuns: 500 },
    );
  });

  function decodesOrRefuses(bytes: Uint8Array): void {
    try {
      decodePacket(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  }

  it.each([
    ['an option without length', wire([53])],
    ['an option that is cut off', wire([53, 4, 1])],
    ['BOOTP without the cookie', new Uint8Array(300)],
    ['less than a header', new Uint8Array(239)],
    ['more than any message', new Uint8Array(5000)],
  ])('refuses %s', (_, bytes) => expect(() => decodePacket(bytes)).toThrow(DecodeError));

  it('joins options sent in pieces (RFC 3396)', () => {
    const { options } = decodePacket(wire([60, 2, 80, 88, 53, 1, 1, 60, 1, 69, 255]));
    expect(options).toEqual(
      new Map([
        [60, Uint8Array.of(80, 88, 69)],
        [53, Uint8Array.of(1)],
      ]),
    );
  });

  it('reads options overloaded into file, then sname (RFC 2132 §9.3)', () => {
    const packet = decodePacket(wire([52, 1, 3, 255], [12, 1, 97, 255], [12, 1, 98, 0, 255]));
    expect(packet.options).toEqual(new Map([[12, Uint8Array.of(97, 98)]]));
    expect([packet.file, packet.sname]).toEqual(['', '']);
  });

  it('overloads file and sname when the options are full and they are not in use', () => {
    const options = new Map([
      [53, Uint8Array.of(2)],
      [43, new Uint8Array(200).fill(1)],
      [114, new Uint8Array(100).fill(2)],
      [119, new Uint8Array(60).fill(3)],
      [252, new Uint8Array(100).fill(4)],
    ]);
    const small = { maxSize: 460 };
    const both = encodePacket({ ...sample, file: '', sname: '', options }, small);
    expect(both.length).toBeLessThanOrEqual(460);
    const read = decodePacket(both);
    expect(Object.fromEntries(read.options)).toEqual(
      Object.fromEntries([...options].filter(([code]) => code !== 252)),
    );
    const named = decodePacket(encodePacket({ ...sample, file: 'pxelinux.0', sname: '', options }, small));
    expect(named.file).toBe('pxelinux.0');
    expect(named.options.has(114)).toBe(false);
  });

  it('leaves file alone when only sname is overloaded', () => {
    const packet = decodePacket(wire([52, 1, 2, 255], [97], [53, 1, 1, 255]));
    expect(packet.file).toBe('a');
    expect(packet.options).toEqual(new Map([[53, Uint8Array.of(1)]]));
  });

  it('accepts pads and a missing end', () => {
    expect(decodePacket(wire([0, 0, 53, 1, 1])).options).toEqual(new Map([[53, Uint8Array.of(1)]]));
  });

  it('keeps every byte of a name', () => {
    const all = Array.from({ length: 127 }, (_, i) => i + 129);
    expect(
      decodePacket(encodePacket({ ...sample, file: String.fromCharCode(...all) })).file.charCodeAt(1),
    ).toBe(130);
  });

  it('is never shorter than 300 nor longer than 1472 bytes', () => {
    expect(encodePacket(sample)).toHaveLength(300);
    const full = new Map(Array.from({ length: 20 }, (_, i) => [i + 1, new Uint8Array(200)] as const));
    expect(encodePacket({ ...sample, options: full }, { maxSize: 65_280 }).length).toBeLessThanOrEqual(1472);
    expect(encodePacket({ ...sample, options: full }, { maxSize: 100 }).length).toBeLessThanOrEqual(300);
  });

  it('leaves out whole options that do not fit, never the relay agent information', () => {
    const options = new Map([
      [82, Uint8Array.of(1, 2, 3)],
      [53, Uint8Array.of(2)],
      [43, new Uint8Array(600)],
      [12, Uint8Array.of(97)],
    ]);
    const { options: sent } = decodePacket(encodePacket({ ...sample, options }, { maxSize: 548 }));
    expect([...sent.keys()]).toEqual([53, 12, 82]);
  });

  it('moves a file name of more than 127 bytes to option 67', () => {
    const file = `http://192.0.2.1/${'x'.repeat(200)}`;
    const stale = new Map([...sample.options, [67, Uint8Array.of(1)] as const]);
    const packet = decodePacket(encodePacket({ ...sample, file, options: stale }));
    expect(packet.file).toBe('');
    expect(String.fromCharCode(...packet.options.get(67)!)).toBe(file);
  });

  it('puts a zero after option 67 for ROMs that read it as a C string', () => {
    const options = new Map([...sample.options, [67, Uint8Array.of(97)] as const]);
    expect([...encodePacket({ ...sample, options }).subarray(243, 248)]).toEqual([67, 1, 97, 0, 255]);
  });
});
