/** Rational: what the difference of two dates is, and what `quo` and negative powers of integers are. */

import { RubyError } from '../../errors.ts';
import {
  add,
  divide,
  floorOf,
  multiply,
  rational,
  rationalText,
  rationalToFloat,
  roundOf,
  subtract,
  truncated,
} from '../rational.ts';
import { describe, integer, isInteger, RFloat, RRational, str, type Value } from '../values.ts';
import { exact, NUMERIC, rationalModulo } from './numeric.ts';
import { aliases, inherit, type MethodBody, methods } from './table.ts';

type Operator = {
  readonly exact: (a: RRational, b: RRational) => RRational;
  readonly float: (a: number, b: number) => number;
};

const OPERATORS: Readonly<Record<string, Operator>> = {
  '+': { exact: add, float: (a, b) => a + b },
  '-': { exact: subtract, float: (a, b) => a - b },
  '*': { exact: multiply, float: (a, b) => a * b },
  '/': { exact: divide, float: (a, b) => a / b },
  '%': { exact: rationalModulo, float: (a, b) => a - b * Math.floor(a / b) },
};

/** An operation of which at least one side is a Rational; a Float makes it a Float. */
export function rationalOperation(name: string): MethodBody<Value> {
  const operator = OPERATORS[name]!;
  return (self, [other]) => {
    if (self instanceof RFloat || other instanceof RFloat)
      return new RFloat(operator.float(toFloat(self), toFloat(other!)));
    if (!(other instanceof RRational) && !isInteger(other!))
      throw new RubyError(`${describe(other ?? null)} can't be coerced into Rational`);
    return operator.exact(exact(self), exact(other!));
  };
}

function toFloat(value: Value): number {
  return value instanceof RRational
    ? rationalToFloat(value)
    : value instanceof RFloat
      ? value.value
      : Number(value);
}

function power(self: RRational, [exponent]: readonly Value[]): Value {
  if (!isInteger(exponent!)) return new RFloat(rationalToFloat(self) ** toFloat(exponent!));
  const size = BigInt(exponent < 0 ? -exponent : exponent);
  if (size > 1000n) throw new RubyError('the power of a Rational is too great');
  const [n, d] = [self.numerator ** size, self.denominator ** size];
  return exponent < 0 ? rational(d, n) : rational(n, d);
}

export const RATIONAL = aliases(
  inherit(
    NUMERIC,
    methods<RRational>({
      to_s: [0, (self) => str(rationalText(self))],
      inspect: [0, (self) => str(`(${rationalText(self)})`)],
      '+': [1, rationalOperation('+')],
      '-': [1, rationalOperation('-')],
      '*': [1, rationalOperation('*')],
      '/': [1, rationalOperation('/')],
      '%': [1, rationalOperation('%')],
      '**': [1, power],
      '-@': [0, (self) => rational(-self.numerator, self.denominator)],
      abs: [0, (self) => (self.numerator < 0n ? rational(-self.numerator, self.denominator) : self)],
      numerator: [0, (self) => integer(self.numerator)],
      denominator: [0, (self) => integer(self.denominator)],
      to_i: [0, truncated],
      to_r: [0, (self) => self],
      floor: [0, (self) => integer(floorOf(self))],
      ceil: [0, (self) => integer(-floorOf(rational(-self.numerator, self.denominator)))],
      round: [0, (self) => integer(roundOf(self))],
    }),
  ),
  { truncate: 'to_i', quo: '/' },
);
