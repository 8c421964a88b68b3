/** Integer, without limit but for the budget. */

import { RubyError } from '../../errors.ts';
import { wantCount, wantText } from '../arguments.ts';
import { rational } from '../rational.ts';
import type { Runtime } from '../runtime.ts';
import {
  type Integer,
  integer,
  isInteger,
  RClass,
  REnumerator,
  RFloat,
  RRational,
  str,
  type Value,
} from '../values.ts';
import { floatDivmod, floatModulo, floatPower, wholeQuotient } from './float.ts';
import {
  asFloat,
  bitsOf,
  checkBits,
  floorBig,
  halfOf,
  NUMERIC,
  order,
  placesOf,
  roundBig,
  roundTo,
  wantInteger,
  wantNumber,
} from './numeric.ts';
import { rationalOperation } from './rational.ts';
import { aliases, inherit, type MethodBody, methods } from './table.ts';

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

function power(a: Integer, b: Integer): Value {
  const exponent = Number(b);
  if (a === 1 || (a === -1 && exponent < 0)) return a === 1 || BigInt(b) % 2n === 0n ? 1 : -1;
  if (a !== 0 && a !== -1) checkBits(bitsOf(a) * Math.abs(exponent));
  if (exponent < 0) return rational(1n, BigInt(a) ** -BigInt(b));
  return integer(BigInt(a) ** BigInt(b));
}

function powerModulo(a: Integer, b: Integer, modulus: Integer): Integer {
  if (b < 0) throw new RubyError('the exponent must not be negative when there is a modulus');
  if (modulus === 0) throw new RubyError('divided by 0');
  const m = BigInt(modulus);
  let [result, base] = [1n, BigInt(a) % m];
  for (let left = BigInt(b); left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * base) % m;
    base = (base * base) % m;
  }
  return floorModulo(integer(result % m), modulus);
}

type Operator = {
  readonly exact: (a: number, b: number) => number;
  readonly big: (a: bigint, b: bigint) => bigint;
};
const PLUS: Operator = { exact: (a, b) => a + b, big: (a, b) => a + b };
const MINUS: Operator = { exact: (a, b) => a - b, big: (a, b) => a - b };
const TIMES: Operator = { exact: (a, b) => a * b, big: (a, b) => a * b };

function arithmetic(name: string, { exact, big }: Operator): MethodBody<Integer> {
  const fractional = rationalOperation(name);
  return (self, args, rt, block) => {
    const [other] = args;
    if (typeof self === 'number' && typeof other === 'number') {
      const result = exact(self, other);
      if (Number.isSafeInteger(result)) return result + 0;
    }
    if (other instanceof RFloat) return new RFloat(exact(Number(self), other.value));
    if (other instanceof RRational) return fractional(self, args, rt, block);
    if (!isInteger(other!)) return wantNumber(other);
    const result = big(BigInt(self), BigInt(other));
    checkBits(result > -(1n << 53n) && result < 1n << 53n ? 0 : bitsOf(result));
    return integer(result);
  };
}

/** An operation with a way of its own for each kind of other operand. */
function operation(
  name: string,
  whole: (a: Integer, b: Integer) => Value,
  float: (a: number, b: number) => number,
): MethodBody<Integer> {
  const fractional = rationalOperation(name);
  return (self, args, rt, block) => {
    const [other] = args;
    if (other instanceof RFloat) return new RFloat(float(Number(self), other.value));
    if (other instanceof RRational) return fractional(self, args, rt, block);
    return whole(self, wantInteger(other));
  };
}

function bitwise(operate: (a: bigint, b: bigint) => bigint): MethodBody<Integer> {
  return (self, [other]) => integer(operate(BigInt(self), BigInt(wantInteger(other))));
}

function shift(self: Integer, places: Integer): Integer {
  if (places < 0) {
    const right = -BigInt(places);
    return right > 1_000_000n ? (self < 0 ? -1 : 0) : integer(BigInt(self) >> right);
  }
  if (self === 0) return 0;
  checkBits(bitsOf(self) + Number(places));
  return integer(BigInt(self) << BigInt(places));
}

