/** What arrays, hashes, ranges and enumerators have in common: walking through their elements. */

import { RubyError } from '../../errors.ts';
import { numeric, wantArray, wantBlock, wantCount, wantName } from '../arguments.ts';
import type { Block, Runtime } from '../runtime.ts';
import { REnumerator, RFloat, RHash, RRange, str, truthy, type Value } from '../values.ts';
import { asFloat, eachStep } from './numeric.ts';
import { bounds, walk } from './span.ts';
import { ANY, aliases, type MethodBody, methods } from './table.ts';

/** The elements, as they would be given to `each`; pairs for a hash. Do not change what this answers. */
export function items(self: Value, rt: Runtime): readonly Value[] {
  if (Array.isArray(self)) return self;
  if (self instanceof RHash) return self.pairs();
  if (self instanceof RRange) return bounds(self, rt);
  if (self instanceof REnumerator) return walked(self, rt);
  throw new RubyError('this has no elements');
}

/** `step` of a range: of numbers by adding, of anything else every so many. */
export function eachOfStep(self: RRange, by: Value, rt: Runtime, block: Block): void {
  if (asFloat(self.first) !== undefined) {
    eachStep(self.first, self.last, by, self.excludesLast, rt, block);
    return;
  }
  const step = wantCount(by);
  let index = 0;
  walk(self, rt, (item) => index++ % step === 0 && block(item));
}

/** What the method of an enumerator gives to its block, one after the other. */
function walkThrough(
  { receiver, method, args }: REnumerator,
  rt: Runtime,
  visit: (item: Value) => void,
): void {
  const block: Block = (...values) => {
    rt.budget.elements(1);
    visit(values.length === 1 ? values[0]! : values);
    return null;
  };
  // Without a block a range may step down.
  if (receiver instanceof RRange && (method === 'step' || method === '%'))
    eachOfStep(receiver, args[0] ?? 1, rt, block);
  else rt.send(receiver, method, args, block);
}

function walked(self: REnumerator, rt: Runtime): Value[] {
  const found: Value[] = [];
  walkThrough(self, rt, (item) => found.push(item));
  return found;
}

/** Walks an array that its block may change, as Ruby does: by index, with the length of the moment. */
function each(self: Value, rt: Runtime, visit: (item: Value, index: number) => void): Value {
  if (self instanceof RHash) return eachPair(self, rt, visit);
  if (isEndless(self)) {
    let index = 0;
    walk(self, rt, (item) => visit(item, index++));
    return self;
  }
  const list = items(self, rt);
  for (let i = 0; i < list.length; i++) {
    rt.budget.step();
    visit(list[i]!, i);
  }
  return self;
}

function isEndless(value: Value): value is RRange {
  return value instanceof RRange && value.last === null;
}

/** Meanwhile no key can be added to the hash. */
export function eachPair(
  self: RHash,
  rt: Runtime,
  visit: (pair: [Value, Value], index: number) => void,
): RHash {
  self.walkers++;
  try {
    self.pairs().forEach((pair, i) => {
      rt.budget.step();
      visit(pair, i);
    });
  } finally {
    self.walkers--;
  }
  return self;
}

/** The first element for which `test` holds, with its index. */
function find(
  self: Value,
  rt: Runtime,
  test: (item: Value) => boolean,
): { readonly item: Value; readonly index: number } | undefined {
  if (isEndless(self)) return findEndless(self, rt, test);
  const list = items(self, rt);
  for (let index = 0; index < list.length; index++) {
    rt.budget.step();
    if (test(list[index]!)) return { item: list[index]!, index };
  }
  return undefined;
}

function findEndless(
  self: RRange,
  rt: Runtime,
  test: (item: Value) => boolean,
): { readonly item: Value; readonly index: number } {
  let index = 0;
  for (let item = self.first; ; item = rt.send(item, 'succ', [])) {
    rt.budget.step();
    if (test(item)) return { item, index };
    index++;
  }
}

/** A method that takes a block for every element, and is an enumerator without one. */
function walking(
  name: string,
  body: (self: Value, block: Block, rt: Runtime, args: readonly Value[]) => Value,
): MethodBody<Value> {
  return (self, args, rt, block) =>
    block === undefined ? new REnumerator(self, name, args) : body(self, block, rt, args);
}

