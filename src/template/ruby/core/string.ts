/** String: text that can change in place. The methods that search and replace are in search.ts. */

import { RubyError } from '../../errors.ts';
import { keyword, wantCount, wantName, wantText, wantUnfrozen } from '../arguments.ts';
import { format } from '../format.ts';
import type { Block, Runtime } from '../runtime.ts';
import {
  asciiLower,
  asciiUpper,
  charAt,
  characterSet,
  characters,
  compareText,
  dumped,
  isIn,
  lengthOf,
  lowerCase,
  placeIn,
  quoted,
  slice,
  stripLeft,
  stripRight,
  successor,
  titleCase,
} from '../text.ts';
import {
  type Integer,
  integer,
  isInteger,
  RClass,
  REnumerator,
  RFloat,
  RHash,
  RString,
  RSymbol,
  str,
  sym,
  truthy,
  type Value,
} from '../values.ts';
import { isBlank, refuse } from './kernel.ts';
import { checkBits } from './numeric.ts';
import { SEARCH } from './search.ts';
import { walkText } from './span.ts';
import { ANY, aliases, inherit, type MethodTable, methods } from './table.ts';

/** With the option `:ascii`, only A to Z change. */
function isAscii([option]: readonly Value[]): boolean {
  if (option === undefined) return false;
  const name = option instanceof RSymbol ? option.name : undefined;
  if (name === undefined || !/^(ascii|turkic|lithuanian|fold)$/.test(name))
    throw new RubyError('invalid option: only :ascii is supported');
  if (name !== 'ascii') throw new RubyError(`the option :${name} is not supported in templates`);
  return true;
}

function capitalize(text: string, ascii: boolean): string {
  const [first = '', ...rest] = characters(text);
  return ascii ? asciiUpper(first) + asciiLower(rest.join('')) : titleCase(first) + lowerCase(rest.join(''));
}

function swapCase(text: string, ascii: boolean): string {
  const [upper, lower] = ascii
    ? [asciiUpper, asciiLower]
    : [(char: string) => char.toUpperCase(), (char: string) => lowerCase(char)];
  return characters(text)
    .map((char) => (char === upper(char) ? lower(char) : upper(char)))
    .join('');
}

/** Case folding: what `casecmp?` compares. */
function folded(text: string): string {
  return lowerCase(text.toUpperCase());
}

/** The set of characters all of the specs agree on. */
function inSets(specs: readonly Value[]): (char: string) => boolean {
  const sets = specs.map((spec) => characterSet(wantText(spec)));
  return (char) => sets.every((set) => isIn(set, char));
}

function translate(text: string, from: string, to: string, squeezes: boolean): string {
  const [wanted, targets] = [characterSet(from), characterSet(to, false)];
  const last = charAt(targets, Number.MAX_SAFE_INTEGER);
  const target = (char: string): string | undefined => {
    if (wanted.negated) return isIn(wanted, char) ? last : undefined;
    const place = placeIn(wanted, char);
    return place < 0 ? undefined : charAt(targets, place);
  };
  let previous: string | undefined;
  let result = '';
  for (const char of characters(text)) {
    const changed = target(char);
    if (changed === undefined || !squeezes || changed !== previous) result += changed ?? char;
    previous = changed;
  }
  return result;
}

function squeeze(text: string, specs: readonly Value[]): string {
  const squeezes = inSets(specs);
  const chars = characters(text);
  return chars.filter((char, i) => char !== chars[i - 1] || !squeezes(char)).join('');
}

const PREFIXES: Readonly<Record<string, number>> = { x: 16, b: 2, o: 8, d: 10 };

/**
 * Like Ruby, reads what is a number at the beginning and ignores the rest. A prefix such as 0x may stand before
 * digits of its base; base 0 goes by the prefix, and so does a negative one, which is for want of a prefix.
 */
