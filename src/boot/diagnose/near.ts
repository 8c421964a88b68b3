/** Known MACs that are nearly the one of an unknown machine. */

import type { Host } from '../../inventory/types.ts';
import type { Mac } from '../../net/mac.ts';
import type { NearMiss } from './types.ts';

const MOST = 3;
/** Cards of one board have numbers that follow each other. */
const CARDS = 8;

/** Cards of one board first, then those that differ in one digit. */
export function nearMisses(mac: Mac, hosts: Iterable<Host>): readonly NearMiss[] {
  const near: NearMiss[] = [];
  for (const host of hosts)
    for (const nic of host.interfaces) {
      const how = nic.mac === undefined ? undefined : nearness(mac, nic.mac);
      if (how !== undefined) near.push({ host: host.name, mac: nic.mac!, how });
    }
  return near.sort((a, b) => Number(a.how === 'digit') - Number(b.how === 'digit')).slice(0, MOST);
}

function nearness(mac: Mac, other: Mac): NearMiss['how'] | undefined {
  if (mac === other || mac.length !== other.length) return undefined;
  const apart = Math.abs(numberOf(mac) - numberOf(other));
  if (apart > 0 && apart <= CARDS) return 'neighbour';
  let digits = 0;
  for (let i = 0; i < mac.length && digits < 2; i++) if (mac[i] !== other[i]) digits++;
  return digits === 1 ? 'digit' : undefined;
}

function numberOf(mac: Mac): number {
  return Number.parseInt(mac.replaceAll(':', ''), 16);
}
