/** Records that refer to others by name, and clients that do so by number, name or title. */

import { z } from 'zod';
import { ChainbootError } from '../errors.ts';
import { referrers } from '../inventory/references.ts';
import { nameOf } from '../inventory/site.ts';
import type { Collection } from '../inventory/types.ts';
import type { Change } from '../store/types.ts';
import type { Attribute, Draft, Many, One, Resource, Reverse } from './resource.ts';
import type { View } from './view.ts';

const LOCATED: Readonly<Record<string, Many>> = {
  organizations: {
    collection: 'organizations',
    as: 'organization',
    plural: 'organizations',
    says: 'organizations it belongs to; none: all',
  },
  locations: {
    collection: 'locations',
    as: 'location',
    plural: 'locations',
    says: 'locations it belongs to; none: all',
  },
};

export function manyOf<C extends Collection>({ many, located }: Resource<C>): Readonly<Record<string, Many>> {
  return { ...many, ...(located && LOCATED) };
}

/** Parameters of create and update. All are optional: what is missing stays as it is. */
export function bodyParams<C extends Collection>(resource: Resource<C>): Readonly<Record<string, z.ZodType>> {
  const attributes = Object.entries(resource.attributes).map(([name, { type, says }]) => [
    name,
    type.nullish().describe(says),
  ]);
  const one = Object.values(resource.one ?? {}).flatMap(oneParams);
  const many = [...Object.values(manyOf(resource)), ...Object.values(resource.reverse ?? {})].flatMap(
    manyParams,
  );
  return { ...Object.fromEntries([...attributes, ...one, ...many]), ...resource.params };
}

function oneParams({ as, says, titled }: Omit<One<never>, 'effective'>): [string, z.ZodType][] {
  return [
    [`${as}_id`, z.int().nullish().describe(`${says}, by number`)],
    [`${as}_name`, z.string().nullish().describe(`${says}, by name`)],
    ...(titled
      ? [[`${as}_title`, z.string().nullish().describe(`${says}, by title`)] as [string, z.ZodType]]
      : []),
  ];
}

function manyParams({ as, says }: Many): [string, z.ZodType][] {
  return [
    [`${as}_ids`, z.array(z.int()).nullish().describe(`${says}, by number`)],
    [`${as}_names`, z.array(z.string()).nullish().describe(`${says}, by name`)],
  ];
}

/** The fields of a record that a body names. Throws RECORD_INVALID for references that lead nowhere, all at once. */
export function fieldsOf<C extends Collection>(resource: Resource<C>, body: Draft, view: View): Draft {
  const missing: { readonly path: string; readonly key: unknown }[] = [];
  const name = (collection: Collection, key: unknown, path: string): string | undefined => {
    const record = view.find(collection, String(key));
    if (record === undefined) missing.push({ path, key });
    return record && nameOf(collection, record);
  };
  const one = Object.entries(resource.one ?? {}).flatMap(([field, { as, collection }]) => {
    const path = [`${as}_id`, `${as}_name`, `${as}_title`].find((param) => body[param] !== undefined);
    if (path === undefined) return [];
    const key = body[path];
    return [[field, key === null || key === '' ? null : name(collection, key, `${as}_id`)]];
  });
  const many = Object.entries(manyOf(resource)).flatMap(([field, { as, collection }]) => {
    const keys = (body[`${as}_ids`] ?? body[`${as}_names`]) as readonly unknown[] | null | undefined;
    if (keys === undefined) return [];
    const names = (keys ?? []).map((key) => name(collection, key, `${as}_ids`));
    // A taxonomy that is not named is all of them, and so is none.
    return [[field, field in LOCATED && names.length === 0 ? null : [...new Set(names)]]];
  });
  if (missing.length > 0) {
    const problems = missing.map(({ path, key }) => ({
      file: resource.name,
      path,
      message: `leads nowhere: there is none with the number or name "${key}"`,
    }));
    throw new ChainbootError('RECORD_INVALID', { count: missing.length }, problems);
  }
  return { ...attributesOf(resource, body), ...Object.fromEntries([...one, ...many]) };
}

/** Changes of the records that list this one; `before` is its old name, if it had one. */
export function reverseChanges<C extends Collection>(
  resource: Resource<C>,
  body: Draft,
  view: View,
  names: { readonly before: string | undefined; readonly after: string },
): readonly Change[] {
  return Object.values(resource.reverse ?? {}).flatMap((reverse) => {
    const keys = (body[`${reverse.as}_ids`] ?? body[`${reverse.as}_names`]) as
      | readonly unknown[]
      | null
      | undefined;
    return keys === undefined ? [] : listingChanges(reverse, keys ?? [], view, names);
  });
}

/** Of a record that is deleted: those that list it do so no more, as with Foreman, where that alone is no use of it. */
export function unlistingChanges<C extends Collection>(
  resource: Resource<C>,
  view: View,
  name: string,
): readonly Change[] {
  if (view.ships(resource.collection, name)) return [];
  const changes = Object.values(resource.reverse ?? {}).flatMap((reverse) =>
    listingChanges(reverse, [], view, { before: name, after: name }),
  );
  const listing = new Set(changes.map((change) => `${change.collection} ${idOf(change)}`));
  const isUsed = referrers(view.site, resource.collection, name).some(
    ({ collection, record }) => !listing.has(`${collection} ${record.id}`),
  );
  return isUsed ? [] : changes;
}

function idOf(change: Change): number | undefined {
  return change.op === 'put' ? change.record.id : change.id;
}

function listingChanges(
  { collection, field, as }: Reverse,
  keys: readonly unknown[],
  view: View,
  { before, after }: { readonly before: string | undefined; readonly after: string },
): readonly Change[] {
  const wanted = new Set(
    keys.map((key) => {
      const record = view.find(collection, String(key));
      if (record !== undefined) return record.id;
      const message = `leads nowhere: there is none with the number or name "${key}"`;
      throw new ChainbootError('RECORD_INVALID', { count: 1 }, [
        { file: collection, path: `${as}_ids`, message },
      ]);
    }),
  );
  return view.site.list(collection).flatMap((other) => {
    const list = ((other as unknown as Readonly<Record<string, unknown>>)[field] ?? []) as readonly string[];
    const isListed = list.includes(before ?? after);
    if (isListed === wanted.has(other.id)) return [];
    const others = list.filter((name) => name !== before && name !== after);
    const record = { ...other, [field]: isListed ? others : [...others, after] };
    return [{ op: 'put', collection, record } as unknown as Change];
  });
}

function attributesOf<C extends Collection>(resource: Resource<C>, body: Draft): Draft {
  return Object.fromEntries(
    Object.entries(resource.attributes).flatMap(([name, attribute]: [string, Attribute]) => {
      const value = body[name];
      if (value === undefined) return [];
      // An empty text is how forms and Ansible say that there is none.
      return [[attribute.field ?? name, value === '' && !attribute.blank ? null : value]];
    }),
  );
}

/** The API's name of a field of the record, for errors: `operatingsystem` → `operatingsystem_id`. */
export function fieldNames<C extends Collection>(resource: Resource<C>): (path: string) => string {
  const names = new Map<string, string>();
  for (const [name, { field }] of Object.entries(resource.attributes)) if (field) names.set(field, name);
  for (const [field, { as }] of Object.entries(resource.one ?? {})) names.set(field, `${as}_id`);
  for (const [field, { as }] of Object.entries(manyOf(resource))) names.set(field, `${as}_ids`);
  return (path) => {
    const [first = '', ...rest] = path.split('.').filter((part) => !/^\d+$/.test(part));
    return [names.get(first) ?? first, ...rest].join('.');
  };
}
