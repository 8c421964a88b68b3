/**
 * Who holds which address: pure state, time is a parameter. Every packet costs the same however full the pool
 * is: nothing is ever searched, except that an exhausted pool is looked through afresh once a minute.
 *
 *     offered ──commit──▶ bound ──expiry, release──▶ idle (still remembered for its client) ──▶ offered …
 *        └─60 s──▶ idle      └──decline──▶ declined (nobody's) ──expiry──▶ idle
 *
 * A client is its MAC: OVMF sends no client id, the iPXE it loads sends one, and both must get one address.
 */

import type { Lease } from '../boot/lease.ts';
import { because, type Reason } from '../boot/reason.ts';
import type { SubnetRange } from '../inventory/site.ts';
import { contains } from '../net/cidr.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import { type Holding, isStray, Pool, type State } from './pool.ts';

export type Client = {
  readonly mac: Mac;
  readonly clientId?: string;
  readonly hostname?: string;
  /** The address its host's interface has in the inventory. */
  readonly reserved?: Ipv4;
  /** Name of its host. */
  readonly host?: string;
};

/** How a REQUEST asks (RFC 2131 §4.3.2). */
export type Claim = 'selecting' | 'init-reboot' | 'renewing';

export type Offer = { readonly lease?: Lease; readonly because: Reason; readonly range: SubnetRange };

/** `silent`: nothing is known of that client here, and another server may know it. */
export type Grant =
  | { readonly kind: 'lease'; readonly lease: Lease; readonly because: Reason }
  | { readonly kind: 'refused' | 'silent'; readonly because: Reason };

/** An offered address is kept this long for the client's REQUEST. */
export const HOLD_MS = 60_000;
/** An exhausted pool is looked through again after this time, for addresses whose reservation is gone. */
const RESCAN_MS = 60_000;

export class LeaseTable {
  private readonly holdings = new Map<Ipv4, Holding>();
  private readonly pools = new Map<number, Pool>();
  private readonly isReserved: (ip: Ipv4) => boolean;

  /** `isReserved`: the address belongs to a host of the inventory, or to ourselves, and is nobody else's. */
  constructor(isReserved: (ip: Ipv4) => boolean) {
    this.isReserved = isReserved;
  }

  /** What the store remembers; call once, before anything else. */
  load(leases: readonly Lease[], now: number): void {
    for (const lease of leases.toSorted((a, b) => a.expires - b.expires)) {
      const holding = this.create(lease.ip, lease.mac);
      holding.clientId = lease.clientId;
      holding.hostname = lease.hostname;
      holding.expires = lease.expires;
      if (lease.state !== 'released' && lease.expires > now) holding.state = lease.state;
    }
  }

  /** The MAC that holds an address by a committed lease. */
  macOf(address: string, now: number): Mac | undefined {
    const ip = parseIpv4(address);
    const holding = ip === undefined ? undefined : this.holdings.get(ip);
    return holding?.state === 'bound' && holding.expires > now ? holding.mac : undefined;
  }

  /** Answers a DISCOVER: the client's own address if it can be, else the one it wishes for, else any. */
  offer(client: Client, range: SubnetRange, wished: Ipv4 | undefined, now: number): Offer {
    const pool = this.pool(range, now);
    const found = this.choose(client, pool, wished, now);
    if (found === undefined)
      return { because: because('lease-exhausted', { subnet: range.subnet.name }), range };
    const holding = this.hold(found.ip, client, pool, now);
    holding.because = found.because;
    return { lease: leaseOf(holding, client, range, now), because: found.because, range };
  }

  /** Of several subnets on one wire: that of its reservation, else that of its address, else the first with room. */
  offerAmong(client: Client, ranges: readonly SubnetRange[], wished: Ipv4 | undefined, now: number): Offer {
    if (ranges.length === 1) return this.offer(client, ranges[0]!, wished, now);
    const home = this.homeOf(client, ranges, now);
    const order = home === undefined ? ranges : [home, ...ranges.filter((range) => range !== home)];
    let offer: Offer | undefined;
    for (const range of order) {
      offer = this.offer(client, range, wished, now);
      if (offer.lease !== undefined) return offer;
    }
    return { ...offer!, range: order[0]! };
  }

  private homeOf(client: Client, ranges: readonly SubnetRange[], now: number): SubnetRange | undefined {
    const { reserved } = client;
    const ofReservation = reserved && ranges.find(({ cidr }) => contains(cidr, reserved));
    return ofReservation || ranges.find((range) => this.pool(range, now).byMac.has(client.mac));
  }

