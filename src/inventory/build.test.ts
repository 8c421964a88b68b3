import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { host, NOW } from '../../test/fixtures.ts';
import { built, cancelBuild, enterBuild, expired, failed, justExpired, makeToken } from './build.ts';
import { buildStatus, globalStatus } from './statuses.ts';
import type { Host } from './types.ts';

const HOUR = 3_600_000;
const { token: _token, ...rest } = host();
const IDLE: Host = { ...rest, build: false };

describe('statuses', () => {
  const loop = { loop: 'loader', at: NOW, since: NOW, count: 5 } as const;
  const token = { value: 't', expires_at: NOW + HOUR };
  it.each<[string, Partial<Host>, number, number, string, number, string]>([
    ['never built', {}, NOW, 0, 'Installed', 0, 'OK'],
    ['in build mode', { build: true, token }, NOW, 1, 'Pending installation', 0, 'OK'],
    ['a token at its end', { build: true, token }, NOW + HOUR, 2, 'Token expired', 2, 'Error'],
    [
      'a token without end',
      { build: true, token: { value: 't' } },
      NOW * 2,
      1,
      'Pending installation',
      0,
      'OK',
    ],
    ['failed', { build_errors: 'no disk' }, NOW, 3, 'Installation error', 2, 'Error'],
    ['failed without a word', { build_errors: '' }, NOW, 3, 'Installation error', 2, 'Error'],
    ['held', { hold: loop }, NOW, 0, 'Installed', 1, 'Warning'],
    ['held and expired', { build: true, token, hold: loop }, NOW + HOUR, 2, 'Token expired', 2, 'Error'],
  ])('of a host that is %s', (_what, fields, now, status, label, global, globalLabel) => {
    const machine = { ...IDLE, ...fields };
    expect(buildStatus(machine, now)).toEqual({ status, label });
    expect(globalStatus(machine, now)).toEqual({ status: global, label: globalLabel });
  });
});

/** What may happen to a host, each a while after the one before. */
const step = fc.record({
  after: fc.integer({ min: 0, max: 2 * HOUR }),
  what: fc.constantFrom('enter', 'built', 'failed', 'cancel', 'clock'),
});

describe('the life of a host', () => {
  it('is in build mode with a token, or out of it and known how it got there', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let [machine, now, ever]: [Host, number, boolean] = [IDLE, NOW, false];
        for (const { after, what } of steps) {
          now += after;
          if (what === 'enter') {
            machine = enterBuild(machine, makeToken(`t${now}`, now, 60), now);
            ever = true;
          } else if (what === 'cancel') machine = cancelBuild(machine, now, 'ann');
          else if (what === 'clock') machine = justExpired(machine, now) ? expired(machine) : machine;
          else if (machine.build)
            machine = what === 'built' ? built(machine, now) : failed(machine, 'x', now);

          expect(machine.token !== undefined).toBe(machine.build);
          if (machine.build) expect([undefined, 'expired']).toContain(machine.build_end?.how);
          else expect(machine.build_end !== undefined).toBe(ever);
          expect(machine.build_errors !== undefined).toBe(machine.build_end?.how === 'failed');
          expect(machine.build_end?.at ?? 0).toBeLessThanOrEqual(now);
          if (machine.build_end?.how === 'expired') expect(buildStatus(machine, now).status).toBe(2);
        }
      }),
    );
  });
});
