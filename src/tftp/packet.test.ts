import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureNames, readCapture } from '../../test/pcap.ts';
import { DecodeError, fromHex, fromLatin1, toHex } from '../net/bytes.ts';
import { decode, encode, isErrorPacket, type Packet, tryDecode } from './packet.ts';

const u16 = fc.integer({ min: 0, max: 0xffff });
const text = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const options = fc.array(fc.record({ name: text, value: text }), { maxLength: 5 });
const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    op: fc.constantFrom('rrq' as const, 'wrq' as const),
    filename: text,
    mode: text,
    options,
  }),
  fc.record({ op: fc.constant('data' as const), block: u16, data: fc.uint8Array({ maxLength: 1500 }) }),
  fc.record({ op: fc.constant('ack' as const), block: u16 }),
  fc.record({ op: fc.constant('error' as const), code: u16, message: text }),
  fc.record({ op: fc.constant('oack' as const), options }),
);

describe('TFTP packets', () => {
  it('decode∘encode is the identity', () => {
    fc.assert(fc.property(packet, (one) => void expect(decode(encode(one))).toEqual(one)));
  });

  it('gives a packet or a DecodeError for any bytes', () => {
    const bytes = fc
      .tuple(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 60 }))
      .map(([opcode, rest]) => Uint8Array.of(0, opcode, ...rest));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 60 })), (any) => {
        try {
          const one = decode(any);
          // encode∘decode gives the same bytes, or a prefix for ACK and ERROR, which may be padded
          const again = encode(one);
          expect(toHex(any).startsWith(toHex(again))).toBe(true);
          if (one.op !== 'ack' && one.op !== 'error') expect(again.length).toBe(any.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          expect(tryDecode(any)).toBeUndefined();
        }
      }),
    );
  });

  it('refuses every truncation of a request', () => {
    const whole = encode({
      op: 'rrq',
      filename: 'pxelinux.0',
      mode: 'octet',
      options: [{ name: 'tsize', value: '0' }],
    });
    const withoutOptions = 2 + 'pxelinux.0\0octet\0'.length;
    for (let length = 0; length < whole.length; length++) {
      const cut = () => decode(whole.subarray(0, length));
      if (length === withoutOptions) expect(cut()).toMatchObject({ options: [] });
      else expect(cut, `${length} bytes`).toThrow(DecodeError);
    }
  });

  it.each([
    ['an ERROR without terminator', fromLatin1('\0\x05\0\x01gone')],
    ['an OACK whose last value is open', fromLatin1('\0\x06blksize\x001408')],
    ['an option without value', fromLatin1('\0\x01a\0octet\0tsize\0')],
    ['opcode 0', Uint8Array.of(0, 0, 1, 2)],
    ['opcode 7', Uint8Array.of(0, 7, 1, 2)],
    ['opcode 256', Uint8Array.of(1, 0, 0, 0)],
    ['nothing', new Uint8Array()],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decode(bytes)).toThrow(DecodeError);
  });

  it('ignores the padding of short frames', () => {
    expect(decode(fromHex('00040001000000000000'))).toEqual({ op: 'ack', block: 1 });
    expect(decode(fromHex('00050008610000'))).toEqual({ op: 'error', code: 8, message: 'a' });
  });

  it('knows an ERROR even when it is damaged', () => {
    expect(isErrorPacket(fromHex('0005'))).toBe(true);
    expect(isErrorPacket(fromHex('0004'))).toBe(false);
    expect(isErrorPacket(new Uint8Array())).toBe(false);
  });
});

describe('real boots', () => {
  /** Requests go to port 69; whatever else the asking port then exchanges belongs to its transfer. */
  function tftpPacketsOf(capture: string): Uint8Array[] {
    const clients = new Set<string>();
    return (
      readCapture(capture)
        .filter((datagram) => {
          const { source, sourcePort, target, targetPort } = datagram;
          if (targetPort === 69) clients.add(`${source}:${sourcePort}`);
          return clients.has(`${source}:${sourcePort}`) || clients.has(`${target}:${targetPort}`);
        })
        .map(({ bytes }) => bytes)
        // The captures keep only the head of DATA packets.
        .filter((bytes) => bytes[1] !== 3)
    );
  }

  it.each(captureNames())('every control packet of %s decodes and encodes to the same bytes', (capture) => {
    for (const bytes of tftpPacketsOf(capture)) expect(toHex(encode(decode(bytes)))).toBe(toHex(bytes));
  });

  it('are all there', () => {
    const seen = new Map<string, number>();
    for (const capture of captureNames()) {
      for (const bytes of tftpPacketsOf(capture)) {
        const { op } = decode(bytes);
        seen.set(op, (seen.get(op) ?? 0) + 1);
      }
    }
    expect(Object.fromEntries(seen)).toEqual({ rrq: 50, oack: 33, ack: 29, error: 21 });
  });
});
