/** String: text that can change in place. The methods that search and replace are in search.ts. */

import { RubyError } from '../../errors.ts';
import { wantCount, wantText, wantUnfrozen } from '../arguments.ts';
import { format } from '../format.ts';
import type { Block, Runtime } from '../runtime.ts';
import {
  characterSet,
  characters,
  compareText,
  lengthOf,
  quoted,
  slice,
  stripLeft,
  stripRight,
  successor,
} from '../text.ts';
import { integer, isInteger, REnumerator, RFloat, RRange, RString, str, sym, type Value } from '../values.ts';
import { isBlank } from './kernel.ts';
import { SEARCH } from './search.ts';
import { bounds } from './span.ts';
import { ANY, aliases, inherit, type MethodTable, methods } from './table.ts';

/** Ruby's upcase and downcase are locale-free; only the first letter counts for capitalize. */
function capitalize(text: string): string {
  const [first = '', ...rest] = characters(text);
  return first.toUpperCase() + rest.join('').toLowerCase();
}

function swapCase(text: string): string {
  return characters(text)
    .map((char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()))
    .join('');
}

/** The set of characters all of the specs agree on. */
function inSets(specs: readonly Value[]): (char: string) => boolean {
  const sets = specs.map((spec) => {
    const { negated, members } = characterSet(wantText(spec));
    const set = new Set(members);
    return (char: string) => set.has(char) !== negated;
  });
  return (char) => sets.every((has) => has(char));
}

function translate(text: string, from: string, to: string, squeezes: boolean): string {
  const { negated, members } = characterSet(from);
  const targets = characterSet(to).members;
  const map = new Map(members.map((char, i) => [char, targets[Math.min(i, targets.length - 1)] ?? '']));
  const last = targets.at(-1) ?? '';
  let previous: string | undefined;
  let result = '';
  for (const char of characters(text)) {
    const target = negated ? (map.has(char) ? undefined : last) : map.get(char);
    if (target === undefined || !squeezes || target !== previous) result += target ?? char;
    previous = target;
  }
  return result;
}

function squeeze(text: string, specs: readonly Value[]): string {
  const squeezes = inSets(specs);
  const chars = characters(text);
  return chars.filter((char, i) => char !== chars[i - 1] || !squeezes(char)).join('');
}

/** Like Ruby, reads what is a number at the beginning and ignores the rest. */
function leadingInteger(text: string, base: number): Value {
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base);
  const prefix = base === 16 ? '(?:0x)?' : base === 2 ? '(?:0b)?' : base === 8 ? '(?:0o?)?' : '';
  const match = new RegExp(`^\\s*([-+]?)${prefix}([${digits}]+(?:_[${digits}]+)*)`, 'i').exec(text);
  if (match === null) return 0;
  const number = match[2]!.replaceAll('_', '').toLowerCase();
  let value = 0n;
  if (base === 10) value = BigInt(number.slice(0, 1200));
  else
    for (const digit of number.slice(0, 1200)) value = value * BigInt(base) + BigInt(digits.indexOf(digit));
  return integer(match[1] === '-' ? -value : value);
}

function leadingFloat(text: string): RFloat {
  const match = /^\s*[-+]?(?:\d+(?:_\d+)*)?(?:\.\d+(?:_\d+)*)?(?:e[-+]?\d+)?/i.exec(text);
  return new RFloat(Number(match?.[0].replaceAll('_', '')) || 0);
}

