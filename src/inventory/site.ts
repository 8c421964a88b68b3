/**
 * The whole inventory in memory, indexed for the wire: every DHCP packet and every request is answered
 * from here without touching the database. The store keeps it in step (see service/).
 */

import { type Cidr, contains, parseCidr } from '../net/cidr.ts';
import { type Ipv4, parseIpv4 } from '../net/ip.ts';
import { type Cidr6, contains6, type Ipv6, parseCidr6, parseIpv6 } from '../net/ipv6.ts';
import type { Mac } from '../net/mac.ts';
import { AddressSet } from './address-set.ts';
import {
  COLLECTIONS,
  type Collection,
  type Domain,
  type Host,
  type Interface,
  isAggregate,
  isStacked,
  nestedTitle,
  osTitle,
  type PersonalAccessToken,
  primaryInterface,
  type Records,
  type Subnet,
} from './types.ts';

export type HostInterface = { readonly host: Host; readonly nic: Interface };
export type SubnetRange = { readonly subnet: Subnet; readonly cidr: Cidr };

/** What hosts are looked up by. All answers are undefined when there is nothing. */
export interface Site {
  /** Another one after every change; undefined where nothing is to be remembered of a state. */
  readonly version?: number;
  list<C extends Collection>(collection: C): readonly Records[C][];
  /** By what records refer to it by (see `nameOf`). */
  get<C extends Collection>(collection: C, name: string): Records[C] | undefined;
  byId<C extends Collection>(collection: C, id: number): Records[C] | undefined;
  hostByMac(mac: Mac): HostInterface | undefined;
  hostByIp(ip: string): HostInterface | undefined;
  /** Also finds an expired token: whoever asks decides whether that is good enough. */
  hostByToken(token: string): Host | undefined;
  /** By its SHA-256, hex; usable or not. */
  accessToken(hash: string): PersonalAccessToken | undefined;
  /** IPv4 subnets only, the smallest that has the address. */
  subnetOf(address: Ipv4): SubnetRange | undefined;
  /** The subnets on one wire: this one, and those with the same `shared_network`. */
  sharing(range: SubnetRange): readonly SubnetRange[];
  subnetOf6(address: Ipv6): Subnet | undefined;
  /** The addresses of all interfaces of all hosts. */
  addressesInUse(family: AddressFamily): AddressSet;
}

export type AddressFamily = 'IPv4' | 'IPv6';

export function addressNumber(family: AddressFamily, text: string): bigint | undefined {
  if (family === 'IPv6') return parseIpv6(text);
  const ipv4 = parseIpv4(text);
  return ipv4 === undefined ? undefined : BigInt(ipv4);
}

type Naming = { readonly [C in Collection]?: (record: Records[C]) => string };

const NAMING: Naming = {
  operatingsystems: osTitle,
  hostgroups: nestedTitle,
  organizations: nestedTitle,
  locations: nestedTitle,
  users: ({ login }) => login,
  personal_access_tokens: ({ user, name }) => `${user}/${name}`,
  holds: ({ machine }) => machine,
};

/** What other records call it: the title of operating systems and nested records, the login of users, else the name. */
export function nameOf<C extends Collection>(collection: C, record: Records[C]): string {
  const naming = NAMING[collection] as ((record: Records[C]) => string) | undefined;
  return naming === undefined ? (record as { name: string }).name : naming(record);
}

type Shelf = {
  readonly byId: Map<number, Records[Collection]>;
  readonly byName: Map<string, Records[Collection]>;
};

export class SiteIndex implements Site {
  private readonly shelves: ReadonlyMap<Collection, Shelf> = new Map(
    COLLECTIONS.map((collection) => [collection, { byId: new Map(), byName: new Map() }]),
  );
  version = 0;
  private readonly macs = new Map<Mac, HostInterface>();
  private readonly ips = new Map<string, HostInterface>();
  private readonly tokens = new Map<string, Host>();
  private readonly accessTokens = new Map<string, PersonalAccessToken>();
  /** Made when it is first asked for, and kept in step from then on. */
  private readonly inUse = new Map<AddressFamily, AddressSet>();
  private ranges: SubnetRange[] = [];
  private shared = new Map<SubnetRange, readonly SubnetRange[]>();
  private ranges6: { readonly subnet: Subnet; readonly cidr: Cidr6 }[] = [];

  private shelf(collection: Collection): Shelf {
    return this.shelves.get(collection)!;
  }

