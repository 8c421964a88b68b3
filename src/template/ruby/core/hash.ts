/** Hash, in insertion order. */

import { RubyError } from '../../errors.ts';
import { wantBlock, wantCount, wantHash, wantUnfrozen } from '../arguments.ts';
import type { Block, Runtime } from '../runtime.ts';
import { REnumerator, RHash, RString, str, sym, truthy, type Value } from '../values.ts';
import { dig, flatten } from './array.ts';
import { ENUMERABLE, eachPair, toHash } from './enumerable.ts';
import { Inside, InsidePairs } from './recursion.ts';
import { ANY, aliases, inherit, type MethodBody, methods } from './table.ts';

function element(self: RHash, [key]: readonly Value[]): Value {
  return self.get(key!) ?? self.fallback;
}

function fetch(self: RHash, [key, fallback]: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  const value = self.get(key!);
  if (value !== undefined) return value;
  if (block !== undefined) return block(key!);
  if (fallback !== undefined) return fallback;
  throw new RubyError(`key not found: ${rt.inspect(key!)}`);
}

const inspecting = new Inside();
const equalling = new InsidePairs();

function keep(self: RHash, rt: Runtime, test: (key: Value, value: Value) => boolean): RHash {
  return RHash.from(
    self.pairs().filter(([key, value]) => {
      rt.budget.step();
      return test(key, value);
    }),
  );
}

function keeping(name: string, wanted: boolean): MethodBody<RHash> {
  return (self, _, rt, block) =>
    block === undefined
      ? new REnumerator(self, name, [])
      : keep(self, rt, (key, value) => truthy(block(key, value)) === wanted);
}

/** Takes over another hash's pairs; the block decides about keys that both have. */
function take(target: RHash, others: readonly Value[], rt: Runtime, block: Block | undefined): RHash {
  for (const other of others) {
    for (const [key, value] of wantHash(other).pairs()) {
      rt.budget.elements(1);
      const mine = target.get(key);
      target.set(key, mine === undefined || block === undefined ? value : block(key, mine, value));
    }
  }
  return target;
}

function deepMerge(self: RHash, other: RHash, rt: Runtime, depth = 0): RHash {
  if (depth > 100) throw new RubyError('hashes are nested too deeply');
  const merged = RHash.from(self.pairs());
  for (const [key, value] of other.pairs()) {
    rt.budget.elements(1);
    const mine = merged.get(key);
    const both = mine instanceof RHash && value instanceof RHash;
    merged.set(key, both ? deepMerge(mine, value, rt, depth + 1) : value);
  }
  return merged;
}

function inPlace(name: string, quiet: boolean, walks?: string): MethodBody<RHash> {
  return (self, args, rt, block) => {
    if (walks !== undefined && block === undefined) return new REnumerator(self, walks, args);
    wantUnfrozen(self);
    const changed = wantHash(rt.send(self, name, args, block));
    if (changed.size === self.size && !quiet && name !== 'merge') return null;
    const pairs = changed.pairs();
    self.clear();
    for (const [key, value] of pairs) self.set(key, value);
    return self;
  };
}

function inspect(self: RHash, rt: Runtime): string {
  return inspecting.of(
    self,
    () => '{...}',
    () => {
      const pairs = self.pairs().map(([key, value]) => `${rt.inspect(key)}=>${rt.inspect(value)}`);
      return `{${pairs.join(', ')}}`;
    },
  );
}

function mapped(
  self: RHash,
  rt: Runtime,
  change: (key: Value, value: Value) => readonly [Value, Value],
): RHash {
  return RHash.from(
    self.pairs().map(([key, value]) => {
      rt.budget.step();
      return change(key, value);
    }),
  );
}

function store(self: RHash, [key, value]: readonly Value[], rt: Runtime): Value {
  wantUnfrozen(self);
  rt.budget.elements(1);
  self.set(key!, value!);
  return value!;
}

/** What of the other's pairs is also here. */
function containsAll(self: RHash, other: RHash, rt: Runtime): boolean {
  return other.pairs().every(([key, value]) => self.has(key) && rt.equal(self.get(key) ?? null, value));
}

/** Blocks of a hash get the pair as one array, so that `|key, value|` takes it apart. */
function eachPart(name: string, part: (pair: [Value, Value]) => Value): MethodBody<RHash> {
  return (self, _, rt, block) =>
    block === undefined ? new REnumerator(self, name, []) : eachPair(self, rt, (pair) => block(part(pair)));
}

/** Takes over another hash's pairs in place; hashes that both have under a key become one in the same way. */
function mergeDeep(self: RHash, other: RHash, rt: Runtime, depth = 0): RHash {
  wantUnfrozen(self);
  if (depth > 100) throw new RubyError('hashes are nested too deeply');
  for (const [key, value] of other.pairs()) {
    rt.budget.elements(1);
    const mine = self.get(key);
    const both = mine instanceof RHash && value instanceof RHash;
    self.set(key, both ? mergeDeep(mine, value, rt, depth + 1) : value);
  }
  return self;
}

function isEqual(self: RHash, other: Value | undefined, rt: Runtime): boolean {
  if (!(other instanceof RHash) || other.size !== self.size) return false;
  if (self === other) return true;
  return equalling.of(
    self,
    other,
    () => true,
    () => containsAll(self, other, rt),
  );
}

function pairWith(self: RHash, part: 0 | 1, wanted: Value, rt: Runtime): Value {
  return self.pairs().find((pair) => rt.equal(pair[part], wanted)) ?? null;
}

