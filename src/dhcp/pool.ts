/** The addresses of one subnet and who holds them: the ground on which lease.ts decides. */

import type { Reason } from '../boot/reason.ts';
import type { SubnetRange } from '../inventory/site.ts';
import { broadcast, contains } from '../net/cidr.ts';
import { type Ipv4, parseIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';

export type State = 'offered' | 'bound' | 'idle' | 'declined';

export type Holding = {
  readonly ip: Ipv4;
  mac: Mac;
  clientId: string | undefined;
  hostname: string | undefined;
  /** Why it was offered, which is also why it is granted. */
  because: Reason | undefined;
  state: State;
  expires: number;
  pool: Pool | undefined;
  queue: Queue | undefined;
  previous: Holding | undefined;
  next: Holding | undefined;
};

/** Holdings in the order in which they run out: a linked list through the holdings themselves. */
export class Queue {
  head: Holding | undefined;
  private tail: Holding | undefined;

  push(holding: Holding): void {
    holding.queue?.remove(holding);
    holding.queue = this;
    holding.previous = this.tail;
    if (this.tail === undefined) this.head = holding;
    else this.tail.next = holding;
    this.tail = holding;
  }

  remove(holding: Holding): void {
    if (holding.previous === undefined) this.head = holding.next;
    else holding.previous.next = holding.next;
    if (holding.next === undefined) this.tail = holding.previous;
    else holding.next.previous = holding.previous;
    holding.queue = holding.previous = holding.next = undefined;
  }
}

/** The dynamic addresses of one subnet. `first > last` when it has none. */
export class Pool {
  readonly range: SubnetRange;
  readonly first: Ipv4;
  readonly last: Ipv4;
  /** Next address never handed out. */
  fresh: Ipv4;
  scanned: number;
  readonly byMac = new Map<Mac, Holding>();
  readonly queues: Readonly<Record<State, Queue>> = {
    offered: new Queue(),
    bound: new Queue(),
    idle: new Queue(),
    declined: new Queue(),
  };
  /** Addresses in the pool that are no client's: network, broadcast, gateway, name servers. */
  private readonly excluded: ReadonlySet<Ipv4>;

  constructor(range: SubnetRange, now: number) {
    const { subnet, cidr } = range;
    this.range = range;
    this.first = parseIpv4(subnet.from ?? '') ?? 1;
    this.last = parseIpv4(subnet.to ?? '') ?? 0;
    this.fresh = this.first;
    this.scanned = now;
    const others = [subnet.gateway, subnet.dns_primary, subnet.dns_secondary];
    const ends = cidr.prefix < 31 ? [cidr.network, broadcast(cidr)] : [];
    this.excluded = new Set([...ends, ...others.map((text) => parseIpv4(text ?? '') ?? 0)]);
  }

  has(ip: Ipv4): boolean {
    return ip >= this.first && ip <= this.last && contains(this.range.cidr, ip) && !this.excluded.has(ip);
  }
}

/** In this subnet, but in no queue of this pool. */
export function isStray(holding: Holding, pool: Pool): boolean {
  if (!contains(pool.range.cidr, holding.ip)) return false;
  if (holding.pool === pool || holding.pool === undefined) return holding.queue === undefined;
  return holding.pool.range.subnet.id === pool.range.subnet.id;
}
