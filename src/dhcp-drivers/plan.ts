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
 * @param last what we made the last time, where that is known: what is otherwise now, somebody else has changed
 */
export function planOf({ reservations, parts }: Wanted, now: Present, last?: Wanted): DriverPlan {
  const conflicts = reservations.flatMap((wanted) => conflictOf(wanted, now.foreign));
  const blocked = new Set(conflicts.map(({ host }) => host));
  const mine = reservations.filter(({ name }) => !blocked.has(name));
  const changes = [
    ...removals(mine, now.ours),
    ...mine.flatMap((wanted) => reservationChange(wanted, now.ours, last)),
    ...partChanges(parts, now.parts, last?.parts),
  ];
  return { changes, conflicts };
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

function reservationChange(
  wanted: Reservation,
  ours: readonly Reservation[],
  last: Wanted | undefined,
): readonly DriverChange[] {
  const { name } = wanted;
  const present = ours.find((each) => each.name === name);
  if (present !== undefined && isSame(present, wanted)) return [];
  const made = last?.reservations.find((each) => each.name === name);
  // It was as it is wanted now, and is no more.
  const drift = made !== undefined && isSame(made, wanted) ? ({ drift: true } as const) : {};
  const common = { what: 'reservation', name, after: lineOf(wanted), reservation: wanted, ...drift } as const;
  return [
    present === undefined ? { op: 'add', ...common } : { op: 'change', before: lineOf(present), ...common },
  ];
}

function partChanges(
  wanted: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
  last: Readonly<Record<string, string>> | undefined,
): readonly DriverChange[] {
  const gone = Object.keys(present).filter((name) => !(name in wanted));
  return [
    ...gone.map((name): DriverChange => ({ op: 'remove', what: 'part', name, before: present[name]! })),
    ...Object.entries(wanted).flatMap(([name, after]): readonly DriverChange[] => {
      const before = present[name];
      if (before === after) return [];
      const drift = last?.[name] === after ? ({ drift: true } as const) : {};
      return [
        before === undefined
          ? { op: 'add', what: 'part', name, after, ...drift }
          : { op: 'change', what: 'part', name, before, after, ...drift },
      ];
    }),
  ];
}

export function isSame(a: Reservation, b: Reservation): boolean {
  return a.name === b.name && a.mac === b.mac && a.ip === b.ip;
}

function lineOf({ name, mac, ip = 'from the pool' }: Reservation): string {
  return `${name} ${mac} ${ip}`;
}
