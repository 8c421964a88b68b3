import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriedOut, isSame, markDrift, planOf, type Wanted, writtenAhead } from './plan.ts';
import type { DriverChange, Present, Reservation } from './types.ts';

/** Few of each, so that they meet. */
const NAMES = ['a.lab', 'b.lab', 'c.lab', 'd.lab'];
const MACS = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03', '52:54:00:00:00:04'];
const IPS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];

const reservation: fc.Arbitrary<Reservation> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    mac: fc.constantFrom(...MACS),
    ip: fc.option(fc.constantFrom(...IPS), { nil: undefined }),
  })
  .map(({ name, mac, ip }) => ({ name, mac, ...(ip !== undefined && { ip }) }));

/** As an inventory has them: no name, card or address twice. */
const clean = fc
  .array(reservation, { maxLength: 4 })
  .map((all) =>
    all.filter(
      (one, i) =>
        !all
          .slice(0, i)
          .some((b) => b.name === one.name || b.mac === one.mac || (b.ip !== undefined && b.ip === one.ip)),
    ),
  );
const parts = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('1', '2'), {
  noNullPrototype: true,
});
const wanted: fc.Arbitrary<Wanted> = fc.record({ reservations: clean, parts });
const present: fc.Arbitrary<Present> = fc.record({ ours: clean, foreign: clean, parts });

/** What a server has that did all of it, in that order. */
function after(now: Present, changes: readonly DriverChange[]): Present {
  let ours = [...now.ours];
  const texts: Record<string, string> = { ...now.parts };
  for (const { op, what, name, after: text, reservation: one } of changes) {
    if (what === 'part') {
      delete texts[name];
      if (op !== 'remove') texts[name] = text!;
      continue;
    }
    ours = ours.filter((each) => each.name !== name);
    if (op !== 'remove') ours.push(one!);
  }
  return { ours, foreign: now.foreign, parts: texts };
}

const sorted = (all: readonly Reservation[]) => all.toSorted((a, b) => a.name.localeCompare(b.name));
const overlaps = (a: Reservation, b: Reservation) => a.mac === b.mac || (a.ip !== undefined && a.ip === b.ip);

describe('a plan', () => {
  it('leads to what is wanted, without what is in the way, and then there is nothing more to do', () => {
    fc.assert(
      fc.property(wanted, present, (want, now) => {
        const plan = planOf(want, now);
        const then = after(now, plan.changes);
        const free = want.reservations.filter((one) => !now.foreign.some((other) => overlaps(one, other)));
        expect(sorted(then.ours)).toEqual(sorted(free));
        expect(then.parts).toEqual(want.parts);
        expect(planOf(want, then)).toEqual({ changes: [], conflicts: plan.conflicts });
      }),
    );
  });

  it('names whose reservation is in the way of each that is not made', () => {
    fc.assert(
      fc.property(wanted, present, (want, now) => {
        const { conflicts, changes } = planOf(want, now);
        for (const { host, wanted: mine, foreign } of conflicts) {
          expect(overlaps(mine, foreign)).toBe(true);
          expect(now.foreign).toContain(foreign);
          expect(changes.filter(({ name, op }) => name === host && op !== 'remove')).toEqual([]);
        }
        expect(conflicts.length).toBe(
          want.reservations.filter((one) => now.foreign.some((other) => overlaps(one, other))).length,
        );
      }),
    );
  });

  it('takes away only what is ours, and that first', () => {
    fc.assert(
      fc.property(wanted, present, (want, now) => {
        const { changes } = planOf(want, now);
        const removed = changes.filter(({ op, what }) => op === 'remove' && what === 'reservation');
        for (const { reservation: one } of removed) expect(now.ours).toContain(one);
        expect(changes.slice(0, removed.length)).toEqual(removed);
      }),
    );
  });

  it('says what it was, for people', () => {
    const [mine] = [{ name: 'a.lab', mac: MACS[0]!, ip: IPS[0]! }];
    const now = { ours: [{ ...mine!, ip: IPS[1]! }], foreign: [], parts: {} };
    expect(planOf({ reservations: [mine!], parts: {} }, now).changes).toMatchObject([
      { op: 'change', before: `a.lab ${MACS[0]} ${IPS[1]}`, after: `a.lab ${MACS[0]} ${IPS[0]}` },
    ]);
    expect(planOf({ reservations: [], parts: {} }, now).changes).toMatchObject([
      { op: 'remove', name: 'a.lab', before: `a.lab ${MACS[0]} ${IPS[1]}` },
    ]);
  });
});

describe('drift', () => {
  it('is what was made as it is wanted, and is otherwise now', () => {
    fc.assert(
      fc.property(wanted, present, (want, now) => {
        const none = { reservations: [], parts: {} };
        expect(planOf(want, now, none).changes.filter(({ drift }) => drift)).toEqual([]);
        // The last round made all of it: every addition and change is a repair.
        const { changes } = planOf(want, now, want);
        expect(changes.filter(({ op, drift }) => op !== 'remove' && !drift)).toEqual([]);
        expect(changes.filter(({ op, drift }) => op === 'remove' && drift)).toEqual([]);
      }),
    );
  });

  it('is marked, and nothing else is changed', () => {
    fc.assert(
      fc.property(wanted, present, wanted, (want, now, last) => {
        const plan = planOf(want, now);
        const bare = markDrift(plan, last).changes.map(({ drift: _, ...rest }) => rest);
        expect(bare).toEqual(plan.changes);
      }),
    );
  });
});

describe('the record of what was made', () => {
  it('has all that may be ours, whenever the work breaks off', () => {
    fc.assert(
      fc.property(wanted, present, fc.nat(8), (want, now, at) => {
        const before = { reservations: now.ours, parts: now.parts };
        const plan = planOf(want, now);
        const done = plan.changes.slice(0, at);
        const there = after(now, done).ours;
        const ahead = writtenAhead(before, plan);
        const record = carriedOut(ahead, done);
        for (const known of [ahead, record])
          for (const one of there) expect(known.reservations.some((made) => isSame(made, one))).toBe(true);
      }),
    );
  });

  it('is what was wanted when everything was done', () => {
    fc.assert(
      fc.property(wanted, present, (want, now) => {
        const plan = planOf(want, { ...now, foreign: [] });
        const ahead = writtenAhead({ reservations: now.ours, parts: now.parts }, plan);
        const made = carriedOut(ahead, plan.changes);
        expect(sorted(made.reservations)).toEqual(sorted(want.reservations));
        expect(made.parts).toEqual(want.parts);
      }),
    );
  });
});
