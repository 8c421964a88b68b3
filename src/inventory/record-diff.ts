/** What would change in a record, field by field, in the words of a site file. Secrets are hidden. */

import { REDACTED } from './audit.ts';
import { alike, type Declaration } from './declaration.ts';
import type { Collection, Json } from './types.ts';

/** `field` leads into maps and interfaces: `parameters.color`, `interfaces[1].mac`; an absent side has no key. */
export type FieldDiff = { readonly field: string; readonly before?: Json; readonly after?: Json };

/** `password_hash` of an operating system only names a method. */
const SECRETS: Readonly<Partial<Record<Collection, readonly string[]>>> = {
  hosts: ['root_pass', 'otp'],
  hostgroups: ['root_pass'],
  users: ['password_hash'],
};

const BMC_PASSWORD = /^interfaces\[\d+\]\.password$/;

/** Fields of `before` in their order, then what is new. With one side undefined, all fields of the other. */
export function recordDiff(
  collection: Collection,
  before: Declaration | undefined,
  after: Declaration | undefined,
): readonly FieldDiff[] {
  const isSecret = secretsOf(collection, [before, after]);
  return diffOf('', before ?? {}, after ?? {}).map((diff) => (isSecret(diff.field) ? veiled(diff) : diff));
}

function diffOf(prefix: string, before: Declaration, after: Declaration): readonly FieldDiff[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    valueDiff(prefix === '' ? key : `${prefix}.${key}`, before[key], after[key]),
  );
}

function valueDiff(field: string, before: Json | undefined, after: Json | undefined): readonly FieldDiff[] {
  if (alike(before, after)) return [];
  const inner = innerDiff(field, before, after);
  // An empty map or list against none at all.
  if (inner.length > 0) return inner;
  return [{ field, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function innerDiff(field: string, before: Json | undefined, after: Json | undefined): readonly FieldDiff[] {
  const [map, otherMap] = [before === undefined ? {} : before, after === undefined ? {} : after];
  if (isMap(map) && isMap(otherMap)) return diffOf(field, map, otherMap);
  const [list, otherList] = [before === undefined ? [] : before, after === undefined ? [] : after];
  if (!isListOfMaps(list) || !isListOfMaps(otherList)) return [];
  const length = Math.max(list.length, otherList.length);
  return Array.from({ length }, (_, i) => valueDiff(`${field}[${i}]`, list[i], otherList[i])).flat();
}

function isMap(value: Json): value is Declaration {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isListOfMaps(value: Json): value is readonly Declaration[] {
  return Array.isArray(value) && value.every(isMap);
}

type Sides = readonly (Declaration | undefined)[];

function secretsOf(collection: Collection, sides: Sides): (field: string) => boolean {
  const hidden = sides.flatMap((side) => (side?.hidden_parameters ?? []) as readonly string[]);
  const roots = [
    ...hidden.map((name) => `parameters.${name}`),
    ...(SECRETS[collection] ?? []),
    ...(hidesValue(collection, sides) ? ['value'] : []),
  ];
  const isBelow = (field: string, root: string) =>
    field === root || field.startsWith(`${root}.`) || field.startsWith(`${root}[`);
  return (field) => BMC_PASSWORD.test(field) || roots.some((root) => isBelow(field, root));
}

function hidesValue(collection: Collection, sides: Sides): boolean {
  if (collection === 'settings') return sides.some((side) => side?.name === 'root_pass');
  return collection === 'common_parameters' && sides.some((side) => side?.hidden_value === true);
}

function veiled({ field, before, after }: FieldDiff): FieldDiff {
  return {
    field,
    ...(before !== undefined && { before: REDACTED }),
    ...(after !== undefined && { after: REDACTED }),
  };
}
