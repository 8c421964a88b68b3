/** Array. What it shares with hashes and ranges is in enumerable.ts. */

import { RubyError } from '../../errors.ts';
import { wantArray, wantCount, wantText, wantUnfrozen } from '../arguments.ts';
import type { Block, Runtime } from '../runtime.ts';
import { identityOf, REnumerator, RRange, RString, str, truthy, type Value } from '../values.ts';
import { ENUMERABLE } from './enumerable.ts';
import { rangeSpan } from './span.ts';
import { ANY, aliases, inherit, type MethodBody, methods } from './table.ts';

function element(self: Value[], [at, more]: readonly Value[]): Value {
  if (at instanceof RRange) {
    const span = rangeSpan(at, self.length);
    return span === undefined ? null : self.slice(span.start, span.start + span.length);
  }
  const index = wantCount(at);
  const start = index < 0 ? self.length + index : index;
  if (more === undefined) return self[start] ?? null;
  const length = wantCount(more);
  return start < 0 || start > self.length || length < 0 ? null : self.slice(start, start + length);
}

function join(self: readonly Value[], separator: string, rt: Runtime): string {
  let result = '';
  for (let i = 0; i < self.length; i++) {
    const item = self[i]!;
    const text = Array.isArray(item) ? join(item, separator, rt) : rt.text(item);
    rt.budget.characters(text.length + separator.length);
    result += i === 0 ? text : separator + text;
  }
  return result;
}

function flatten(self: readonly Value[], depth: number, rt: Runtime): Value[] {
  const result: Value[] = [];
  for (const item of self) {
    if (Array.isArray(item) && depth !== 0) result.push(...flatten(item, depth - 1, rt));
    else result.push(item);
  }
  rt.budget.elements(result.length);
  return result;
}

function memberships(lists: readonly Value[]): ReadonlySet<unknown> {
  return new Set(lists.flatMap((list) => wantArray(list).map(identityOf)));
}

function without(self: readonly Value[], lists: readonly Value[]): Value[] {
  const members = memberships(lists);
  return self.filter((item) => !members.has(identityOf(item)));
}

function union(self: readonly Value[], lists: readonly Value[], rt: Runtime): Value {
  return rt.send(
    [self, ...lists].flatMap((list) => wantArray(list as Value)),
    'uniq',
    [],
  );
}

function product(self: readonly Value[], lists: readonly Value[], rt: Runtime): Value[] {
  let rows: Value[][] = self.map((item) => [item]);
  for (const list of lists.map(wantArray)) {
    rt.budget.elements(rows.length * list.length * (lists.length + 1));
    rows = rows.flatMap((row) => list.map((item) => [...row, item]));
  }
  return rows;
}

/** Subsets in order, or with `ordered` every arrangement of them. */
function arrangements(self: readonly Value[], size: number, ordered: boolean, rt: Runtime): Value[][] {
  const found: Value[][] = [];
  const extend = (row: readonly number[], from: number): void => {
    if (row.length === size) {
      rt.budget.elements(size + 1);
      found.push(row.map((i) => self[i]!));
      return;
    }
    for (let i = from; i < self.length; i++) {
      rt.budget.step();
      if (!row.includes(i)) extend([...row, i], ordered ? 0 : i + 1);
    }
  };
  if (size >= 0 && size <= self.length) extend([], 0);
  return found;
}

function eachArrangement(name: string, ordered: boolean): MethodBody<Value[]> {
  return (self, args, rt, block) => {
    if (block === undefined) return new REnumerator(self, name, args);
    const size = args[0] === undefined ? self.length : wantCount(args[0]);
    for (const row of arrangements(self, size, ordered, rt)) block(row);
    return self;
  };
}

/** A change in place by what a pure method would answer; nil when nothing changed and `quiet` is not set. */
function inPlace(name: string, quiet = false): MethodBody<Value[]> {
  return (self, args, rt, block) => {
    wantUnfrozen(self);
    const changed = wantArray(rt.send(self, name, args, block));
    const same = changed.length === self.length && changed.every((item, i) => item === self[i]);
    if (same) return quiet ? self : null;
    return refill(self, changed);
  };
}

function refill(self: Value[], values: readonly Value[]): Value[] {
  wantUnfrozen(self);
  const items = [...values];
  self.length = 0;
  for (const item of items) self.push(item);
  return self;
}

