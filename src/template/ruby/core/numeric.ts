/** What integers, floats and fractions have in common: comparing, coercing, stepping. */

import { RubyError } from '../../errors.ts';
import { keyword, numeric, wantCount } from '../arguments.ts';
import type { Half } from '../float.ts';
import {
  compareRational,
  multiply,
  rational,
  rationalOfFloat,
  rationalToFloat,
  subtract,
  toRational,
} from '../rational.ts';
import type { Block, Runtime } from '../runtime.ts';
import {
  describe,
  type Integer,
  integer,
  isInteger,
  REnumerator,
  RFloat,
  RHash,
  RRational,
  RString,
  RSymbol,
  type Value,
} from '../values.ts';
import { aliases, type MethodBody, methods } from './table.ts';

/** Integers of more bits than this are refused: nobody boots from them. */
const MAX_BITS = 4096;

export function checkBits(bits: number): void {
  if (bits > MAX_BITS)
    throw new RubyError(`integers of more than ${MAX_BITS} bits are not allowed in templates`);
}

export function bitsOf(value: Integer): number {
  const size = value < 0 ? -BigInt(value) : BigInt(value);
  return size.toString(16).length * 4;
}

/** Integer, Float or Rational as a double, or undefined. */
export function asFloat(value: Value | undefined): number | undefined {
  return value instanceof RRational ? rationalToFloat(value) : numeric(value);
}

export function wantNumber(value: Value | undefined): number {
  const number = asFloat(value);
  if (number === undefined) throw new RubyError(`${describe(value ?? null)} can't be coerced into a number`);
  return number;
}

export function wantInteger(value: Value | undefined): Integer {
  if (value !== undefined && isInteger(value)) return value;
  throw new RubyError(`an Integer is needed, not ${describe(value ?? null)}`);
}

export function order(self: Value, other: Value | undefined): number | null {
  if (other !== undefined && isInteger(self) && isInteger(other))
    return self < other ? -1 : self > other ? 1 : 0;
  const [a, b] = [asFloat(self), asFloat(other)];
  if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b)) return null;
  if (Number.isFinite(a) && Number.isFinite(b)) return compareRational(toRational(self)!, toRational(other)!);
  return a < b ? -1 : a > b ? 1 : 0;
}

function ordered(accept: (order: number) => boolean): MethodBody<Value> {
  return (self, [other]) => {
    const result = order(self, other);
    if (result !== null) return accept(result);
    if (asFloat(other) === undefined)
      throw new RubyError(`comparison of ${describe(self)} with ${describe(other!)} failed`);
    return false;
  };
}

/** A double cut to an Integer; infinities and NaN have none. */
export function toInteger(value: number): Integer {
  if (!Number.isFinite(value)) throw new RubyError(`${value} is no Integer`);
  return Number.isSafeInteger(value) ? value + 0 : integer(BigInt(value));
}

/** The keyword `half:` of `round`. */
export function halfOf(args: readonly Value[]): Half {
  const half = keyword(args, 'half') ?? null;
  if (half === null) return 'up';
  const name = half instanceof RSymbol ? half.name : half instanceof RString ? half.text : '';
  if (name === 'up' || name === 'down' || name === 'even') return name;
  throw new RubyError(`invalid rounding mode: ${name}`);
}

/** Decimal places, the first argument of `round`, `floor` and `ceil`. */
export function placesOf([places]: readonly Value[]): number {
  if (places === undefined || places instanceof RHash) return 0;
  return wantCount(places);
}

export const floorBig = (a: bigint, unit: bigint): bigint => {
  const rest = a % unit;
  return rest === 0n ? a : a - rest - (a < 0n ? unit : 0n);
};

/** Integer#round(-2) and its like. */
export function roundTo(
  self: Integer,
  places: number,
  rounding: (a: bigint, unit: bigint) => bigint,
): Integer {
  if (places >= 0) return self;
  checkBits(-places * 3.33);
  return integer(rounding(BigInt(self), 10n ** BigInt(-places)));
}

export function roundBig(half: Half): (a: bigint, unit: bigint) => bigint {
  return (a, unit) => {
    const size = a < 0n ? -a : a;
    const rest = size % unit;
    const up = half === 'up' || (half === 'even' && (size / unit) % 2n === 1n);
    const rounded = rest * 2n > unit || (rest * 2n === unit && up) ? size - rest + unit : size - rest;
    return a < 0n ? -rounded : rounded;
  };
}

type Steps = { readonly limit: Value; readonly by: Value };

function stepsOf(args: readonly Value[]): Steps {
  const [first = null, second = 1] = args;
  if (!(args.at(-1) instanceof RHash)) return { limit: first, by: second };
  const [to, by] = [keyword(args, 'to'), keyword(args, 'by')];
  if ((to !== undefined && args.length > 1) || (by !== undefined && args.length > 2))
    throw new RubyError('the same argument is given twice to step');
  return { limit: to ?? (args.length > 1 ? first : null), by: by ?? (args.length > 2 ? second : 1) };
}

