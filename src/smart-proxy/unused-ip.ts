/** Addresses that a Foreman may give to a host: in nobody's hands, and not suggested to another host a moment ago. */

import { randomInt } from 'node:crypto';
import type { Lease } from '../boot/lease.ts';
import { ChainbootError } from '../errors.ts';
import type { Site, SubnetRange } from '../inventory/site.ts';
import { broadcast, contains } from '../net/cidr.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { Reservations } from './reservations.ts';

export type UnusedDeps = {
  readonly site: () => Site;
  readonly reservations: Reservations;
  readonly leases: () => Promise<readonly Lease[]>;
  /** Whether somebody answers at an address; resolves false where that cannot be found out. */
  readonly inUse: (ip: Ipv4) => Promise<boolean>;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

export type Wish = {
  readonly mac?: Mac | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

/** As long as the real one keeps a suggestion from others. */
const SUGGESTED_MS = 30 * 60_000;
/** Addresses that somebody answers at, before it is given up. */
const MOST_TAKEN = 32;

export class UnusedIps {
  readonly #deps: UnusedDeps;
  readonly #suggested = new Map<Ipv4, number>();

  constructor(deps: UnusedDeps) {
    this.#deps = deps;
  }

  /** The address the machine has in that range, else any. Rejects with PROXY_PARAMETER_INVALID or DHCP_RANGE_FULL. */
  async find(range: SubnetRange, { mac, from, to }: Wish): Promise<string> {
    const { now, inUse } = this.#deps;
    const [first, last] = boundsOf(range, from, to);
    const leases = (await this.#deps.leases()).filter((lease) => isHeld(lease, now()));
    const own = mac === undefined ? undefined : this.#own(mac, range, leases);
    if (own !== undefined && own >= first && own <= last) return formatIpv4(own);
    this.#forget(now());
    const taken = new Set(leases.map(({ ip }) => ip));
    const start = randomInt(first, last + 1);
    let answering = 0;
    for (let i = 0; i <= last - first && answering < MOST_TAKEN; i++) {
      const ip = first + ((start - first + i) % (last - first + 1));
      if (taken.has(ip) || this.#suggested.has(ip) || this.#isReserved(ip, range)) continue;
      this.#suggested.set(ip, now());
      if (!(await inUse(ip))) return formatIpv4(ip);
      answering++;
    }
    throw new ChainbootError('DHCP_RANGE_FULL', { from: formatIpv4(first), to: formatIpv4(last) });
  }

  #own(mac: Mac, { cidr }: SubnetRange, leases: readonly Lease[]): Ipv4 | undefined {
    const { site, reservations } = this.#deps;
    const texts = [site().hostByMac(mac)?.nic.ip, ...reservations.allOfMac(mac).map(({ ip }) => ip)];
    const known = texts.flatMap((text) => parseIpv4(text ?? '') ?? []);
    const leased = leases.filter((lease) => lease.mac === mac).map(({ ip }) => ip);
    return [...known, ...leased].find((ip) => contains(cidr, ip));
  }

  #isReserved(ip: Ipv4, { subnet }: SubnetRange): boolean {
    const text = formatIpv4(ip);
    if ([subnet.gateway, subnet.dns_primary, subnet.dns_secondary].includes(text)) return true;
    const { site, reservations } = this.#deps;
    return site().hostByIp(text) !== undefined || reservations.byIp(text).length > 0;
  }

  /** In the order in which they were suggested. */
  #forget(now: number): void {
    for (const [ip, at] of this.#suggested) {
      if (now - at < SUGGESTED_MS) return;
      this.#suggested.delete(ip);
    }
  }
}

function isHeld({ state, expires }: Lease, now: number): boolean {
  return state !== 'released' && expires > now;
}

/** First and last, within the subnet. */
function boundsOf({ cidr }: SubnetRange, from: string | undefined, to: string | undefined): [Ipv4, Ipv4] {
  const spare = cidr.prefix < 31 ? 1 : 0;
  const first = bound('from', from, cidr.network + spare);
  const last = bound('to', to, broadcast(cidr) - spare);
  if (first > last || !contains(cidr, first) || !contains(cidr, last))
    throw invalid('from', `from ${formatIpv4(first)} to ${formatIpv4(last)} is no part of the subnet`);
  return [first, last];
}

function bound(parameter: string, text: string | undefined, otherwise: Ipv4): Ipv4 {
  if (text === undefined || text === '') return otherwise;
  const ip = parseIpv4(text);
  if (ip === undefined) throw invalid(parameter, `"${text.slice(0, 64)}" is no IPv4 address`);
  return ip;
}

function invalid(parameter: string, reason: string): ChainbootError {
  return new ChainbootError('PROXY_PARAMETER_INVALID', { parameter, reason });
}