  put<C extends Collection>(collection: C, record: Records[C]): void {
    this.version++;
    this.remove(collection, record.id);
    const shelf = this.shelf(collection);
    shelf.byId.set(record.id, record);
    shelf.byName.set(nameOf(collection, record), record);
    if (collection === 'hosts') this.indexHost(record as Host);
    if (collection === 'subnets') this.indexSubnets();
    if (collection === 'personal_access_tokens') {
      const token = record as PersonalAccessToken;
      this.accessTokens.set(token.hash, token);
    }
  }

  remove(collection: Collection, id: number): void {
    const shelf = this.shelf(collection);
    const record = shelf.byId.get(id);
    if (record === undefined) return;
    this.version++;
    shelf.byId.delete(id);
    const name = nameOf(collection, record);
    // Another may have its name by now, when several change at once.
    if (shelf.byName.get(name) === record) shelf.byName.delete(name);
    if (collection === 'hosts') this.forgetHost(record as Host);
    if (collection === 'subnets') this.indexSubnets();
    if (collection === 'personal_access_tokens')
      this.accessTokens.delete((record as PersonalAccessToken).hash);
  }

  private indexHost(host: Host): void {
    const { interfaces } = host;
    // A hundred thousand hosts are indexed at each start, and most have one interface.
    const isAlone = interfaces.length === 1;
    if (!isAlone) for (const [mac, nic] of interfacesByMac(host)) this.macs.set(mac, { host, nic });
    for (const nic of interfaces) {
      const entry = { host, nic };
      if (isAlone && nic.mac !== undefined) this.macs.set(nic.mac, entry);
      if (nic.ip !== undefined) this.ips.set(nic.ip, entry);
      if (nic.ip6 !== undefined) this.ips.set(nic.ip6, entry);
    }
    if (host.token !== undefined) this.tokens.set(host.token.value, host);
    for (const [family, set] of this.inUse) noteAddressesOf(host, family, (address) => set.add(address));
  }

  /** What another host has by now stays: when several change at once, one may have got what this one had. */
  private forgetHost(host: Host): void {
    for (const { mac, ip, ip6 } of host.interfaces) {
      if (mac !== undefined && this.macs.get(mac)?.host === host) this.macs.delete(mac);
      this.forgetAddress(host, 'IPv4', ip);
      this.forgetAddress(host, 'IPv6', ip6);
    }
    const token = host.token?.value;
    if (token !== undefined && this.tokens.get(token) === host) this.tokens.delete(token);
  }

  private forgetAddress(host: Host, family: AddressFamily, text: string | undefined): void {
    if (text === undefined || this.ips.get(text)?.host !== host) return;
    this.ips.delete(text);
    const set = this.inUse.get(family);
    const address = set && addressNumber(family, text);
    if (address !== undefined) set?.delete(address);
  }

  addressesInUse(family: AddressFamily): AddressSet {
    const known = this.inUse.get(family);
    if (known !== undefined) return known;
    const set = new AddressSet();
    for (const record of this.shelf('hosts').byId.values())
      noteAddressesOf(record as Host, family, (address) => set.add(address));
    this.inUse.set(family, set);
    return set;
  }

  private indexSubnets(): void {
    this.ranges = rangesOf(this.list('subnets'), parseCidr);
    this.ranges6 = rangesOf(this.list('subnets'), parseCidr6);
    this.shared = new Map(this.ranges.map((range) => [range, sharingWith(range, this.ranges)]));
  }

  list<C extends Collection>(collection: C): readonly Records[C][] {
    return [...this.shelf(collection).byId.values()] as Records[C][];
  }

  get<C extends Collection>(collection: C, name: string): Records[C] | undefined {
    return this.shelf(collection).byName.get(name) as Records[C] | undefined;
  }

  byId<C extends Collection>(collection: C, id: number): Records[C] | undefined {
    return this.shelf(collection).byId.get(id) as Records[C] | undefined;
  }

  hostByMac(mac: Mac): HostInterface | undefined {
    return this.macs.get(mac);
  }

  hostByIp(ip: string): HostInterface | undefined {
    return this.ips.get(ip);
  }

  hostByToken(token: string): Host | undefined {
    return this.tokens.get(token);
  }

  accessToken(hash: string): PersonalAccessToken | undefined {
    return this.accessTokens.get(hash);
  }

  subnetOf(address: Ipv4): SubnetRange | undefined {
    return this.ranges.find((range) => contains(range.cidr, address));
  }