  /**
   * Answers a REQUEST for `ip`. The lease counts only once it is committed and confirmed; until then the address
   * is held as an offer is.
   */
  request(client: Client, range: SubnetRange, ip: Ipv4, claim: Claim, now: number): Grant {
    const pool = this.pool(range, now);
    const verdict = this.judge(client, pool, ip, claim, now);
    if (verdict.kind !== 'granted') return { kind: verdict.kind, because: verdict.because };
    const holding = this.hold(ip, client, pool, now);
    holding.because = verdict.because;
    return { kind: 'lease', lease: leaseOf(holding, client, range, now), because: verdict.because };
  }

  /** Call when the lease is safe on disk. False: the client lost it meanwhile, so it must not be acknowledged. */
  confirm(lease: Lease): boolean {
    const holding = this.holdings.get(lease.ip);
    if (holding === undefined || holding.mac !== lease.mac) return false;
    if (holding.state !== 'offered' && holding.state !== 'bound') return false;
    holding.clientId = lease.clientId;
    holding.hostname = lease.hostname;
    this.move(holding, 'bound', lease.expires);
    return true;
  }

  /** The client chose another server's offer. */
  forget(mac: Mac, range: SubnetRange, now: number): void {
    const holding = this.pool(range, now).byMac.get(mac);
    if (holding?.state === 'offered') this.move(holding, 'idle', now);
  }

  /** Answers what to commit; undefined when the address was not the client's. */
  release(mac: Mac, ip: Ipv4, now: number): Lease | undefined {
    const holding = this.holdings.get(ip);
    if (holding?.mac !== mac || holding.state !== 'bound') return undefined;
    this.move(holding, 'idle', now);
    return { ip, mac, expires: now, state: 'released' };
  }

  /** Somebody else answers at this address: nobody gets it for a lease time. */
  decline(mac: Mac, range: SubnetRange, ip: Ipv4, now: number): Lease | undefined {
    const holding = this.holdings.get(ip);
    if (holding?.mac !== mac || holding.state === 'declined') return undefined;
    const pool = this.pool(range, now);
    if (pool.byMac.get(mac) === holding) pool.byMac.delete(mac);
    const expires = now + range.subnet.lease_time * 1000;
    this.move(holding, 'declined', expires);
    return { ip, mac, expires, state: 'declined' };
  }

  private choose(
    client: Client,
    pool: Pool,
    wished: Ipv4 | undefined,
    now: number,
  ): { ip: Ipv4; because: Reason } | undefined {
    const { reserved } = client;
    if (
      reserved !== undefined &&
      contains(pool.range.cidr, reserved) &&
      this.isFreeFor(client, reserved, pool, now)
    )
      return { ip: reserved, because: reservedFor(client) };
    const own = pool.byMac.get(client.mac);
    if (own !== undefined && this.isFreeFor(client, own.ip, pool, now) && this.isDynamic(pool, own.ip))
      return { ip: own.ip, because: because('lease-renewed', { address: formatIpv4(own.ip) }) };
    const ip =
      wished !== undefined && this.isDynamic(pool, wished) && this.isFreeFor(client, wished, pool, now)
        ? wished
        : this.take(pool, now);
    if (ip === undefined) return undefined;
    const values = { address: formatIpv4(ip), subnet: pool.range.subnet.name };
    return { ip, because: because('lease-free', values) };
  }

  private judge(
    client: Client,
    pool: Pool,
    ip: Ipv4,
    claim: Claim,
    now: number,
  ): { kind: 'granted' | 'refused' | 'silent'; because: Reason } {
    const address = formatIpv4(ip);
    if (!contains(pool.range.cidr, ip))
      return {
        kind: 'refused',
        because: because('lease-wrong-network', { address, link: pool.range.subnet.name }),
      };
    if (!this.isFreeFor(client, ip, pool, now))
      return { kind: 'refused', because: because('lease-taken', { address }) };
    if (client.reserved === ip) return { kind: 'granted', because: reservedFor(client) };
    if (client.reserved !== undefined && contains(pool.range.cidr, client.reserved)) {
      // Its reservation may be in other hands for now; only then may it keep the address it was given instead.
      if (this.isFreeFor(client, client.reserved, pool, now))
        return { kind: 'refused', because: reservedFor(client) };
    }
    if (!this.isDynamic(pool, ip)) return { kind: 'refused', because: because('lease-taken', { address }) };
    const own = pool.byMac.get(client.mac);
    if (own?.ip === ip) {
      const reason = own.state === 'offered' ? own.because : undefined;
      return { kind: 'granted', because: reason ?? because('lease-renewed', { address }) };
    }
    // RFC 2131 §4.3.2: silence in INIT-REBOOT. Otherwise the client means us and nobody else has the address, as
    // after a restart between OFFER and REQUEST.
    // It may have the address of another server, which only an authority need not fear.
    const foreign = claim === 'renewing' && pool.range.subnet.authoritative === false;
    if (claim === 'init-reboot' || foreign)
      return { kind: 'silent', because: because('lease-unknown', { address }) };
    return { kind: 'granted', because: because('lease-free', { address, subnet: pool.range.subnet.name }) };
  }

