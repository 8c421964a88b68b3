/** Exact fractions. Dates and times count in them; a template meets one as the distance of two dates. */

import { RubyError } from '../errors.ts';
import { type Integer, integer, isInteger, RFloat, RRational, type Value } from './values.ts';

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** Far more than dates need; beyond it a fraction that grows in a loop ends in an error. */
const MAX_BITS = 4096;

export function rational(numerator: bigint, denominator = 1n): RRational {
  if (denominator === 0n) throw new RubyError('divided by 0');
  const divisor = gcd(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  const [n, d] = [numerator / divisor, denominator / divisor];
  if (Math.max(n.toString(16).length, d.toString(16).length) * 4 > MAX_BITS)
    throw new RubyError(`fractions of more than ${MAX_BITS} bits are not allowed in templates`);
  return new RRational(n, d);
}

/** A double is a fraction whose denominator is a power of two. */
export function rationalOfFloat(value: number): RRational {
  if (!Number.isFinite(value)) throw new RubyError(`${value} is no fraction`);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const mantissa = (exponent === 0 ? fraction : fraction | (1n << 52n)) * (value < 0 ? -1n : 1n);
  const power = Math.max(exponent, 1) - 1075;
  return power >= 0 ? rational(mantissa << BigInt(power)) : rational(mantissa, 1n << BigInt(-power));
}

/** Any number as a fraction; undefined for what is none. */
export function toRational(value: Value | undefined): RRational | undefined {
  if (value instanceof RRational) return value;
  if (value instanceof RFloat) return rationalOfFloat(value.value);
  return value !== undefined && value !== null && isInteger(value) ? rational(BigInt(value)) : undefined;
}

export function add(a: RRational, b: RRational): RRational {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function subtract(a: RRational, b: RRational): RRational {
  return rational(a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator);
}

export function multiply(a: RRational, b: RRational): RRational {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator);
}

export function divide(a: RRational, b: RRational): RRational {
  return rational(a.numerator * b.denominator, a.denominator * b.numerator);
}

export function compareRational(a: RRational, b: RRational): -1 | 0 | 1 {
  const [x, y] = [a.numerator * b.denominator, b.numerator * a.denominator];
  return x < y ? -1 : x > y ? 1 : 0;
}

export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

export function floorOf(value: RRational): bigint {
  return floorDiv(value.numerator, value.denominator);
}

export function truncated(value: RRational): Integer {
  return integer(value.numerator / value.denominator);
}

/** Halves away from zero. */
export function roundOf(value: RRational): bigint {
  const { numerator, denominator } = value;
  const half = floorDiv((numerator < 0n ? -numerator : numerator) * 2n + denominator, denominator * 2n);
  return numerator < 0n ? -half : half;
}

/** The nearest double. */
export function rationalToFloat({ numerator, denominator }: RRational): number {
  const [a, b] = [Number(numerator), Number(denominator)];
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return a / b;
  // 64 good bits of the quotient, so that the one rounding that matters is the last.
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const shift = 64 - (size.toString(2).length - denominator.toString(2).length);
  const scaled = shift >= 0 ? (size << BigInt(shift)) / denominator : size / (denominator << BigInt(-shift));
  const sticky = scaled | 1n;
  return (Number(sticky) / 2 ** shift) * (negative ? -1 : 1);
}

export function rationalText({ numerator, denominator }: RRational): string {
  return `${numerator}/${denominator}`;
}