export const HASH = aliases(
  inherit(
    ENUMERABLE,
    methods<RHash>({
      '[]': [1, element],
      fetch: [1, 2, fetch],
      dig: [1, ANY, dig],
      store: [2, store],
      'key?': [1, (self, [key]) => self.has(key!)],
      'value?': [1, (self, [value], rt) => self.values().some((mine) => rt.equal(mine, value!))],
      key: [1, (self, [value], rt) => self.pairs().find(([, mine]) => rt.equal(mine, value!))?.[0] ?? null],
      keys: [0, (self) => self.keys()],
      values: [0, (self) => self.values()],
      values_at: [0, ANY, (self, keys) => keys.map((key) => element(self, [key]))],
      fetch_values: [0, ANY, (self, keys, rt, block) => keys.map((key) => fetch(self, [key], rt, block))],
      length: [0, (self) => self.size],
      'empty?': [0, (self) => self.size === 0],
      to_h: [
        0,
        (self, _, __, block) =>
          block === undefined ? self : toHash(self.pairs().map(([key, value]) => block(key, value))),
      ],
      to_s: [0, (self, _, rt) => str(inspect(self, rt))],
      each: [0, eachPart('each', (pair) => pair)],
      each_pair: [0, eachPart('each_pair', (pair) => pair)],
      each_key: [0, eachPart('each_key', ([key]) => key)],
      each_value: [0, eachPart('each_value', ([, value]) => value)],
      select: [0, keeping('select', true)],
      reject: [0, keeping('reject', false)],
      merge: [0, ANY, (self, others, rt, block) => take(RHash.from(self.pairs()), others, rt, block)],
      deep_merge: [1, (self, [other], rt) => deepMerge(self, wantHash(other), rt)],
      compact: [0, (self, _, rt) => keep(self, rt, (_key, value) => value !== null)],
      slice: [
        0,
        ANY,
        (self, keys) =>
          RHash.from(keys.flatMap((key) => (self.has(key) ? [[key, self.get(key)!] as const] : []))),
      ],
      except: [
        0,
        ANY,
        (self, keys) => {
          const rest = RHash.from(self.pairs());
          for (const key of keys) rest.delete(key);
          return rest;
        },
      ],
      invert: [0, (self, _, rt) => mapped(self, rt, (key, value) => [value, key])],
      transform_values: [
        0,
        (self, _, rt, block) => mapped(self, rt, (key, value) => [key, wantBlock(block)(value)]),
      ],
      transform_keys: [
        0,
        1,
        (self, [names], rt, block) => {
          if (names === undefined) return mapped(self, rt, (key, value) => [wantBlock(block)(key), value]);
          const renamed = (key: Value) =>
            wantHash(names).get(key) ?? (block === undefined ? key : block(key));
          return mapped(self, rt, (key, value) => [renamed(key), value]);
        },
      ],
      stringify_keys: [0, (self, _, rt) => mapped(self, rt, (key, value) => [str(rt.text(key)), value])],
      symbolize_keys: [
        0,
        (self, _, rt) =>
          mapped(self, rt, (key, value) => [key instanceof RString ? sym(key.text) : key, value]),
      ],
      delete: [
        1,
        (self, [key], _, block) => {
          wantUnfrozen(self);
          return self.delete(key!) ?? (block === undefined ? null : block(key!));
        },
      ],
      shift: [
        0,
        (self) => {
          wantUnfrozen(self);
          const first = self.pairs()[0];
          if (first !== undefined) self.delete(first[0]);
          return first ?? null;
        },
      ],
      clear: [
        0,
        (self) => {
          wantUnfrozen(self);
          self.clear();
          return self;
        },
      ],
      'merge!': [0, ANY, inPlace('merge', true)],
      'compact!': [0, inPlace('compact', false)],
      'select!': [0, inPlace('select', false, 'select!')],
      'reject!': [0, inPlace('reject', false, 'reject!')],
      delete_if: [0, inPlace('reject', true, 'delete_if')],
      keep_if: [0, inPlace('select', true, 'keep_if')],
      default: [0, (self) => self.fallback],
      '==': [1, (self, [other], rt) => isEqual(self, other, rt)],
      '<': [
        1,
        (self, [other], rt) => self.size < wantHash(other).size && containsAll(wantHash(other), self, rt),
      ],
      '>': [
        1,
        (self, [other], rt) => self.size > wantHash(other).size && containsAll(self, wantHash(other), rt),
      ],
      'rec_merge!': [1, (self, [other], rt) => mergeDeep(self, wantHash(other), rt)],
      rehash: [
        0,
        (self) => {
          wantUnfrozen(self);
          if (self.walkers > 0) throw new RubyError('rehash during iteration');
          self.rehash();
          return self;
        },
      ],
      assoc: [1, (self, [key], rt) => pairWith(self, 0, key!, rt)],
      rassoc: [1, (self, [value], rt) => pairWith(self, 1, value!, rt)],
      flatten: [0, 1, (self, [depth = 1], rt) => flatten(self.pairs(), wantCount(depth), rt)],
      '<=': [1, (self, [other], rt) => containsAll(wantHash(other), self, rt)],
      '>=': [1, (self, [other], rt) => containsAll(self, wantHash(other), rt)],
    }),
  ),
  {
    size: 'length',
    'has_key?': 'key?',
    'include?': 'key?',
    'member?': 'key?',
    'has_value?': 'value?',
    without: 'except',
    filter: 'select',
    'filter!': 'select!',
    update: 'merge!',
    '[]=': 'store',
    inspect: 'to_s',
  },
);
