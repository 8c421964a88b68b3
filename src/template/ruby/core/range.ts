/** Range. What it cuts out of strings and arrays is in span.ts. */

import { RubyError } from '../../errors.ts';
import { wantCount } from '../arguments.ts';
import type { Runtime } from '../runtime.ts';
import {
  isInteger,
  RDate,
  REnumerator,
  RFloat,
  RRange,
  RString,
  RSymbol,
  RTime,
  str,
  type Value,
} from '../values.ts';
import { ENUMERABLE, eachOfStep } from './enumerable.ts';
import { asFloat } from './numeric.ts';
import { bounds, walk } from './span.ts';
import { aliases, inherit, type MethodBody, methods } from './table.ts';

function isComparable(value: Value): boolean {
  return [RString, RSymbol, RTime, RDate].some((type) => value instanceof type);
}

function covers(range: RRange, value: Value, rt: Runtime): boolean {
  const { first, last, excludesLast } = range;
  if ((asFloat(first ?? last) === undefined) !== (asFloat(value) === undefined)) return false;
  if (asFloat(value) === undefined && !isComparable(value)) return false;
  const order = (a: Value, b: Value) => {
    const result = rt.send(a, '<=>', [b]);
    return isInteger(result) ? Number(result) : undefined;
  };
  const [low, high] = [first === null ? -1 : order(first, value), last === null ? -1 : order(value, last)];
  if (low === undefined || high === undefined || low > 0) return false;
  return excludesLast && last !== null ? high < 0 : high <= 0;
}

/** Whether all of another range is within. */
function coversRange(range: RRange, other: RRange, rt: Runtime): boolean {
  const { first, last } = other;
  if (last === null || (first === null && range.first !== null))
    return range.last === null && coversStart(range, first, rt);
  if (rt.compare(first ?? last, last) > (other.excludesLast ? -1 : 0) && first !== null) return false;
  if (!coversStart(range, first, rt)) return false;
  if (range.last === null) return true;
  const order = rt.compare(last, range.last);
  if (order < 0 || (order === 0 && (!range.excludesLast || other.excludesLast))) return true;
  return other.excludesLast && isInteger(last) && isInteger(first) && covers(range, Number(last) - 1, rt);
}

function coversStart(range: RRange, first: Value, rt: Runtime): boolean {
  return range.first === null || (first !== null && rt.compare(range.first, first) <= 0);
}

/** Of strings and dates only what the walk through them meets: `("a".."e").include?("bb")` is false. */
function includes(range: RRange, value: Value, rt: Runtime): boolean {
  const { first, last } = range;
  const walks = (first instanceof RString && last instanceof RString) || first instanceof RDate;
  if (!walks) {
    if (first instanceof RTime || (first === null && last !== null && asFloat(last) === undefined))
      throw new RubyError("can't iterate through this range");
    return covers(range, value, rt);
  }
  return bounds(range, rt).some((item) => rt.equal(item, value));
}

function stepping(name: string): MethodBody<RRange> {
  return (self, args, rt, block) => {
    const [by = 1] = args;
    const size = asFloat(by);
    if (size === undefined) throw new RubyError('the step must be a number');
    const counts = asFloat(self.first) !== undefined;
    if (size === 0) throw new RubyError("step can't be 0");
    if (size < 0 && (!counts || block !== undefined)) throw new RubyError("step can't be negative");
    if (block === undefined) return new REnumerator(self, name, args);
    eachOfStep(self, by, rt, block);
    return self;
  };
}

/** The least or the greatest; of numbers without a walk. */
function extreme(name: 'min' | 'max'): MethodBody<RRange> {
  return (self, args, rt, block) => {
    const { first, last, excludesLast } = self;
    const [end, other] = name === 'min' ? [first, last] : [last, first];
    if (other === null && end !== null && args.length === 0 && block === undefined && !excludesLast)
      return end;
    if (block !== undefined || args.length > 0 || asFloat(first) === undefined || asFloat(last) === undefined)
      return rt.send(end === null ? refuseEnd(name) : bounds(self, rt), name, args, block);
    const order = rt.compare(first, last);
    if (order > 0 || (order === 0 && excludesLast)) return null;
    if (name === 'min' || !excludesLast) return end;
    if (!isInteger(last)) throw new RubyError('cannot exclude non Integer end value');
    return rt.send(last, '-', [1]);
  };
}

