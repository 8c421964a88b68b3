/** The five operations of a resource, made from its description. */

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ChainbootError } from '../errors.ts';
import { nameOf } from '../inventory/site.ts';
import { type Collection, isShipped, type Records } from '../inventory/types.ts';
import type { Change } from '../store/types.ts';
import { Gathering } from './gather.ts';
import { type Call, type Operation, Reply } from './operation.ts';
import { parametersParam, takenParameters } from './parameters.ts';
import { present, shape } from './present.ts';
import { bodyParams, fieldsOf, reverseChanges, unlistingChanges } from './references.ts';
import type { CrudAction, Draft, Resource } from './resource.ts';
import { runQuery } from './search/query.ts';
import type { View } from './view.ts';

/** More rows than this are written as they are made, so that a list of everything needs no memory for it. */
const ROWS_AT_ONCE = 500;

const LIST_QUERY = {
  search: z.string().optional().describe('filter in the search language, such as name = web1 or os ~ debian'),
  order: z.string().optional().describe('field and direction, such as name DESC'),
  page: z.int().min(1).optional().describe('page number, from 1'),
  per_page: z
    .union([z.int().min(1), z.literal('all')])
    .optional()
    .describe('records of a page, or all'),
  organization_id: z
    .union([z.int(), z.string()])
    .optional()
    .describe('only what belongs to this organization'),
  location_id: z.union([z.int(), z.string()]).optional().describe('only what belongs to this location'),
};

const SCOPE_QUERY = {
  organization_id: LIST_QUERY.organization_id,
  location_id: LIST_QUERY.location_id,
};

export function operationsOf<C extends Collection>(resource: Resource<C>): readonly Operation[] {
  const crud: Readonly<Record<CrudAction, () => Operation>> = {
    index: () => indexOf(resource),
    show: () => showOf(resource),
    create: () => createOf(resource),
    update: () => updateOf(resource),
    destroy: () => destroyOf(resource),
  };
  const wanted = (Object.keys(crud) as CrudAction[]).filter((action) => !resource.without?.includes(action));
  return [...wanted.map((action) => crud[action]()), ...(resource.operations ?? [])];
}

/** What clients call one record of it in sentences: `operatingsystem`. */
export function labelOf({ singular }: Pick<Resource<Collection>, 'singular'>): string {
  return singular;
}

/** Throws RECORD_NOT_FOUND. */
export function recordOf<C extends Collection>(
  resource: Resource<C>,
  call: Call,
  key = call.path.id ?? '',
): Records[C] {
  return call.require(resource.collection, labelOf(resource), key);
}

function indexOf<C extends Collection>(resource: Resource<C>): Operation {
  const filters = Object.entries(resource.filters ?? {});
  const keys = Object.fromEntries(
    filters.map(([key]) => [
      key,
      z.union([z.int(), z.string()]).optional().describe(`number or name (${key})`),
    ]),
  );
  const owners = filters.flatMap(([key, { path }]) => (path === undefined ? [] : [[path, key] as const]));
  const nested = [...taxonomyPaths(resource), ...owners].map(
    ([path, key]) => `/${path}/:${key}/${resource.name}`,
  );
  return {
    resource: resource.name,
    action: 'index',
    summary: `List ${words(resource.name)}`,
    method: 'GET',
    paths: [`/${resource.name}`, ...nested],
    role: resource.reads ?? 'viewer',
    query: z.object({
      ...LIST_QUERY,
      ...keys,
      thin: z.boolean().optional().describe('only numbers and names'),
    }),
    returns: listOf(shape(resource, 'list')),
    handle: (call) => index(resource, call),
  };
}

function taxonomyPaths<C extends Collection>({ located, one }: Resource<C>): (readonly [string, string])[] {
  const keys = [
    ['organizations', 'organization'],
    ['locations', 'location'],
  ] as const;
  return keys
    .filter(([, key]) => located || one?.[key] !== undefined)
    .map(([path, key]) => [path, `${key}_id`]);
}

function listOf(row: z.ZodType): z.ZodType {
  const count = z.int().min(0);
  return z.object({
    total: count,
    subtotal: count,
    page: count,
    per_page: count,
    search: z.string().nullable(),
    sort: z.object({ by: z.string().nullable(), order: z.string().nullable() }),
    results: z.array(row),
  });
}

