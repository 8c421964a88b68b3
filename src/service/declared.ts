/** From a site file to records: what is declared, with what stays of the records that are there. */

import { type Declarable, stateOf } from '../inventory/declaration.ts';
import { declaredHost } from '../inventory/declare.ts';
import { keepingNumbers } from '../inventory/interfaces.ts';
import type { HostDeclaration, SiteDeclaration } from '../inventory/schema.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import {
  type Collection,
  type Host,
  isShipped,
  type Json,
  type PartitionTable,
  type ProvisioningTemplate,
  type Records,
  type Token,
} from '../inventory/types.ts';

export type DeclaredTemplate = Omit<ProvisioningTemplate, 'id' | 'declared' | 'locked'> & {
  readonly locked?: boolean;
};

/** The declaration with the texts of its template files in place. */
export type LoadedSite = Omit<SiteDeclaration, 'templates' | 'ptables'> & {
  readonly templates: readonly DeclaredTemplate[];
  readonly ptables: readonly Omit<PartitionTable, 'id'>[];
};

/** Leads through the declaration: `['hosts', 3, 'mac']`. */
export type SitePath = readonly (string | number)[];

/** A record as it would be stored, and where it is declared. */
type Declared<C extends Collection> = {
  readonly at: SitePath;
  readonly draft: Omit<Records[C], 'id'>;
  /** The one of its name in the store. */
  readonly existing?: Records[C] | undefined;
};

export type NewHosts = { readonly makeToken: () => Token; readonly now: number };

export type DeclaredRecord = {
  readonly [C in Declarable]: Declared<C> & { readonly collection: C };
}[Declarable];

/** Of every collection, in the order of the file. */
export function declaredRecords(
  site: LoadedSite,
  current: Site,
  newHosts: NewHosts,
): readonly DeclaredRecord[] {
  return [
    ...entriesOf(site).map((entry) => recordOf(entry, current, newHosts)),
    ...shortForms(site).map((entry) => recordOf(entry, current, newHosts)),
  ];
}

type Entry = { readonly collection: Declarable; readonly at: SitePath; readonly entry: object };

/** Section of each collection whose records are lists there. */
const SECTIONS = {
  hosts: 'hosts',
  hostgroups: 'hostgroups',
  operatingsystems: 'operatingsystems',
  architectures: 'architectures',
  media: 'media',
  subnets: 'subnets',
  domains: 'domains',
  realms: 'realms',
  organizations: 'organizations',
  locations: 'locations',
  users: 'users',
  usergroups: 'usergroups',
  models: 'models',
  smart_proxies: 'smart_proxies',
  ptables: 'ptables',
  provisioning_templates: 'templates',
  common_parameters: 'common_parameters',
} as const satisfies Partial<Record<Declarable, keyof LoadedSite>>;

function entriesOf(site: LoadedSite): readonly Entry[] {
  return (Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]).flatMap((collection) => {
    const section = SECTIONS[collection];
    return site[section].map((entry, i) => ({ collection, at: [section, i], entry }));
  });
}

/** Maps of name to value. */
function shortForms({ parameters, settings }: LoadedSite): readonly Entry[] {
  const named = (
    section: string,
    collection: Declarable,
    values: Readonly<Record<string, Json | undefined>>,
  ) =>
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [{ collection, at: [section, name], entry: { name, value } }],
    );
  return [
    ...named('parameters', 'common_parameters', parameters),
    ...named('settings', 'settings', settings),
  ];
}

function recordOf({ collection, at, entry }: Entry, current: Site, newHosts: NewHosts): DeclaredRecord {
  const there = current.get(collection, nameOf(collection, entry as never));
  // Shipped records are not in the store: declaring one of their names makes a new record.
  const existing = there === undefined || isShipped(there) ? undefined : there;
  const draft = {
    ...(existing && stateOf(collection, existing)),
    ...draftOf(collection, entry, at, { existing, there }, newHosts),
  } as { id?: number };
  delete draft.id;
  return { collection, at, draft, existing } as unknown as DeclaredRecord;
}

/** `there` may be shipped. */
type Before = { readonly existing: object | undefined; readonly there: object | undefined };

function draftOf(
  collection: Declarable,
  entry: object,
  at: SitePath,
  { existing, there }: Before,
  newHosts: NewHosts,
): object {
  switch (collection) {
    case 'hosts':
      return hostOf(entry as HostDeclaration, existing as Host | undefined, newHosts);
    case 'ptables':
    case 'provisioning_templates':
      return textOf(
        collection,
        entry as Associable,
        existing as Associable | undefined,
        there as Associable | undefined,
      );
    case 'users':
      // Passwords are set by `chainboot user password`, too.
      return { ...keptOf(existing, ['password_hash']), ...entry };
    case 'common_parameters':
      // The short form says nothing of them.
      return at[0] === 'parameters'
        ? { ...keptOf(existing, ['hidden_value', 'parameter_type']), ...entry }
        : entry;
    default:
      return entry;
  }
}

function hostOf(
  entry: HostDeclaration,
  existing: Host | undefined,
  { makeToken, now }: NewHosts,
): Omit<Host, 'id'> {
  const host = declaredHost(entry, existing, makeToken, now);
  return existing === undefined
    ? host
    : { ...host, interfaces: keepingNumbers(host.interfaces, existing.interfaces) };
}

type Associable = { readonly oses?: readonly string[]; readonly locked?: boolean };

/**
 * One that replaces a shipped record is for the same systems, unless its header says otherwise. A lock stays until
 * `locked: false` opens it; shipped records are locked, what replaces them is not.
 */
function textOf(
  collection: 'ptables' | 'provisioning_templates',
  entry: Associable,
  existing: Associable | undefined,
  there: Associable | undefined,
): object {
  const locked = entry.locked ?? existing?.locked ?? false;
  return {
    ...keptOf(there, ['oses']),
    ...entry,
    ...((locked || collection === 'provisioning_templates') && { locked }),
  };
}

function keptOf(record: object | undefined, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([key]) => keys.includes(key)));
}