function bit(self: Integer, [at]: readonly Value[]): Value {
  const place = BigInt(wantInteger(at));
  if (place < 0n) return 0;
  if (place > 1_000_000n) return self < 0 ? 1 : 0;
  return integer((BigInt(self) >> place) & 1n);
}

/** Bytes: 8 for what a machine word holds, as many as are needed for more. */
function sizeOf(self: Integer): number {
  const value = BigInt(self);
  if (value >= -(1n << 62n) && value < 1n << 62n) return 8;
  const size = value < 0n ? -value : value;
  return Math.ceil(size.toString(16).length / 2);
}

/** Calls the block with every integer from `first` to `last` in steps of one, up or down. */
function counting(name: string, direction: 1 | -1): MethodBody<Integer> {
  return (self, args, rt, block) => {
    if (block === undefined) return new REnumerator(self, name, args);
    const last = wantNumber(args[0]);
    if (Number.isNaN(last)) throw new RubyError('comparison of Integer with NaN failed');
    for (let i = self; direction * order(i, args[0])! <= 0; i = next(i, direction)) {
      rt.budget.step();
      block(i);
    }
    return self;
  };
}

function next(value: Integer, by: 1 | -1): Integer {
  return typeof value === 'number' && Number.isSafeInteger(value + by)
    ? value + by
    : integer(BigInt(value) + BigInt(by));
}

/** Without an encoding Ruby makes lone bytes of 128 to 255, which no template can mean. */
function character(code: Integer, encoding: Value | undefined): string {
  if (encoding !== undefined && !(encoding instanceof RClass)) wantText(encoding);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < 0 || code > (encoding === undefined ? 0x7f : 0x10ffff) || surrogate)
    throw new RubyError(`${code} out of char range`);
  return String.fromCodePoint(Number(code));
}

