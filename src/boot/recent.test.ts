import { expect, it } from 'vitest';
import { RecentMap } from './recent.ts';

it('keeps what is used and forgets the rest, within its bounds', () => {
  const map = new RecentMap<number>(100);
  for (let i = 0; i < 1000; i++) {
    map.set(`k${i}`, i);
    expect(map.get('k0')).toBe(0);
  }
  const kept = Array.from({ length: 1000 }, (_, i) => map.get(`k${i}`)).filter(
    (value) => value !== undefined,
  );
  expect(kept.length).toBeGreaterThanOrEqual(100);
  expect(kept.length).toBeLessThanOrEqual(200);
  expect(map.get('k999')).toBe(999);
});