function index<C extends Collection>(resource: Resource<C>, call: Call): Reply {
  const { query, site, idOf, now } = call;
  const records = belonging(resource, call, site.list(resource.collection));
  const { records: page, ...found } = runQuery({
    site,
    collection: resource.collection,
    records,
    idOf,
    now,
    search: query.search as string | undefined,
    order: query.order as string | undefined,
    page: query.page as number | undefined,
    per_page: query.per_page as number | 'all' | undefined,
  });
  const row =
    query.thin === true
      ? thinRow(resource, call)
      : (record: Records[C]) => present(resource, record, call, 'list');
  return new Reply(listText(found, page, row), 200, { 'content-type': 'application/json; charset=utf-8' });
}

/** JSON of a list, in one piece or, when it is long, in many. */
function listText<R>(
  found: object,
  page: readonly R[],
  row: (record: R) => unknown,
): string | Iterable<string> {
  if (page.length <= ROWS_AT_ONCE) return JSON.stringify({ ...found, results: page.map(row) });
  return (function* () {
    yield `${JSON.stringify(found).slice(0, -1)},"results":[`;
    for (let at = 0; at < page.length; at += ROWS_AT_ONCE) {
      const rows = page.slice(at, at + ROWS_AT_ONCE).map((record) => JSON.stringify(row(record)));
      yield (at === 0 ? '' : ',') + rows.join(',');
    }
    yield ']}';
  })();
}

function thinRow<C extends Collection>({ collection }: Resource<C>, view: View) {
  return (record: Records[C]): object => ({
    id: view.idOf(collection, record),
    name: nameOf(collection, record),
  });
}

/** Those that the keys of path and query leave. */
function belonging<C extends Collection>(
  resource: Resource<C>,
  call: Call,
  records: readonly Records[C][],
): readonly Records[C][] {
  let left = records;
  for (const [key, { collection, has }] of Object.entries(resource.filters ?? {})) {
    const wanted = call.path[key] ?? call.query[key];
    if (wanted === undefined) continue;
    const owner = nameOf(collection, call.require(collection, key.replace(/_id$/, ''), String(wanted)));
    left = left.filter((record) => has(record, owner, call));
  }
  return inTaxonomies(resource, call, left);
}

/** Records that name no organization belong to all. */
function inTaxonomies<C extends Collection>(
  { located, one }: Resource<C>,
  call: Call,
  records: readonly Records[C][],
): readonly Records[C][] {
  let left = records;
  for (const [key, collection] of [
    ['organization', 'organizations'],
    ['location', 'locations'],
  ] as const) {
    const wanted = call.path[`${key}_id`] ?? call.query[`${key}_id`];
    if (wanted === undefined || (!located && one?.[key] === undefined)) continue;
    const title = nameOf(collection, call.require(collection, key, String(wanted)));
    left = left.filter((record) => {
      const fields = record as Readonly<Record<string, unknown>>;
      const own = located ? (fields[collection] as readonly string[] | undefined) : fields[key];
      return own === undefined || own === title || (Array.isArray(own) && own.includes(title));
    });
  }
  return left;
}

function showOf<C extends Collection>(resource: Resource<C>): Operation {
  return {
    resource: resource.name,
    action: 'show',
    summary: `Show ${article(resource.singular)}`,
    method: 'GET',
    paths: [`/${resource.name}/:id`],
    role: resource.reads ?? 'viewer',
    query: z.object(SCOPE_QUERY),
    returns: shape(resource, 'details'),
    handle: (call) => present(resource, recordOf(resource, call), call, 'details'),
  };
}

function createOf<C extends Collection>(resource: Resource<C>): Operation {
  return {
    resource: resource.name,
    action: 'create',
    summary: `Create ${article(resource.singular)}`,
    method: 'POST',
    paths: [`/${resource.name}`],
    role: resource.writes,
    query: z.object(SCOPE_QUERY),
    body: { root: resource.singular, params: bodyShape(resource) },
    returns: shape(resource, 'details'),
    status: 201,
    handle: (call) => save(resource, call, () => undefined),
  };
}

function updateOf<C extends Collection>(resource: Resource<C>): Operation {
  return {
    resource: resource.name,
    action: 'update',
    summary: `Change ${article(resource.singular)}`,
    method: 'PUT',
    paths: [`/${resource.name}/:id`],
    role: resource.writes,
    query: z.object(SCOPE_QUERY),
    body: { root: resource.singular, params: bodyShape(resource) },
    returns: shape(resource, 'details'),
    handle: (call) => save(resource, call, (view) => existingOf(resource, call, view)),
  };
}