function justify(
  self: RString,
  args: readonly Value[],
  rt: Runtime,
  place: 'left' | 'right' | 'center',
): RString {
  const width = wantCount(args[0]);
  const filler = args[1] === undefined ? ' ' : wantText(args[1]);
  if (filler === '') throw new RubyError('zero width padding');
  const missing = Math.max(0, width - lengthOf(self.text));
  rt.budget.characters(missing);
  const left = place === 'left' ? 0 : place === 'right' ? missing : Math.floor(missing / 2);
  const pad = (count: number) => slice(filler.repeat(Math.ceil(count / lengthOf(filler))), 0, count);
  return str(pad(left) + self.text + pad(missing - left));
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function chomp(text: string, suffix: Value | undefined): string {
  if (suffix === undefined) return text.replace(/(?:\r\n|\n|\r)$/, '');
  const end = wantText(suffix);
  return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
}

/** Calls the block for each piece, or answers them when there is none. */
function each(self: RString, pieces: string[], method: string, block: Block | undefined, rt: Runtime): Value {
  rt.budget.elements(pieces.length);
  if (block === undefined) return new REnumerator(self, method, []);
  for (const piece of pieces) {
    rt.budget.step();
    block(str(piece));
  }
  return self;
}

function pieces(list: readonly string[], rt: Runtime): Value[] {
  rt.budget.characters(list.length);
  return list.map(str);
}

const encoder = new TextEncoder();

const CHANGES = {
  capitalize: (self: RString) => capitalize(self.text),
  chomp: (self: RString, [suffix]: readonly Value[]) => chomp(self.text, suffix),
  chop: (self: RString) => self.text.replace(/\r\n$|[\s\S]$/u, ''),
  delete: (self: RString, specs: readonly Value[]) => {
    const deletes = inSets(specs);
    return characters(self.text)
      .filter((char) => !deletes(char))
      .join('');
  },
  downcase: (self: RString) => self.text.toLowerCase(),
  lstrip: (self: RString) => stripLeft(self.text),
  reverse: (self: RString) => [...characters(self.text)].reverse().join(''),
  rstrip: (self: RString) => stripRight(self.text),
  squeeze: (self: RString, specs: readonly Value[]) => squeeze(self.text, specs),
  strip: (self: RString) => stripRight(stripLeft(self.text)),
  swapcase: (self: RString) => swapCase(self.text),
  tr: (self: RString, [from, to]: readonly Value[]) =>
    translate(self.text, wantText(from), wantText(to), false),
  tr_s: (self: RString, [from, to]: readonly Value[]) =>
    translate(self.text, wantText(from), wantText(to), true),
  upcase: (self: RString) => self.text.toUpperCase(),
  succ: (self: RString) => successor(self.text),
  delete_prefix: (self: RString, [prefix]: readonly Value[]) =>
    self.text.startsWith(wantText(prefix)) ? self.text.slice(wantText(prefix).length) : self.text,
  delete_suffix: (self: RString, [suffix]: readonly Value[]) => chomp(self.text, suffix ?? str('')),
  squish: (self: RString) => self.text.trim().replace(/\s+/g, ' '),
} as const;

const CHANGE_ARITY: Readonly<Record<string, readonly [number, number]>> = {
  chomp: [0, 1],
  delete: [1, ANY],
  squeeze: [0, ANY],
  tr: [2, 2],
  tr_s: [2, 2],
  delete_prefix: [1, 1],
  delete_suffix: [1, 1],
};

/** Each of these makes a new string; with `!` it changes the string and answers nil when nothing changed. */
function changes(): MethodTable {
  return methods<RString>(
    Object.fromEntries(
      Object.entries(CHANGES).flatMap(([name, change]) => {
        const [min, max] = CHANGE_ARITY[name] ?? [0, 0];
        const inPlace = (self: RString, args: readonly Value[]): Value => {
          wantUnfrozen(self);
          const changed = change(self, args);
          if (changed === self.text) return null;
          self.text = changed;
          return self;
        };
        return [
          [name, [min, max, (self: RString, args: readonly Value[]) => str(change(self, args))]],
          [`${name}!`, [min, max, inPlace]],
        ] as const;
      }),
    ),
  );
}

function append(self: RString, args: readonly Value[], rt: Runtime): RString {
  wantUnfrozen(self);
  const added = args
    .map((arg) => (isInteger(arg) ? String.fromCodePoint(Number(arg)) : wantText(arg)))
    .join('');
  rt.budget.characters(added.length);
  self.text += added;
  return self;
}

export const STRING = aliases(
  inherit(
    SEARCH,
    changes(),
    methods<RString>({
      to_s: [0, (self) => self],
      to_sym: [0, (self) => sym(self.text)],
      to_i: [0, 1, (self, [base]) => leadingInteger(self.text, base === undefined ? 10 : wantCount(base))],
      to_f: [0, (self) => leadingFloat(self.text)],
      inspect: [0, (self) => str(quoted(self.text))],
      '==': [1, (self, [other]) => other instanceof RString && other.text === self.text],
      '<=>': [1, (self, [other]) => (other instanceof RString ? compareText(self.text, other.text) : null)],
      casecmp: [1, (self, [other]) => compareText(self.text.toLowerCase(), wantText(other).toLowerCase())],
      'casecmp?': [1, (self, [other]) => self.text.toLowerCase() === wantText(other).toLowerCase()],
      '+': [
        1,
        (self, [other], rt) => {
          const added = wantText(other);
          rt.budget.characters(self.text.length);
          return str(self.text + added);
        },
      ],
      '*': [
        1,
        (self, [count], rt) => {
          const times = wantCount(count);
          if (times < 0) throw new RubyError('argument must not be negative');
          rt.budget.characters(self.text.length * times);
          return str(self.text.repeat(times));
        },
      ],
      '%': [1, (self, [args], rt) => str(format(self.text, Array.isArray(args) ? args : [args!], rt))],
      '<<': [1, append],
      concat: [0, ANY, append],
      prepend: [
        0,
        ANY,
        (self, args, rt) => {
          wantUnfrozen(self);
          const added = args.map(wantText).join('');
          rt.budget.characters(added.length);
          self.text = added + self.text;
          return self;
        },
      ],
      replace: [
        1,
        (self, [other]) => {
          wantUnfrozen(self);
          self.text = wantText(other);
          return self;
        },
      ],
      clear: [
        0,
        (self) => {
          wantUnfrozen(self);
          self.text = '';
          return self;
        },
      ],
      insert: [
        2,
        (self, [at, other], rt) => {
          wantUnfrozen(self);
          const chars = characters(self.text);
          const index = wantCount(at);
          const place = index < 0 ? chars.length + index + 1 : index;
          if (place < 0 || place > chars.length) throw new RubyError(`index ${index} out of string`);
          rt.budget.characters(wantText(other).length);
          self.text = chars.slice(0, place).join('') + wantText(other) + chars.slice(place).join('');
          return self;
        },
      ],
      length: [0, (self) => lengthOf(self.text)],
      bytesize: [0, (self) => encoder.encode(self.text).length],
      'empty?': [0, (self) => self.text === ''],
      'ascii_only?': [0, (self) => !/[^\0-\x7f]/.test(self.text)],
      'blank?': [0, (self) => isBlank(self)],
      chars: [0, (self, _, rt) => pieces(characters(self.text), rt)],
      bytes: [0, (self) => Array.from(encoder.encode(self.text))],
      lines: [0, (self, _, rt) => pieces(lines(self.text), rt)],
      each_char: [0, (self, _, rt, block) => each(self, [...characters(self.text)], 'each_char', block, rt)],
      each_line: [0, (self, _, rt, block) => each(self, lines(self.text), 'each_line', block, rt)],
      ord: [0, (self) => self.text.codePointAt(0) ?? emptyString()],
      sum: [0, (self) => encoder.encode(self.text).reduce((total, byte) => (total + byte) & 0xffff, 0)],
      hex: [0, (self) => leadingInteger(self.text, 16)],
      oct: [0, (self) => leadingInteger(self.text, /^\s*[-+]?0x/i.test(self.text) ? 16 : 8)],
      ljust: [1, 2, (self, args, rt) => justify(self, args, rt, 'left')],
      rjust: [1, 2, (self, args, rt) => justify(self, args, rt, 'right')],
      center: [1, 2, (self, args, rt) => justify(self, args, rt, 'center')],
      count: [1, ANY, (self, specs) => characters(self.text).filter(inSets(specs)).length],
      upto: [
        1,
        2,
        (self, args, rt, block) => {
          if (block === undefined) return new REnumerator(self, 'upto', args);
          for (const item of bounds(new RRange(self, args[0]!, args[1] === true), rt)) block(item);
          return self;
        },
      ],
      force_encoding: [1, (self) => self],
      encode: [0, ANY, (self) => str(self.text)],
      'valid_encoding?': [0, () => true],
      unicode_normalize: [0, 1, (self) => str(self.text.normalize())],
    }),
  ),
  {
    size: 'length',
    next: 'succ',
    'next!': 'succ!',
    intern: 'to_sym',
    to_str: 'to_s',
    '===': '==',
    'eql?': '==',
  },
);

function emptyString(): never {
  throw new RubyError('empty string');
}
