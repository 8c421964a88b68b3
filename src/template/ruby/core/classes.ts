/** Which methods a value has. */

import {
  isInteger,
  RClass,
  RDate,
  RDateTime,
  REnumerator,
  RFloat,
  RHash,
  RMatch,
  RObject,
  RRange,
  RRational,
  RRegexp,
  RString,
  RSymbol,
  RTime,
  type Value,
} from '../values.ts';
import { ARRAY } from './array.ts';
import { DATE, DATETIME } from './date.ts';
import { ENUMERABLE, ENUMERATOR } from './enumerable.ts';
import { FLOAT } from './float.ts';
import { HASH } from './hash.ts';
import { INTEGER } from './integer.ts';
import { BOOLEAN, CLASS, COMPARABLE, KERNEL, NIL, OBJECT } from './kernel.ts';
import { RANGE } from './range.ts';
import { RATIONAL } from './rational.ts';
import { MATCH, REGEXP } from './regexp.ts';
import { STRING } from './string.ts';
import { SYMBOL } from './symbol.ts';
import { inherit, type Method, type MethodBody, type MethodTable } from './table.ts';
import { TIME } from './time.ts';

const STRINGS = inherit(KERNEL, COMPARABLE, STRING);
const ARRAYS = inherit(KERNEL, ARRAY);
const INTEGERS = inherit(KERNEL, COMPARABLE, INTEGER);
const NILS = inherit(KERNEL, NIL);
const BOOLEANS = inherit(KERNEL, BOOLEAN);

const OTHERS: ReadonlyMap<unknown, MethodTable> = new Map<unknown, MethodTable>([
  [RSymbol, inherit(KERNEL, COMPARABLE, SYMBOL)],
  [RHash, inherit(KERNEL, HASH)],
  [RFloat, inherit(KERNEL, COMPARABLE, FLOAT)],
  [RRational, inherit(KERNEL, COMPARABLE, RATIONAL)],
  [RTime, inherit(KERNEL, COMPARABLE, TIME)],
  [RDate, inherit(KERNEL, COMPARABLE, DATE)],
  [RDateTime, inherit(KERNEL, COMPARABLE, DATETIME)],
  [RRange, inherit(KERNEL, RANGE)],
  [RRegexp, inherit(KERNEL, REGEXP)],
  [RMatch, inherit(KERNEL, MATCH)],
  [REnumerator, inherit(KERNEL, ENUMERABLE, ENUMERATOR)],
  [RClass, inherit(KERNEL, CLASS)],
]);

export function tableOf(value: Value): MethodTable {
  if (value instanceof RString) return STRINGS;
  if (Array.isArray(value)) return ARRAYS;
  if (value === null) return NILS;
  if (isInteger(value)) return INTEGERS;
  if (typeof value === 'boolean') return BOOLEANS;
  if (value instanceof RObject) return value.methods;
  return OTHERS.get(value.constructor) ?? KERNEL;
}

/** The table of a class of inventory objects; `attributes` are called on the data of the object. */
export function objectMethods(attributes: MethodTable): MethodTable {
  const unwrapped: Record<string, Method> = Object.create(null);
  for (const [name, method] of Object.entries(attributes)) {
    const { min, max, body } = method!;
    const onData: MethodBody<RObject> = (self, args, rt, block) => body(self.data as never, args, rt, block);
    unwrapped[name] = { min, max, body: onData as MethodBody<never> };
  }
  return inherit(KERNEL, OBJECT, unwrapped);
}
