import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../net/bytes.ts';
import { decodePxeOptions, encodePxeOptions, type PxeOptions } from './pxe.ts';

const u8 = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 0xffff });
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
const options: fc.Arbitrary<PxeOptions> = fc.record(
  {
    discoveryControl: u8,
    bootServers: fc.array(
      fc.record({
        type: u16,
        addresses: fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
    menu: fc.array(fc.record({ type: u16, text }), { maxLength: 3 }),
    prompt: fc.record({ timeout: u8, text }),
    bootItem: fc.record({ type: u16, layer: u16 }),
  },
  { requiredKeys: [] },
);

describe('option 43', () => {
  it('is the identity on PXE options', () => {
    fc.assert(
      fc.property(options, (value) => {
        expect(decodePxeOptions(encodePxeOptions(value))).toEqual(value);
      }),
    );
  });

  it('answers arbitrary bytes with a value or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodePxeOptions(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  it('reads what dnsmasq and a ROM were seen to say', () => {
    expect(decodePxeOptions(Uint8Array.of(6, 1, 8, 10, 4, 0, 0x50, 0x58, 0x45, 255))).toEqual({
      discoveryControl: 8,
      prompt: { timeout: 0, text: 'PXE' },
    });
    expect(decodePxeOptions(Uint8Array.of(0x47, 4, 0x80, 0, 0, 0, 255))).toEqual({
      bootItem: { type: 0x8000, layer: 0 },
    });
  });
});