function push(self: Value[], values: readonly Value[], rt: Runtime): Value[] {
  wantUnfrozen(self);
  rt.budget.elements(values.length);
  for (const value of values) self.push(value);
  return self;
}

function insert(self: Value[], [at, ...values]: readonly Value[], rt: Runtime): Value[] {
  wantUnfrozen(self);
  const index = wantCount(at);
  const place = index < 0 ? self.length + index + 1 : index;
  if (place < 0) throw new RubyError(`index ${index} too small for array`);
  rt.budget.elements(values.length + Math.max(0, place - self.length));
  while (self.length < place) self.push(null);
  self.splice(place, 0, ...values);
  return self;
}

function remove(self: Value[], value: Value, rt: Runtime): Value {
  wantUnfrozen(self);
  const kept = self.filter((item) => !rt.equal(item, value));
  if (kept.length === self.length) return null;
  self.splice(0, self.length, ...kept);
  return value;
}

function removeAt(self: Value[], at: Value | undefined): Value {
  wantUnfrozen(self);
  const index = wantCount(at);
  const place = index < 0 ? self.length + index : index;
  return place < 0 ? null : (self.splice(place, 1)[0] ?? null);
}

function take(self: Value[], [count]: readonly Value[], last: boolean): Value {
  wantUnfrozen(self);
  if (count === undefined) return (last ? self.pop() : self.shift()) ?? null;
  const size = Math.min(wantCount(count), self.length);
  return last ? self.splice(self.length - size, size) : self.splice(0, size);
}

function lastOf(self: readonly Value[], [count]: readonly Value[]): Value {
  if (count === undefined) return self.at(-1) ?? null;
  return self.slice(Math.max(0, self.length - wantCount(count)));
}

function compare(self: readonly Value[], other: Value | undefined, rt: Runtime): Value {
  if (!Array.isArray(other)) return null;
  for (let i = 0; i < Math.min(self.length, other.length); i++) {
    const order = rt.send(self[i]!, '<=>', [other[i]!]);
    if (order !== 0) return order;
  }
  return Math.sign(self.length - other.length);
}

function transpose(self: readonly Value[]): Value[] {
  const rows = self.map(wantArray);
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) throw new RubyError('rows differ in length');
  return Array.from({ length: width }, (_, i) => rows.map((row) => row[i]!));
}

/** `dig(:a, 0, "b")`, through arrays and hashes. */
export function dig(self: Value, [key, ...rest]: readonly Value[], rt: Runtime): Value {
  const value = rt.send(self, '[]', [key!]);
  return rest.length === 0 || value === null ? value : rt.send(value, 'dig', rest);
}

function rotate(self: readonly Value[], count: number): Value[] {
  if (self.length === 0) return [];
  const start = ((count % self.length) + self.length) % self.length;
  return [...self.slice(start), ...self.slice(0, start)];
}

function fetch(self: readonly Value[], [at, fallback]: readonly Value[], block: Block | undefined): Value {
  const index = wantCount(at);
  const value = self[index < 0 ? self.length + index : index];
  if (value !== undefined) return value;
  if (block !== undefined) return block(at!);
  if (fallback !== undefined) return fallback;
  throw new RubyError(`index ${index} outside of array bounds: ${-self.length}...${self.length}`);
}

