import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounds, blksizeOfMtu, negotiate } from './negotiate.ts';
import type { Option } from './packet.ts';

const ethernet: Bounds = { blksize: blksizeOfMtu(1500), windowsize: 64, windowBytes: 128 * 1024 };
const loopback: Bounds = { ...ethernet, blksize: 65464 };

/** `blksize=1432 tsize=0` as options. */
function options(text: string): Option[] {
  return text.split(' ').map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return { name, value };
  });
}

function accepted(text: string, bounds = ethernet, size: number | undefined = 40_000): string {
  const terms = negotiate(options(text), size, bounds);
  return terms.accepted.map(({ name, value }) => `${name}=${value}`).join(' ');
}

describe('option negotiation', () => {
  it.each([
    ['iPXE', 'blksize=1432 tsize=0', 'blksize=1432 tsize=40000'],
    ['PXELINUX', 'tsize=0 blksize=1408', 'tsize=40000 blksize=1408'],
    ['OVMF', 'tsize=0 blksize=1468 windowsize=4', 'tsize=40000 blksize=1468 windowsize=4'],
  ])('grants what %s asks, in its order', (_client, asked, granted) => {
    expect(accepted(asked)).toBe(granted);
  });

  it.each([
    ['the spelling is the client’s', 'BlkSize=1024', 'BlkSize=1024'],
    ['the first of two counts', 'blksize=1024 BLKSIZE=8', 'blksize=1024'],
    ['unknown ones are ignored', 'multicast= rollover=0 blksize2=8192 __proto__=1 constructor=1', ''],
    ['block sizes are cut to what is not fragmented', 'blksize=65464', 'blksize=1468'],
    ['and beyond RFC 2348 too', 'blksize=100000', 'blksize=1468'],
    ['windows are bounded', 'windowsize=65535', 'windowsize=64'],
    ['time-outs are taken or left', 'timeout=255', 'timeout=255'],
    ['a client that tells a size of its own in a read is told ours', 'tsize=17', 'tsize=40000'],
  ])('%s', (_rule, asked, granted) => {
    expect(accepted(asked)).toBe(granted);
  });

  it.each([
    'blksize=7',
    'blksize=0',
    'blksize=-8',
    'blksize=1e3',
    'blksize=',
    'blksize=99999999999999999999',
    'windowsize=0',
    'windowsize=65536',
    'timeout=0',
    'timeout=256',
    'timeout=1.5',
    'tsize=',
    'tsize=x',
    'nonsense=1',
  ])('ignores %s and then sends no OACK', (asked) => {
    const terms = negotiate(options(asked), 40_000, ethernet);
    expect(terms).toEqual({ blksize: 512, windowsize: 1, tsize: false, accepted: [] });
  });

  it('tells no size that is not known', () => {
    const terms = negotiate(options('tsize=0 blksize=1024'), undefined, ethernet);
    expect(terms).toMatchObject({ tsize: false, accepted: [{ name: 'blksize', value: '1024' }] });
  });

  it('keeps the bytes of a window within a socket buffer, whatever the order', () => {
    expect(accepted('windowsize=64 blksize=65464', loopback)).toBe('windowsize=2 blksize=65464');
    expect(accepted('blksize=8192 windowsize=64', loopback)).toBe('blksize=8192 windowsize=16');
  });

  it('always grants at least the default block size, however small the MTU', () => {
    expect(blksizeOfMtu(1500)).toBe(1468);
    expect(blksizeOfMtu(9000)).toBe(8968);
    expect(blksizeOfMtu(576)).toBe(544);
    expect(blksizeOfMtu(68)).toBe(512);
    expect(blksizeOfMtu(65536)).toBe(65464);
  });

  it('grants only what was asked, never more than was asked', () => {
    const name = fc.constantFrom('blksize', 'tsize', 'timeout', 'windowsize', 'other');
    const value = fc.oneof(fc.integer({ min: -1, max: 70_000 }).map(String), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(fc.record({ name, value }), { maxLength: 8 }), (asked) => {
        const terms = negotiate(asked, 1, loopback);
        const first = asked.filter((one, i) => asked.findIndex((other) => other.name === one.name) === i);
        const order = terms.accepted.map((one) => first.findIndex((other) => other.name === one.name));
        expect(order).toEqual([...order].sort((a, b) => a - b));
        for (const one of terms.accepted) {
          const wish = first.find((other) => other.name === one.name)!;
          if (one.name !== 'tsize') expect(Number(one.value)).toBeLessThanOrEqual(Number(wish.value));
        }
        expect(terms.blksize).toBeGreaterThanOrEqual(8);
        expect(terms.windowsize).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
