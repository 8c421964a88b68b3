/** Fields that can be searched and sorted by. */

import { effectiveHostgroup } from '../../inventory/hostgroup.ts';
import { type Site, subnetOfInterface } from '../../inventory/site.ts';
import type { Collection, Hostgroup, Interface, Records } from '../../inventory/types.ts';

export type Value = string | number | boolean;
/** A field may have no value, one, or several. */
export type Values = Value | readonly Value[] | undefined;

export type Field<R> = {
  readonly type: 'text' | 'number' | 'boolean' | 'time';
  readonly of: (record: R, context: SearchContext) => Values;
  /** Words on their own are looked for in it. */
  readonly bare?: true;
  /** How a wanted value is written in records: MAC addresses with colons and in lower case. */
  readonly normal?: (wanted: string) => string;
  /** The only record that can have this value; `scan` where no index tells. */
  readonly lookup?: (wanted: string, context: SearchContext) => object | undefined | 'scan';
};

export type Fields<R> = Readonly<Record<string, Field<R>>>;

/** `params.<name>`: a field for every name. */
export type FieldFamily<R> = (rest: string) => Field<R>;

export type Searchable<R> = {
  readonly fields: Fields<R>;
  readonly families?: Readonly<Record<string, FieldFamily<R>>>;
};

/** What fields need besides the record; made for one search, which sees one state. */
export class SearchContext {
  readonly site: Site;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly idOf: <C extends Collection>(collection: C, record: Records[C]) => number;
  #subnetDomains: boolean | undefined;
  #noneNarrow: boolean | undefined;
  readonly #subnets = new Map<string, string | undefined>();
  readonly #groups = new Map<string, Hostgroup | undefined>();

  constructor(
    site: Site,
    now: number,
    idOf: <C extends Collection>(collection: C, record: Records[C]) => number,
  ) {
    this.site = site;
    this.now = now;
    this.idOf = idOf;
  }

  /** A hostgroup with what its ancestors give it; worked out once, as many hosts are in one. */
  group(title: string | undefined): Hostgroup | undefined {
    if (title === undefined) return undefined;
    if (!this.#groups.has(title)) {
      const group = this.site.get('hostgroups', title);
      this.#groups.set(title, group && effectiveHostgroup(this.site, group));
    }
    return this.#groups.get(title);
  }

  /** Whether any subnet says which domain its hosts are in. */
  subnetsHaveDomains(): boolean {
    this.#subnetDomains ??= this.site.list('subnets').some(({ domain }) => domain !== undefined);
    return this.#subnetDomains;
  }

  /** The IPv4 subnet of an interface. Addresses that differ in the last byte alone are in one, as long as none is narrower. */
  subnetName(nic: Interface): string | undefined {
    if (nic.subnet !== undefined || nic.ip === undefined) return nic.subnet;
    this.#noneNarrow ??= this.site
      .list('subnets')
      .every(({ network }) => network.includes(':') || Number(network.split('/')[1]) <= 24);
    if (!this.#noneNarrow) return subnetOfInterface(this.site, nic)?.name;
    const key = nic.ip.slice(0, nic.ip.lastIndexOf('.'));
    if (!this.#subnets.has(key)) this.#subnets.set(key, subnetOfInterface(this.site, nic)?.name);
    return this.#subnets.get(key);
  }

  idNamed(collection: Collection, name: string | undefined): number | undefined {
    const record = name === undefined ? undefined : this.site.get(collection, name);
    return record === undefined ? undefined : this.idOf(collection, record as never);
  }
}

export function text<R>(of: Field<R>['of'], bare?: true): Field<R> {
  return { type: 'text', of, ...(bare && { bare }) };
}

export function number<R>(of: Field<R>['of']): Field<R> {
  return { type: 'number', of };
}

export function boolean<R>(of: Field<R>['of']): Field<R> {
  return { type: 'boolean', of };
}

export function time<R>(of: Field<R>['of']): Field<R> {
  return { type: 'time', of };
}
