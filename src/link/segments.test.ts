import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datagramsOf, messagesOf } from './segments.ts';
import type { Outgoing } from './types.ts';

const run = (length: number, segment?: number): Outgoing => ({
  bytes: Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8)),
  address: 1,
  port: 2,
  ...(segment !== undefined && { segment }),
});

const lengths = (items: readonly Outgoing[]) => items.map(({ bytes }) => bytes.length);

describe('runs of datagrams', () => {
  it('go out as they are when the kernel can cut them', () => {
    const batch = [run(16 * 1412 - 5, 1412), run(100)];
    expect(messagesOf(batch, Number.POSITIVE_INFINITY)).toBe(batch);
  });

  it('are cut at 64 datagrams and at the largest UDP payload', () => {
    const all = Number.POSITIVE_INFINITY;
    expect(lengths(messagesOf([run(100 * 516, 516)], all))).toEqual([64 * 516, 36 * 516]);
    expect(lengths(messagesOf([run(64 * 1412, 1412)], all))).toEqual([46 * 1412, 18 * 1412]);
    expect(lengths(messagesOf([run(3 * 65_468, 65_468)], all))).toEqual([65_468, 65_468, 65_468]);
  });

  it('go one by one where the kernel does not cut so large ones', () => {
    expect(lengths(messagesOf([run(3000, 1412), run(20, 8)], 8))).toEqual([1412, 1412, 176, 20]);
  });

  it('are the same bytes in the same order, however they are cut', () => {
    const sizes = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 0, max: 200_000 }),
        fc.option(sizes),
        (segment, length, largest) => {
          const item = run(length, segment);
          const messages = messagesOf([item], largest ?? Number.POSITIVE_INFINITY);
          const singles = messages.flatMap(datagramsOf);
          expect(Buffer.concat(singles.map(({ bytes }) => bytes)).equals(item.bytes)).toBe(true);
          expect(singles.slice(0, -1).every(({ bytes }) => bytes.length === segment)).toBe(true);
          expect(lengths(messages).every((size) => size <= Math.max(65_507, segment))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});
