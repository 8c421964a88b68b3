/** Declared state to changes: what would be created or changed, and everything that is wrong with it. */

import { loaderFileOf } from '../boot/loaders.ts';
import { type Inconsistency, inconsistencies } from '../inventory/consistency.ts';
import { declaredHost } from '../inventory/declare.ts';
import { DEFAULT_ARCHITECTURE, effectiveHost, effectiveHostgroup } from '../inventory/hostgroup.ts';
import type { SiteDeclaration } from '../inventory/schema.ts';
import { copyOf, nameOf, type Site } from '../inventory/site.ts';
import {
  COLLECTIONS,
  type Collection,
  type Host,
  isShipped,
  type Json,
  type PartitionTable,
  type ProvisioningTemplate,
  type PxeLoader,
  type Records,
  type Setting,
  type Token,
} from '../inventory/types.ts';
import type { Change } from '../store/types.ts';

export type DeclaredTemplate = Pick<
  ProvisioningTemplate,
  'name' | 'kind' | 'template' | 'oses' | 'description' | 'default' | 'organizations' | 'locations'
> & { readonly locked?: boolean };

/** The declaration with the texts of its template files in place. */
export type LoadedSite = Omit<SiteDeclaration, 'templates' | 'ptables'> & {
  readonly templates: readonly DeclaredTemplate[];
  readonly ptables: readonly Omit<PartitionTable, 'id'>[];
};

export type PlannedRecord = {
  readonly action: 'create' | 'change' | 'keep';
  readonly collection: Collection;
  readonly name: string;
};
/** `path` leads through the declaration: `['hosts', 3, 'mac']`. */
export type SiteFault = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly suggestion?: string;
};
export type SitePlan = {
  readonly records: readonly PlannedRecord[];
  readonly changes: readonly Change[];
  readonly faults: readonly SiteFault[];
};

export type PlanOptions = {
  readonly makeToken: () => Token;
  readonly now: number;
  /** Whether a boot loader of this name is installed. */
  readonly hasLoader: (file: string) => boolean;
};

/** Key in a site file of each collection. */
const SECTION: Readonly<Record<Collection, string>> = {
  hosts: 'hosts',
  hostgroups: 'hostgroups',
  architectures: 'architectures',
  realms: 'realms',
  organizations: 'organizations',
  locations: 'locations',
  users: 'users',
  usergroups: 'usergroups',
  personal_access_tokens: 'personal_access_tokens',
  models: 'models',
  smart_proxies: 'smart_proxies',
  operatingsystems: 'operatingsystems',
  media: 'media',
  subnets: 'subnets',
  domains: 'domains',
  ptables: 'ptables',
  provisioning_templates: 'templates',
  common_parameters: 'parameters',
  settings: 'settings',
  holds: 'holds',
};

type Declared = { readonly [C in Collection]: readonly Omit<Records[C], 'id'>[] };

/** Ids for records that have none yet; above all that a store gave, so that they count as the later ones. */
const PROVISIONAL_ID = 1e12;

export function planSite(declaration: LoadedSite, site: Site, options: PlanOptions): SitePlan {
  const declared = declaredRecords(declaration, site, options);
  const candidate = copyOf(site);
  const records: PlannedRecord[] = [];
  const changes: Change[] = [];
  const locks: SiteFault[] = [];
  let provisional = PROVISIONAL_ID;
  for (const collection of COLLECTIONS) {
    for (const [i, draft] of declared[collection].entries()) {
      const name = nameOf(collection, draft as Records[typeof collection]);
      const existing = storedOnly(site.get(collection, name));
      const id = existing?.id ?? provisional++;
      candidate.put(collection, { ...draft, id } as never);
      const action = existing === undefined ? 'create' : sameRecord(existing, draft) ? 'keep' : 'change';
      records.push({ action, collection, name });
      if (existing !== undefined)
        locks.push(...lockFaults(existing, draft, [SECTION[collection], i, 'name']));
      const record = existing === undefined ? draft : { ...draft, id: existing.id };
      if (action !== 'keep') changes.push({ op: 'put', collection, record } as Change);
    }
  }
  const faults = [
    ...duplicateNames(declared),
    ...locks,
    ...missingLoaders(declared, candidate, options),
    ...inconsistencies(candidate).map((fault) => located(fault, declared, declaration)),
  ];
  return { records, changes, faults };
}

/** Shipped templates (negative ids) are not in the store: declaring one of their names makes a new record. */
function storedOnly<T extends { readonly id: number }>(record: T | undefined): T | undefined {
  return record !== undefined && isShipped(record) ? undefined : record;
}