/** How many steps fit between two floats, the error of doubles allowed for (numeric.c, ruby_float_step_size). */
export function floatSteps(from: number, to: number, by: number, excludesLast: boolean): number {
  const count = (to - from) / by;
  const error = Math.min(
    0.5,
    ((Math.abs(from) + Math.abs(to) + Math.abs(to - from)) / Math.abs(by)) * Number.EPSILON,
  );
  if (!Number.isFinite(by)) return (by > 0 ? from <= to : from >= to) ? 1 : 0;
  if (!excludesLast) return count < 0 ? 0 : Math.floor(count + error) + 1;
  if (count <= 0) return 0;
  const whole = count < 1 ? 0 : Math.floor(count - error);
  return whole + (whole * by + from < to === by > 0 || whole === 0 ? 1 : 0);
}

/** Calls the block with numbers a step apart; `limit` nil means without end. */
export function eachStep(
  from: Value,
  limit: Value,
  by: Value,
  excludesLast: boolean,
  rt: Runtime,
  block: Block,
): void {
  const step = wantNumber(by);
  if (step === 0) throw new RubyError("step can't be 0");
  const last = limit === null ? (step > 0 ? 1 : -1) * Number.POSITIVE_INFINITY : wantNumber(limit);
  if ([from, limit, by].some((value) => value instanceof RFloat)) {
    const first = wantNumber(from);
    const count = floatSteps(first, last, step, excludesLast);
    for (let i = 0; i < count; i++) {
      rt.budget.step();
      const value = i * step + first;
      block(new RFloat(!excludesLast && (step >= 0 ? last < value : value < last) ? last : value));
    }
    return;
  }
  for (let value = from; ; value = rt.send(value, '+', [by])) {
    const position = limit === null ? -1 : order(value, limit)! * Math.sign(step);
    if (position > 0 || (excludesLast && position === 0)) return;
    block(value);
  }
}

/** The nearest double to the quotient; of integers that are too great for one, too. */
function floatQuotient(a: Value, b: Value): number {
  const small = Number.isSafeInteger(a) && Number.isSafeInteger(b);
  if (small || !isInteger(a) || !isInteger(b) || b === 0) return wantNumber(a) / wantNumber(b);
  const { numerator, denominator } = rational(BigInt(a), BigInt(b));
  const words = [numerator, denominator].every((part) => part < 1n << 62n && part >= -(1n << 62n));
  return words ? Number(numerator) / Number(denominator) : rationalToFloat(rational(numerator, denominator));
}

/** Numbers as text for `coerce`. */
function floatOf(value: Value | undefined): RFloat {
  if (value instanceof RString) {
    const text = value.text.trim().replace(/(?<=\d)_(?=\d)/g, '');
    if (!/^[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|0x[\da-f]+)$/i.test(text))
      throw new RubyError('the value for Float() is invalid');
    return new RFloat(Number(text));
  }
  return new RFloat(wantNumber(value));
}

export const NUMERIC = aliases(
  methods<Value>({
    '<=>': [1, (self, [other]) => order(self, other)],
    '==': [1, (self, [other]) => order(self, other) === 0],
    '<': [1, ordered((result) => result < 0)],
    '<=': [1, ordered((result) => result <= 0)],
    '>': [1, ordered((result) => result > 0)],
    '>=': [1, ordered((result) => result >= 0)],
    'zero?': [0, (self) => asFloat(self) === 0],
    'nonzero?': [0, (self) => (asFloat(self) === 0 ? null : self)],
    'positive?': [0, (self) => asFloat(self)! > 0],
    'negative?': [0, (self) => asFloat(self)! < 0],
    'finite?': [0, () => true],
    'infinite?': [0, () => null],
    '+@': [0, (self) => self],
    'integer?': [0, (self) => isInteger(self)],
    fdiv: [1, (self, [other]) => new RFloat(floatQuotient(self, other!))],
    to_f: [0, (self) => new RFloat(wantNumber(self))],
    coerce: [
      1,
      (self, [other]) =>
        isInteger(self) && isInteger(other!) ? [other, self] : [floatOf(other), floatOf(self)],
    ],
    remainder: [
      1,
      (self, [other], rt) => {
        const rest = rt.send(self, '%', [other!]);
        const differ = wantNumber(self) < 0 !== wantNumber(other) < 0;
        const zero = asFloat(rest) === 0;
        return differ && !zero ? rt.send(rest, '-', [other!]) : rest;
      },
    ],
    step: [
      0,
      3,
      (self, args, rt, block) => {
        const { limit, by } = stepsOf(args);
        if (block === undefined) {
          if (wantNumber(by) === 0) throw new RubyError("step can't be 0");
          return new REnumerator(self, 'step', args);
        }
        eachStep(self, limit, by, false, rt, block);
        return self;
      },
    ],
    'blank?': [0, () => false],
  }),
  { '===': '==' },
);

/** Modulo of fractions, for what neither integers nor floats can do. */
export function rationalModulo(a: RRational, b: RRational): RRational {
  const quotient = rational(a.numerator * b.denominator, a.denominator * b.numerator);
  const whole = quotient.numerator / quotient.denominator;
  const floor =
    quotient.numerator % quotient.denominator !== 0n && quotient.numerator < 0n ? whole - 1n : whole;
  return subtract(a, multiply(b, rational(floor)));
}

export function exact(value: Value): RRational {
  return toRational(value) ?? rationalOfFloat(wantNumber(value));
}
