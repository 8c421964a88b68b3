/** Organizations and locations: alike but for their names. */

import { z } from 'zod';
import { nestedTitle } from '../../inventory/types.ts';
import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';

type Taxonomies = 'organizations' | 'locations';

function taxonomy<C extends Taxonomies>(collection: C, singular: string): Resource<Taxonomies> {
  const other = collection === 'locations' ? 'organizations' : 'locations';
  return {
    collection,
    name: collection,
    singular,
    writes: 'admin',
    says: `${collection}, to which hosts and what they need may belong`,
    attributes: {
      name: { type: z.string().max(255), says: `name of the ${singular}, without those it lies in` },
      description: { type: z.string(), says: 'what is to be known of it', blank: true },
    },
    required: ['name'],
    one: { parent: { collection, as: 'parent', titled: true, says: `the ${singular} it lies in` } },
    many: {
      [other]: {
        collection: other,
        as: other.slice(0, -1),
        plural: other,
        says: `${other} it belongs together with`,
      },
    },
    parameters: `${singular}_parameters_attributes`,
    params: {
      ignore_types: z
        .array(z.string())
        .nullish()
        .describe('types all of whose records belong to it; kept, though nothing is hidden by type'),
    },
    finish: (draft, { body }) =>
      body.ignore_types === undefined ? draft : { ...draft, ignore_types: body.ignore_types },
    shown: {
      title: { type: z.string(), of: (record) => nestedTitle(record) },
      ancestry: {
        type: z.string().nullable(),
        of: ({ parent }, view) => ancestryOf(collection, parent, view) || null,
      },
    },
    // Clients write it under one name and read it under another.
    details: { select_all_types: { type: z.array(z.string()), of: ({ ignore_types = [] }) => ignore_types } },
  };
}

/** Numbers of those it lies in, the outermost first: `1/4`. */
function ancestryOf(collection: Taxonomies, parent: string | undefined, view: View): string {
  const record = parent === undefined ? undefined : view.site.get(collection, parent);
  if (record === undefined) return '';
  const above = ancestryOf(collection, record.parent, view);
  return `${above}${above && '/'}${view.idOf(collection, record)}`;
}

export const organizations = taxonomy('organizations', 'organization');
export const locations = taxonomy('locations', 'location');