function refuseEnd(what: string): never {
  throw new RubyError(`cannot get the ${what} of a range without that end`);
}

/** How many; nil for what is not of numbers. */
function sizeOf({ first, last, excludesLast }: RRange): Value {
  const [from, to] = [asFloat(first), asFloat(last)];
  if (from === undefined && (first !== null || to === undefined)) return null;
  if (from === undefined || last === null) return new RFloat(Number.POSITIVE_INFINITY);
  if (to === undefined) return null;
  return Math.max(0, excludesLast ? Math.ceil(to - from) : Math.floor(to - from) + 1);
}

function firstOf(self: RRange, [count]: readonly Value[], rt: Runtime): Value {
  if (self.first === null) return refuseEnd('first element');
  if (count === undefined) return self.first;
  const wanted = wantCount(count);
  if (wanted < 0) throw new RubyError('negative array size (or size too big)');
  const found: Value[] = [];
  const full = {};
  try {
    walk(self, rt, (item) => {
      if (found.length >= wanted) throw full;
      rt.budget.elements(1);
      found.push(item);
    });
  } catch (error) {
    if (error !== full) throw error;
  }
  return found;
}

export const RANGE = aliases(
  inherit(
    ENUMERABLE,
    methods<RRange>({
      begin: [0, (self) => self.first],
      end: [0, (self) => self.last],
      'exclude_end?': [0, (self) => self.excludesLast],
      each: [
        0,
        (self, _, rt, block) => {
          if (block === undefined) return new REnumerator(self, 'each', []);
          walk(self, rt, block);
          return self;
        },
      ],
      last: [
        0,
        1,
        (self, [count], rt) => {
          if (self.last === null) return refuseEnd('last element');
          if (count === undefined) return self.last;
          const wanted = wantCount(count);
          if (wanted < 0) throw new RubyError('negative array size (or size too big)');
          return wanted === 0 ? [] : bounds(self, rt).slice(-wanted);
        },
      ],
      'cover?': [
        1,
        (self, [value], rt) =>
          value instanceof RRange ? coversRange(self, value, rt) : covers(self, value!, rt),
      ],
      'include?': [1, (self, [value], rt) => includes(self, value!, rt)],
      '===': [1, (self, [value], rt) => covers(self, value!, rt)],
      'overlaps?': [
        1,
        (self, [other], rt) =>
          other instanceof RRange && (covers(self, other.first, rt) || covers(other, self.first, rt)),
      ],
      size: [0, sizeOf],
      min: [0, 1, extreme('min')],
      max: [0, 1, extreme('max')],
      to_s: [
        0,
        (self, _, rt) =>
          str(`${rt.text(self.first)}${self.excludesLast ? '...' : '..'}${rt.text(self.last)}`),
      ],
      inspect: [
        0,
        (self, _, rt) => {
          const empty = self.first === null && self.last === null;
          const [first, last] = [self.first, self.last].map((end) =>
            end === null && !empty ? '' : rt.inspect(end),
          );
          return str(`${first}${self.excludesLast ? '...' : '..'}${last}`);
        },
      ],
      step: [0, 1, stepping('step')],
      '%': [1, stepping('%')],
      first: [0, 1, firstOf],
      '==': [
        1,
        (self, [other], rt) =>
          other instanceof RRange &&
          rt.equal(self.first, other.first) &&
          rt.equal(self.last, other.last) &&
          self.excludesLast === other.excludesLast,
      ],
    }),
  ),
  { 'member?': 'include?' },
);