export const ARRAY = aliases(
  inherit(
    ENUMERABLE,
    methods<Value[]>({
      '[]': [1, 2, element],
      at: [1, element],
      dig: [1, ANY, dig],
      fetch: [1, 2, (self, args, _, block) => fetch(self, args, block)],
      values_at: [0, ANY, (self, indices) => indices.map((index) => element(self, [index]))],
      length: [0, (self) => self.length],
      'empty?': [0, (self) => self.length === 0],
      to_a: [0, (self) => self],
      to_s: [0, (self, _, rt) => str(`[${self.map((item) => rt.inspect(item)).join(', ')}]`)],
      last: [0, 1, lastOf],
      join: [
        0,
        1,
        (self, [separator], rt) =>
          str(join(self, separator === undefined || separator === null ? '' : wantText(separator), rt)),
      ],
      '+': [1, (self, [other]) => [...self, ...wantArray(other)]],
      '-': [1, (self, lists) => without(self, lists)],
      difference: [0, ANY, (self, lists) => without(self, lists)],
      '&': [
        1,
        (self, [other], rt) => {
          const members = memberships([other!]);
          return rt.send(
            self.filter((item) => members.has(identityOf(item))),
            'uniq',
            [],
          );
        },
      ],
      '|': [1, (self, lists, rt) => union(self, lists, rt)],
      union: [0, ANY, (self, lists, rt) => union(self, lists, rt)],
      '*': [
        1,
        (self, [times], rt) => {
          if (times instanceof RString) return str(join(self, times.text, rt));
          rt.budget.elements(self.length * wantCount(times));
          return Array.from({ length: wantCount(times) }, () => self).flat();
        },
      ],
      '<<': [1, push],
      push: [0, ANY, push],
      unshift: [
        0,
        ANY,
        (self, values, rt) => {
          wantUnfrozen(self);
          rt.budget.elements(values.length);
          self.unshift(...values);
          return self;
        },
      ],
      concat: [0, ANY, (self, lists, rt) => push(self, lists.flatMap(wantArray), rt)],
      insert: [1, ANY, insert],
      pop: [0, 1, (self, args) => take(self, args, true)],
      shift: [0, 1, (self, args) => take(self, args, false)],
      delete: [1, (self, [value], rt) => remove(self, value!, rt)],
      delete_at: [1, (self, [at]) => removeAt(self, at)],
      delete_if: [0, inPlace('reject', true)],
      keep_if: [0, inPlace('select', true)],
      clear: [0, (self) => refill(self, [])],
      replace: [1, (self, [other]) => refill(self, wantArray(other))],
      fill: [
        1,
        (self, [value]) =>
          refill(
            self,
            self.map(() => value!),
          ),
      ],
      compact: [0, (self) => self.filter((item) => item !== null)],
      flatten: [
        0,
        1,
        (self, [depth], rt) =>
          flatten(self, depth === undefined || depth === null ? -1 : wantCount(depth), rt),
      ],
      reverse: [0, (self) => [...self].reverse()],
      rotate: [0, 1, (self, [count]) => rotate(self, count === undefined ? 1 : wantCount(count))],
      transpose: [0, transpose],
      product: [0, ANY, product],
      combination: [1, eachArrangement('combination', false)],
      permutation: [0, 1, eachArrangement('permutation', true)],
      assoc: [
        1,
        (self, [key], rt) =>
          self.find((item) => Array.isArray(item) && rt.equal(item[0] ?? null, key!)) ?? null,
      ],
      each_index: [
        0,
        (self, _, rt, block) => {
          if (block === undefined) return new REnumerator(self, 'each_index', []);
          for (let i = 0; i < self.length; i++) {
            rt.budget.step();
            block(i);
          }
          return self;
        },
      ],
      rindex: [
        0,
        1,
        (self, args, rt, block) => {
          const test =
            args.length > 0
              ? (item: Value) => rt.equal(item, args[0]!)
              : (item: Value) => block !== undefined && truthy(block(item));
          const at = self.findLastIndex(test);
          return at < 0 ? null : at;
        },
      ],
      'intersect?': [
        1,
        (self, [other]) => {
          const members = memberships([other!]);
          return self.some((item) => members.has(identityOf(item)));
        },
      ],
      '==': [
        1,
        (self, [other], rt) =>
          Array.isArray(other) &&
          self.length === other.length &&
          self.every((item, i) => rt.equal(item, other[i]!)),
      ],
      '<=>': [1, (self, [other], rt) => compare(self, other, rt)],
      'compact!': [0, inPlace('compact')],
      'flatten!': [0, 1, inPlace('flatten')],
      'map!': [0, inPlace('map', true)],
      'reject!': [0, inPlace('reject')],
      'reverse!': [0, inPlace('reverse', true)],
      'rotate!': [0, 1, inPlace('rotate', true)],
      'select!': [0, inPlace('select')],
      'sort!': [0, inPlace('sort', true)],
      'sort_by!': [0, inPlace('sort_by', true)],
      'uniq!': [0, inPlace('uniq')],
      to_sentence: [0, (self, _, rt) => str(sentence(self.map((item) => rt.text(item))))],
    }),
  ),
  {
    size: 'length',
    index: 'find_index',
    slice: '[]',
    append: 'push',
    prepend: 'unshift',
    intersection: '&',
    inspect: 'to_s',
    'collect!': 'map!',
    'filter!': 'select!',
    to_ary: 'to_a',
  },
);

/** Rails: `a, b, and c`. */
function sentence(words: readonly string[]): string {
  if (words.length < 3) return words.join(' and ');
  return `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`;
}
