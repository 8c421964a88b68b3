import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIG_SCHEMA } from '../../config/schema.ts';
import { clientOf, RateLimit } from './rate-limit.ts';

const LIMIT = { burst: 3, perSecond: 0.5 };

describe('RateLimit', () => {
  it('gives what it holds at once, and says how long the next one takes', () => {
    const limit = new RateLimit(LIMIT, () => 0);
    expect([1, 2, 3, 4, 5].map(() => limit.take('a'))).toEqual([0, 0, 0, 2, 2]);
    expect(limit.wait('a')).toBe(2);
    expect(limit.take('b')).toBe(0);
  });

  it('never lets through more than burst and rate allow, whenever whoever asks', () => {
    const steps = fc.array(fc.tuple(fc.nat(5_000), fc.constantFrom('a', 'b')), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (asked) => {
        let now = 0;
        const limit = new RateLimit(LIMIT, () => now);
        const taken = { a: 0, b: 0 };
        for (const [later, key] of asked) {
          now += later;
          if (limit.take(key as 'a') === 0) taken[key as 'a']++;
        }
        const most = LIMIT.burst + (now / 1000) * LIMIT.perSecond;
        expect(Math.max(taken.a, taken.b)).toBeLessThanOrEqual(most + 1e-9);
      }),
    );
  });

  it('lets through who waited as long as was said', () => {
    let now = 0;
    const limit = new RateLimit(LIMIT, () => now);
    for (let i = 0; i < 3; i++) limit.take('a');
    now += limit.take('a') * 1000;
    expect(limit.take('a')).toBe(0);
  });

  it('lets a thousand machines behind one address boot at once, as it is configured', () => {
    const { http } = CONFIG_SCHEMA.parse({ links: [{ interface: 'eth0' }] });
    const limit = new RateLimit({ burst: http.boot_burst, perSecond: http.boot_rate }, () => 0);
    const asked = Array.from({ length: 1000 * 5 }, () => limit.take('198.51.100.1'));
    expect(asked.every((wait) => wait === 0)).toBe(true);
  });

  it('takes back what was given, but never holds more than its burst', () => {
    const limit = new RateLimit(LIMIT, () => 0);
    limit.take('a');
    for (let i = 0; i < 9; i++) limit.give('a');
    expect([1, 2, 3, 4].map(() => limit.take('a') === 0)).toEqual([true, true, true, false]);
  });

  it('remembers so many keys and no more, of whatever length', () => {
    const limit = new RateLimit(LIMIT, () => 0, 10);
    for (let i = 0; i < 1000; i++) limit.take(`${i}`);
    expect(limit.size).toBe(10);
    for (let i = 0; i < 4; i++) limit.take('x'.repeat(100_000));
    expect(limit.wait('x'.repeat(200_000))).toBeGreaterThan(0);
  });

  it('is not confused by a clock that goes back', () => {
    let now = 1_000_000;
    const limit = new RateLimit(LIMIT, () => now);
    for (let i = 0; i < 3; i++) limit.take('a');
    now = 0;
    expect(limit.take('a')).toBe(2);
  });
});

describe('clientOf', () => {
  it('is an IPv4 address, or the network of an IPv6 one', () => {
    expect(clientOf('192.0.2.7')).toBe('192.0.2.7');
    expect(clientOf('2001:db8:1:2:3:4:5:6')).toBe(clientOf('2001:db8:1:2::9'));
    expect(clientOf('2001:db8:1:2::9')).not.toBe(clientOf('2001:db8:1:3::9'));
    expect(clientOf('fe80::1%eth0')).toBe(clientOf('fe80::2'));
    expect(clientOf('nonsense:')).toBe('nonsense:');
  });
});
