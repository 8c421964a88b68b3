import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('the pace of a port', () => {
  it('takes less after a turn that was long, more after one that was not', () => {
    const pace = new Pace(5, 64);
    for (let turn = 0; turn < 4; turn++) pace.run(() => {});
    expect(pace.share).toBe(64);
    pace.run(() => busy(6));
    pace.run(() => busy(6));
    expect(pace.share).toBe(16);
    for (let turn = 0; turn < 8; turn++) pace.run(() => busy(6));
    expect(pace.share).toBe(1);
  });

  it('is as much as there is where no turn is too long', () => {
    const pace = new Pace(undefined, 64);
    pace.run(() => busy(1));
    expect(pace.share).toBe(64);
  });
});
