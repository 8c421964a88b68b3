/** `format` and `String#%`. */

import { RubyError } from '../errors.ts';
import { asFloat } from './core/numeric.ts';
import { exponentialText, fixedText, generalText, hexText } from './float.ts';
import { truncated } from './rational.ts';
import type { Runtime } from './runtime.ts';
import { characters, lengthOf, slice } from './text.ts';
import {
  describe,
  type Integer,
  integer,
  isInteger,
  RFloat,
  RHash,
  RRational,
  RString,
  RSymbol,
  type Value,
} from './values.ts';

/** Wider than this is refused before the padding is made. */
const MAX_WIDTH = 10_000;
const MAX_PRECISION = 1000;

type Directive = {
  flags: string;
  width: number | undefined;
  precision: number | undefined;
  /** The argument, when it is named or numbered. */
  value: Value | undefined;
  type: string;
};

/** Reads a format string from left to right; arguments are used up on the way. */
class Formatter {
  private readonly template: string;
  private readonly args: readonly Value[];
  private readonly rt: Runtime;
  private position = 0;
  private used = 0;

  constructor(template: string, args: readonly Value[], rt: Runtime) {
    this.template = template;
    this.args = args;
    this.rt = rt;
  }

  run(): string {
    let result = '';
    for (;;) {
      const percent = this.template.indexOf('%', this.position);
      if (percent < 0) return result + this.template.slice(this.position);
      result += this.template.slice(this.position, percent);
      this.position = percent + 1;
      const piece = this.convert(this.directive());
      this.rt.budget.characters(piece.length);
      result += piece;
    }
  }

  private take(): Value {
    if (this.used >= this.args.length) throw new RubyError('too few arguments for the format');
    return this.args[this.used++]!;
  }

  private named(name: string): Value {
    const [hash] = this.args;
    if (!(hash instanceof RHash) || this.args.length > 1) throw new RubyError('one hash required');
    const value = hash.get(new RSymbol(name)) ?? hash.fallback;
    if (value === null && !hash.has(new RSymbol(name))) throw new RubyError(`key<${name}> not found`);
    return value;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.template);
    if (match !== null) this.position = pattern.lastIndex;
    return match;
  }

  private directive(): Directive {
    const directive: Directive = {
      flags: '',
      width: undefined,
      precision: undefined,
      value: undefined,
      type: '',
    };
    while (directive.type === '') {
      if (!this.part(directive)) {
        const type = this.match(/[\s\S]/uy);
        if (type === null) throw new RubyError('incomplete format specifier; use %% (double %) instead');
        directive.type = type[0];
      }
    }
    return directive;
  }

  /** Takes a flag, a width, a precision or a name; false at the letter that ends the directive. */
  private part(directive: Directive): boolean {
    const flag = this.match(/[-+ 0#]/y);
    if (flag !== null) {
      directive.flags += flag[0];
      return true;
    }
    const position = this.match(/([1-9]\d*)\$/y);
    if (position !== null) {
      const value = this.args[Number(position[1]) - 1];
      if (value === undefined) throw new RubyError('too few arguments for the format');
      directive.value = value;
      return true;
    }
    return this.size(directive) || this.name(directive);
  }

  private size(directive: Directive): boolean {
    const width = this.match(/\d+|\*/y);
    if (width !== null) {
      if (directive.width !== undefined) throw new RubyError('width given twice');
      const size = width[0] === '*' ? this.count() : Number(width[0]);
      if (size < 0) directive.flags += '-';
      directive.width = limited(Math.abs(size), MAX_WIDTH);
      return true;
    }
    const precision = this.match(/\.(\d+|\*)?/y);
    if (precision === null) return false;
    if (directive.precision !== undefined) throw new RubyError('precision given twice');
    const digits = precision[1] === '*' ? this.count() : Number(precision[1] ?? 0);
    if (digits >= 0) directive.precision = limited(digits, MAX_PRECISION);
    return true;
  }

  private count(): number {
    const value = this.take();
    if (typeof value !== 'number')
      throw new RubyError(`no implicit conversion of ${describe(value)} into Integer`);
    return value;
  }

  private name(directive: Directive): boolean {
    const name = this.match(/<([^>]*)>|\{([^}]*)\}/y);
    if (name === null) return false;
    if (directive.value !== undefined) throw new RubyError(`named${name[0]} after another name or number`);
    directive.value = this.named(name[1] ?? name[2]!);
    if (name[2] !== undefined) directive.type = 's';
    return true;
  }

  private convert(directive: Directive): string {
    const { type, flags, width, precision } = directive;
    if (type === '%' || type === '\n' || type === '\0') {
      if (flags !== '' || width !== undefined || precision !== undefined || directive.value !== undefined)
        throw new RubyError('invalid format character - %');
      return type === '%' ? '%' : `%${type}`;
    }
    const convert = CONVERSIONS[type];
    if (convert === undefined) throw new RubyError(`malformed format string - %${type}`);
    return convert(directive.value ?? (directive.value === null ? null : this.take()), directive, this.rt);
  }
}

