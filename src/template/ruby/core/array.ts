/** Array. What it shares with hashes and ranges is in enumerable.ts. */

import { RubyError } from '../../errors.ts';
import { wantArray, wantCount, wantText, wantUnfrozen } from '../arguments.ts';
import type { Block, Runtime } from '../runtime.ts';
import { identityOf, REnumerator, RRange, RString, str, truthy, type Value } from '../values.ts';
import { ENUMERABLE } from './enumerable.ts';
import { Inside, InsidePairs } from './recursion.ts';
import { rangeSpan, writeSpan } from './span.ts';
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

const joining = new Inside();

function join(self: Value[], separator: string, rt: Runtime): string {
  const again = (): never => {
    throw new RubyError('recursive array join');
  };
  return joining.of(self, again, () => {
    let result = '';
    for (let i = 0; i < self.length; i++) {
      const item = self[i]!;
      const text = Array.isArray(item) ? join(item, separator, rt) : rt.text(item);
      rt.budget.characters(text.length + separator.length);
      result += i === 0 ? text : separator + text;
    }
    return result;
  });
}

const flattening = new Inside();

/** `depth` of -1 is without end. */
export function flatten(self: Value[], depth: number, rt: Runtime, result: Value[] = []): Value[] {
  const again = (): never => {
    throw new RubyError('tried to flatten recursive array');
  };
  return flattening.of(self, again, () => {
    for (const item of self) {
      rt.budget.elements(1);
      if (Array.isArray(item) && depth !== 0) flatten(item, depth - 1, rt, result);
      else result.push(item);
    }
    return result;
  });
}

const inspecting = new Inside();

function inspect(self: Value[], rt: Runtime): string {
  return inspecting.of(
    self,
    () => '[...]',
    () => `[${self.map((item) => rt.inspect(item)).join(', ')}]`,
  );
}

const equalling = new InsidePairs();

