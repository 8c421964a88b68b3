/** What Rails adds to Ruby's own classes, as far as templates use it. Printing in URLs, lists in words, and such. */

import { RubyError } from '../../errors.ts';
import { keyword, wantBlock, wantCount, wantHash, wantText, wantUnfrozen } from '../arguments.ts';
import { ordinal } from '../calendar.ts';
import type { Runtime } from '../runtime.ts';
import { characters } from '../text.ts';
import { type Integer, RHash, RString, RSymbol, str, sym, type Value } from '../values.ts';
import { filter, items } from './enumerable.ts';
import { isBlank } from './kernel.ts';
import { ANY, aliases, type MethodBody, methods } from './table.ts';

/** As CGI.escape: a space is a plus. */
function escaped(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** What a value is in the path or query of a URL. */
function toParam(self: Value, rt: Runtime): Value {
  if (self === null || typeof self === 'boolean') return self;
  if (Array.isArray(self)) return str(self.map((item) => rt.text(rt.send(item, 'to_param', []))).join('/'));
  if (self instanceof RHash) return toQuery(self, undefined, rt);
  return str(rt.text(self));
}

function toQuery(self: Value, key: string | undefined, rt: Runtime): RString {
  if (self instanceof RHash) {
    const parts = self.pairs().flatMap(([name, value]) => {
      const empty =
        (Array.isArray(value) && value.length === 0) || (value instanceof RHash && value.size === 0);
      if (empty) return [];
      const text = rt.text(name);
      return [rt.text(rt.send(value, 'to_query', [str(key === undefined ? text : `${key}[${text}]`)]))];
    });
    return str(parts.sort().join('&'));
  }
  if (key === undefined) throw new RubyError('wrong number of arguments (given 0, expected 1)');
  if (!Array.isArray(self)) return str(`${escaped(key)}=${escaped(rt.text(rt.send(self, 'to_param', [])))}`);
  const list: Value[] = self.length === 0 ? [str('')] : self;
  return str(list.map((item) => rt.text(rt.send(item, 'to_query', [str(`${key}[]`)]))).join('&'));
}

export const RAILS_OBJECT = methods<Value>({
  to_param: [0, (self, _, rt) => toParam(self, rt)],
  to_query: [
    0,
    1,
    (self, [key], rt) => toQuery(self, key === undefined || key === null ? undefined : rt.text(key), rt),
  ],
  'acts_like?': [
    1,
    (self, [what]) => what instanceof RSymbol && what.name === 'string' && self instanceof RString,
  ],
  'duplicable?': [0, () => true],
  deep_dup: [0, (self, _, rt) => deepDup(self, rt)],
});

function deepDup(self: Value, rt: Runtime, depth = 0): Value {
  rt.budget.step();
  if (depth > 100) throw new RubyError('the value is nested too deeply');
  if (self instanceof RString) return str(self.text);
  if (Array.isArray(self)) return self.map((item) => deepDup(item, rt, depth + 1));
  if (!(self instanceof RHash)) return self;
  return RHash.from(
    self.pairs().map(([key, value]) => [deepDup(key, rt, depth + 1), deepDup(value, rt, depth + 1)]),
  );
}

export const RAILS_ENUMERABLE = methods<Value>({
  'exclude?': [1, (self, args, rt) => rt.send(self, 'include?', args) === false],
  'many?': [0, (self, _, rt, block) => Number(rt.send(self, 'count', [], block)) > 1],
  compact_blank: [0, (self, _, rt) => filter(self, rt, (item) => !isBlank(item))],
  pluck: [
    1,
    ANY,
    (self, keys, rt) =>
      items(self, rt).map((item) => {
        const values = keys.map((key) => rt.send(item, '[]', [key]));
        return values.length === 1 ? values[0]! : values;
      }),
  ],
  index_by: [
    0,
    (self, _, rt, block) => RHash.from(items(self, rt).map((item) => [wantBlock(block)(item), item])),
  ],
  index_with: [
    0,
    1,
    (self, [value], rt, block) =>
      RHash.from(items(self, rt).map((item) => [item, value ?? wantBlock(block)(item)])),
  ],
});

/** `a, b, and c` */
function sentence(self: readonly Value[], args: readonly Value[], rt: Runtime): string {
  const words = self.map((item) => rt.text(item));
  const option = (name: string, usual: string) => {
    const given = keyword(args, name);
    return given === undefined ? usual : rt.text(given);
  };
  if (words.length < 3) return words.join(option('two_words_connector', ' and '));
  const separator = option('words_connector', ', ');
  return words.slice(0, -1).join(separator) + option('last_word_connector', ', and ') + words.at(-1);
}

function groups(self: readonly Value[], [size, filler = null]: readonly Value[], rt: Runtime): Value[] {
  const width = wantCount(size);
  if (width <= 0) throw new RubyError(`Group size must be a positive integer, was ${width}`);
  rt.budget.elements(self.length + width);
  return Array.from({ length: Math.ceil(self.length / width) }, (_, i) => {
    const group = self.slice(i * width, (i + 1) * width);
    while (filler !== false && group.length < width) group.push(filler);
    return group;
  });
}

function nth(at: number): MethodBody<Value[]> {
  return (self) => self[at] ?? null;
}

export const RAILS_ARRAY = aliases(
  methods<Value[]>({
    to_sentence: [0, 1, (self, args, rt) => str(sentence(self, args, rt))],
    second: [0, nth(1)],
    third: [0, nth(2)],
    fourth: [0, nth(3)],
    fifth: [0, nth(4)],
    from: [1, (self, [at]) => self.slice(wantCount(at))],
    to: [
      1,
      (self, [at]) => self.slice(0, wantCount(at) < 0 ? self.length + wantCount(at) + 1 : wantCount(at) + 1),
    ],
    excluding: [0, ANY, (self, values, rt) => rt.send(self, '-', [values.flat(1) as Value[]])],
    including: [0, ANY, (self, values) => [...self, ...(values.flat(1) as Value[])]],
    in_groups_of: [1, 2, groups],
  }),
  { without: 'excluding' },
);

/** With every key changed, in lists and hashes below too. */
function deepKeys(self: Value, rt: Runtime, change: (key: Value) => Value, depth = 0): Value {
  rt.budget.step();
  if (depth > 100) throw new RubyError('hashes are nested too deeply');
  if (Array.isArray(self)) return self.map((item) => deepKeys(item, rt, change, depth + 1));
  if (!(self instanceof RHash)) return self;
  return RHash.from(
    self.pairs().map(([key, value]) => [change(key), deepKeys(value, rt, change, depth + 1)]),
  );
}

export const RAILS_HASH = aliases(
  methods<RHash>({
    deep_stringify_keys: [0, (self, _, rt) => deepKeys(self, rt, (key) => str(rt.text(key)))],
    deep_symbolize_keys: [
      0,
      (self, _, rt) => deepKeys(self, rt, (key) => (key instanceof RString ? sym(key.text) : key)),
    ],
    deep_transform_keys: [0, (self, _, rt, block) => deepKeys(self, rt, (key) => wantBlock(block)(key))],
    reverse_merge: [1, (self, [other], rt) => rt.send(wantHash(other), 'merge', [self])],
    compact_blank: [0, (self) => RHash.from(self.pairs().filter(([, value]) => !isBlank(value)))],
    'exclude?': [1, (self, [key]) => !self.has(key!)],
    'extract!': [
      0,
      ANY,
      (self, keys) => {
        wantUnfrozen(self);
        const found = new RHash();
        for (const key of keys) if (self.has(key)) found.set(key, self.delete(key)!);
        return found;
      },
    ],
  }),
  { with_defaults: 'reverse_merge' },
);

export const RAILS_INTEGER = methods<Integer>({
  ordinalize: [0, (self) => str(ordinal(Number(self)))],
});

function part(text: string, start: number, end?: number): Value {
  return str(characters(text).slice(start, end).join(''));
}

export const RAILS_STRING = methods<RString>({
  first: [0, 1, (self, [count = 1]) => part(self.text, 0, wantPositive(count))],
  last: [
    0,
    1,
    (self, [count = 1]) => part(self.text, Math.max(0, characters(self.text).length - wantPositive(count))),
  ],
  at: [1, (self, args, rt) => rt.send(self, '[]', args)],
  from: [1, (self, [at]) => part(self.text, wantCount(at))],
  to: [1, (self, [at]) => part(self.text, 0, wantCount(at) === -1 ? undefined : wantCount(at) + 1)],
  remove: [
    0,
    ANY,
    (self, patterns, rt) =>
      patterns.reduce<Value>((text, pattern) => rt.send(text, 'gsub', [pattern, str('')]), str(self.text)),
  ],
  'exclude?': [1, (self, args, rt) => rt.send(self, 'include?', args) === false],
  truncate: [
    1,
    2,
    (self, args, rt) => {
      const [length, chars] = [wantCount(args[0]), characters(self.text)];
      const omission = keyword(args, 'omission');
      const end = omission === undefined ? '...' : rt.text(omission);
      if (chars.length <= length) return str(self.text);
      return str(chars.slice(0, Math.max(0, length - characters(end).length)).join('') + end);
    },
  ],
  dasherize: [0, (self) => str(self.text.replaceAll('_', '-'))],
  indent: [
    1,
    2,
    (self, [count, filler = null], rt) => {
      const width = wantPositive(count!);
      rt.budget.characters(width * self.text.split('\n').length);
      const unit = filler === null ? (/^([ \t])/m.exec(self.text)?.[1] ?? ' ') : wantText(filler);
      return str(self.text.replace(/^(?!$)/gm, unit.repeat(width)));
    },
  ],
});

function wantPositive(value: Value): number {
  const count = wantCount(value);
  if (count < 0) throw new RubyError('negative limit');
  return count;
}
