/** Records as the schema wants them, whoever makes them: with what the store and the life cycle add left alone. */

import type { z } from 'zod';
import { SCHEMAS } from './schema.ts';
import type { Collection } from './types.ts';

type Fields = Readonly<Record<string, unknown>>;

export type ShapeFault = { readonly path: string; readonly message: string };

export type Shaped = {
  /** With addresses and names in the one way to write them. */
  readonly record: Fields;
  readonly faults: readonly ShapeFault[];
};

/** What is wrong with the fields of a record that a person may declare; `record` is as it came where any is. */
export function shaped(collection: Collection, record: Fields): Shaped {
  const schema = (SCHEMAS as Partial<Record<Collection, z.ZodObject>>)[collection];
  if (schema === undefined) return { record, faults: [] };
  const declared = Object.fromEntries(
    Object.entries(record).filter(([field]) => field in schema.shape && field !== 'interfaces'),
  );
  const interfaces = record.interfaces as readonly Fields[] | undefined;
  const parsed = schema.safeParse({
    ...declared,
    ...(interfaces !== undefined && { interfaces: interfaces.map(({ id: _id, ...nic }) => nic) }),
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    return { record, faults };
  }
  const exact = onlyFieldsOf(record, parsed.data);
  const nics = parsed.data.interfaces as readonly Fields[] | undefined;
  if (interfaces === undefined || nics === undefined) return { record: exact, faults: [] };
  return {
    record: { ...exact, interfaces: interfaces.map((nic, i) => onlyFieldsOf(nic, nics[i]!)) },
    faults: [],
  };
}

/** The schema's defaults are for those who declare, not for records. */
function onlyFieldsOf(record: Fields, parsed: Fields): Fields {
  return Object.fromEntries(
    Object.entries(record).map(([field, value]) => [field, field in parsed ? parsed[field] : value]),
  );
}