function leadingInteger(text: string, base: number): Integer {
  const [, sign, rest = ''] = /^[\t\n\v\f\r ]*([-+]?)([\s\S]*)$/.exec(text)!;
  const prefix = /^0([xbod])(?=[0-9a-z])/i.exec(rest)?.[1]?.toLowerCase();
  const named = prefix === undefined ? undefined : PREFIXES[prefix];
  const unprefixed = base < 0 ? -base : base > 0 ? base : rest.startsWith('0') ? 8 : 10;
  const takesPrefix = named !== undefined && (base <= 0 || base === named);
  const radix = takesPrefix ? named : unprefixed;
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, radix);
  const match = new RegExp(`^[${digits}]+(?:_[${digits}]+)*`, 'i').exec(takesPrefix ? rest.slice(2) : rest);
  if (match === null) return 0;
  const number = match[0].replaceAll('_', '').toLowerCase();
  checkBits(number.replace(/^0+/, '').length * Math.log2(radix));
  const value = radix === 10 ? BigInt(number) : bigInteger(number, digits);
  return integer(sign === '-' ? -value : value);
}

function bigInteger(number: string, digits: string): bigint {
  let value = 0n;
  for (const digit of number) value = value * BigInt(digits.length) + BigInt(digits.indexOf(digit));
  return value;
}

function toInteger(self: RString, [base]: readonly Value[]): Value {
  const radix = base === undefined ? 10 : wantCount(base);
  if (radix < 0 || radix === 1 || radix > 36) throw new RubyError(`invalid radix ${radix}`);
  return leadingInteger(self.text, radix);
}

