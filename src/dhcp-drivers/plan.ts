/** What has to be changed at a server, worked out in one way for all of them. Pure. */

import type { DriverChange, DriverConflict, DriverPlan, Present, Reservation } from './types.ts';

export type Wanted = {
  readonly reservations: readonly Reservation[];
  /** Classes, files: by name, as text. */
  readonly parts: Readonly<Record<string, string>>;
};

/**
 * Ours are told by their names. What somebody else has under a MAC address or an address that we want is in the way: the
 * wanted reservation is then not made, and one that we made before is taken back.
 * @param last what we made the last time: see `markDrift`
 */
export function planOf({ reservations, parts }: Wanted, now: Present, last?: Wanted): DriverPlan {
  const conflicts = reservations.flatMap((wanted) => conflictOf(wanted, now.foreign));
  const blocked = new Set(conflicts.map(({ host }) => host));
  const mine = reservations.filter(({ name }) => !blocked.has(name));
  const changes = [
    ...removals(mine, now.ours),
    ...mine.flatMap((wanted) => reservationChange(wanted, now.ours)),
    ...partChanges(parts, now.parts),
  ];
  const plan = { changes, conflicts };
  return last === undefined ? plan : markDrift(plan, last);
}

function conflictOf(wanted: Reservation, foreign: readonly Reservation[]): readonly DriverConflict[] {
  const found = foreign.find(({ mac, ip }) => mac === wanted.mac || (ip !== undefined && ip === wanted.ip));
  return found === undefined ? [] : [{ host: wanted.name, wanted, foreign: found }];
}

/** First of all: an address may be wanted by another host. */
function removals(wanted: readonly Reservation[], ours: readonly Reservation[]): readonly DriverChange[] {
  const names = new Set(wanted.map(({ name }) => name));
  return ours
    .filter(({ name }) => !names.has(name))
    .map((reservation) => ({
      op: 'remove',
      what: 'reservation',
      name: reservation.name,
      before: lineOf(reservation),
      reservation,
    }));
}

function reservationChange(wanted: Reservation, ours: readonly Reservation[]): readonly DriverChange[] {
  const { name } = wanted;
  const present = ours.find((each) => each.name === name);
  if (present !== undefined && isSame(present, wanted)) return [];
  const common = { what: 'reservation', name, after: lineOf(wanted), reservation: wanted } as const;
  return [
    present === undefined ? { op: 'add', ...common } : { op: 'change', before: lineOf(present), ...common },
  ];
}

function partChanges(
  wanted: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
): readonly DriverChange[] {
  const gone = Object.keys(present).filter((name) => !(name in wanted));
  return [
    ...gone.map((name): DriverChange => ({ op: 'remove', what: 'part', name, before: present[name]! })),
    ...Object.entries(wanted).flatMap(([name, after]): readonly DriverChange[] => {
      const before = present[name];
      if (before === after) return [];
      return [
        before === undefined
          ? { op: 'add', what: 'part', name, after }
          : { op: 'change', what: 'part', name, before, after },
      ];
    }),
  ];
}

/** What was made as it is wanted now, and is otherwise all the same, somebody else has changed. */
export function markDrift({ changes, conflicts }: DriverPlan, last: Wanted): DriverPlan {
  const isDrift = ({ op, what, name, after, reservation }: DriverChange) => {
    if (op === 'remove') return false;
    if (what === 'part') return last.parts[name] === after;
    return last.reservations.some((made) => reservation !== undefined && isSame(made, reservation));
  };
  return {
    changes: changes.map((change) => (isDrift(change) ? { ...change, drift: true } : change)),
    conflicts,
  };
}

/** What may be ours from now on: what was, and what is about to be made. */
export function writtenAhead({ reservations, parts }: Wanted, { changes }: DriverPlan): Wanted {
  const coming = changes.flatMap(({ op, reservation }) =>
    op === 'remove' || reservation === undefined ? [] : [reservation],
  );
  const others = reservations.filter((made) => !coming.some((one) => isSame(one, made)));
  return { reservations: [...others, ...coming], parts };
}

/** What is ours when these changes were made. */
export function carriedOut(before: Wanted, changes: readonly DriverChange[]): Wanted {
  const reservations = new Map(
    before.reservations.map((made) => [`${made.name} ${made.mac} ${made.ip}`, made]),
  );
  const parts: Record<string, string> = { ...before.parts };
  for (const { op, what, name, after, reservation } of changes) {
    if (what === 'part') {
      delete parts[name];
      if (op !== 'remove' && after !== undefined) parts[name] = after;
      continue;
    }
    for (const [key, made] of reservations) if (made.name === name) reservations.delete(key);
    if (op !== 'remove' && reservation !== undefined)
      reservations.set(`${name} ${reservation.mac} ${reservation.ip}`, reservation);
  }
  return { reservations: [...reservations.values()], parts };
}

export function isSame(a: Reservation, b: Reservation): boolean {
  return a.name === b.name && a.mac === b.mac && a.ip === b.ip;
}

function lineOf({ name, mac, ip = 'from the pool' }: Reservation): string {
  return `${name} ${mac} ${ip}`;
}
