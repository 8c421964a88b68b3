/** Declared state to changes: what would be created, changed or deleted, and everything that is wrong with it. */

import { loaderFileOf } from '../boot/loaders.ts';
import type { Problem } from '../errors.ts';
import { alike, declarationOf, isDeclarable } from '../inventory/declaration.ts';
import { DEFAULT_ARCHITECTURE, effectiveHost, effectiveHostgroup } from '../inventory/hostgroup.ts';
import { Overlay } from '../inventory/overlay.ts';
import { type FieldDiff, recordDiff } from '../inventory/record-diff.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import { COLLECTIONS, type Collection, type PxeLoader } from '../inventory/types.ts';
import type { Change } from '../store/types.ts';
import {
  type DeclaredRecord,
  declaredRecords,
  type LoadedSite,
  type NewHosts,
  type SitePath,
} from './declared.ts';
import { tried } from './records.ts';

export type { DeclaredTemplate, LoadedSite } from './declared.ts';

export type PlannedRecord = {
  readonly action: 'create' | 'change' | 'keep' | 'delete';
  readonly collection: Collection;
  readonly name: string;
  /** In the words of a site file; secrets are hidden. */
  readonly changes: readonly FieldDiff[];
};
export type SiteFault = {
  /** Empty: of a record that is not declared. */
  readonly path: SitePath;
  readonly message: string;
  readonly suggestion?: string;
  /** Where the other one is. */
  readonly other?: SitePath;
};
export type SitePlan = {
  readonly records: readonly PlannedRecord[];
  /** Also those that only mark what is declared from now on. */
  readonly changes: readonly Change[];
  readonly faults: readonly SiteFault[];
};

export type PlanOptions = NewHosts & {
  /** Whether a boot loader of this name is installed. */
  readonly hasLoader: (file: string) => boolean;
  /** Records are marked as declared, for `prune` to know them. */
  readonly mark?: boolean;
  /** Marked records that are declared no more are deleted. */
  readonly prune?: boolean;
};

export function planSite(declaration: LoadedSite, site: Site, options: PlanOptions): SitePlan {
  const { unique, faults } = withoutRepeats(declaredRecords(declaration, site, options));
  const planned = unique.map((declared) => planRecord(declared, options.mark === true));
  const gone = options.prune ? undeclared(unique, site) : { records: [], changes: [] };
  const { all, problems } = tried(site, [...planned.flatMap(({ changes }) => changes), ...gone.changes]);
  const at = placesOf(unique, declaration);
  return {
    records: [...planned.map(({ record }) => record), ...gone.records],
    changes: all,
    faults: [
      ...faults,
      ...planned.flatMap(({ faults }) => faults),
      ...missingLoaders(unique, site, all, options),
      ...problems.map((problem) => located(problem, at)),
    ],
  };
}

type Repeats = { readonly unique: readonly DeclaredRecord[]; readonly faults: readonly SiteFault[] };