function leadingFloat(text: string): RFloat {
  const match =
    /^[\t\n\v\f\r ]*([-+]?(?:\d+(?:_\d+)*)(?:\.\d+(?:_\d+)*)?(?:e[-+]?\d+)?|[-+]?\.\d+(?:_\d+)*(?:e[-+]?\d+)?)/i.exec(
      text,
    );
  return new RFloat(match === null ? 0 : Number(match[1]!.replaceAll('_', '')));
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

/** Cut behind every separator; nil leaves it whole, an empty one cuts at empty lines. */
function lines(text: string, args: readonly Value[]): string[] {
  const [separator] = args;
  const chomps = truthy(keyword(args, 'chomp') ?? null);
  const given = separator === undefined || separator instanceof RHash ? '\n' : separator;
  if (given === null) return text === '' ? [] : [text];
  const end = given === '\n' ? given : wantText(given);
  const parts = end === '' ? paragraphs(text) : cutBehind(text, end);
  if (!chomps) return parts;
  return parts.map((part) => (end === '' ? part.replace(/\n+$/, '') : chomp(part, str(end))));
}

function cutBehind(text: string, end: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, from)) {
    parts.push(text.slice(from, at + end.length));
    from = at + end.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function paragraphs(text: string): string[] {
  const parts = text.match(/(?:(?!\n\n)[\s\S])+(?:\n\n)?\n*/g) ?? [];
  return parts.map((part, i) => (i < parts.length - 1 ? part.replace(/\n+$/, '\n\n') : part));
}

function chomp(text: string, suffix: Value | undefined): string {
  if (suffix === null) return text;
  const end = suffix === undefined ? '\n' : wantText(suffix);
  if (end === '\n') return text.replace(/(?:\r\n|\n|\r)$/, '');
  if (end === '') return trimNewlines(text);
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}

function trimNewlines(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end -= text[end - 2] === '\r' ? 2 : 1;
  return text.slice(0, end);
}

const ENCODINGS =
  /^(utf-?(8|16|32)(le|be|-mac)?|ascii(-8bit)?|us-ascii|binary|iso-?8859-\d+|windows-\d+|cp\d+|shift_jis|sjis|windows-31j|euc-(jp|kr|tw)|eucjp|iso-2022-jp|big5|gbk|gb2312|gb18030|koi8-[ru]|macroman|locale|external|filesystem)$/i;

/** Text here is Unicode; another name is only possible where that makes no difference. */
function named(self: RString, encoding: Value | undefined): void {
  const given = encoding instanceof RClass ? encoding.name.replace(/^Encoding::/, '') : wantText(encoding);
  const name = given.replaceAll('_', encoding instanceof RClass ? '-' : '_');
  if (!ENCODINGS.test(given) && !ENCODINGS.test(name))
    throw new RubyError(`unknown encoding name - ${given}`);
  if (!/^utf-?8$/i.test(name) && /[^\0-\x7f]/.test(self.text))
    throw new RubyError(`text that is not ASCII cannot be ${given} in templates, only UTF-8`);
}

/** Calls the block for each piece, or answers them when there is none. */
function each(
  self: RString,
  pieces: readonly string[],
  call: { readonly method: string; readonly args?: readonly Value[] },
  block: Block | undefined,
  rt: Runtime,
): Value {
  if (block === undefined) return new REnumerator(self, call.method, call.args ?? []);
  rt.budget.elements(pieces.length);
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
  capitalize: (self: RString, options: readonly Value[]) => capitalize(self.text, isAscii(options)),
  chomp: (self: RString, [suffix]: readonly Value[]) => chomp(self.text, suffix),
  chop: (self: RString) => self.text.replace(/\r\n$|[\s\S]$/u, ''),
  delete: (self: RString, specs: readonly Value[]) => {
    const deletes = inSets(specs);
    return characters(self.text)
      .filter((char) => !deletes(char))
      .join('');
  },
  downcase: (self: RString, options: readonly Value[]) =>
    isAscii(options) ? asciiLower(self.text) : lowerCase(self.text),
  lstrip: (self: RString) => stripLeft(self.text),
  reverse: (self: RString) => [...characters(self.text)].reverse().join(''),
  rstrip: (self: RString) => stripRight(self.text),
  squeeze: (self: RString, specs: readonly Value[]) => squeeze(self.text, specs),
  strip: (self: RString) => stripRight(stripLeft(self.text)),
  swapcase: (self: RString, options: readonly Value[]) => swapCase(self.text, isAscii(options)),
  tr: (self: RString, [from, to]: readonly Value[]) =>
    translate(self.text, wantText(from), wantText(to), false),
  tr_s: (self: RString, [from, to]: readonly Value[]) =>
    translate(self.text, wantText(from), wantText(to), true),
  upcase: (self: RString, options: readonly Value[]) =>
    isAscii(options) ? asciiUpper(self.text) : self.text.toUpperCase(),
  succ: (self: RString) => successor(self.text),
  delete_prefix: (self: RString, [prefix]: readonly Value[]) =>
    self.text.startsWith(wantText(prefix)) ? self.text.slice(wantText(prefix).length) : self.text,
  delete_suffix: (self: RString, [suffix]: readonly Value[]) =>
    wantText(suffix) !== '' && self.text.endsWith(wantText(suffix))
      ? self.text.slice(0, -wantText(suffix).length)
      : self.text,
  squish: (self: RString) => self.text.trim().replace(/\s+/g, ' '),
} as const;

const CHANGE_ARITY: Readonly<Record<string, readonly [number, number]>> = {
  capitalize: [0, 1],
  downcase: [0, 1],
  swapcase: [0, 1],
  upcase: [0, 1],
  chomp: [0, 1],
  delete: [1, ANY],
  squeeze: [0, ANY],
  tr: [2, 2],
  tr_s: [2, 2],
  delete_prefix: [1, 1],
  delete_suffix: [1, 1],
};

/** In place they answer the string itself even when it stays the same. */
const ALWAYS_CHANGES: ReadonlySet<string> = new Set(['reverse', 'succ']);

/** `tr!` counts a character that becomes itself as changed. */
function translates(name: string, self: RString, [from]: readonly Value[]): boolean {
  return name.startsWith('tr') && characters(self.text).some(inSets([from!]));
}

/** Each of these makes a new string; with `!` it changes the string and answers nil when nothing changed. */
function changes(): MethodTable {
  return methods<RString>(
    Object.fromEntries(
      Object.entries(CHANGES).flatMap(([name, change]) => {
        const [min, max] = CHANGE_ARITY[name] ?? [0, 0];
        const inPlace = (self: RString, args: readonly Value[]): Value => {
          wantUnfrozen(self);
          const changed = change(self, args);
          if (changed === self.text && !ALWAYS_CHANGES.has(name) && !translates(name, self, args))
            return null;
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

function character(code: Integer): string {
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new RubyError(`${code} out of char range`);
  return String.fromCodePoint(Number(code));
}

function append(self: RString, args: readonly Value[], rt: Runtime): RString {
  wantUnfrozen(self);
  const added = args.map((arg) => (isInteger(arg) ? character(arg) : wantText(arg))).join('');
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
      to_i: [0, 1, toInteger],
      to_f: [0, (self) => leadingFloat(self.text)],
      inspect: [0, (self) => str(quoted(self.text))],
      '==': [1, (self, [other]) => other instanceof RString && other.text === self.text],
      '<=>': [1, (self, [other]) => (other instanceof RString ? compareText(self.text, other.text) : null)],
      casecmp: [
        1,
        (self, [other]) =>
          other instanceof RString ? compareText(asciiLower(self.text), asciiLower(other.text)) : null,
      ],
      'casecmp?': [
        1,
        (self, [other]) => (other instanceof RString ? folded(self.text) === folded(other.text) : null),
      ],
      '+@': [0, (self) => (self.frozen ? str(self.text) : self)],
      '-@': [
        0,
        (self) => {
          if (self.frozen) return self;
          const frozen = str(self.text);
          frozen.frozen = true;
          return frozen;
        },
      ],
      dump: [0, (self) => str(dumped(self.text))],
      each_byte: [
        0,
        (self, _, rt, block) => {
          if (block === undefined) return new REnumerator(self, 'each_byte', []);
          for (const byte of encoder.encode(self.text)) {
            rt.budget.step();
            block(byte);
          }
          return self;
        },
      ],
      // kconv: text is UTF-8 here, and templates have no bytes of other character sets.
      isutf8: [0, () => true],
      toutf8: [0, (self) => str(self.text)],
      ...refused(
        ['kconv', 'toeuc', 'tojis', 'tosjis', 'toutf16', 'toutf32', 'iseuc', 'issjis', 'isjis'],
        'text is UTF-8 here, never in a character set of bytes',
      ),
      ...refused(
        ['crypt'],
        'the old DES hash of passwords is not secure; use a hash made outside, in a parameter',
      ),
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
      lines: [0, 2, (self, args, rt) => pieces(lines(self.text, args), rt)],
      each_char: [
        0,
        (self, _, rt, block) => each(self, characters(self.text), { method: 'each_char' }, block, rt),
      ],
      each_line: [
        0,
        2,
        (self, args, rt, block) =>
          each(self, lines(self.text, args), { method: 'each_line', args }, block, rt),
      ],
      ord: [0, (self) => self.text.codePointAt(0) ?? emptyString()],
      sum: [
        0,
        1,
        (self, [bits = 16]) => {
          const total = encoder.encode(self.text).reduce((sum, byte) => sum + byte, 0);
          const width = wantCount(bits);
          return width > 0 && width < 53 ? total % 2 ** width : total;
        },
      ],
      hex: [0, (self) => leadingInteger(self.text, 16)],
      oct: [0, (self) => leadingInteger(self.text, -8)],
      ljust: [1, 2, (self, args, rt) => justify(self, args, rt, 'left')],
      rjust: [1, 2, (self, args, rt) => justify(self, args, rt, 'right')],
      center: [1, 2, (self, args, rt) => justify(self, args, rt, 'center')],
      count: [1, ANY, (self, specs) => characters(self.text).filter(inSets(specs)).length],
      upto: [
        1,
        2,
        (self, args, rt, block) => {
          if (block === undefined) return new REnumerator(self, 'upto', args);
          walkText(self.text, wantText(args[0]), truthy(args[1] ?? null), rt, (text) => block(str(text)));
          return self;
        },
      ],
      force_encoding: [
        1,
        (self, [encoding]) => {
          wantUnfrozen(self);
          named(self, encoding);
          return self;
        },
      ],
      encode: [
        0,
        ANY,
        (self, [encoding]) => {
          if (encoding !== undefined && !(encoding instanceof RHash)) named(self, encoding);
          return str(self.text);
        },
      ],
      'valid_encoding?': [0, () => true],
      unicode_normalize: [0, 1, (self, [form]) => str(self.text.normalize(normalForm(form)))],
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
    'starts_with?': 'start_with?',
    'ends_with?': 'end_with?',
  },
);

function normalForm(form: Value | undefined): string {
  const name = form === undefined ? 'nfc' : wantName(form);
  if (!/^nfk?[cd]$/.test(name)) throw new RubyError(`invalid normalization form ${name}`);
  return name.toUpperCase();
}

function refused(names: readonly string[], why: string) {
  return Object.fromEntries(names.map((name) => [name, [0, ANY, () => refuse(name, why)]] as const));
}

function emptyString(): never {
  throw new RubyError('empty string');
}
