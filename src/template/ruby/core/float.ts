/** Float, printed and rounded as Ruby does. */

import { RubyError } from '../../errors.ts';
import { wantCount } from '../arguments.ts';
import { cutPlaces, floatText, isNothingAt, roundPlaces, roundWhole } from '../float.ts';
import { rational, rationalOfFloat, rationalToFloat } from '../rational.ts';
import { type Integer, RFloat, str, type Value } from '../values.ts';
import { floorBig, halfOf, NUMERIC, placesOf, roundBig, roundTo, toInteger, wantNumber } from './numeric.ts';
import { aliases, inherit, type MethodBody, methods } from './table.ts';

/** The rest that has the sign of the divisor. */
export function floatModulo(a: number, b: number): number {
  if (!Number.isFinite(b) && Number.isFinite(a) && !Number.isNaN(b))
    return a !== 0 && a < 0 !== b < 0 ? b : a;
  if (b === 0) throw new RubyError('divided by 0');
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

export function floatDivmod(a: number, b: number): Value[] {
  return [floorQuotient(a, b), new RFloat(floatModulo(a, b))];
}

/** `div`: the quotient rounded down, which for great numbers may not be the one of divmod. */
export function wholeQuotient(a: number, b: number): Integer {
  if (b === 0) throw new RubyError('divided by 0');
  return toInteger(Math.floor(a / b));
}

/** The whole quotient, rounded down, that goes with the rest (numeric.c, flodivmod). */
function floorQuotient(a: number, b: number): Integer {
  if (b === 0) throw new RubyError('divided by 0');
  const rest = !Number.isFinite(b) && Number.isFinite(a) ? a : a % b;
  const quotient = !Number.isFinite(a) && Number.isFinite(b) ? a : (a - rest) / b;
  return toInteger(Math.round(quotient) - (b * rest < 0 ? 1 : 0));
}

function operation(operate: (a: number, b: number) => number): MethodBody<RFloat> {
  return (self, [other]) => new RFloat(operate(self.value, wantNumber(other)));
}

export function floatPower(a: number, b: number): number {
  if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b))
    throw new RubyError('a broken power of a negative number is complex, which templates do not have');
  // C: 1 to any power is 1, which JavaScript does not say of NaN and infinities.
  if (a === 1 || (a === -1 && !Number.isFinite(b) && !Number.isNaN(b))) return 1;
  const approximate = a ** b;
  const exact = Number.isInteger(b) && Math.abs(b) <= 64 && a !== 0 && Number.isFinite(a);
  if (!exact || !Number.isFinite(approximate) || Math.abs(approximate) < 1e-290) return approximate;
  // JavaScript's power may be off in the last digit, C's hardly ever is.
  const { numerator, denominator } = rationalOfFloat(a);
  const size = BigInt(Math.abs(b));
  const [n, d] = [numerator ** size, denominator ** size];
  return rationalToFloat(b < 0 ? rational(d, n) : rational(n, d));
}

/** Cuts to decimal places; to an Integer when there are none. */
function cutting(direction: -1 | 1): (value: number, places: number) => Value {
  return (value, places) => {
    if (places > 0) return new RFloat(cutPlaces(value, places, direction));
    const whole = toInteger(direction < 0 ? Math.floor(value) : Math.ceil(value));
    if (direction < 0) return roundTo(whole, places, floorBig);
    return roundTo(whole, places, (a, unit) => -floorBig(-a, unit));
  };
}

const floor = cutting(-1);
const ceil = cutting(1);

function round(self: RFloat, args: readonly Value[]): Value {
  const [places, half] = [placesOf(args), halfOf(args)];
  if (places > 0) return new RFloat(roundPlaces(self.value, places, half));
  if (places === 0) return toInteger(roundWhole(self.value, half));
  if (Number.isFinite(self.value) && isNothingAt(self.value, places)) return 0;
  return roundTo(toInteger(Math.trunc(self.value)), places, roundBig(half));
}

export const FLOAT = aliases(
  inherit(
    NUMERIC,
    methods<RFloat>({
      to_s: [0, (self) => str(floatText(self.value))],
      to_i: [0, (self) => toInteger(Math.trunc(self.value))],
      to_r: [0, (self) => rationalOfFloat(self.value)],
      '+': [1, operation((a, b) => a + b)],
      '-': [1, operation((a, b) => a - b)],
      '*': [1, operation((a, b) => a * b)],
      '/': [1, operation((a, b) => a / b)],
      '%': [1, operation(floatModulo)],
      '**': [1, operation(floatPower)],
      '-@': [0, (self) => new RFloat(-self.value)],
      abs: [0, (self) => new RFloat(Math.abs(self.value))],
      div: [1, (self, [other]) => wholeQuotient(self.value, wantNumber(other))],
      divmod: [1, (self, [other]) => floatDivmod(self.value, wantNumber(other))],
      floor: [0, 1, (self, [places = 0]) => floor(self.value, wantCount(places))],
      ceil: [0, 1, (self, [places = 0]) => ceil(self.value, wantCount(places))],
      round: [0, 2, round],
      truncate: [
        0,
        1,
        (self, [places = 0]) => (self.value > 0 ? floor : ceil)(self.value, wantCount(places)),
      ],
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