/** How `any?`, `all?`, `none?`, `count` decide: by pattern, by block, or by truth. */
function tester(args: readonly Value[], rt: Runtime, block: Block | undefined): (item: Value) => boolean {
  if (args.length > 0) return (item) => truthy(rt.send(args[0]!, '===', [item]));
  return block === undefined ? truthy : (item) => truthy(block(item));
}

export function collect(self: Value, rt: Runtime, change: (item: Value, index: number) => Value): Value[] {
  const result: Value[] = [];
  each(self, rt, (item, index) => result.push(change(item, index)));
  return result;
}

export function filter(self: Value, rt: Runtime, keep: (item: Value, index: number) => boolean): Value[] {
  const result: Value[] = [];
  each(self, rt, (item, index) => keep(item, index) && result.push(item));
  return result;
}

function order(rt: Runtime, block: Block | undefined): (a: Value, b: Value) => number {
  if (block === undefined) return (a, b) => rt.compare(a, b);
  return (a, b) => {
    rt.budget.step();
    const result = numeric(block(a, b));
    if (result === undefined) throw new RubyError('comparison failed');
    return result;
  };
}

/** Elements with their sort keys, by key. Stable, which Ruby does not promise but templates are printed by. */
function keyed(self: Value, rt: Runtime, block: Block): { readonly item: Value; readonly key: Value }[] {
  return collect(self, rt, (item) => [item, block(item)]).map((pair) => {
    const [item, key] = pair as [Value, Value];
    return { item, key };
  });
}

/** `min`, `max`, and with a number the least or greatest few. */
function extreme(direction: 1 | -1): MethodBody<Value> {
  return (self, [count], rt, block) => {
    if (count !== undefined && wantCount(count) < 0) throw new RubyError('negative size');
    if (count !== undefined && wantCount(count) === 0) return [];
    const compare = order(rt, block);
    const sorted = [...items(self, rt)].sort((a, b) => direction * compare(a, b));
    return count === undefined ? (sorted[0] ?? null) : sorted.slice(0, wantCount(count));
  };
}

function extremeBy(direction: 1 | -1, name: string): MethodBody<Value> {
  return walking(name, (self, block, rt) => {
    const sorted = keyed(self, rt, block).sort((a, b) => direction * rt.compare(a.key, b.key));
    return sorted[0]?.item ?? null;
  });
}

function inject(self: Value, args: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  const named = args.length > 0 && (args.length === 2 || block === undefined);
  const operator = named ? wantName(args.at(-1)) : undefined;
  const start = operator === undefined ? args[0] : args.length === 2 ? args[0] : undefined;
  const combine =
    operator === undefined ? wantBlock(block) : (a: Value, b: Value) => rt.send(a, operator, [b]);
  let result = start;
  each(self, rt, (item) => {
    result = result === undefined ? item : combine(result, item);
  });
  return result ?? null;
}

function sum(self: Value, [start = 0]: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  let total: Value = start;
  let float: number | undefined;
  let lost = 0;
  each(self, rt, (item) => {
    const value = block === undefined ? item : block(item);
    // Ruby sums floats with Kahan-Babuška compensation.
    if (
      (value instanceof RFloat || float !== undefined) &&
      numeric(value) !== undefined &&
      numeric(total) !== undefined
    ) {
      float ??= numeric(total)!;
      const next = numeric(value)!;
      const result = float + next;
      lost += Math.abs(float) >= Math.abs(next) ? float - result + next : next - result + float;
      float = result;
      return;
    }
    total = rt.send(total, '+', [value]);
  });
  return float === undefined ? total : new RFloat(float + lost);
}

function group(self: Value, rt: Runtime, block: Block): RHash {
  const groups = new RHash();
  each(self, rt, (item) => {
    const key = block(item);
    const members = groups.get(key);
    if (Array.isArray(members)) members.push(item);
    else groups.set(key, [item]);
  });
  return groups;
}

function unique(self: Value, rt: Runtime, block: Block | undefined): Value[] {
  const seen = new RHash();
  return filter(self, rt, (item) => {
    const key = block === undefined ? item : block(item);
    if (seen.has(key)) return false;
    seen.set(key, true);
    return true;
  });
}

function slices(self: Value, size: Value | undefined, rt: Runtime): Value[] {
  const length = wantCount(size);
  if (length <= 0) throw new RubyError('invalid slice size');
  const list = items(self, rt);
  return Array.from({ length: Math.ceil(list.length / length) }, (_, i) =>
    list.slice(i * length, (i + 1) * length),
  );
}