function declaredRecords(declaration: LoadedSite, site: Site, { makeToken, now }: PlanOptions): Declared {
  const host = (entry: SiteDeclaration['hosts'][number]): Omit<Host, 'id'> =>
    declaredHost(entry, site.get('hosts', entry.name), makeToken, now);
  return {
    hosts: declaration.hosts.map(host),
    hostgroups: declaration.hostgroups,
    architectures: declaration.architectures,
    realms: declaration.realms,
    organizations: declaration.organizations,
    locations: declaration.locations,
    users: declaration.users,
    usergroups: declaration.usergroups,
    personal_access_tokens: [],
    models: declaration.models,
    smart_proxies: declaration.smart_proxies,
    operatingsystems: declaration.operatingsystems,
    media: declaration.media,
    subnets: declaration.subnets,
    domains: declaration.domains,
    ptables: declaration.ptables.map((ptable) => {
      const there = site.get('ptables', ptable.name);
      return { ...ptable, ...keptOf(ptable, there), ...(isLocked(ptable, there) && { locked: true }) };
    }),
    provisioning_templates: declaration.templates.map((template) => {
      const there = site.get('provisioning_templates', template.name);
      return { ...template, ...keptOf(template, there), locked: isLocked(template, there) };
    }),
    common_parameters: named(declaration.parameters),
    settings: named(declaration.settings),
    holds: [],
  };
}

function named(values: Readonly<Record<string, Json | undefined>>): readonly Omit<Setting, 'id'>[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : { name, value }));
}

type Associable = { readonly oses?: readonly string[]; readonly locked?: boolean };

/** One that replaces a shipped record is for the same systems, unless its header says otherwise. */
function keptOf(declared: Associable, there: Associable | undefined): Pick<Associable, 'oses'> {
  const oses = declared.oses ?? there?.oses;
  return oses === undefined ? {} : { oses };
}

/** A lock stays until `locked: false` opens it; shipped records are locked, what replaces them is not. */
function isLocked(declared: Associable, there: (Associable & { readonly id: number }) | undefined): boolean {
  return declared.locked ?? (there !== undefined && !isShipped(there) && (there.locked ?? false));
}

/** A locked template or partition table may not be changed without opening it. */
function lockFaults(existing: object, draft: object, path: SiteFault['path']): readonly SiteFault[] {
  const locked = (record: object): boolean => 'locked' in record && record.locked === true;
  if (!locked(existing) || !locked(draft) || sameRecord(existing, draft)) return [];
  return [{ path, message: 'is locked', suggestion: 'say locked: false to change it' }];
}

function sameRecord(existing: object, draft: object): boolean {
  const { id: _id, ...fields } = existing as { id: number };
  return canonical(fields) === canonical(draft);
}

/** JSON with sorted keys: equal exactly when the values are. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function duplicateNames(declared: Declared): readonly SiteFault[] {
  const faults: SiteFault[] = [];
  for (const collection of COLLECTIONS) {
    const seen = new Set<string>();
    declared[collection].forEach((record, i) => {
      const name = nameOf(collection, record as Records[typeof collection]);
      if (seen.has(name))
        faults.push({ path: [SECTION[collection], i, 'name'], message: `"${name}" is declared twice` });
      seen.add(name);
    });
  }
  return faults;
}

/** Loaders that hosts and hostgroups name and nobody installed. */
function missingLoaders(declared: Declared, site: Site, { hasLoader }: PlanOptions): readonly SiteFault[] {
  const faultOf = (wanted: PxeLoader | undefined, architecture: string, path: SiteFault['path']) => {
    const file = wanted === undefined ? undefined : loaderFileOf(wanted, architecture);
    if (file === undefined || hasLoader(file)) return [];
    const message = `the loader ${file} of "${wanted}" is in none of the loader directories`;
    return [{ path, message, suggestion: 'see loaders.directories in the configuration' }];
  };
  const ofHosts = declared.hosts.flatMap((host, i) =>
    faultOf(host.pxe_loader, effectiveHost(site, { id: 0, ...host }).architecture, [
      'hosts',
      i,
      'pxe_loader',
    ]),
  );
  const ofGroups = declared.hostgroups.flatMap((group, i) => {
    const { architecture = DEFAULT_ARCHITECTURE } = effectiveHostgroup(site, { id: 0, ...group });
    return faultOf(group.pxe_loader, architecture, ['hostgroups', i, 'pxe_loader']);
  });
  return [...ofHosts, ...ofGroups];
}

/** The place in the file of a fault; one at a record that the file does not declare keeps only its name. */
function located(fault: Inconsistency, declared: Declared, declaration: LoadedSite): SiteFault {
  const advice = fault.suggestion === undefined ? {} : { suggestion: fault.suggestion };
  // The last one of a name is the one that took effect.
  const index = declared[fault.collection].findLastIndex(
    (record) => nameOf(fault.collection, record as Records[typeof fault.collection]) === fault.name,
  );
  if (index < 0)
    return { path: [], message: `${fault.name}: ${fault.path.join('.')}: ${fault.message}`, ...advice };
  const short = fault.collection === 'hosts' && declaration.hosts[index]?.interfaces.length === 0;
  const inner = short && fault.path[0] === 'interfaces' ? fault.path.slice(2) : fault.path;
  return { path: [SECTION[fault.collection], index, ...inner], message: fault.message, ...advice };
}
