/**
 * Free addresses for hosts: by the inventory, the leases, what was suggested a moment ago, and a look on the wire whether
 * somebody answers. Two clients that ask are suggested two addresses; two hosts that are made never get one, since theirs
 * are chosen within the transaction that makes them.
 */

import type { LeaseLookup } from '../boot/lease.ts';
import { ChainbootError } from '../errors.ts';
import { AddressSet } from '../inventory/address-set.ts';
import { freeAddress, ipamOf, isGiven } from '../inventory/free-address.ts';
import { effectiveHost } from '../inventory/hostgroup.ts';
import type { Site } from '../inventory/site.ts';
import type { Host, Interface, Subnet } from '../inventory/types.ts';
import { type Ipv4, parseIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { Draft } from '../store/types.ts';

export type IpamDeps = {
  readonly leases: LeaseLookup;
  /** Addresses of this server. */
  readonly own: () => readonly string[];
  /** Which MAC answers at an address of a served link; no promise where nobody can be asked. */
  readonly probe?: (address: Ipv4) => Promise<Mac | undefined> | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
};

export type Asker = {
  /** Of the interface that is to have it: the same machine is suggested the same address again. */
  readonly mac?: Mac | undefined;
  readonly except?: ReadonlySet<string>;
};

/** A suggestion is kept for who asked so long; people fill in the rest of a form meanwhile. */
const KEEP_MS = 10 * 60_000;
/** How long an address counts as taken after somebody answered there whom nobody declared. */
const SQUATTED_MS = 10 * 60_000;
/** Who answers does so at once, so many looks are short; a network with more strangers has other troubles. */
const MOST_LOOKS = 64;
const LEASED_MS = 10_000;
const MOST_REMEMBERED = 65_536;

type Memory = { readonly until: number; readonly mac: Mac | undefined };

export class Ipam {
  private readonly deps: IpamDeps;
  /** Both in the order in which they run out. */
  private readonly suggested = new Map<string, Memory>();
  private readonly squatted = new Map<string, Memory>();

  /** Leases that were met lately, so that a pool full of them is not gone through for everybody who asks. */
  private leased = { set: new AddressSet(), until: 0 };

  constructor(deps: IpamDeps) {
    this.deps = deps;
  }

  /** A free address of the subnet, kept for a while; undefined when it has none, or gives none (`None`). */
  async freeIp(site: Site, subnet: Subnet, { mac, except }: Asker = {}): Promise<string | undefined> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const address = this.next(site, subnet, { mac, ...(except && { except }) });
      if (address === undefined) return undefined;
      // Before the look, which takes a third of a second: others ask meanwhile.
      this.remember(this.suggested, address, mac, KEEP_MS);
      if (!(await this.isSquatted(address, mac))) return address;
    }
    return undefined;
  }

  /**
   * Looks on the wire at what the interfaces of the host would be given. Call it before the transaction in which an
   * `assigner` chooses: there is no time for a look in there.
   */
  async prepare(site: Site, host: Draft<Host>): Promise<void> {
    await Promise.all(
      this.wanting(site, host).map(({ nic: { mac }, subnet }) =>
        mac === undefined ? undefined : this.freeIp(site, subnet, { mac }),
      ),
    );
  }

  /**
   * Gives addresses to the interfaces of one host after the other that are managed, in a subnet that gives addresses,
   * and have none. For one plan of a transaction: what it gave to one host it does not give to the next.
   * The result throws SUBNET_FULL.
   */
  assigner(site: Site): (host: Draft<Host>) => Draft<Host> {
    const given = new Set<string>();
    return (host) => {
      const found = new Map<number, Partial<Interface>>();
      for (const { nic, i, field, subnet } of this.wanting(site, host)) {
        const address = this.next(site, subnet, { mac: nic.mac, except: given });
        if (address === undefined && ipamOf(subnet) === 'EUI-64') continue;
        if (address === undefined) throw full(host.name, subnet, `interfaces.${i}.${field}`);
        given.add(address);
        this.suggested.delete(address);
        found.set(i, { ...found.get(i), [field]: address });
      }
      if (found.size === 0) return host;
      return { ...host, interfaces: host.interfaces.map((nic, i) => ({ ...nic, ...found.get(i) })) };
    };
  }

  private *missing(site: Site, host: Draft<Host>): Generator<Wanting> {
    // Subnets of the first interface may come of the hostgroup.
    const { interfaces } = effectiveHost(site, { id: 0, ...host });
    for (const [i, nic] of interfaces.entries()) {
      if (!nic.managed) continue;
      const v4 = nic.subnet === undefined ? undefined : site.get('subnets', nic.subnet);
      const v6 = nic.subnet6 === undefined ? undefined : site.get('subnets', nic.subnet6);
      if (v4 !== undefined && nic.ip === undefined) yield { nic, i, field: 'ip', subnet: v4 };
      if (v6 !== undefined && nic.ip6 === undefined) yield { nic, i, field: 'ip6', subnet: v6 };
    }
  }

  private wanting(site: Site, host: Draft<Host>): readonly Wanting[] {
    return [...this.missing(site, host)].filter(({ subnet }) => ipamOf(subnet) !== 'None');
  }

  private next(site: Site, subnet: Subnet, { mac, except }: Asker): string | undefined {
    const now = this.deps.now();
    const own = new Set(this.deps.own());
    forget(this.suggested, now);
    forget(this.squatted, now);
    if (this.leased.until <= now) this.leased = { set: new AddressSet(), until: now + LEASED_MS };
    const isFree = (address: string): boolean => {
      if (own.has(address) || except?.has(address) || this.squatted.has(address)) return false;
      return !this.isLeased(address, mac);
    };
    const again = mac === undefined ? undefined : this.suggestedTo(mac);
    if (again !== undefined && isGiven(site, subnet, again) && isFree(again)) return again;
    const { random } = this.deps;
    const { set: skip } = this.leased;
    const unasked = (address: string) => !this.isOthers(address, mac) && isFree(address);
    return (
      freeAddress(site, subnet, { mac, isFree: unasked, skip, random }) ??
      // Nothing else is left: what was suggested and never taken.
      freeAddress(site, subnet, { mac, isFree, skip, random })
    );
  }

  private isLeased(address: string, mac: Mac | undefined): boolean {
    const holder = this.deps.leases(address);
    if (holder === undefined || holder === mac) return false;
    const number = parseIpv4(address);
    if (number !== undefined) this.leased.set.add(BigInt(number));
    return true;
  }

  private isOthers(address: string, mac: Mac | undefined): boolean {
    const memory = this.suggested.get(address);
    return memory !== undefined && (mac === undefined || memory.mac !== mac);
  }

  private suggestedTo(mac: Mac): string | undefined {
    for (const [address, memory] of this.suggested) if (memory.mac === mac) return address;
    return undefined;
  }

  private async isSquatted(address: string, mac: Mac | undefined): Promise<boolean> {
    const ipv4 = parseIpv4(address);
    const answerer = ipv4 === undefined ? undefined : await this.deps.probe?.(ipv4);
    if (answerer === undefined || answerer === mac) return false;
    this.suggested.delete(address);
    this.remember(this.squatted, address, answerer, SQUATTED_MS);
    return true;
  }

  private remember(memories: Map<string, Memory>, address: string, mac: Mac | undefined, time: number): void {
    memories.delete(address);
    memories.set(address, { until: this.deps.now() + time, mac });
    const [oldest] = memories.keys();
    if (memories.size > MOST_REMEMBERED && oldest !== undefined) memories.delete(oldest);
  }
}

type Wanting = {
  readonly nic: Interface;
  readonly i: number;
  readonly field: 'ip' | 'ip6';
  readonly subnet: Subnet;
};

function forget(memories: Map<string, Memory>, now: number): void {
  for (const [address, { until }] of memories) {
    if (until > now) return;
    memories.delete(address);
  }
}

function full(host: string, { name, network }: Subnet, path: string): ChainbootError {
  const message = `no address of the subnet ${name} (${network}) is free`;
  return new ChainbootError('SUBNET_FULL', { subnet: name, host }, [
    { file: `hosts/${host}`, path, message },
  ]);
}
