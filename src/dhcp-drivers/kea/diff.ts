import type { DriverChange, DriverPlan, Present, Reservation } from '../types.ts';

export type Wanted = {
  readonly reservations: readonly Reservation[];
  readonly parts: Readonly<Record<string, string>>;
};

export function planOf({ reservations, parts }: Wanted, now: Present): DriverPlan {
  const changes: DriverChange[] = [];
  const line = ({ mac, ip }: Reservation) => `${mac} ${ip}`;
  const names = new Set(reservations.map(({ name }) => name));
  for (const { name, ...rest } of now.ours)
    if (!names.has(name))
      changes.push({ op: 'remove', what: 'reservation', name, before: line({ name, ...rest }) });
  const conflicts = [];
  for (const wanted of reservations) {
    const foreign = now.foreign.find(({ mac, ip }) => mac === wanted.mac || ip === wanted.ip);
    const ours = now.ours.find(({ name }) => name === wanted.name);
    if (foreign !== undefined) conflicts.push({ host: wanted.name, wanted, foreign });
    else if (ours === undefined)
      changes.push({
        op: 'add',
        what: 'reservation',
        name: wanted.name,
        after: line(wanted),
        reservation: wanted,
      });
    else if (ours.mac !== wanted.mac || ours.ip !== wanted.ip)
      changes.push({
        op: 'change',
        what: 'reservation',
        name: wanted.name,
        after: line(wanted),
        reservation: wanted,
      });
  }
  for (const [name, after] of Object.entries(parts))
    if (now.parts[name] !== after)
      changes.push({ op: now.parts[name] === undefined ? 'add' : 'change', what: 'part', name, after });
  for (const name of Object.keys(now.parts))
    if (parts[name] === undefined) changes.push({ op: 'remove', what: 'part', name });
  return { changes, conflicts };
}
