/**
 * A resource as data: which fields of its records are shown and taken, and under which names. Operations, checks and
 * documents are made from it (crud.ts).
 */

import type { z } from 'zod';
import type { Collection, Records, Role } from '../inventory/types.ts';
import type { Call, Operation } from './operation.ts';
import type { View } from './view.ts';

/** Something shown that clients do not set. */
export type Shown<R> = {
  readonly type: z.ZodType;
  readonly of: (record: R, view: View) => unknown;
};

/** A field of the record that clients read and write as it is. */
export type Attribute = {
  readonly type: z.ZodType;
  readonly says: string;
  /** Its name in the record, where that is another. */
  readonly field?: string;
  /** For people: an empty text is kept, as clients that sent one look for it. */
  readonly blank?: true;
  /** Not in lists. */
  readonly detail?: true;
  /** Never shown: passwords and the like. */
  readonly hidden?: true;
};

/** A field that names a record of another collection; shown and taken as `<as>_id` and `<as>_name`. */
export type One<R> = {
  readonly collection: Collection;
  readonly as: string;
  readonly says: string;
  /** `title` where names are nested; shown beside. */
  readonly titled?: true;
  /** What counts when the record itself does not say; shown instead. */
  readonly effective?: (record: R, view: View) => string | undefined;
};

/** A field that lists records of another collection; taken as `<as>_ids` or `<as>_names`, shown as `plural`. */
export type Many = {
  readonly collection: Collection;
  readonly as: string;
  readonly plural: string;
  readonly says: string;
};

/** Records of another collection that list this one: shown and taken here, kept there. */
export type Reverse = Many & {
  readonly field: string;
  /** Whether the other belongs to it though it does not list it. */
  readonly also?: (record: object, other: object) => boolean;
};

/** A record being made: fields by name. */
export type Draft = Readonly<Record<string, unknown>>;

export type Resource<C extends Collection> = {
  readonly collection: C;
  /** In paths and documents: `media`. */
  readonly name: string;
  /** Root of bodies: `medium`. */
  readonly singular: string;
  /** The least that may change records. */
  readonly writes: Role;
  /** The least that may see them; `viewer` unless told. */
  readonly reads?: Role;
  /** Says what records of this kind are for, in a sentence. */
  readonly says: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly required?: readonly string[];
  readonly one?: Readonly<Record<string, One<Records[C]>>>;
  readonly many?: Readonly<Record<string, Many>>;
  readonly reverse?: Readonly<Record<string, Reverse>>;
  readonly shown?: Readonly<Record<string, Shown<Records[C]>>>;
  /** Shown of a single record only. */
  readonly details?: Readonly<Record<string, Shown<Records[C]>>>;
  /** Taken besides attributes and references; `finish` does something with them. */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  /** Name of the list of parameters in bodies: `host_parameters_attributes`. */
  readonly parameters?: string;
  /** Belongs to organizations and locations. */
  readonly located?: true;
  /** What takes its time, before anything is changed: fields by name, which count as if the client had sent them. */
  readonly prepare?: (call: Call) => Promise<Draft>;
  /** Makes what came into a record; gets the fields so far. */
  readonly finish?: (draft: Draft, call: Call, view: View, existing: Records[C] | undefined) => Draft;
  /** Looks at the record as it would be, and may take its time: nothing is changed if it rejects. */
  readonly before?: (record: Records[C], call: Call, existing: Records[C] | undefined) => Promise<void>;
  /** `domain_id` → whether a record belongs to the one of that key; for queries and for paths below the other. */
  readonly filters?: Readonly<Record<string, Filter<Records[C]>>>;
  /** Of the five: what is not offered, or is done otherwise. */
  readonly without?: readonly CrudAction[];
  readonly operations?: readonly Operation[];
};

export type CrudAction = 'index' | 'show' | 'create' | 'update' | 'destroy';

export type Filter<R> = {
  readonly collection: Collection;
  /** Also reachable as `/<path>/:<key>/<name>`. */
  readonly path?: string;
  readonly has: (record: R, owner: string, view: View) => boolean;
};
