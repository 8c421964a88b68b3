/** Numbers of interfaces, by which the API knows them: unique within the host, whatever becomes of the others. */

import type { Interface } from './types.ts';

/** Each with a number; those that have none get the next ones, so that one that is taken away leaves a gap. */
export function numbered(nics: readonly Interface[]): readonly (Interface & { readonly id: number })[] {
  let last = Math.max(0, ...nics.map(({ id }) => id ?? 0));
  return nics.map((nic) => {
    if (nic.id !== undefined) return { ...nic, id: nic.id };
    last += 1;
    return { ...nic, id: last };
  });
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