function windows(self: Value, size: Value | undefined, rt: Runtime): Value[] {
  const length = wantCount(size);
  if (length <= 0) throw new RubyError('invalid size');
  const list = items(self, rt);
  const count = Math.max(0, list.length - length + 1);
  rt.budget.elements(count * length);
  return Array.from({ length: count }, (_, i) => list.slice(i, i + length));
}

function chunked(name: string, cut: typeof slices): MethodBody<Value> {
  return (self, [size], rt, block) => {
    if (wantCount(size) <= 0) throw new RubyError('invalid slice size');
    if (block === undefined) return new REnumerator(self, name, [size!]);
    for (const slice of cut(self, size, rt)) block(slice);
    return self;
  };
}

/** Runs of neighbours with the same answer of the block. */
function chunk(self: Value, rt: Runtime, block: Block): Value[] {
  const runs: [Value, Value[]][] = [];
  each(self, rt, (item) => {
    const key = block(item);
    const last = runs.at(-1);
    if (last !== undefined && rt.equal(last[0], key)) last[1].push(item);
    else runs.push([key, [item]]);
  });
  return runs;
}

/** Cut between neighbours for which the block does not, or does, hold. */
function runs(self: Value, rt: Runtime, block: Block, together: boolean): Value[] {
  const found: Value[][] = [];
  each(self, rt, (item) => {
    const run = found.at(-1);
    if (run !== undefined && truthy(block(run.at(-1)!, item)) === together) run.push(item);
    else found.push([item]);
  });
  return found;
}

/** `grep`: what a pattern is or is not true of, through the block if there is one. */
function matching(
  self: Value,
  pattern: Value,
  wanted: boolean,
  rt: Runtime,
  block: Block | undefined,
): Value[] {
  const found = filter(self, rt, (item) => truthy(rt.send(pattern, '===', [item])) === wanted);
  return block === undefined ? found : found.map((item) => block(item));
}

function zip(self: Value, others: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  const lists = others.map((other) => items(other, rt));
  const rows = collect(self, rt, (item, i) => {
    rt.budget.elements(lists.length + 1);
    return [item, ...lists.map((list) => list[i] ?? null)];
  });
  if (block === undefined) return rows;
  for (const row of rows) block(row);
  return null;
}

/** Adds to a result for every element, without ever holding more than the budget allows. */
function flatMap(self: Value, rt: Runtime, block: Block): Value[] {
  const result: Value[] = [];
  each(self, rt, (item) => {
    const value = block(item);
    for (const part of Array.isArray(value) ? value : [value]) {
      rt.budget.elements(1);
      result.push(part);
    }
  });
  return result;
}

export function toHash(pairs: Iterable<Value>): RHash {
  const hash = new RHash();
  for (const pair of pairs) {
    const [key, value, ...rest] = wantArray(pair);
    if (value === undefined || rest.length > 0) throw new RubyError('wrong array length (expected 2)');
    hash.set(key!, value);
  }
  return hash;
}

