/** Integers without limit and floats, with Ruby's rounding and printing. */

import { RubyError } from '../../errors.ts';
import { numeric, wantCount } from '../arguments.ts';
import type { Runtime } from '../runtime.ts';
import {
  describe,
  type Integer,
  integer,
  isInteger,
  REnumerator,
  RFloat,
  str,
  type Value,
} from '../values.ts';
import { aliases, inherit, type MethodBody, methods } from './table.ts';

/** Integers of more bits than this are refused: nobody boots from them. */
const MAX_BITS = 4096;

/** `1.0`, `1.0e+20`, `1.0e-05`: Float#to_s. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  if (value === 0) return '0.0';
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 15) {
    const fixed = power >= 0 ? largeText(value, mantissa, power) : smallText(mantissa, power);
    return fixed.includes('.') ? fixed : `${fixed}.0`;
  }
  const sign = power < 0 ? '-' : '+';
  const digits = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return `${digits}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}

function largeText(value: number, mantissa: string, power: number): string {
  const digits = mantissa.replace(/[-.]/g, '').padEnd(power + 1, '0');
  const fraction = digits.slice(power + 1);
  return `${value < 0 ? '-' : ''}${digits.slice(0, power + 1)}${fraction === '' ? '' : `.${fraction}`}`;
}

function smallText(mantissa: string, power: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  return `${sign}0.${'0'.repeat(-power - 1)}${mantissa.replace(/[-.]/g, '')}`;
}

function floorDivide(a: Integer, b: Integer): Integer {
  if (b === 0) throw new RubyError('divided by 0');
  if (typeof a === 'number' && typeof b === 'number') {
    // The quotient of two exact numbers may round up to an integer it does not reach; this one is whole.
    const multiple = a - Number(floorModulo(a, b));
    if (Number.isSafeInteger(multiple)) return multiple / b + 0;
  }
  const x = BigInt(a);
  const y = BigInt(b);
  const quotient = x / y;
  return integer(x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient);
}

function floorModulo(a: Integer, b: Integer): Integer {
  if (b === 0) throw new RubyError('divided by 0');
  if (typeof a === 'number' && typeof b === 'number') {
    const rest = a % b;
    return (rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest) + 0;
  }
  const y = BigInt(b);
  const rest = BigInt(a) % y;
  return integer(rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest);
}

function checkBits(bits: number): void {
  if (bits > MAX_BITS)
    throw new RubyError(`integers of more than ${MAX_BITS} bits are not allowed in templates`);
}

function bitsOf(value: Integer): number {
  return BigInt(value).toString(16).length * 4;
}

function power(a: Integer, b: Integer): Value {
  const exponent = Number(b);
  if (exponent < 0)
    throw new RubyError('a negative power of an Integer is a Rational, which templates do not have');
  if (a !== 0 && a !== 1 && a !== -1) checkBits(bitsOf(a) * exponent);
  return integer(BigInt(a) ** BigInt(b));
}

type Operator = {
  readonly exact: (a: number, b: number) => number;
  readonly big: (a: bigint, b: bigint) => bigint;
};
const PLUS: Operator = { exact: (a, b) => a + b, big: (a, b) => a + b };
const MINUS: Operator = { exact: (a, b) => a - b, big: (a, b) => a - b };
const TIMES: Operator = { exact: (a, b) => a * b, big: (a, b) => a * b };

function wantNumber(value: Value | undefined): number {
  const number = numeric(value);
  if (number === undefined) throw new RubyError(`${describe(value ?? null)} can't be coerced into a number`);
  return number;
}

function wantInteger(value: Value | undefined): Integer {
  if (value !== undefined && isInteger(value)) return value;
  throw new RubyError(`an Integer is needed, not ${describe(value ?? null)}`);
}

function arithmetic({ exact, big }: Operator): MethodBody<Integer> {
  return (self, [other]) => {
    if (other instanceof RFloat) return new RFloat(exact(Number(self), other.value));
    if (!isInteger(other!)) return wantNumber(other);
    if (typeof self === 'number' && typeof other === 'number') {
      const result = exact(self, other);
      if (Number.isSafeInteger(result)) return result + 0;
    }
    const result = big(BigInt(self), BigInt(other!));
    checkBits(result > -(1n << 53n) && result < 1n << 53n ? 0 : bitsOf(result));
    return integer(result);
  };
}

function floatArithmetic(operate: (a: number, b: number) => number): MethodBody<RFloat> {
  return (self, [other]) => new RFloat(operate(self.value, wantNumber(other)));
}

function bitwise(operate: (a: bigint, b: bigint) => bigint): MethodBody<Integer> {
  return (self, [other]) => integer(operate(BigInt(self), BigInt(wantInteger(other))));
}

function shift(self: Integer, places: number): Integer {
  if (places < 0) return integer(BigInt(self) >> BigInt(-places));
  checkBits(bitsOf(self) + places);
  return integer(BigInt(self) << BigInt(places));
}

function order(self: Value, other: Value | undefined): number | null {
  if (other !== undefined && isInteger(self) && isInteger(other))
    return self < other ? -1 : self > other ? 1 : 0;
  const [a, b] = [numeric(self), numeric(other)];
  if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b)) return null;
  return a < b ? -1 : a > b ? 1 : 0;
}

function ordered(accept: (order: number) => boolean): MethodBody<Value> {
  return (self, [other]) => {
    const result = order(self, other);
    if (result !== null) return accept(result);
    if (numeric(other) === undefined)
      throw new RubyError(`comparison of ${describe(self)} with ${describe(other!)} failed`);
    return false;
  };
}

const NUMERIC = aliases(
  methods<Value>({
    '<=>': [1, (self, [other]) => order(self, other)],
    '==': [1, (self, [other]) => order(self, other) === 0],
    '<': [1, ordered((result) => result < 0)],
    '<=': [1, ordered((result) => result <= 0)],
    '>': [1, ordered((result) => result > 0)],
    '>=': [1, ordered((result) => result >= 0)],
    'zero?': [0, (self) => numeric(self) === 0],
    'nonzero?': [0, (self) => (numeric(self) === 0 ? null : self)],
    'positive?': [0, (self) => numeric(self)! > 0],
    'negative?': [0, (self) => numeric(self)! < 0],
    '+@': [0, (self) => self],
    'integer?': [0, (self) => isInteger(self)],
    fdiv: [1, (self, [other]) => new RFloat(numeric(self)! / wantNumber(other))],
    to_f: [0, (self) => new RFloat(numeric(self)!)],
    divmod: [
      1,
      (self, args, rt) => [rt.send(rt.send(self, '/', args), 'floor', []), rt.send(self, '%', args)],
    ],
    div: [1, (self, args, rt) => rt.send(rt.send(self, '/', args), 'floor', [])],
    step: [
      1,
      2,
      (self, [limit, by = 1], rt, block) => {
        const delta = wantNumber(by);
        if (delta === 0) throw new RubyError("step can't be 0");
        if (block === undefined) return new REnumerator(self, 'step', [limit!, by]);
        const rounds = Math.floor((wantNumber(limit) - wantNumber(self)) / delta + Number.EPSILON * 16);
        for (let i = 0; i <= rounds; i++) block(rt.send(self, '+', [rt.send(by, '*', [i])]));
        return self;
      },
    ],
  }),
  { '===': '==' },
);

/** Calls the block with every integer from `first` to `last` in steps of one, up or down. */
function count(
  first: number,
  last: number,
  direction: 1 | -1,
  rt: Runtime,
  visit: (value: number) => void,
): void {
  for (let i = first; direction * i <= direction * last; i += direction) {
    rt.budget.step();
    visit(i);
  }
}