  /** Not held by another client. */
  private isFreeFor(client: Client, ip: Ipv4, pool: Pool, now: number): boolean {
    const holding = this.holdings.get(ip);
    if (holding === undefined || holding.state === 'idle' || holding.expires <= now) return true;
    if (holding.state === 'declined') return false;
    // Outside the pool only a reservation can have given it away: the host's card was replaced since.
    return holding.mac === client.mac || (client.reserved === ip && !pool.has(ip));
  }

  private isDynamic(pool: Pool, ip: Ipv4): boolean {
    return pool.has(ip) && !this.isReserved(ip);
  }

  /** Any free address: one never used, else the one unused for the longest time. */
  private take(pool: Pool, now: number): Ipv4 | undefined {
    const ip = this.takeFresh(pool) ?? this.takeIdle(pool, now);
    if (ip !== undefined || now - pool.scanned < RESCAN_MS) return ip;
    this.adopt(pool, now);
    return this.takeFresh(pool) ?? this.takeIdle(pool, now);
  }

  private takeFresh(pool: Pool): Ipv4 | undefined {
    while (pool.fresh <= pool.last) {
      const ip = pool.fresh++;
      if (!this.holdings.has(ip) && this.isDynamic(pool, ip)) return ip;
    }
    return undefined;
  }

  private takeIdle(pool: Pool, now: number): Ipv4 | undefined {
    const { idle, offered, bound, declined } = pool.queues;
    for (const queue of [offered, bound, declined]) {
      while (queue.head !== undefined && queue.head.expires <= now)
        this.move(queue.head, 'idle', queue.head.expires);
    }
    while (idle.head !== undefined) {
      const { head } = idle;
      idle.remove(head);
      if (this.isDynamic(pool, head.ip)) return head.ip;
    }
    return undefined;
  }

  /** Makes the address the client's for the time of an offer; a lease it has already stays what it is. */
  private hold(ip: Ipv4, client: Client, pool: Pool, now: number): Holding {
    let holding = this.holdings.get(ip);
    if (holding === undefined) {
      holding = this.create(ip, client.mac);
    } else if (holding.mac !== client.mac) {
      if (holding.pool?.byMac.get(holding.mac) === holding) holding.pool.byMac.delete(holding.mac);
      holding.mac = client.mac;
      holding.state = 'idle';
    }
    const own = pool.byMac.get(client.mac);
    if (own !== undefined && own !== holding && own.state === 'offered') this.move(own, 'idle', now);
    pool.byMac.set(client.mac, holding);
    holding.pool = pool;
    if (holding.state !== 'bound' || holding.expires <= now) this.move(holding, 'offered', now + HOLD_MS);
    return holding;
  }

  private create(ip: Ipv4, mac: Mac): Holding {
    const holding: Holding = {
      ip,
      mac,
      clientId: undefined,
      hostname: undefined,
      because: undefined,
      state: 'idle',
      expires: 0,
      pool: undefined,
      queue: undefined,
      previous: undefined,
      next: undefined,
    };
    this.holdings.set(ip, holding);
    return holding;
  }

  private move(holding: Holding, state: State, expires: number): void {
    holding.state = state;
    holding.expires = expires;
    holding.pool?.queues[state].push(holding);
  }

  private pool(range: SubnetRange, now: number): Pool {
    const known = this.pools.get(range.subnet.id);
    if (known !== undefined && known.range.subnet === range.subnet) return known;
    const pool = new Pool(range, now);
    this.pools.set(range.subnet.id, pool);
    this.adopt(pool, now);
    return pool;
  }

  /** Takes over what is held in the subnet, after a start, after its record was changed, or to find strays. */
  private adopt(pool: Pool, now: number): void {
    pool.fresh = pool.first;
    pool.scanned = now;
    const strays = [...this.holdings.values()]
      .filter((holding) => isStray(holding, pool))
      .sort((a, b) => a.expires - b.expires);
    for (const holding of strays) {
      holding.pool = pool;
      pool.queues[holding.state].push(holding);
      if (holding.state !== 'declined')
        pool.byMac.set(holding.mac, preferred(pool.byMac.get(holding.mac), holding));
    }
  }
}

/** Of two holdings of one client, the live or the later one. */
function preferred(a: Holding | undefined, b: Holding): Holding {
  return a !== undefined && a.expires > b.expires ? a : b;
}

function reservedFor(client: Client): Reason {
  return because('lease-reserved', { address: formatIpv4(client.reserved!), host: client.host });
}

function leaseOf(holding: Holding, client: Client, range: SubnetRange, now: number): Lease {
  return {
    ip: holding.ip,
    mac: client.mac,
    expires: now + range.subnet.lease_time * 1000,
    state: 'bound',
    clientId: client.clientId,
    hostname: client.hostname,
  };
}