/** The first few of what may have no end. */
function taken(self: REnumerator, wanted: number, rt: Runtime): Value[] {
  const found: Value[] = [];
  const enough = {};
  if (wanted === 0) return found;
  try {
    walkThrough(self, rt, (item) => {
      found.push(item);
      if (found.length >= wanted) throw enough;
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return found;
}

/** Walks round and round, or so many times. */
function cycle(self: Value, block: Block, rt: Runtime, [times = null]: readonly Value[]): Value {
  const list = [...items(self, rt)];
  const rounds = times === null ? Number.POSITIVE_INFINITY : wantCount(times);
  for (let round = 0; round < rounds && list.length > 0; round++) {
    for (const item of list) {
      rt.budget.step();
      block(item);
    }
  }
  return null;
}

function firstOf(self: Value, [count]: readonly Value[], rt: Runtime): Value {
  if (self instanceof REnumerator) {
    const wanted = count === undefined ? 1 : wantCount(count);
    if (wanted < 0) throw new RubyError('attempt to take negative size');
    const found = taken(self, wanted, rt);
    return count === undefined ? (found[0] ?? null) : found;
  }
  if (count === undefined) return items(self, rt)[0] ?? null;
  if (wantCount(count) < 0) throw new RubyError('attempt to take negative size');
  return items(self, rt).slice(0, wantCount(count));
}

function dropped(self: Value, [count]: readonly Value[], rt: Runtime): Value {
  if (wantCount(count) < 0) throw new RubyError('attempt to drop negative size');
  return items(self, rt).slice(wantCount(count));
}

export const ENUMERABLE = aliases(
  methods<Value>({
    to_a: [0, (self, _, rt) => [...items(self, rt)]],
    each: [0, walking('each', (self, block, rt) => each(self, rt, (item) => block(item)))],
    each_entry: [0, walking('each', (self, block, rt) => each(self, rt, (item) => block(item)))],
    each_with_index: [
      0,
      walking('each_with_index', (self, block, rt) => each(self, rt, (item, i) => block(item, i))),
    ],
    each_with_object: [
      1,
      walking('each_with_object', (self, block, rt, [memo]) => {
        each(self, rt, (item) => block(item, memo!));
        return memo!;
      }),
    ],
    reverse_each: [
      0,
      walking('reverse_each', (self, block, rt) => {
        each([...items(self, rt)].reverse(), rt, (item) => block(item));
        return self;
      }),
    ],
    cycle: [0, 1, walking('cycle', cycle)],
    each_slice: [1, chunked('each_slice', slices)],
    each_cons: [1, chunked('each_cons', windows)],
    map: [0, walking('map', (self, block, rt) => collect(self, rt, (item) => block(item)))],
    collect: [0, walking('collect', (self, block, rt) => collect(self, rt, (item) => block(item)))],
    grep: [1, (self, [pattern], rt, block) => matching(self, pattern!, true, rt, block)],
    grep_v: [1, (self, [pattern], rt, block) => matching(self, pattern!, false, rt, block)],
    flat_map: [0, walking('flat_map', (self, block, rt) => flatMap(self, rt, block))],
    filter_map: [
      0,
      walking('filter_map', (self, block, rt) => collect(self, rt, (item) => block(item)).filter(truthy)),
    ],
    select: [0, walking('select', (self, block, rt) => filter(self, rt, (item) => truthy(block(item))))],
    reject: [0, walking('reject', (self, block, rt) => filter(self, rt, (item) => !truthy(block(item))))],
    partition: [
      0,
      walking('partition', (self, block, rt) => {
        const groups = group(self, rt, (item) => truthy(block(item)));
        return [groups.get(true) ?? [], groups.get(false) ?? []];
      }),
    ],
    group_by: [0, walking('group_by', (self, block, rt) => group(self, rt, block))],
    chunk: [0, walking('chunk', (self, block, rt) => chunk(self, rt, block))],
    tally: [
      0,
      (self, _, rt) => {
        const counts = new RHash();
        each(self, rt, (item) => counts.set(item, Number(counts.get(item) ?? 0) + 1));
        return counts;
      },
    ],
    find: [
      0,
      walking('find', (self, block, rt) => find(self, rt, (item) => truthy(block(item)))?.item ?? null),
    ],
    find_index: [
      0,
      1,
      (self, args, rt, block) => {
        if (args.length === 0 && block === undefined) return new REnumerator(self, 'index', []);
        const test = args.length > 0 ? (item: Value) => rt.equal(item, args[0]!) : tester([], rt, block);
        return find(self, rt, test)?.index ?? null;
      },
    ],
    'any?': [0, 1, (self, args, rt, block) => find(self, rt, tester(args, rt, block)) !== undefined],
    'all?': [
      0,
      1,
      (self, args, rt, block) => {
        const test = tester(args, rt, block);
        return find(self, rt, (item) => !test(item)) === undefined;
      },
    ],
    'none?': [0, 1, (self, args, rt, block) => find(self, rt, tester(args, rt, block)) === undefined],
    'one?': [0, 1, (self, args, rt, block) => filter(self, rt, tester(args, rt, block)).length === 1],
    count: [
      0,
      1,
      (self, args, rt, block) => {
        if (args.length > 0) return filter(self, rt, (item) => rt.equal(item, args[0]!)).length;
        if (block === undefined && isEndless(self)) return new RFloat(Number.POSITIVE_INFINITY);
        return block === undefined ? items(self, rt).length : filter(self, rt, tester([], rt, block)).length;
      },
    ],
    'include?': [1, (self, [value], rt) => find(self, rt, (item) => rt.equal(item, value!)) !== undefined],
    first: [0, 1, firstOf],
    take: [1, firstOf],
    drop: [1, dropped],
    take_while: [
      0,
      walking('take_while', (self, block, rt) => {
        const end = find(self, rt, (item) => !truthy(block(item)));
        return items(self, rt).slice(0, end?.index);
      }),
    ],
    drop_while: [
      0,
      walking('drop_while', (self, block, rt) => {
        const start = find(self, rt, (item) => !truthy(block(item)));
        return start === undefined ? [] : items(self, rt).slice(start.index);
      }),
    ],
    inject: [0, 2, inject],
    sum: [0, 1, sum],
    min: [0, 1, extreme(1)],
    max: [0, 1, extreme(-1)],
    minmax: [0, (self, _, rt) => [rt.send(self, 'min', []), rt.send(self, 'max', [])]],
    min_by: [0, extremeBy(1, 'min_by')],
    max_by: [0, extremeBy(-1, 'max_by')],
    sort: [0, (self, _, rt, block) => [...items(self, rt)].sort(order(rt, block))],
    sort_by: [
      0,
      walking('sort_by', (self, block, rt) =>
        keyed(self, rt, block)
          .sort((a, b) => rt.compare(a.key, b.key))
          .map(({ item }) => item),
      ),
    ],
    uniq: [0, (self, _, rt, block) => unique(self, rt, block)],
    zip: [0, ANY, zip],
    to_h: [
      0,
      (self, _, rt, block) =>
        toHash(block === undefined ? items(self, rt) : collect(self, rt, (item) => block(item))),
    ],
    to_set: [0, (self, _, rt) => unique(self, rt, undefined)],
    chunk_while: [0, (self, _, rt, block) => runs(self, rt, wantBlock(block), true)],
    slice_when: [0, (self, _, rt, block) => runs(self, rt, wantBlock(block), false)],
  }),
  {
    collect_concat: 'flat_map',
    filter: 'select',
    find_all: 'select',
    detect: 'find',
    'member?': 'include?',
    reduce: 'inject',
    entries: 'to_a',
  },
);

/** Enumerators number what they walk through: `map.with_index(1) { |item, i| … }`. */
function withIndex(
  self: REnumerator,
  [start]: readonly Value[],
  rt: Runtime,
  block: Block | undefined,
): Value {
  let index = start === undefined || start === null ? 0 : wantCount(start);
  if (block === undefined) return items(self, rt).map((item) => [item, index++]);
  const numbered: Block = (...values) => block(values.length === 1 ? values[0]! : values, index++);
  return rt.send(self.receiver, self.method, self.args, numbered);
}

/** `#<Enumerator: [1]:each>`; the steps of numbers are `(1.step(10, 3))`. */
function inspect({ receiver, method, args }: REnumerator, rt: Runtime): string {
  const range = receiver instanceof RRange;
  const given = args.map((arg, i) => (i === args.length - 1 ? keywords(arg, rt) : rt.inspect(arg)));
  const call = `${method}${given.length > 0 ? `(${given.join(', ')})` : ''}`;
  const counts = asFloat(range ? (receiver.first ?? receiver.last) : receiver) !== undefined;
  if (counts && (method === 'step' || method === '%'))
    return range ? `((${rt.inspect(receiver)}).${call})` : `(${rt.inspect(receiver)}.${call})`;
  return `#<Enumerator: ${rt.inspect(receiver)}:${call}>`;
}

function keywords(value: Value, rt: Runtime): string {
  if (!(value instanceof RHash)) return rt.inspect(value);
  return value
    .pairs()
    .map(([key, item]) => `${rt.text(key)}: ${rt.inspect(item)}`)
    .join(', ');
}

export const ENUMERATOR = aliases(
  methods<REnumerator>({
    with_index: [0, 1, withIndex],
    with_object: [
      1,
      (self, [memo], rt, block) => {
        const call = wantBlock(block);
        rt.send(self.receiver, self.method, self.args, (item) => call(item, memo!));
        return memo!;
      },
    ],
    size: [0, (self, _, rt) => items(self, rt).length],
    inspect: [0, (self, _, rt) => str(inspect(self, rt))],
    each: [
      0,
      (self, _, rt, block) =>
        block === undefined ? self : rt.send(self.receiver, self.method, self.args, block),
    ],
  }),
  { each_with_index: 'with_index', to_s: 'inspect' },
);