/** Integer#round(-2) and its like. */
function roundTo(
  self: Integer,
  digits: Value | undefined,
  rounding: (a: bigint, unit: bigint) => bigint,
): Integer {
  const places = digits === undefined ? 0 : wantCount(digits);
  if (places >= 0) return self;
  const unit = 10n ** BigInt(Math.min(-places, MAX_BITS / 4));
  return integer(rounding(BigInt(self), unit));
}

const floorBig = (a: bigint, unit: bigint) => BigInt(floorDivide(a, unit)) * unit;
const halfAway = (a: bigint, unit: bigint) =>
  a < 0n ? -floorBig(-a + unit / 2n, unit) : floorBig(a + unit / 2n, unit);

export const INTEGER = aliases(
  inherit(
    NUMERIC,
    methods<Integer>({
      to_s: [0, 1, (self, [base]) => str(self.toString(base === undefined ? 10 : radix(base)))],
      to_i: [0, (self) => self],
      '+': [1, arithmetic(PLUS)],
      '-': [1, arithmetic(MINUS)],
      '*': [1, arithmetic(TIMES)],
      '/': [
        1,
        (self, [other]) =>
          other instanceof RFloat
            ? new RFloat(Number(self) / other.value)
            : floorDivide(self, wantInteger(other)),
      ],
      '%': [
        1,
        (self, [other]) =>
          other instanceof RFloat
            ? new RFloat(floatModulo(Number(self), other.value))
            : floorModulo(self, wantInteger(other)),
      ],
      '**': [
        1,
        (self, [other]) =>
          other instanceof RFloat ? new RFloat(Number(self) ** other.value) : power(self, wantInteger(other)),
      ],
      '-@': [0, (self) => integer(-BigInt(self))],
      '~': [0, (self) => integer(~BigInt(self))],
      '&': [1, bitwise((a, b) => a & b)],
      '|': [1, bitwise((a, b) => a | b)],
      '^': [1, bitwise((a, b) => a ^ b)],
      '<<': [1, (self, [places]) => shift(self, wantCount(places))],
      '>>': [1, (self, [places]) => shift(self, -wantCount(places))],
      '[]': [1, (self, [bit]) => integer((BigInt(self) >> BigInt(wantCount(bit))) & 1n)],
      abs: [0, (self) => (self < 0 ? integer(-BigInt(self)) : self)],
      succ: [0, (self) => integer(BigInt(self) + 1n)],
      pred: [0, (self) => integer(BigInt(self) - 1n)],
      'even?': [0, (self) => BigInt(self) % 2n === 0n],
      'odd?': [0, (self) => BigInt(self) % 2n !== 0n],
      floor: [0, 1, (self, [digits]) => roundTo(self, digits, floorBig)],
      ceil: [0, 1, (self, [digits]) => roundTo(self, digits, (a, unit) => -floorBig(-a, unit))],
      round: [0, 1, (self, [digits]) => roundTo(self, digits, halfAway)],
      truncate: [
        0,
        1,
        (self, [digits]) =>
          roundTo(self, digits, (a, unit) => (a < 0n ? -floorBig(-a, unit) : floorBig(a, unit))),
      ],
      chr: [0, 1, (self, args) => str(character(self, args.length > 0))],
      ord: [0, (self) => self],
      gcd: [1, (self, [other]) => integer(gcd(BigInt(self), BigInt(wantInteger(other))))],
      lcm: [
        1,
        (self, [other]) => {
          const [a, b] = [BigInt(self), BigInt(wantInteger(other))];
          return a === 0n || b === 0n ? 0 : integer(absolute(a * b) / gcd(a, b));
        },
      ],
      digits: [0, (self) => digitsOf(self)],
      bit_length: [
        0,
        (self) => (self < 0 ? ~BigInt(self) : BigInt(self)).toString(2).replace(/^0$/, '').length,
      ],
      times: [
        0,
        (self, _, rt, block) => {
          if (block === undefined) return new REnumerator(self, 'times', []);
          count(0, Number(self) - 1, 1, rt, block);
          return self;
        },
      ],
      upto: [
        1,
        (self, [last], rt, block) => {
          if (block === undefined) return new REnumerator(self, 'upto', [last!]);
          count(Number(self), wantNumber(last), 1, rt, block);
          return self;
        },
      ],
      downto: [
        1,
        (self, [last], rt, block) => {
          if (block === undefined) return new REnumerator(self, 'downto', [last!]);
          count(Number(self), wantNumber(last), -1, rt, block);
          return self;
        },
      ],
    }),
  ),
  { next: 'succ', pow: '**', modulo: '%', magnitude: 'abs', to_int: 'to_i', inspect: 'to_s' },
);

