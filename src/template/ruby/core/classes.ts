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
import {
  RAILS_ARRAY,
  RAILS_ENUMERABLE,
  RAILS_HASH,
  RAILS_INTEGER,
  RAILS_OBJECT,
  RAILS_STRING,
} from './rails.ts';
import { RANGE } from './range.ts';
import { RATIONAL } from './rational.ts';
import { MATCH, REGEXP } from './regexp.ts';
import { STRING } from './string.ts';
import { SYMBOL } from './symbol.ts';
import { inherit, type Method, type MethodBody, type MethodTable } from './table.ts';
import { TIME } from './time.ts';

/** What every value answers to. */
const BASE = inherit(KERNEL, RAILS_OBJECT);
const STRINGS = inherit(BASE, COMPARABLE, RAILS_STRING, STRING);
const ARRAYS = inherit(BASE, RAILS_ENUMERABLE, RAILS_ARRAY, ARRAY);
const INTEGERS = inherit(BASE, COMPARABLE, RAILS_INTEGER, INTEGER);
const NILS = inherit(BASE, NIL);
const BOOLEANS = inherit(BASE, BOOLEAN);

const OTHERS: ReadonlyMap<unknown, MethodTable> = new Map<unknown, MethodTable>([
  [RSymbol, inherit(BASE, COMPARABLE, SYMBOL)],
  [RHash, inherit(BASE, RAILS_ENUMERABLE, RAILS_HASH, HASH)],
  [RFloat, inherit(BASE, COMPARABLE, FLOAT)],
  [RRational, inherit(BASE, COMPARABLE, RATIONAL)],
  [RTime, inherit(BASE, COMPARABLE, TIME)],
  [RDate, inherit(BASE, COMPARABLE, DATE)],
  [RDateTime, inherit(BASE, COMPARABLE, DATETIME)],
  [RRange, inherit(BASE, RAILS_ENUMERABLE, RANGE)],
  [RRegexp, inherit(BASE, REGEXP)],
  [RMatch, inherit(BASE, MATCH)],
  [REnumerator, inherit(BASE, RAILS_ENUMERABLE, ENUMERABLE, ENUMERATOR)],
  [RClass, inherit(BASE, CLASS)],
]);

export function tableOf(value: Value): MethodTable {
  if (value instanceof RString) return STRINGS;
  if (Array.isArray(value)) return ARRAYS;
  if (value === null) return NILS;
  if (isInteger(value)) return INTEGERS;
  if (typeof value === 'boolean') return BOOLEANS;
  if (value instanceof RObject) return value.methods;
  return OTHERS.get(value.constructor) ?? BASE;
}

/** The table of a class of inventory objects; `attributes` are called on the data of the object. */
export function objectMethods(attributes: MethodTable): MethodTable {
  const unwrapped: Record<string, Method> = Object.create(null);
  for (const [name, method] of Object.entries(attributes)) {
    const { min, max, body } = method!;
    const onData: MethodBody<RObject> = (self, args, rt, block) => body(self.data as never, args, rt, block);
    unwrapped[name] = { min, max, body: onData as MethodBody<never> };
  }
  return inherit(BASE, OBJECT, unwrapped);
}