function digitsOf(self: Integer, [base = 10]: readonly Value[]): Value[] {
  if (self < 0) throw new RubyError('out of domain');
  const unit = BigInt(wantInteger(base));
  if (unit < 2n) throw new RubyError(`invalid radix ${unit}`);
  const digits: Value[] = [];
  let left = BigInt(self);
  do {
    digits.push(integer(left % unit));
    left /= unit;
  } while (left > 0n);
  return digits;
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

function divide(self: Integer, [other]: readonly Value[], rt: Runtime): Value {
  if (isInteger(other!)) return floorDivide(self, other);
  if (asFloat(other) === 0) throw new RubyError('divided by 0');
  if (other instanceof RFloat) return wholeQuotient(Number(self), other.value);
  return rt.send(rt.send(self, '/', [other!]), 'floor', []);
}

/** An exact quotient. */
function quotient(self: Integer, [other]: readonly Value[], rt: Runtime): Value {
  if (other instanceof RFloat) return new RFloat(Number(self) / other.value);
  if (other instanceof RRational) return rt.send(self, '/', [other]);
  return rational(BigInt(self), BigInt(wantInteger(other)));
}

function rounding(name: 'floor' | 'ceil' | 'truncate') {
  const way = {
    floor: floorBig,
    ceil: (a: bigint, unit: bigint) => -floorBig(-a, unit),
    truncate: (a: bigint, unit: bigint) => (a < 0n ? -floorBig(-a, unit) : floorBig(a, unit)),
  }[name];
  return (self: Integer, args: readonly Value[]) =>
    roundTo(self, args[0] === undefined ? 0 : wantCount(args[0]), way);
}

export const INTEGER = aliases(
  inherit(
    NUMERIC,
    methods<Integer>({
      to_s: [0, 1, (self, [base]) => str(self.toString(base === undefined ? 10 : radix(base)))],
      to_i: [0, (self) => self],
      to_r: [0, (self) => rational(BigInt(self))],
      numerator: [0, (self) => self],
      denominator: [0, () => 1],
      '+': [1, arithmetic('+', PLUS)],
      '-': [1, arithmetic('-', MINUS)],
      '*': [1, arithmetic('*', TIMES)],
      '/': [1, operation('/', floorDivide, (a, b) => a / b)],
      '%': [1, operation('%', floorModulo, floatModulo)],
      '**': [
        1,
        (self, [other]) => {
          if (other instanceof RFloat) return new RFloat(floatPower(Number(self), other.value));
          if (other instanceof RRational) return new RFloat(floatPower(Number(self), asFloat(other)!));
          return power(self, wantInteger(other));
        },
      ],
      pow: [
        1,
        2,
        (self, [other, modulus], rt) =>
          modulus === undefined
            ? rt.send(self, '**', [other!])
            : powerModulo(self, wantInteger(other), wantInteger(modulus)),
      ],
      '-@': [0, (self) => integer(-BigInt(self))],
      '~': [0, (self) => integer(~BigInt(self))],
      '&': [1, bitwise((a, b) => a & b)],
      '|': [1, bitwise((a, b) => a | b)],
      '^': [1, bitwise((a, b) => a ^ b)],
      '<<': [1, (self, [places]) => shift(self, wantInteger(places))],
      '>>': [1, (self, [places]) => shift(self, integer(-BigInt(wantInteger(places))))],
      '[]': [1, bit],
      abs: [0, (self) => (self < 0 ? integer(-BigInt(self)) : self)],
      succ: [0, (self) => next(self, 1)],
      pred: [0, (self) => next(self, -1)],
      'even?': [0, (self) => BigInt(self) % 2n === 0n],
      'odd?': [0, (self) => BigInt(self) % 2n !== 0n],
      floor: [0, 1, rounding('floor')],
      ceil: [0, 1, rounding('ceil')],
      round: [0, 2, (self, args) => roundTo(self, placesOf(args), roundBig(halfOf(args)))],
      truncate: [0, 1, rounding('truncate')],
      div: [1, divide],
      divmod: [
        1,
        (self, args, rt) =>
          args[0] instanceof RFloat
            ? floatDivmod(Number(self), args[0].value)
            : [divide(self, args, rt), rt.send(self, '%', args)],
      ],
      quo: [1, quotient],
      size: [0, sizeOf],
      chr: [0, 1, (self, [encoding]) => str(character(self, encoding))],
      ord: [0, (self) => self],
      gcd: [1, (self, [other]) => integer(gcd(BigInt(self), BigInt(wantInteger(other))))],
      lcm: [
        1,
        (self, [other]) => {
          const [a, b] = [BigInt(self), BigInt(wantInteger(other))];
          return a === 0n || b === 0n ? 0 : integer(absolute(a * b) / gcd(a, b));
        },
      ],
      digits: [0, 1, digitsOf],
      bit_length: [
        0,
        (self) => (self < 0 ? ~BigInt(self) : BigInt(self)).toString(2).replace(/^0$/, '').length,
      ],
      times: [
        0,
        (self, _, rt, block) => {
          if (block === undefined) return new REnumerator(self, 'times', []);
          for (let i = 0; i < self; i++) {
            rt.budget.step();
            block(i);
          }
          return self;
        },
      ],
      upto: [1, counting('upto', 1)],
      downto: [1, counting('downto', -1)],
    }),
  ),
  { next: 'succ', modulo: '%', magnitude: 'abs', to_int: 'to_i', inspect: 'to_s' },
);

/** The integers between two bounds, for ranges. */
export function integersBetween(first: Value, last: Value, excludesLast: boolean, rt: Runtime): Value[] {
  const from = wantCount(first);
  const to = wantNumber(last);
  const end = excludesLast ? Math.ceil(to) - 1 : Math.floor(to);
  rt.budget.elements(Math.max(0, end - from + 1));
  return Array.from({ length: Math.max(0, end - from + 1) }, (_, i) => from + i);
}