/** Of records with one name, the first. */
function withoutRepeats(declared: readonly DeclaredRecord[]): Repeats {
  const seen = new Map<string, DeclaredRecord>();
  const faults: SiteFault[] = [];
  for (const record of declared) {
    const name = nameOf(record.collection, record.draft as never);
    const key = `${record.collection}/${name}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, record);
    else
      faults.push({
        path: nameField(record),
        message: `"${name}" is declared twice`,
        other: nameField(other),
      });
  }
  return { unique: [...seen.values()], faults };
}

function nameField({ collection, at }: DeclaredRecord): SitePath {
  if (typeof at[1] === 'string') return at;
  return [...at, collection === 'users' ? 'login' : 'name'];
}

type PlannedOne = {
  readonly record: PlannedRecord;
  readonly changes: readonly Change[];
  readonly faults: readonly SiteFault[];
};

function planRecord(declared: DeclaredRecord, mark: boolean): PlannedOne {
  const { collection, draft, existing } = declared;
  const name = nameOf(collection, draft as never);
  const after = declarationOf(collection, draft as never);
  const before = existing && declarationOf(collection, existing as never);
  const action = before === undefined ? 'create' : alike(before, after) ? 'keep' : 'change';
  const isMarked = existing?.declared === true || !mark;
  const record = {
    ...(action === 'keep' ? existing : draft),
    ...(mark && { declared: true }),
    ...(existing && { id: existing.id }),
  };
  return {
    record: {
      action,
      collection,
      name,
      changes: action === 'keep' ? [] : recordDiff(collection, before, after),
    },
    changes: action === 'keep' && isMarked ? [] : [{ op: 'put', collection, record } as Change],
    faults: action === 'change' ? lockFaults(existing, draft, nameField(declared)) : [],
  };
}

/** A locked template or partition table may not be changed without opening it. */
function lockFaults(existing: object | undefined, draft: object, path: SitePath): readonly SiteFault[] {
  const locked = (record: object = {}): boolean => 'locked' in record && record.locked === true;
  if (!locked(existing) || !locked(draft)) return [];
  return [{ path, message: 'is locked', suggestion: 'say locked: false to change it' }];
}

/** What an earlier file declared and this one does not. */
function undeclared(
  declared: readonly DeclaredRecord[],
  site: Site,
): { readonly records: readonly PlannedRecord[]; readonly changes: readonly Change[] } {
  const kept = new Set(declared.map(({ collection, existing }) => `${collection}/${existing?.id}`));
  const gone = COLLECTIONS.filter(isDeclarable).flatMap((collection) =>
    site
      .list(collection)
      .filter((record) => record.declared === true && !kept.has(`${collection}/${record.id}`))
      .map((record) => ({ collection, record })),
  );
  return {
    records: gone.map(({ collection, record }) => ({
      action: 'delete',
      collection,
      name: nameOf(collection, record as never),
      changes: recordDiff(collection, declarationOf(collection, record as never), undefined),
    })),
    changes: gone.map(({ collection, record }) => ({ op: 'delete', collection, id: record.id })),
  };
}

/** Ids for records that no store has given one. */
const FIRST_ID = 4e12;

/** Loaders that hosts and hostgroups name and nobody installed. */
function missingLoaders(
  declared: readonly DeclaredRecord[],
  current: Site,
  changes: readonly Change[],
  { hasLoader }: PlanOptions,
): readonly SiteFault[] {
  const site = new Overlay(current);
  for (const [i, change] of changes.entries())
    if (change.op === 'put' && change.collection === 'hostgroups')
      site.put('hostgroups', { id: FIRST_ID + i, ...change.record });
  return declared.flatMap(({ collection, draft, at }) => {
    if (!('pxe_loader' in draft) || draft.pxe_loader === undefined) return [];
    const architecture =
      collection === 'hosts'
        ? effectiveHost(site, { id: 0, ...draft }).architecture
        : collection === 'hostgroups'
          ? effectiveHostgroup(site, { id: 0, ...draft }).architecture
          : undefined;
    const fault = loaderFault(draft.pxe_loader, architecture ?? DEFAULT_ARCHITECTURE, hasLoader);
    return fault === undefined ? [] : [{ ...fault, path: [...at, 'pxe_loader'] }];
  });
}

function loaderFault(
  wanted: PxeLoader,
  architecture: string,
  hasLoader: PlanOptions['hasLoader'],
): Omit<SiteFault, 'path'> | undefined {
  const file = loaderFileOf(wanted, architecture);
  if (file === undefined || hasLoader(file)) return undefined;
  return {
    message: `the loader ${file} of "${wanted}" is in none of the loader directories`,
    suggestion: 'see loaders.directories in the configuration',
  };
}

type Place = { readonly at: SitePath; readonly isShort: boolean };

/** By collection and name. */
function placesOf(declared: readonly DeclaredRecord[], { hosts }: LoadedSite): ReadonlyMap<string, Place> {
  return new Map(
    declared.map(({ collection, draft, at }) => [
      `${collection}/${nameOf(collection, draft as never)}`,
      { at, isShort: collection === 'hosts' && hosts[Number(at[1])]?.interfaces.length === 0 },
    ]),
  );
}

/** The place in the file of what is wrong with a record; one that is not declared keeps only its name. */
function located(
  { file, path, message, suggestion }: Problem,
  places: ReadonlyMap<string, Place>,
): SiteFault {
  const advice = suggestion === undefined ? {} : { suggestion };
  const place = places.get(file);
  if (place === undefined)
    return { path: [], message: `${file}: ${path === 'base' ? '' : `${path}: `}${message}`, ...advice };
  const inner = path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return {
    path: [...place.at, ...(place.isShort && inner[0] === 'interfaces' ? inner.slice(2) : inner)],
    message,
    ...advice,
  };
}