export function format(template: string, args: readonly Value[], rt: Runtime): string {
  return new Formatter(template, args, rt).run();
}

function limited(size: number, most: number): number {
  if (size > most) throw new RubyError(`widths of more than ${most} are not allowed in formats`);
  return size;
}

type Conversion = (value: Value, directive: Directive, rt: Runtime) => string;

function blanks(text: string, { flags, width = 0 }: Directive): string {
  const missing = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return flags.includes('-') ? text + missing : missing + text;
}

function textual(text: string, directive: Directive): string {
  const { precision } = directive;
  return blanks(precision === undefined ? text : slice(text, 0, precision), directive);
}

/** A number of a sign, a prefix and digits; zeros go between prefix and digits. */
function numeral(sign: string, prefix: string, digits: string, directive: Directive, zeros: boolean): string {
  const { flags, width = 0 } = directive;
  if (!zeros || !flags.includes('0') || flags.includes('-')) return blanks(sign + prefix + digits, directive);
  return sign + prefix + digits.padStart(width - sign.length - prefix.length, '0');
}

function signOf(negative: boolean, { flags }: Directive): string {
  if (negative) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function decimal(value: Value, directive: Directive): string {
  const number = wantInteger(value);
  const digits = digitsOf(number, 10, directive);
  return numeral(signOf(number < 0, directive), '', digits, directive, directive.precision === undefined);
}

/** Without a sign; of 0 in no places there is nothing. */
function digitsOf(number: Integer, base: number, { flags, precision }: Directive): string {
  if (precision === 0 && Number(number) === 0) return base === 8 && flags.includes('#') ? '0' : '';
  return (number < 0 ? -number : number).toString(base).padStart(precision ?? 0, '0');
}

const PREFIXES: Readonly<Record<string, string>> = { x: '0x', X: '0X', o: '0', b: '0b', B: '0B' };

function based(base: 2 | 8 | 16): Conversion {
  return (value, directive) => {
    const { type, flags, precision } = directive;
    const number = BigInt(wantInteger(value));
    const signed = /[+ ]/.test(flags);
    const prefix = flags.includes('#') && number !== 0n ? PREFIXES[type]! : '';
    const large = (text: string) => (type === 'X' ? text.toUpperCase() : text);
    if (number >= 0n || signed) {
      const digits = digitsOf(number, base, directive);
      const octal = prefix === '0' && digits.startsWith('0') ? '' : prefix;
      return numeral(
        signOf(number < 0n, directive),
        octal,
        large(digits),
        directive,
        precision === undefined,
      );
    }
    const complementPrefix = type === 'o' ? '' : prefix;
    const digits = large(complement(number, base));
    const fill = digits[0]!;
    const zeros =
      flags.includes('0') && !flags.includes('-') ? (directive.width ?? 0) - complementPrefix.length : 0;
    return blanks(`${complementPrefix}..${digits.padStart((precision ?? zeros) - 2, fill)}`, directive);
  };
}

/** The digits of a negative number in two's complement, which goes on to the left for ever, from the last of those. */
function complement(number: bigint, base: 2 | 8 | 16): string {
  const bits = { 2: 1n, 8: 3n, 16: 4n }[base];
  let places = 1n;
  while (-(1n << (places * bits)) > number) places++;
  const digits = ((1n << (places * bits)) + number).toString(base).padStart(Number(places), '0');
  const fill = (base - 1).toString(base);
  return fill + digits.replace(new RegExp(`^${fill}+`), '');
}

function floating(print: (value: number, directive: Directive) => string): Conversion {
  return (value, directive) => {
    const number = wantFloat(value);
    const negative = number < 0 || Object.is(number, -0);
    const sign = signOf(negative, directive);
    if (Number.isNaN(number)) return blanks(`${sign}NaN`, directive);
    if (!Number.isFinite(number)) return blanks(`${sign}Inf`, directive);
    const text = print(Math.abs(number), directive);
    const [, prefix = '', digits = ''] = /^(0x)?(.*)$/is.exec(text)!;
    return numeral(sign, prefix, digits, directive, true);
  };
}

/** `%f` of an Integer is exact, however large. */
function fixed(value: Value, directive: Directive, rt: Runtime): string {
  const { flags, precision = 6 } = directive;
  if (value !== null && isInteger(value)) {
    const digits = String(value < 0 ? -value : value) + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
    return numeral(signOf(value < 0, directive), '', digits, directive, true);
  }
  const point = precision === 0 && flags.includes('#') ? '.' : '';
  const print = (number: number) => fixedText(number, precision) + point;
  return floating(print)(value, directive, rt);
}

function exponential(number: number, { flags, precision = 6 }: Directive): string {
  const text = exponentialText(number, precision);
  return flags.includes('#') && precision === 0 ? text.replace('e', '.e') : text;
}

function general(number: number, { flags, precision = 6 }: Directive): string {
  return generalText(number, precision, flags.includes('#'));
}

function hexadecimal(number: number, { flags, precision }: Directive): string {
  const text = hexText(number, precision);
  return flags.includes('#') && !text.includes('.') ? text.replace('p', '.p') : text;
}

function large(conversion: Conversion): Conversion {
  return (value, directive, rt) => conversion(value, directive, rt).toUpperCase();
}

function character(value: Value, directive: Directive): string {
  const text = isInteger(value) ? codePoint(value) : value instanceof RString ? value.text : undefined;
  const [first, second] = characters(text ?? '');
  if (first === undefined || second !== undefined) throw new RubyError('%c requires a character');
  return textual(first, directive);
}

function codePoint(code: Integer): string {
  if (code < 0 || code > 0x10ffff) throw new RubyError(`invalid character ${code}`);
  return String.fromCodePoint(Number(code));
}

const CONVERSIONS: Readonly<Record<string, Conversion | undefined>> = Object.assign(Object.create(null), {
  s: (value: Value, directive: Directive, rt: Runtime) => textual(rt.text(value), directive),
  p: (value: Value, directive: Directive, rt: Runtime) => textual(rt.inspect(value), directive),
  c: character,
  d: decimal,
  i: decimal,
  u: decimal,
  x: based(16),
  X: based(16),
  o: based(8),
  b: based(2),
  B: based(2),
  f: fixed,
  e: floating(exponential),
  E: large(floating(exponential)),
  g: floating(general),
  G: large(floating(general)),
  a: floating(hexadecimal),
  A: large(floating(hexadecimal)),
});

/** As Kernel#Integer reads it. */
function wantInteger(value: Value): Integer {
  if (isInteger(value)) return value;
  if (value instanceof RFloat) {
    if (!Number.isFinite(value.value)) throw new RubyError(`${value.value} is no Integer`);
    return integer(BigInt(Math.trunc(value.value)));
  }
  if (value instanceof RRational) return truncated(value);
  if (value instanceof RString) return parsed(value.text);
  throw new RubyError(`can't convert ${describe(value)} into Integer`);
}

function parsed(text: string): Integer {
  const match = /^\s*([-+]?)(0[xbodXBOD])?([\da-fA-F]+(?:_[\da-fA-F]+)*)\s*$/.exec(text);
  const digits = (match?.[3] ?? '').replaceAll('_', '');
  const octal = match?.[2] === undefined && /^0\d/.test(digits) ? '0o' : '';
  const prefix = (match?.[2] ?? octal).toLowerCase().replace('0d', '');
  try {
    if (match === null || digits.length > MAX_PRECISION) throw new SyntaxError();
    const size = BigInt(prefix + digits);
    return integer(match[1] === '-' ? -size : size);
  } catch {
    throw new RubyError(`invalid value for Integer(): ${text}`);
  }
}

/** As Kernel#Float reads it. */
function wantFloat(value: Value): number {
  const number = asFloat(value);
  if (number !== undefined) return number;
  if (!(value instanceof RString)) throw new RubyError(`can't convert ${describe(value)} into Float`);
  const text = value.text.trim().replace(/(?<=\d)_(?=\d)/g, '');
  if (!/^[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|0x[\da-f]+)$/i.test(text))
    throw new RubyError(`invalid value for Float(): ${value.text}`);
  return Number(text);
}
