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
  const conflicts = conflictsOf(reservations, now.foreign);
  const blocked = new Set(conflicts.map(({ host }) => host));
  const mine = reservations.filter(({ name }) => !blocked.has(name));
  const present = new Map(now.ours.map((each) => [each.name, each]));
  const changes = [
    ...removals(mine, now.ours),
    ...mine.flatMap((wanted) => reservationChange(wanted, present.get(wanted.name))),
    ...partChanges(parts, now.parts),
  ];
  const plan = { changes, conflicts };
  return last === undefined ? plan : markDrift(plan, last);
}

function conflictsOf(
  reservations: readonly Reservation[],
  foreign: readonly Reservation[],
): readonly DriverConflict[] {
  const byMac = new Map(foreign.map((each) => [each.mac, each]));
  const byIp = new Map(foreign.map((each) => [each.ip, each]));
  return reservations.flatMap((wanted) => {
    const { name: host, mac, ip } = wanted;
    const found = byMac.get(mac) ?? (ip === undefined ? undefined : byIp.get(ip));
    return found === undefined ? [] : [{ host, wanted, foreign: found }];
  });
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

function reservationChange(wanted: Reservation, present: Reservation | undefined): readonly DriverChange[] {
  const { name } = wanted;
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
  const made = new Set(last.reservations.map(lineOf));
  const isDrift = ({ op, what, name, after, reservation }: DriverChange) => {
    if (op === 'remove') return false;
    if (what === 'part') return last.parts[name] === after;
    return reservation !== undefined && made.has(lineOf(reservation));
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
  const lines = new Set(coming.map(lineOf));
  const others = reservations.filter((made) => !lines.has(lineOf(made)));
  return { reservations: [...others, ...coming], parts };
}

/** What is ours when these changes were made. */
export function carriedOut(before: Wanted, changes: readonly DriverChange[]): Wanted {
  const done = new Set(changes.flatMap(({ what, name }) => (what === 'reservation' ? [name] : [])));
  const made = new Map<string, Reservation>();
  const parts: Record<string, string> = { ...before.parts };
  for (const { op, what, name, after, reservation } of changes) {
    if (what === 'part') delete parts[name];
    else made.delete(name);
    if (op === 'remove') continue;
    if (what === 'part' && after !== undefined) parts[name] = after;
    if (what === 'reservation' && reservation !== undefined) made.set(name, reservation);
  }
  const others = before.reservations.filter(({ name }) => !done.has(name));
  return { reservations: [...others, ...made.values()], parts };
}

export function isSame(a: Reservation, b: Reservation): boolean {
  return a.name === b.name && a.mac === b.mac && a.ip === b.ip;
}

function lineOf({ name, mac, ip = 'from the pool' }: Reservation): string {
  return `${name} ${mac} ${ip}`;
}