/** Without an encoding Ruby makes lone bytes of 128 to 255, which no template can mean. */
function character(code: Integer, encoded: boolean): string {
  if (code < 0 || code > (encoded ? 0x10ffff : 0x7f)) throw new RubyError(`${code} out of char range`);
  return String.fromCodePoint(Number(code));
}

function digitsOf(self: Integer): Value[] {
  if (self < 0) throw new RubyError('out of domain');
  return Array.from(String(self)).reverse().map(Number);
}

function radix(base: Value): number {
  const value = wantCount(base);
  if (value < 2 || value > 36) throw new RubyError(`invalid radix ${value}`);
  return value;
}

function absolute(a: bigint): bigint {
  return a < 0n ? -a : a;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return absolute(a);
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** A float cut to an Integer; infinities and NaN have none. */
function toInteger(value: number): Integer {
  if (!Number.isFinite(value)) throw new RubyError(`${floatText(value)} is no integer`);
  return Number.isSafeInteger(value) ? value + 0 : integer(BigInt(value));
}

/** To the given number of decimal places; without one, to an Integer. */
function rounded(self: RFloat, digits: Value | undefined, round: (value: number) => number): Value {
  const places = digits === undefined ? 0 : wantCount(digits);
  if (places > 15) return self;
  if (places <= 0) {
    const unit = 10 ** -places;
    return toInteger(round(self.value / unit) * unit);
  }
  // Through the decimal text, so that 1.005 is what it prints as and 2.675 does not gain a digit.
  const rounded = shifted(round(shifted(self.value, places)), -places);
  return Number.isFinite(rounded) ? new RFloat(rounded) : self;
}

/** The decimal point moved. */
function shifted(value: number, places: number): number {
  const [mantissa, exponent] = value.toExponential().split('e');
  return Number(`${mantissa}e${Number(exponent) + places}`);
}

/** Halves away from zero; Math.round takes -0.5 to 0. */
function roundHalfAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

export const FLOAT = aliases(
  inherit(
    NUMERIC,
    methods<RFloat>({
      to_s: [0, (self) => str(floatText(self.value))],
      to_i: [0, (self) => toInteger(Math.trunc(self.value))],
      '+': [1, floatArithmetic((a, b) => a + b)],
      '-': [1, floatArithmetic((a, b) => a - b)],
      '*': [1, floatArithmetic((a, b) => a * b)],
      '/': [1, floatArithmetic((a, b) => a / b)],
      '%': [1, floatArithmetic(floatModulo)],
      '**': [1, floatArithmetic((a, b) => a ** b)],
      '-@': [0, (self) => new RFloat(-self.value)],
      abs: [0, (self) => new RFloat(Math.abs(self.value))],
      floor: [0, 1, (self, [digits]) => rounded(self, digits, Math.floor)],
      ceil: [0, 1, (self, [digits]) => rounded(self, digits, Math.ceil)],
      round: [0, 1, (self, [digits]) => rounded(self, digits, roundHalfAway)],
      truncate: [0, 1, (self, [digits]) => rounded(self, digits, Math.trunc)],
      'nan?': [0, (self) => Number.isNaN(self.value)],
      'finite?': [0, (self) => Number.isFinite(self.value)],
      'infinite?': [
        0,
        (self) => (Number.isFinite(self.value) || Number.isNaN(self.value) ? null : Math.sign(self.value)),
      ],
    }),
  ),
  { inspect: 'to_s', modulo: '%', quo: '/', to_int: 'to_i', magnitude: 'abs' },
);

/** The integers between two bounds, for ranges. */
export function integersBetween(first: Value, last: Value, excludesLast: boolean, rt: Runtime): Value[] {
  const from = wantCount(first);
  const to = wantNumber(last);
  const end = excludesLast ? Math.ceil(to) - 1 : Math.floor(to);
  rt.budget.elements(Math.max(0, end - from + 1));
  return Array.from({ length: Math.max(0, end - from + 1) }, (_, i) => from + i);
}
