/** Numbers of interfaces, by which the API knows them: unique within the host, whatever becomes of the others. */

import type { Host, Interface } from './types.ts';

/** Each with a number; those that have none get the next ones after `used`, so that one that is taken away leaves a gap. */
export function numbered(
  nics: readonly Interface[],
  used = 0,
): readonly (Interface & { readonly id: number })[] {
  let last = Math.max(used, ...nics.map(({ id }) => id ?? 0));
  return nics.map((nic) => {
    if (nic.id !== undefined) return { ...nic, id: nic.id };
    last += 1;
    return { ...nic, id: last };
  });
}

type Numbers = Pick<Host, 'interfaces' | 'last_interface'>;

/** The highest number that an interface of the host has or had. */
export function lastNumber({ interfaces, last_interface = 0 }: Numbers): number {
  return Math.max(last_interface, ...numbered(interfaces).map(({ id }) => id));
}

/** The changed host, whose new interfaces get no number that one of before had, and which keeps it in mind. */
export function withoutReuse<H extends Numbers>(after: H, before: Numbers): H {
  const isUnnumbered = [...before.interfaces, ...after.interfaces].every(({ id }) => id === undefined);
  // As long as nobody named one by its number, their places are their numbers.
  if (isUnnumbered && before.last_interface === undefined) return after;
  const used = lastNumber(before);
  const interfaces = numbered(after.interfaces, used);
  const { last_interface: _last, ...rest } = { ...after, interfaces };
  const isLost = interfaces.every(({ id }) => id < used);
  return { ...rest, ...(isLost && { last_interface: used }) } as unknown as H;
}

/** The numbers that the same interfaces had before: the same by MAC, else by name in the system, else by address. */
export function keepingNumbers(
  nics: readonly Interface[],
  before: readonly Interface[],
): readonly Interface[] {
  if (before.every(({ id }) => id === undefined)) return nics;
  const left = new Set(before);
  const find = (nic: Interface): Interface | undefined => {
    for (const field of ['mac', 'identifier', 'ip', 'ip6'] as const) {
      const found = [...left].find((old) => nic[field] !== undefined && old[field] === nic[field]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return nics.map((nic) => {
    const old = find(nic);
    if (old === undefined) return nic;
    left.delete(old);
    return old.id === undefined ? nic : { ...nic, id: old.id };
  });
}

/** Exactly one has each role: the last that was given it, else the first interface. */
export function withRoles(nics: readonly Interface[], given?: Interface): readonly Interface[] {
  return (['primary', 'provision'] as const).reduce((all, role) => {
    const holds = (nic: Interface) => (given?.[role] ? nic.id === given.id : nic[role]);
    const index = Math.max(0, all.findIndex(holds));
    return all.map((nic, i) => (nic[role] === (i === index) ? nic : { ...nic, [role]: i === index }));
  }, nics);
}