function destroyOf<C extends Collection>(resource: Resource<C>): Operation {
  return {
    resource: resource.name,
    action: 'destroy',
    summary: `Delete ${article(resource.singular)}`,
    method: 'DELETE',
    paths: [`/${resource.name}/:id`],
    role: resource.writes,
    query: z.object(SCOPE_QUERY),
    returns: shape(resource, 'details'),
    handle: async (call) => {
      const { result } = await call.change((view) => {
        const record = view.require(resource.collection, labelOf(resource), call.path.id ?? '');
        if (isShipped(record))
          throw new ChainbootError('RECORD_SHIPPED', {
            kind: labelOf(resource),
            name: nameOf(resource.collection, record),
          });
        const others = unlistingChanges(resource, view, nameOf(resource.collection, record));
        const change: Change = { op: 'delete', collection: resource.collection, id: record.id };
        return { changes: [...others, change], result: present(resource, record, view, 'details') };
      });
      return result;
    },
  };
}

function existingOf<C extends Collection>(resource: Resource<C>, call: Call, view: View): Records[C] {
  return view.require(resource.collection, labelOf(resource), call.path.id ?? '');
}

/** Makes a record, or changes the one that is found in the newest state; shows what came of it. */
export async function save<C extends Collection>(
  resource: Resource<C>,
  call: Call,
  find: (view: View) => Records[C] | undefined,
): Promise<object> {
  const prepared = (await resource.prepare?.(call)) ?? {};
  if (resource.before !== undefined) {
    const existing = find(call);
    refuseBlanks(resource, call, existing);
    await resource.before(planned(resource, call, call, existing, prepared).result, call, existing);
  }
  const changed = await call.change((view) => {
    const existing = find(view);
    refuseBlanks(resource, call, existing);
    return planned(resource, call, view, existing, prepared);
  });
  return presentMade(resource, call, changed);
}

type PlannedRecord<C extends Collection> = {
  readonly changes: readonly Change[];
  /** The record as it is to be, for one that needs no change. */
  readonly result: Records[C];
};

/** No change of a record that would be no different. */
export function planned<C extends Collection>(
  resource: Resource<C>,
  call: Call,
  view: View,
  existing: Records[C] | undefined,
  prepared: Draft = {},
): PlannedRecord<C> {
  const { collection } = resource;
  const wrong = new Gathering();
  const fields = {
    ...existing,
    ...wrong.attempt(() => fieldsOf(resource, call.body, view)),
    ...takenParameters(resource, call.body, existing),
    ...prepared,
  };
  const finished = wrong.attempt(() => resource.finish?.(fields, call, view, existing));
  wrong.done();
  const draft = withoutEmpty(finished ?? fields);
  // A shipped record is replaced by a changed copy, which the store numbers.
  const { id: _id, ...unnumbered } = draft;
  const kept = existing === undefined || isShipped(existing) ? {} : { id: existing.id };
  const record = { ...unnumbered, ...kept } as unknown as Records[C];
  const names = {
    before: existing && nameOf(collection, existing),
    after: nameOf(collection, record),
  };
  const others = reverseChanges(resource, call.body, view, names);
  const same = existing !== undefined && isDeepStrictEqual({ ...record, id: existing.id }, existing);
  const change = { op: 'put', collection, record } as unknown as Change;
  return { changes: same ? others : [change, ...others], result: record };
}

/** null empties a field: it is then not there at all. */
function withoutEmpty(draft: Draft): Draft {
  return Object.fromEntries(
    Object.entries(draft).filter(([, value]) => value !== null && value !== undefined),
  );
}

function presentMade<C extends Collection>(
  resource: Resource<C>,
  call: Call,
  {
    made,
    result,
  }: {
    readonly made: readonly { readonly op: string; readonly collection: Collection }[];
    readonly result: Records[C];
  },
): object {
  const stored = made.find((change) => change.op === 'put' && change.collection === resource.collection);
  const record =
    stored === undefined ? result : (stored as unknown as { readonly record: Records[C] }).record;
  const now = call.site.get(resource.collection, nameOf(resource.collection, record)) ?? record;
  return present(resource, now, call, 'details');
}

function bodyShape<C extends Collection>(resource: Resource<C>): z.ZodObject {
  return z.object({ ...bodyParams(resource), ...parametersParam(resource) });
}

/** Rails: `can't be blank`. */
function refuseBlanks<C extends Collection>(
  resource: Resource<C>,
  call: Call,
  existing: Records[C] | undefined,
): void {
  const blank = (resource.required ?? []).filter((key) => {
    const value = call.body[key];
    return existing === undefined
      ? value === undefined || value === null || value === ''
      : value === null || value === '';
  });
  if (blank.length === 0) return;
  const problems = blank.map((path) => ({ file: resource.name, path, message: "can't be blank" }));
  throw new ChainbootError('RECORD_INVALID', { count: blank.length }, problems);
}

export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function article(singular: string): string {
  return `${/^[aeiou]/.test(singular) ? 'an' : 'a'} ${words(singular)}`;
}
