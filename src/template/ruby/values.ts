/**
 * Ruby values as the evaluator holds them. nil is null; true, false are themselves; an Integer is a number
 * while it is exact and a bigint beyond; an Array is a JavaScript array. The rest are the classes here.
 */

import { RubyError } from '../errors.ts';
import type { MethodTable } from './core/table.ts';

export type Integer = number | bigint;

export type Value =
  | null
  | boolean
  | Integer
  | RFloat
  | RRational
  | RTime
  | RDate
  | RString
  | RSymbol
  | Value[]
  | RHash
  | RRange
  | RRegexp
  | RMatch
  | REnumerator
  | RClass
  | RObject;

/** Mutable: templates do `s << x` and `gsub!`. */
export class RString {
  text: string;
  frozen = false;
  constructor(text: string) {
    this.text = text;
  }
}

/** Not interned: a table of every symbol a template ever made would only grow. Equal by name. */
export class RSymbol {
  readonly name: string;
  readonly identity: string;
  constructor(name: string) {
    this.name = name;
    this.identity = `\0y${name}`;
  }
}

export class RFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** In lowest terms, the denominator greater than 0. Templates get one from dates; see `rational` to make one. */
export class RRational {
  readonly numerator: bigint;
  readonly denominator: bigint;
  constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator;
    this.denominator = denominator;
  }
}

/** A moment with the offset it is shown at, which `utc` and `localtime` change in place. */
export class RTime {
  /** Seconds since 1970, exact. */
  readonly epoch: RRational;
  /** Seconds east of Greenwich. */
  offset: number;
  /** `local` is UTC too, the local zone of templates, but does not call itself so. */
  zone: 'utc' | 'local' | 'fixed';
  frozen = false;
  constructor(epoch: RRational, offset: number, zone: RTime['zone']) {
    this.epoch = epoch;
    this.offset = offset;
    this.zone = zone;
  }
}

export class RDate {
  frozen = false;
  /** Nanoseconds in UTC since the midnight that begins Julian day number 0. */
  readonly nanoseconds: bigint;
  /** Seconds east of Greenwich; 0 unless it is a DateTime. */
  readonly offset: number;
  /** The Julian day number on which the Gregorian calendar begins; infinite for one calendar only. */
  readonly start: number;
  constructor(nanoseconds: bigint, offset: number, start: number) {
    this.nanoseconds = nanoseconds;
    this.offset = offset;
    this.start = start;
  }
}

export class RDateTime extends RDate {}

export class RRange {
  readonly first: Value;
  readonly last: Value;
  readonly excludesLast: boolean;
  constructor(first: Value, last: Value, excludesLast: boolean) {
    this.first = first;
    this.last = last;
    this.excludesLast = excludesLast;
  }
}

export class RRegexp {
  /** As written, for inspect. */
  readonly source: string;
  readonly options: string;
  /** Translated, with the flags `gu` and what the options need; reset lastIndex before use. */
  readonly pattern: RegExp;
  constructor(source: string, options: string, pattern: RegExp) {
    this.source = source;
    this.options = options;
    this.pattern = pattern;
  }
}

export class RMatch {
  readonly match: RegExpExecArray;
  /** What was matched; to be run again for where the groups are. */
  readonly pattern: RegExp;
  constructor(match: RegExpExecArray, pattern: RegExp) {
    this.match = match;
    this.pattern = pattern;
  }
}

/** What `each` and its like answer when they get no block. */
export class REnumerator {
  readonly receiver: Value;
  readonly method: string;
  readonly args: readonly Value[];
  constructor(receiver: Value, method: string, args: readonly Value[]) {
    this.receiver = receiver;
    this.method = method;
    this.args = args;
  }
}

/** A constant that templates may name, for `is_a?` and `case`. */
export class RClass {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A host, a subnet …: only what its table allows can be read from it. */
export class RObject {
  readonly className: string;
  readonly methods: MethodTable;
  readonly data: unknown;
  /** The record it stands for: two objects of one record are equal. */
  readonly record: unknown;
  constructor(className: string, methods: MethodTable, data: unknown, record: unknown = data) {
    this.className = className;
    this.methods = methods;
    this.data = data;
    this.record = record;
  }
}

/** Insertion-ordered, keyed by Ruby's eql?. */
export class RHash {
  private readonly entries = new Map<unknown, [Value, Value]>();
  frozen = false;
  fallback: Value = null;
  /** How many blocks are walking through it. */
  walkers = 0;

  get size(): number {
    return this.entries.size;
  }

  get(key: Value): Value | undefined {
    return this.entries.get(identityOf(key))?.[1];
  }

  has(key: Value): boolean {
    return this.entries.has(identityOf(key));
  }

  set(key: Value, value: Value): void {
    const identity = identityOf(key);
    const entry = this.entries.get(identity);
    if (entry !== undefined) entry[1] = value;
    else if (this.walkers > 0) throw new RubyError("can't add a new key into hash during iteration");
    else this.entries.set(identity, [ownKey(key), value]);
  }

  /** After keys were changed in place: looks at them anew. */
  rehash(): void {
    const pairs = this.pairs();
    this.entries.clear();
    for (const [key, value] of pairs) this.set(key, value);
  }

  delete(key: Value): Value | undefined {
    const identity = identityOf(key);
    const value = this.entries.get(identity)?.[1];
    this.entries.delete(identity);
    return value;
  }

  clear(): void {
    this.entries.clear();
  }

  keys(): Value[] {
    return Array.from(this.entries.values(), ([key]) => key);
  }

