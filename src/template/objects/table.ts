/** What the tables of all classes are made of. */

import { objectMethods } from '../ruby/core/classes.ts';
import { aliases, type MethodTable, methods } from '../ruby/core/table.ts';
import { str, type Value } from '../ruby/values.ts';

export { methods };

/** Answers of a Foreman without the plugin or the proxy an attribute is about. */
export const nil = (): Value => null;
export const no = (): Value => false;
export const none = (): Value => [];

/** A class: its attributes, and second names of some of them. */
export function classTable(
  attributes: MethodTable,
  names: Readonly<Record<string, string>> = {},
): MethodTable {
  return aliases(objectMethods(attributes), names);
}

type Named = { readonly id: number; readonly name: string };

/** What Foreman allows on every record. */
export const RECORD = methods<Named>({
  id: [0, ({ id }) => id],
  name: [0, ({ name }) => str(name)],
  to_s: [0, ({ name }) => str(name)],
});
