/**
 * The inventory as the API shows it: records are known by number or by name. Those that come with the program are not in
 * the store, so their numbers are made of their names; a changed copy in the store keeps the number.
 */

import { ChainbootError } from '../errors.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import { type Collection, isShipped, type Records } from '../inventory/types.ts';
import type { Principal } from '../service/auth/authenticate.ts';

/** Above all that a store gives, and within 31 bits, which some clients keep ids in. */
const SHIPPED_FROM = 1_000_000_000;

/** FNV-1a (draft-eastlake-fnv), for a number that stays the same wherever and whenever it is made. */
export function numberOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return SHIPPED_FROM + ((hash >>> 0) % SHIPPED_FROM);
}

/** Names of the records that come with the program. */
export type ShippedNames = (collection: Collection) => readonly string[];

export class View {
  readonly site: Site;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly principal: Principal | undefined;
  readonly #ids: ShippedIds;

  constructor(site: Site, ids: ShippedIds, now: number, principal: Principal | undefined) {
    this.site = site;
    this.#ids = ids;
    this.now = now;
    this.principal = principal;
  }

  /** The same eyes on another state, such as the one a change is planned on. */
  on(site: Site): View {
    return new View(site, this.#ids, this.now, this.principal);
  }

  readonly idOf = <C extends Collection>(collection: C, record: Records[C]): number => {
    return this.#ids.ofName(collection, nameOf(collection, record)) ?? record.id;
  };

  /** Whether a record of that name comes with the program, and is there again when the one of the store is deleted. */
  ships(collection: Collection, name: string): boolean {
    return this.#ids.ofName(collection, name) !== undefined;
  }

  /** Number of what a record refers to by name; null where there is nothing. */
  idNamed<C extends Collection>(collection: C, name: string | undefined): number | null {
    const record = name === undefined ? undefined : this.site.get(collection, name);
    return record === undefined ? null : this.idOf(collection, record);
  }

  /** By number, `12-some-name`, title, name or login. */
  readonly find = <C extends Collection>(collection: C, key: string): Records[C] | undefined => {
    const [, digits] = /^(\d{1,15})(?:-|$)/.exec(key) ?? [];
    const numbered = digits === undefined ? undefined : this.byId(collection, Number(digits));
    return numbered ?? this.named(collection, key);
  };

  /** Throws RECORD_NOT_FOUND. */
  require<C extends Collection>(collection: C, label: string, key: string): Records[C] {
    const record = this.find(collection, key);
    if (record === undefined) throw new ChainbootError('RECORD_NOT_FOUND', { kind: label, key });
    return record;
  }

  byId<C extends Collection>(collection: C, id: number): Records[C] | undefined {
    const shipped = this.#ids.nameOfId(collection, id);
    const record =
      shipped === undefined ? this.site.byId(collection, id) : this.site.get(collection, shipped);
    return record !== undefined && isShipped(record) && shipped === undefined ? undefined : record;
  }

  /** By what records refer to it by, else by its own name when only one has it. */
  private named<C extends Collection>(collection: C, key: string): Records[C] | undefined {
    const record = this.site.get(collection, key) ?? this.site.get(collection, key.toLowerCase());
    if (record !== undefined || collection === 'hosts') return record;
    const alike = this.site.list(collection).filter((other) => 'name' in other && other.name === key);
    return alike.length === 1 ? alike[0] : undefined;
  }
}

/** Numbers of the records that come with the program, by collection. */
export class ShippedIds {
  readonly #ids = new Map<Collection, ReadonlyMap<string, number>>();
  readonly #names = new Map<Collection, ReadonlyMap<number, string>>();

  constructor(collections: readonly Collection[], shipped: ShippedNames) {
    for (const collection of collections) {
      const ids = shipped(collection).map((name) => [name, numberOfName(name)] as const);
      this.#ids.set(collection, new Map(ids));
      this.#names.set(collection, new Map(ids.map(([name, id]) => [id, name])));
    }
  }

  ofName(collection: Collection, name: string): number | undefined {
    return this.#ids.get(collection)?.get(name);
  }

  nameOfId(collection: Collection, id: number): string | undefined {
    return this.#names.get(collection)?.get(id);
  }
}
