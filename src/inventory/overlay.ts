/** A site with some changes on top: to try them without copying what may be a hundred thousand hosts. */

import type { Ipv4 } from '../net/ip.ts';
import type { Ipv6 } from '../net/ipv6.ts';
import type { Mac } from '../net/mac.ts';
import type { AddressSet } from './address-set.ts';
import { type AddressFamily, type HostInterface, type Site, SiteIndex, type SubnetRange } from './site.ts';
import type { Collection, Host, PersonalAccessToken, Records, Subnet } from './types.ts';

export class Overlay implements Site {
  readonly #base: Site;
  /** What was put, and all subnets once one of them was changed: their ranges depend on each other. */
  readonly #own = new SiteIndex();
  /** Ids of the base that count no more, by collection: deleted, or put anew. */
  readonly #hidden = new Map<Collection, Set<number>>();
  #ownSubnets = false;

  constructor(base: Site) {
    this.#base = base;
  }

  put<C extends Collection>(collection: C, record: Records[C]): void {
    if (collection === 'subnets') this.#takeSubnets();
    this.#hide(collection, record.id);
    this.#own.put(collection, record);
  }

  remove(collection: Collection, id: number): void {
    if (collection === 'subnets') this.#takeSubnets();
    this.#hide(collection, id);
    this.#own.remove(collection, id);
  }

  #takeSubnets(): void {
    if (this.#ownSubnets) return;
    this.#ownSubnets = true;
    for (const subnet of this.#base.list('subnets')) this.put('subnets', subnet);
  }

  #hide(collection: Collection, id: number): void {
    const ids = this.#hidden.get(collection);
    if (ids === undefined) this.#hidden.set(collection, new Set([id]));
    else ids.add(id);
  }

  #ofBase<C extends Collection>(collection: C, record: Records[C] | undefined): Records[C] | undefined {
    return record === undefined || this.#hidden.get(collection)?.has(record.id) ? undefined : record;
  }

  list<C extends Collection>(collection: C): readonly Records[C][] {
    const hidden = this.#hidden.get(collection);
    const base = this.#base.list(collection);
    if (hidden === undefined) return base;
    return [...base.filter(({ id }) => !hidden.has(id)), ...this.#own.list(collection)];
  }

  get<C extends Collection>(collection: C, name: string): Records[C] | undefined {
    return this.#own.get(collection, name) ?? this.#ofBase(collection, this.#base.get(collection, name));
  }

  byId<C extends Collection>(collection: C, id: number): Records[C] | undefined {
    return this.#own.byId(collection, id) ?? this.#ofBase(collection, this.#base.byId(collection, id));
  }

  hostByMac(mac: Mac): HostInterface | undefined {
    return this.#own.hostByMac(mac) ?? this.#visible(this.#base.hostByMac(mac));
  }

  hostByIp(ip: string): HostInterface | undefined {
    return this.#own.hostByIp(ip) ?? this.#visible(this.#base.hostByIp(ip));
  }

  #visible(found: HostInterface | undefined): HostInterface | undefined {
    return found !== undefined && this.#ofBase('hosts', found.host) !== undefined ? found : undefined;
  }

  hostByToken(token: string): Host | undefined {
    return this.#own.hostByToken(token) ?? this.#ofBase('hosts', this.#base.hostByToken(token));
  }

  accessToken(hash: string): PersonalAccessToken | undefined {
    return (
      this.#own.accessToken(hash) ?? this.#ofBase('personal_access_tokens', this.#base.accessToken(hash))
    );
  }

  get #subnets(): Site {
    return this.#ownSubnets ? this.#own : this.#base;
  }

  subnetOf(address: Ipv4): SubnetRange | undefined {
    return this.#subnets.subnetOf(address);
  }

  sharing(range: SubnetRange): readonly SubnetRange[] {
    return this.#subnets.sharing(range);
  }

  subnetOf6(address: Ipv6): Subnet | undefined {
    return this.#subnets.subnetOf6(address);
  }

  /** Of the base: who chooses addresses does so before the changes are tried. */
  addressesInUse(family: AddressFamily): AddressSet {
    return this.#base.addressesInUse(family);
  }
}
