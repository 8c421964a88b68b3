import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../net/bytes.ts';
import {
  ALGORITHMS,
  decodeGreeting,
  decodeMessage,
  encodeMessage,
  GREETING,
  isSignedBy,
  type OmapiMessage,
  type Pairs,
} from './omapi-codec.ts';

const u32 = fc.nat(0xffffffff);
const pairs: fc.Arbitrary<Pairs> = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 20 }).filter((name) => !/^\d+$/.test(name)),
    fc.uint8Array({ maxLength: 40 }),
    { maxKeys: 5, noNullPrototype: true },
  )
  .map((all) => Object.fromEntries(Object.entries(all).map(([name, value]) => [name, Buffer.from(value)])));
const message: fc.Arbitrary<OmapiMessage> = fc.record({
  key: u32,
  operation: u32,
  handle: u32,
  transaction: u32,
  answers: u32,
  message: pairs,
  object: pairs,
});
const key = fc.option(
  fc.record({
    name: fc.constant('k'),
    algorithm: fc.constantFrom(...ALGORITHMS),
    secret: fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  }),
  { nil: undefined },
);

describe('a message of OMAPI', () => {
  it('is read as it was written, whatever comes after it', () => {
    fc.assert(
      fc.property(message, key, fc.uint8Array(), (sent, by, more) => {
        const bytes = encodeMessage(sent, by);
        const read = decodeMessage(Buffer.concat([bytes, more]));
        expect(read?.message).toEqual(sent);
        expect(read?.size).toBe(bytes.length);
        if (by !== undefined) expect(isSignedBy(read!, by)).toBe(true);
      }),
    );
  });

  it('is waited for as long as a part of it is missing', () => {
    fc.assert(
      fc.property(message, key, fc.nat(), (sent, by, at) => {
        const bytes = encodeMessage(sent, by);
        expect(decodeMessage(bytes.subarray(0, at % bytes.length))).toBeUndefined();
      }),
    );
  });

  it('is not signed any more when one bit of it is another', () => {
    fc.assert(
      fc.property(message, key, fc.nat(), (sent, by, at) => {
        if (by === undefined) return;
        const read = decodeMessage(encodeMessage(sent, by))!;
        const signed = Buffer.from(read.signed);
        signed[at % signed.length]! ^= 1;
        expect(isSignedBy({ ...read, signed }, by)).toBe(false);
      }),
    );
  });

  it('of arbitrary bytes is a message, not there yet, or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of [decodeMessage, decodeGreeting])
          try {
            decode(Buffer.from(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
      }),
      { numRuns: 1000 },
    );
  });

  it('has an end', () => {
    const endless = Buffer.concat([Buffer.alloc(24), Buffer.from([0, 1, 0x61, 0xff, 0xff, 0xff, 0xff])]);
    expect(() => decodeMessage(endless)).toThrow(DecodeError);
  });
});

it('both sides greet with version 100 and a header of 24 bytes', () => {
  expect(GREETING.toString('hex')).toBe('0000006400000018');
  expect(decodeGreeting(GREETING)).toBe(true);
  expect(decodeGreeting(GREETING.subarray(0, 3))).toBeUndefined();
  expect(() => decodeGreeting(Buffer.from('SSH-'))).toThrow(DecodeError);
});
