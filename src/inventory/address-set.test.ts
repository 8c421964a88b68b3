import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSet } from './address-set.ts';

const small = fc.bigInt({ min: 0n, max: 1100n });

describe('a set of addresses', () => {
  it('finds the lowest that is free, as a plain search does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(small, fc.boolean()), { maxLength: 200 }),
        fc.array(fc.tuple(small, small), { maxLength: 3 }),
        small,
        small,
        fc.array(small, { maxLength: 20 }),
        (steps, runs, first, last, refused) => {
          const [set, plain] = [new AddressSet(), new Set<bigint>()];
          for (const [from, to] of runs) {
            for (let address = from; address <= to; address++) {
              set.add(address);
              plain.add(address);
            }
          }
          for (const [address, add] of steps) {
            if (add) set.add(address);
            else set.delete(address);
            if (add) plain.add(address);
            else plain.delete(address);
          }
          let expected: bigint | undefined;
          for (let address = first; address <= last && expected === undefined; address++)
            if (!plain.has(address) && !refused.includes(address)) expected = address;
          expect(AddressSet.firstFree([set], first, last, (address) => !refused.includes(address))).toBe(
            expected,
          );
          for (const [address] of steps) expect(set.has(address)).toBe(plain.has(address));
        },
      ),
    );
  });

  it('a /16 that is full but for its end is no work', () => {
    const set = new AddressSet();
    const [first, last] = [0x0a000000n, 0x0a00ffffn];
    for (let address = first; address < last; address++) set.add(address);
    const started = performance.now();
    for (let i = 0; i < 100; i++) expect(AddressSet.firstFree([set], first, last, () => true)).toBe(last);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