  values(): Value[] {
    return Array.from(this.entries.values(), ([, value]) => value);
  }

  pairs(): [Value, Value][] {
    return Array.from(this.entries.values(), ([key, value]) => [key, value]);
  }

  static from(pairs: Iterable<readonly [Value, Value]>): RHash {
    const hash = new RHash();
    for (const [key, value] of pairs) hash.set(key, value);
    return hash;
  }
}

/** Ruby copies and freezes string keys, so that changing the string later does not lose the entry. */
function ownKey(key: Value): Value {
  if (!(key instanceof RString) || key.frozen) return key;
  const own = new RString(key.text);
  own.frozen = true;
  return own;
}

/** Two values have the same identity when Ruby's eql? holds: 1 and 1.0 differ, equal strings do not. */
export function identityOf(value: Value): unknown {
  if (value instanceof RString) return value.text.startsWith('\0') ? `\0s${value.text}` : value.text;
  if (value instanceof RSymbol) return value.identity;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof RObject) return value.record;
  return compound(value, { open: [], left: MAX_PARTS });
}

/** Parts of a value that are looked at before it is refused: nested lists may name one list many times. */
const MAX_PARTS = 500_000;

/** What is being spelled out, outermost first, so that a list within itself has an end. */
type Spelling = { readonly open: Value[]; left: number };

function compound(value: Value & object, spelling: Spelling): unknown {
  if (Array.isArray(value) || value instanceof RHash) return nested(value, spelling);
  if (value instanceof RFloat) return `\0f${value.value + 0}`;
  if (value instanceof RRational) return `\0q${value.numerator}/${value.denominator}`;
  if (value instanceof RTime) return `\0t${value.epoch.numerator}/${value.epoch.denominator}`;
  if (value instanceof RDate) return `\0d${value.nanoseconds}`;
  if (value instanceof RRange)
    return `\0r${spelled(value.first, spelling)}${spelled(value.last, spelling)}${value.excludesLast}`;
  if (value instanceof RRegexp) return `\0x${value.options}/${value.source}`;
  if (value instanceof RClass) return `\0c${value.name}`;
  return value;
}

function nested(value: Value[] | RHash, spelling: Spelling): string {
  const { open } = spelling;
  const at = open.lastIndexOf(value);
  if (at >= 0) return `\0^${open.length - at}`;
  open.push(value);
  const text = Array.isArray(value)
    ? `\0a${value.map((item) => spelled(item, spelling)).join('')}`
    : `\0h${value
        .pairs()
        .map(([key, item]) => spelled(key, spelling) + spelled(item, spelling))
        .sort()
        .join('')}`;
  open.pop();
  return text;
}

const objectNumbers = new WeakMap<object, number>();
let nextNumber = 0;

/** `hash`: the same number for what is eql?, small enough to stay exact. */
export function hashOf(value: Value): number {
  let hash = 0x811c9dc5;
  for (const char of spelled(value, { open: [], left: MAX_PARTS }))
    hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return hash;
}

/** An identity as text that no other identity is a prefix of. */
function spelled(value: Value, spelling: Spelling): string {
  if (--spelling.left < 0) throw new RubyError('the value is nested too deeply to be compared');
  const plain = typeof value !== 'object' || value === null || value instanceof RString;
  const identity =
    plain || value instanceof RSymbol || value instanceof RObject
      ? identityOf(value)
      : compound(value, spelling);
  let text: string;
  if (typeof identity === 'object' && identity !== null) {
    let number = objectNumbers.get(identity);
    if (number === undefined) objectNumbers.set(identity, (number = ++nextNumber));
    text = `o${number}`;
  } else {
    text = `${typeof identity === 'bigint' ? 'number' : typeof identity} ${String(identity)}`;
  }
  return `${text.length}:${text}`;
}

/** Only nil and false are false: 0 and "" are true. */
export function truthy(value: Value): boolean {
  return value !== null && value !== false;
}

export function str(text: string): RString {
  return new RString(text);
}

export function sym(name: string): RSymbol {
  return new RSymbol(name);
}

export function isInteger(value: Value): value is Integer {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Back to a number where that is exact. */
export function integer(value: Integer): Integer {
  if (typeof value === 'number') return value;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

const CLASS_NAMES: readonly (readonly [abstract: unknown, name: string])[] = [
  [RString, 'String'],
  [RSymbol, 'Symbol'],
  [RFloat, 'Float'],
  [RRational, 'Rational'],
  [RTime, 'Time'],
  [RDate, 'Date'],
  [RDateTime, 'DateTime'],
  [RHash, 'Hash'],
  [RRange, 'Range'],
  [RRegexp, 'Regexp'],
  [RMatch, 'MatchData'],
  [REnumerator, 'Enumerator'],
  [RClass, 'Class'],
];

export function classNameOf(value: Value): string {
  if (value === null) return 'NilClass';
  if (typeof value === 'boolean') return value ? 'TrueClass' : 'FalseClass';
  if (isInteger(value)) return 'Integer';
  if (Array.isArray(value)) return 'Array';
  if (value instanceof RObject) return value.className;
  return CLASS_NAMES.find(([type]) => value.constructor === type)?.[1] ?? 'Object';
}

/** How an error names the receiver: `nil`, `an instance of String`, `host`. */
export function describe(value: Value): string {
  if (value === null || typeof value === 'boolean') return value === null ? 'nil' : String(value);
  if (value instanceof RObject) return value.className.toLowerCase();
  return `an instance of ${classNameOf(value)}`;
}
