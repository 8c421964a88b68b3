/** `format` and `String#%`. */

import { RubyError } from '../errors.ts';
import { numeric } from './arguments.ts';
import { floatText } from './core/number.ts';
import type { Runtime } from './runtime.ts';
import { type Integer, integer, isInteger, RFloat, RHash, RString, RSymbol, type Value } from './values.ts';

const DIRECTIVE = /%(?:([-+ 0#]*)(?:<(\w+)>)?([-+ 0#]*)(\*|\d+)?(?:\.(\d+))?([a-zA-Z%])|\{(\w+)\})/g;

/** Wider than this is refused before the padding is made. */
const MAX_WIDTH = 10_000;

export function format(template: string, args: readonly Value[], rt: Runtime): string {
  let used = 0;
  const take = (): Value => {
    if (used >= args.length) throw new RubyError('too few arguments for the format');
    return args[used++]!;
  };
  const named = (name: string): Value => {
    const value = args[0] instanceof RHash ? args[0].get(new RSymbol(name)) : undefined;
    if (value === undefined) throw new RubyError(`the format wants <${name}>, which is not given`);
    return value;
  };
  return template.replace(
    DIRECTIVE,
    (
      whole,
      before: string,
      name: string,
      after: string,
      width: string,
      precision: string,
      type: string,
      plain: string,
    ) => {
      if (plain !== undefined) return rt.text(named(plain));
      if (type === '%') return '%';
      const flags = `${before}${after}`;
      const size = width === '*' ? Number(numeric(take()) ?? 0) : Number(width ?? 0);
      if (Math.abs(size) > MAX_WIDTH || Number(precision ?? 0) > 100)
        throw new RubyError(`${whole} is too wide`);
      const value = name === undefined ? take() : named(name);
      const digits = precision === undefined ? undefined : Number(precision);
      const text = convert(type, value, flags, digits, rt);
      return pad(text, size, flags, /[sc]/.test(type) || (digits !== undefined && !/[feEgG]/.test(type)));
    },
  );
}

function pad(text: string, size: number, flags: string, textual: boolean): string {
  if (flags.includes('-') || size < 0) return text.padEnd(Math.abs(size));
  if (!flags.includes('0') || textual) return text.padStart(size);
  const [, sign, digits] = /^([-+ ]?(?:0[xb])?)(.*)$/s.exec(text)!;
  return sign + digits!.padStart(size - sign!.length, '0');
}

function convert(
  type: string,
  value: Value,
  flags: string,
  precision: number | undefined,
  rt: Runtime,
): string {
  switch (type) {
    case 's':
      return rt.text(value).slice(0, precision);
    case 'p':
      return rt.inspect(value).slice(0, precision);
    case 'c':
      return isInteger(value) ? String.fromCodePoint(Number(value)) : rt.text(value).slice(0, 1);
    case 'd':
    case 'i':
    case 'u':
      return signed(toInteger(value).toString(), flags, precision);
    case 'x':
    case 'X':
    case 'o':
    case 'b': {
      const base = type === 'o' ? 8 : type === 'b' ? 2 : 16;
      const prefix = flags.includes('#') ? { x: '0x', X: '0X', o: '0', b: '0b' }[type] : '';
      const text = signed(toInteger(value).toString(base), flags, precision).replace(
        /^([-+ ]?)/,
        `$1${prefix}`,
      );
      return type === 'X' ? text.toUpperCase() : text;
    }
    case 'f':
      return signed(toFloat(value).toFixed(precision ?? 6), flags, undefined);
    case 'e':
    case 'E': {
      const text = toFloat(value)
        .toExponential(precision ?? 6)
        .replace(/e([-+])(\d)$/, 'e$10$2');
      return signed(type === 'E' ? text.toUpperCase() : text, flags, undefined);
    }
    case 'g':
    case 'G': {
      const text = floatText(Number(toFloat(value).toPrecision(precision === 0 ? 1 : (precision ?? 6))));
      return signed(text.replace(/\.0$/, ''), flags, undefined);
    }
    default:
      throw new RubyError(`malformed format: %${type}`);
  }
}

function signed(text: string, flags: string, precision: number | undefined): string {
  const negative = text.startsWith('-');
  const digits = (negative ? text.slice(1) : text).padStart(precision ?? 0, '0');
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + digits;
}

function toInteger(value: Value): Integer {
  if (isInteger(value)) return value;
  if (value instanceof RFloat && Number.isFinite(value.value))
    return integer(BigInt(Math.floor(value.value)));
  if (value instanceof RString && /^\s*[-+]?\d+\s*$/.test(value.text))
    return integer(BigInt(value.text.trim()));
  throw new RubyError('the format wants an Integer');
}

function toFloat(value: Value): number {
  const number = value instanceof RString ? Number(value.text) : numeric(value);
  if (number === undefined || Number.isNaN(number)) throw new RubyError('the format wants a number');
  return number;
}
