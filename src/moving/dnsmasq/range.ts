/** `dhcp-range=[tag:…,][set:…,]start[,end|mode][,netmask[,broadcast]][,lease time]`. */

import { type Cidr, contains, maskOf, prefixOf } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { formatIpv6, maskOf6, parseIpv6 } from '../../net/ipv6.ts';
import type { Report } from '../report.ts';
import type { Setting } from './lines.ts';
import { tagged } from './tags.ts';

export type Range = {
  readonly cidr: Cidr;
  /** Undefined: reservations only (`static`). */
  readonly first?: number;
  readonly last?: number;
  readonly leaseTime?: number;
  readonly set: readonly string[];
  readonly isProxy: boolean;
};
export type Range6 = { readonly network: string };

/** dnsmasq knows the networks of its links, and files need not say them. */
const GUESSED_PREFIX = 24;
const MODE = /^(static|proxy|ra-only|ra-names|ra-stateless|ra-advrouter|slaac|off-link|constructor:.*)$/;
/** dnsmasq: an hour, where a range says nothing. */
export const LEASE_TIME = 3600;

export function rangeOf(setting: Setting, links: readonly Cidr[], report: Report): Range | undefined {
  const { place } = setting;
  const subject = `dhcp-range ${setting.text}`;
  const { set, wanted, rest } = tagged(setting.values, 'set');
  const [start = '', ...more] = rest;
  const first = parseIpv4(start);
  if (first === undefined) {
    report.refused(place, subject, `"${start}" is not an IPv4 address`);
    return undefined;
  }
  if (wanted.length > 0) {
    report.human(place, subject, `is for clients with the tag ${wanted.join(', ')}; here a pool is for all`);
    return undefined;
  }
  const modes = more.filter((field) => MODE.test(field));
  const addresses = more.flatMap((field) => parseIpv4(field) ?? []);
  const isBare = modes.includes('static') || modes.includes('proxy');
  const [last, mask] = isBare ? [undefined, addresses[0]] : [addresses[0], addresses[1]];
  const cidr = cidrOf(first, mask, links);
  if (cidr === undefined) {
    report.refused(place, subject, 'its netmask is none');
    return undefined;
  }
  if (mask === undefined && !links.some((link) => contains(link, first)))
    report.human(place, subject, `says no netmask; /${GUESSED_PREFIX} was taken, look whether that is so`);
  const leaseTime = more.map(secondsOf).find((seconds) => seconds !== undefined) ?? LEASE_TIME;
  const pool = isBare ? {} : { first, last: last ?? first };
  return { cidr, ...pool, leaseTime, set, isProxy: modes.includes('proxy') };
}

function cidrOf(start: number, mask: number | undefined, links: readonly Cidr[]): Cidr | undefined {
  const link = mask === undefined ? links.find((each) => contains(each, start)) : undefined;
  const prefix = mask === undefined ? (link?.prefix ?? GUESSED_PREFIX) : prefixOf(mask);
  return prefix === undefined ? undefined : { network: (start & maskOf(prefix)) >>> 0, prefix };
}

export function isRange6(setting: Setting): boolean {
  return tagged(setting.values, 'set').rest.some(
    (field) => field.includes('::') || parseIpv6(field) !== undefined || field.startsWith('constructor:'),
  );
}

/** Undefined where the network is that of an interface (`constructor:`). */
export function range6Of(setting: Setting): Range6 | undefined {
  const { rest } = tagged(setting.values, 'set');
  const start = parseIpv6(rest[0] ?? '');
  if (start === undefined || rest.some((field) => field.startsWith('constructor:'))) return undefined;
  const prefix = rest.slice(1).find((field) => /^\d{1,3}$/.test(field) && Number(field) <= 128) ?? '64';
  return { network: `${formatIpv6(start & maskOf6(Number(prefix)))}/${prefix}` };
}

const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({ '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }),
);
const INFINITE = 0xffffffff;

/** `45m`, `12h`, `infinite`, seconds. */
export function secondsOf(field: string): number | undefined {
  if (field === 'infinite') return INFINITE;
  const [, digits, unit = ''] = /^(\d{1,9})([smhdw]?)$/i.exec(field) ?? [];
  const seconds = UNITS.get(unit.toLowerCase());
  return digits === undefined || seconds === undefined ? undefined : Number(digits) * seconds;
}