  sharing(range: SubnetRange): readonly SubnetRange[] {
    return this.shared.get(range) ?? [range];
  }

  subnetOf6(address: Ipv6): Subnet | undefined {
    return this.ranges6.find((range) => contains6(range.cidr, address))?.subnet;
  }
}

function noteAddressesOf(host: Host, family: AddressFamily, note: (address: bigint) => void): void {
  for (const { ip, ip6 } of host.interfaces) {
    const text = family === 'IPv4' ? ip : ip6;
    const address = text === undefined ? undefined : addressNumber(family, text);
    if (address !== undefined) note(address);
  }
}

function sharingWith(range: SubnetRange, all: readonly SubnetRange[]): readonly SubnetRange[] {
  const { shared_network: network } = range.subnet;
  return network === undefined ? [range] : all.filter(({ subnet }) => subnet.shared_network === network);
}

/**
 * Which interface a frame from a MAC address belongs to before an operating system runs: the interface itself, but
 * the bond or bridge it is a member of when that has the address. VLANs and aliases have only what is left. (Foreman:
 * every member of the provision interface is announced to DHCP and TFTP.)
 */
function interfacesByMac(host: Host): ReadonlyMap<Mac, Interface> {
  const { interfaces } = host;
  const physical = interfaces.filter((nic) => !isStacked(nic));
  const aggregates = interfaces.filter(isAggregate);
  const others = interfaces.filter((nic) => isStacked(nic) && !isAggregate(nic));
  const found = new Map<Mac, Interface>();
  for (const nic of [...physical, ...aggregates, ...others]) {
    for (const mac of macsOf(nic, physical)) {
      const there = found.get(mac);
      const takesOver = isAggregate(nic) && nic.ip !== undefined && there?.ip === undefined;
      if (there === undefined || takesOver) found.set(mac, nic);
    }
  }
  return found;
}

function macsOf(nic: Interface, physical: readonly Interface[]): readonly Mac[] {
  const members = physical.filter(
    ({ identifier }) => identifier !== undefined && nic.attached_devices?.includes(identifier),
  );
  return [nic, ...members].flatMap(({ mac }) => mac ?? []);
}

/** The subnets of one family, longest prefix first, so that a nested one wins. */
function rangesOf<T extends { readonly prefix: number }>(
  subnets: readonly Subnet[],
  parse: (network: string) => T | undefined,
): { readonly subnet: Subnet; readonly cidr: T }[] {
  return subnets
    .flatMap((subnet) => {
      const cidr = parse(subnet.network);
      return cidr === undefined ? [] : [{ subnet, cidr }];
    })
    .sort((a, b) => b.cidr.prefix - a.cidr.prefix);
}

/** The IPv4 subnet an interface belongs to: the one it names, else the one its address lies in. */
export function subnetOfInterface(site: Site, nic: Interface): Subnet | undefined {
  if (nic.subnet !== undefined) return site.get('subnets', nic.subnet);
  const address = nic.ip === undefined ? undefined : parseIpv4(nic.ip);
  return address === undefined ? undefined : site.subnetOf(address)?.subnet;
}

/** The same for IPv6. */
export function subnet6OfInterface(site: Site, nic: Interface): Subnet | undefined {
  if (nic.subnet6 !== undefined) return site.get('subnets', nic.subnet6);
  const address = nic.ip6 === undefined ? undefined : parseIpv6(nic.ip6);
  return address === undefined ? undefined : site.subnetOf6(address);
}

/** The domain an interface names, else that of its subnet. */
export function domainOfInterface(site: Site, nic: Interface): Domain | undefined {
  const name = nic.domain ?? subnetOfInterface(site, nic)?.domain ?? subnet6OfInterface(site, nic)?.domain;
  return name === undefined ? undefined : site.get('domains', name);
}

/** That of the primary interface; else `web.example.com` is in `example.com` when that is declared. */
export function domainOfHost(site: Site, host: Pick<Host, 'name' | 'interfaces'>): Domain | undefined {
  const primary = primaryInterface(host);
  const own = primary && domainOfInterface(site, primary);
  const dot = host.name.indexOf('.');
  return own ?? (dot < 0 ? undefined : site.get('domains', host.name.slice(dot + 1)));
}

/** The same site to try changes on. */
export function copyOf(site: Site): SiteIndex {
  const copy = new SiteIndex();
  for (const collection of COLLECTIONS)
    for (const record of site.list(collection)) copy.put(collection, record);
  return copy;
}
