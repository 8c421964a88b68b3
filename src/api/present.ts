/** A record as the API shows it, and the schema of that. */

import { z } from 'zod';
import { nameOf } from '../inventory/site.ts';
import type { Collection, Numbered, Records } from '../inventory/types.ts';
import { shownParameters } from './parameters.ts';
import { manyOf } from './references.ts';
import type { Many, One, Resource, Reverse, Shown } from './resource.ts';
import { shownTimeOrNull } from './times.ts';
import type { View } from './view.ts';

/** In a list, or alone. */
export type Extent = 'list' | 'details';

const FIELDS = new WeakMap<object, Readonly<Record<Extent, readonly (readonly [string, Shown<never>])[]>>>();

/** Everything that is shown, in order; worked out once for a resource. */
function shownFields<C extends Collection>(
  resource: Resource<C>,
  extent: Extent,
): readonly (readonly [string, Shown<Records[C]>])[] {
  let known = FIELDS.get(resource);
  if (known === undefined) {
    known = { list: listed(resource), details: [...listed(resource), ...detailed(resource)] } as never;
    FIELDS.set(resource, known!);
  }
  return known![extent] as never;
}

type Fields<C extends Collection> = readonly (readonly [string, Shown<Records[C]>])[];

function listed<C extends Collection>(resource: Resource<C>): Fields<C> {
  const { collection } = resource;
  const id: Shown<Records[C]> = { type: z.int(), of: (record, view) => view.idOf(collection, record) };
  return [
    ['id', id],
    ...attributes(resource, false),
    ...Object.entries(resource.one ?? {}).flatMap(([field, one]) => oneFields<C>(field, one)),
    ...Object.entries(resource.shown ?? {}),
    ...TIMES,
  ];
}

/** What comes with the program was never made, and what a program of long ago stored had no times. */
const TIMES = (['created_at', 'updated_at'] as const).map(
  (field) =>
    [
      field,
      { type: z.string().nullable(), of: (record: Numbered) => shownTimeOrNull(record[field]) },
    ] as const,
);

function detailed<C extends Collection>(resource: Resource<C>): Fields<C> {
  return [
    ...attributes(resource, true),
    ...Object.entries(manyOf(resource)).map(([field, many]) => manyField<C>(field, many)),
    ...Object.values(resource.reverse ?? {}).map((reverse) => reverseField<C>(resource.collection, reverse)),
    ...shownParameters(resource),
    ...Object.entries(resource.details ?? {}),
  ];
}

function attributes<C extends Collection>(resource: Resource<C>, detail: boolean): Fields<C> {
  return Object.entries(resource.attributes)
    .filter(([, attribute]) => !attribute.hidden && (attribute.detail ?? false) === detail)
    .map(([name, { type, field = name }]) => [
      name,
      { type: type.nullable(), of: (record) => (record as Readonly<Record<string, unknown>>)[field] ?? null },
    ]);
}

function oneFields<C extends Collection>(
  field: string,
  { collection, as, titled, effective }: One<Records[C]>,
): Fields<C> {
  const named = (record: Records[C], view: View): string | undefined =>
    effective === undefined
      ? ((record as Readonly<Record<string, unknown>>)[field] as string | undefined)
      : effective(record, view);
  const own = (record: Records[C], view: View): string | null => {
    const name = named(record, view);
    const other = name === undefined ? undefined : view.site.get(collection, name);
    if (other === undefined) return name ?? null;
    return titled && 'name' in other ? String(other.name) : name!;
  };
  return [
    [
      `${as}_id`,
      { type: z.int().nullable(), of: (record, view) => view.idNamed(collection, named(record, view)) },
    ],
    [`${as}_name`, { type: z.string().nullable(), of: own }],
    ...(titled
      ? [
          [
            `${as}_title`,
            {
              type: z.string().nullable(),
              of: (record: Records[C], view: View) => named(record, view) ?? null,
            },
          ] as const,
        ]
      : []),
  ];
}

const REFERENCE = z.object({ id: z.int(), name: z.string(), title: z.string().optional() });

function manyField<C extends Collection>(
  field: string,
  { collection, plural }: Many,
): readonly [string, Shown<Records[C]>] {
  const of = (record: Records[C], view: View) => {
    const names = ((record as Readonly<Record<string, unknown>>)[field] ?? []) as readonly string[];
    return names.flatMap((name) => referenceTo(view, collection, name) ?? []);
  };
  return [plural, { type: z.array(REFERENCE), of }];
}

function reverseField<C extends Collection>(
  of: C,
  { collection, plural, field, also }: Reverse,
): readonly [string, Shown<Records[C]>] {
  const listing = (record: Records[C], view: View) => {
    const name = nameOf(of, record);
    return view.site
      .list(collection)
      .filter((other) => listOf(other, field)?.includes(name) || also?.(record, other))
      .map((other) => referenceTo(view, collection, nameOf(collection, other)));
  };
  return [plural, { type: z.array(REFERENCE), of: listing }];
}

function listOf(record: object, field: string): readonly string[] | undefined {
  return (record as Readonly<Record<string, readonly string[] | undefined>>)[field];
}

/** How records are shown inside of others. */
export function referenceTo(view: View, collection: Collection, name: string): object | undefined {
  const record = view.site.get(collection, name);
  if (record === undefined) return undefined;
  const title = nameOf(collection, record);
  const own = 'name' in record ? String(record.name) : title;
  return { id: view.idOf(collection, record), name: own, ...(title !== own && { title }) };
}

export function present<C extends Collection>(
  resource: Resource<C>,
  record: Records[C],
  view: View,
  extent: Extent,
): object {
  const shown: Record<string, unknown> = {};
  for (const [name, { of }] of shownFields(resource, extent)) shown[name] = of(record, view);
  return shown;
}

/** The schema of what `present` gives. */
export function shape<C extends Collection>(resource: Resource<C>, extent: Extent): z.ZodObject {
  return z.object(Object.fromEntries(shownFields(resource, extent).map(([name, { type }]) => [name, type])));
}