function isEqual(self: Value[], other: Value | undefined, rt: Runtime): boolean {
  if (!Array.isArray(other) || self.length !== other.length) return false;
  if (self === other) return true;
  return equalling.of(
    self,
    other,
    () => true,
    () => self.every((item, i) => rt.equal(item, other[i]!)),
  );
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
function inPlace(name: string, quiet = false, walks?: string): MethodBody<Value[]> {
  return (self, args, rt, block) => {
    if (walks !== undefined && block === undefined) return new REnumerator(self, walks, args);
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

function remove(self: Value[], [value]: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  const removed = self.findLast((item) => rt.equal(item, value!));
  if (removed === undefined) return block === undefined ? null : block(value!);
  refill(
    self,
    self.filter((item) => !rt.equal(item, value!)),
  );
  return removed;
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
  const size = Math.min(wantSize(count), self.length);
  return last ? self.splice(self.length - size, size) : self.splice(0, size);
}

function lastOf(self: readonly Value[], [count]: readonly Value[]): Value {
  if (count === undefined) return self.at(-1) ?? null;
  return self.slice(Math.max(0, self.length - wantSize(count)));
}

const comparing = new InsidePairs();

function compare(self: Value[], other: Value | undefined, rt: Runtime): Value {
  if (!Array.isArray(other)) return null;
  if (self === other) return 0;
  return comparing.of(
    self,
    other,
    () => null,
    () => {
      for (let i = 0; i < Math.min(self.length, other.length); i++) {
        const order = rt.send(self[i]!, '<=>', [other[i]!]);
        if (order !== 0) return order;
      }
      return Math.sign(self.length - other.length);
    },
  );
}

function wantSize(value: Value | undefined): number {
  const size = wantCount(value);
  if (size < 0) throw new RubyError('negative array size');
  return size;
}

/** Puts values in the place of `length` elements; beyond the end the gap is filled with nil. */
function overwrite(
  self: Value[],
  start: number,
  length: number,
  values: readonly Value[],
  rt: Runtime,
): void {
  wantUnfrozen(self);
  rt.budget.elements(values.length + Math.max(0, start - self.length));
  while (self.length < start) self.push(null);
  const tail = self.slice(start + length);
  self.length = start;
  for (const value of values) self.push(value);
  for (const value of tail) self.push(value);
}

/** `a.[]=(1, x)`, `a.[]=(1, 2, list)`, `a.[]=(1..2, list)` */
function assign(self: Value[], args: readonly Value[], rt: Runtime): Value {
  wantUnfrozen(self);
  const value = args.at(-1)!;
  const list = Array.isArray(value) ? value : [value];
  const [at, more] = args;
  if (args.length === 2 && at instanceof RRange) {
    const span = writeSpan(at, self.length);
    overwrite(self, span.start, span.length, [...list], rt);
    return value;
  }
  const index = wantCount(at);
  const start = index < 0 ? self.length + index : index;
  if (start < 0) throw new RubyError(`index ${index} too small for array; minimum: -${self.length}`);
  if (args.length === 2) overwrite(self, start, 1, [value], rt);
  else overwrite(self, start, wantSize(more), [...list], rt);
  return value;
}

/** `fill(value, start, length)`, `fill(value, range)`, and both with a block instead of the value. */
function fill(self: Value[], args: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  wantUnfrozen(self);
  const [value = null, ...where] = block === undefined ? args : [null, ...args];
  if ((block === undefined && args.length === 0) || where.length > 2)
    throw new RubyError(`wrong number of arguments (given ${args.length}, expected 1..3)`);
  const { start, end } = fillSpan(self, where);
  rt.budget.elements(Math.max(0, end - start));
  if (end >= start) while (self.length < end) self.push(null);
  for (let i = start; i < end; i++) {
    self[i] = block === undefined ? value : block(i);
  }
  return self;
}

function fillSpan(self: readonly Value[], [at = null, length = null]: readonly Value[]) {
  if (at instanceof RRange) {
    const span = writeSpan(at, self.length);
    return { start: span.start, end: span.start + span.length };
  }
  const index = at === null ? 0 : wantCount(at);
  const start = index < 0 ? Math.max(0, self.length + index) : index;
  return { start, end: length === null ? self.length : start + wantCount(length) };
}

/** What `slice` with the same arguments answers, taken out. */
function cut(self: Value[], args: readonly Value[]): Value {
  wantUnfrozen(self);
  const [at, more] = args;
  if (!(at instanceof RRange) && more === undefined) return removeAt(self, at);
  const found = element(self, args);
  if (!Array.isArray(found)) return found;
  const first = at instanceof RRange ? rangeSpan(at, self.length)!.start : wantCount(at);
  self.splice(first < 0 ? first + self.length : first, found.length);
  return found;
}

/** Positions and ranges of them; what a range reaches beyond the end is nil. */
function valuesAt(self: Value[], wanted: readonly Value[], rt: Runtime): Value[] {
  return wanted.flatMap((at) => {
    if (!(at instanceof RRange)) return [element(self, [at])];
    const { start, length } = writeSpan(at, self.length);
    if (start > self.length && at.last === null) return [];
    rt.budget.elements(length);
    return Array.from({ length }, (_, i) => self[start + i] ?? null);
  });
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
      '[]=': [2, 3, assign],
      'slice!': [1, 2, cut],
      values_at: [0, ANY, valuesAt],
      length: [0, (self) => self.length],
      'empty?': [0, (self) => self.length === 0],
      to_a: [0, (self) => self],
      to_s: [0, (self, _, rt) => str(inspect(self, rt))],
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
          rt.budget.elements(self.length * wantSize(times));
          return Array.from({ length: wantCount(times) }, () => self).flat(1) as Value[];
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
      delete: [1, remove],
      delete_at: [1, (self, [at]) => removeAt(self, at)],
      delete_if: [0, inPlace('reject', true, 'delete_if')],
      keep_if: [0, inPlace('select', true, 'keep_if')],
      clear: [0, (self) => refill(self, [])],
      replace: [1, (self, [other]) => refill(self, wantArray(other))],
      fill: [0, 3, fill],
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
          self.find((item) => Array.isArray(item) && item.length > 0 && rt.equal(item[0]!, key!)) ?? null,
      ],
      rassoc: [
        1,
        (self, [value], rt) =>
          self.find((item) => Array.isArray(item) && item.length > 1 && rt.equal(item[1]!, value!)) ?? null,
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
          if (args.length === 0 && block === undefined) return new REnumerator(self, 'rindex', []);
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
      '==': [1, (self, [other], rt) => isEqual(self, other, rt)],
      '<=>': [1, (self, [other], rt) => compare(self, other, rt)],
      'compact!': [0, inPlace('compact')],
      'flatten!': [0, 1, inPlace('flatten')],
      'map!': [0, inPlace('map', true, 'map!')],
      'collect!': [0, inPlace('map', true, 'collect!')],
      'reject!': [0, inPlace('reject', false, 'reject!')],
      'reverse!': [0, inPlace('reverse', true)],
      'rotate!': [0, 1, inPlace('rotate', true)],
      'select!': [0, inPlace('select', false, 'select!')],
      'sort!': [0, inPlace('sort', true)],
      'sort_by!': [0, inPlace('sort_by', true, 'sort_by!')],
      'uniq!': [0, inPlace('uniq')],
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
    'filter!': 'select!',
    to_ary: 'to_a',
  },
);
