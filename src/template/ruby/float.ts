/** Doubles as Ruby and C print and round them. */

import { multiply, rational, rationalOfFloat, roundOf } from './rational.ts';
import type { RRational } from './values.ts';

/** `1.0`, `1.0e+20`, `1.0e-05`: Float#to_s. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  if (value === 0) return '0.0';
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  const significant = mantissa.replace(/[-.]/g, '').length;
  if (power >= -4 && (power < 15 || significant > power + 1)) {
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

/** Digits of a number not negative, as an integer times a power of ten; exact ties go to the even digit. */
function scaled(value: RRational, places: number): bigint {
  const power = 10n ** BigInt(Math.abs(places));
  const numerator = places >= 0 ? value.numerator * power : value.numerator;
  const denominator = places >= 0 ? value.denominator : value.denominator * power;
  const quotient = numerator / denominator;
  const twice = (numerator - quotient * denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

const TENS_POWERS: readonly number[] = [1e16, 1e32, 1e64, 1e128, 1e256];

/** The first guess of dtoa at the power of ten, which may be one too high. */
function guessPower(value: number): { readonly power: number; readonly certain: boolean } {
  const exponent = binaryExponent(value) - 1;
  const mantissa = value / 2 ** exponent;
  const guess = (mantissa - 1.5) * 0.289529654602168 + 0.1760912590558 + exponent * 0.301029995663981;
  const power = Math.floor(guess);
  if (power < 0 || power > 22) return { power, certain: false };
  return { power: value < 10 ** power ? power - 1 : power, certain: true };
}

/** The value divided by that power of ten with doubles, and how many roundings that took and 2 more. */
function mantissaOf(value: number, power: number): { readonly mantissa: number; readonly errors: number } {
  let [mantissa, errors, left] = [value, 2, Math.abs(power) >> 4];
  let unit = 10 ** (Math.abs(power) & 15);
  if (power > 0 && left & 16) {
    mantissa /= 1e256;
    errors++;
    left &= 15;
  }
  if (power <= 0) mantissa *= unit;
  for (const each of TENS_POWERS) {
    if (left & 1) {
      errors++;
      if (power > 0) unit *= each;
      else mantissa *= each;
    }
    left >>= 1;
  }
  return { mantissa: power > 0 ? mantissa / unit : mantissa, errors };
}

/**
 * Whether Ruby takes the digits behind the last printed one for exactly a half: its dtoa (util.c) tries with
 * doubles first, up to 14 digits, and goes by the even digit as soon as those cannot tell. So "%.2f" prints
 * 0.02 for 0.015, which is less than that, and 0.025, which is more.
 */
function looksTied(value: number, digitsAt: (power: number) => number): boolean {
  if (value === 0) return false;
  let { power, certain } = guessPower(value);
  let { mantissa, errors } = mantissaOf(value, power);
  if (digitsAt(power) < 0 || digitsAt(power) > 14) return false;
  if (!certain && mantissa < 1 && digitsAt(power) > 0) {
    power--;
    mantissa *= 10;
    errors++;
  }
  const digits = digitsAt(power);
  if (digits <= 0) return false;
  const doubt = (errors * mantissa + 7) * Number.EPSILON * 10 ** (digits - 1);
  for (let i = 1; ; i++, mantissa *= 10) {
    mantissa -= Math.trunc(mantissa);
    if (mantissa === 0) return false;
    if (i === digits) return mantissa <= 0.5 + doubt && mantissa >= 0.5 - doubt;
  }
}

function roundedDigits(value: number, places: number, digitsAt: (power: number) => number): bigint {
  const exact = rationalOfFloat(value);
  if (!looksTied(value, digitsAt)) return scaled(exact, places);
  const power = 10n ** BigInt(Math.abs(places));
  const down =
    places >= 0
      ? (exact.numerator * power) / exact.denominator
      : exact.numerator / (exact.denominator * power);
  return down % 2n === 0n ? down : down + 1n;
}

/** `%.2f` */
export function fixedText(value: number, places: number): string {
  const size = Math.abs(value);
  const digits = String(roundedDigits(size, places, (power) => places + power + 1)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  return `${isNegative(value) ? '-' : ''}${whole}${places > 0 ? `.${digits.slice(-places)}` : ''}`;
}

type Scientific = { readonly digits: string; readonly power: number };

function scientific(value: number, places: number): Scientific {
  if (value === 0) return { digits: '0'.repeat(places + 1), power: 0 };
  const size = Math.abs(value);
  const round = (shift: number) => String(roundedDigits(size, shift, () => places + 1));
  // The shortest digits may have rounded up to the next power of ten.
  let power = Number(value.toExponential().split('e')[1]);
  let digits = round(places - power);
  if (digits.length <= places) digits = round(places - --power);
  if (digits.length > places + 1) {
    power++;
    digits = digits.slice(0, -1);
  }
  return { digits, power };
}

function exponentText(power: number): string {
  return `e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** `%e` */
export function exponentialText(value: number, places: number): string {
  const { digits, power } = scientific(value, places);
  const fraction = places > 0 ? `.${digits.slice(1)}` : '';
  return `${isNegative(value) ? '-' : ''}${digits[0]}${fraction}${exponentText(power)}`;
}

/** `%g`: the shorter of the two, without zeros at the end unless `alternate` (`#`) keeps them. */
export function generalText(value: number, precision: number, alternate: boolean): string {
  const significant = Math.max(1, precision);
  const { power } = scientific(value, significant - 1);
  const exponential = power < -4 || power >= significant;
  const text = exponential
    ? exponentialText(value, significant - 1)
    : fixedText(value, significant - 1 - power);
  if (alternate) return text.includes('.') ? text : text.replace(/^(-?\d+)/, '$1.');
  const [mantissa = '', exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** `%a` */
export function hexText(value: number, precision: number | undefined): string {
  const sign = isNegative(value) ? '-' : '';
  if (value === 0) return `${sign}0x0${precision ? `.${'0'.repeat(precision)}` : ''}p+0`;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const word = bits.getBigUint64(0);
  let exponent = Number(word >> 52n);
  let fraction = word & 0xfffffffffffffn;
  if (exponent === 0) {
    exponent = 1;
    while (fraction < 1n << 52n) {
      fraction <<= 1n;
      exponent--;
    }
    fraction &= 0xfffffffffffffn;
  }
  let power = exponent - 1023;
  let lead = 1n;
  let digits = fraction.toString(16).padStart(13, '0');
  if (precision === undefined) digits = digits.replace(/0+$/, '');
  else if (precision < 13) {
    const whole = (1n << 52n) | fraction;
    const rounded = scaledBinary(whole, BigInt(4 * (13 - precision)));
    lead = rounded >> BigInt(4 * precision);
    const rest = rounded - (lead << BigInt(4 * precision));
    digits = precision === 0 ? '' : rest.toString(16).padStart(precision, '0');
  } else digits = digits.padEnd(precision, '0');
  if (lead === 2n) {
    lead = 1n;
    power++;
  }
  return `${sign}0x${lead}${digits === '' ? '' : `.${digits}`}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

function scaledBinary(value: bigint, shift: bigint): bigint {
  const quotient = value >> shift;
  const twice = (value - (quotient << shift)) * 2n;
  const unit = 1n << shift;
  return twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

export type Half = 'up' | 'down' | 'even';

/** C's `round`: halves away from zero. */
function roundAway(value: number): number {
  const size = Math.abs(value);
  const down = Math.floor(size);
  return Math.sign(value) * (size - down >= 0.5 ? down + 1 : down);
}

/** The binary exponent, as C's `frexp` gives it. */
function binaryExponent(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  const size = Math.abs(value);
  let exponent = Math.floor(Math.log2(size)) + 1;
  // log2 may be off by one next to a power of two.
  if (2 ** exponent <= size) exponent++;
  if (2 ** (exponent - 1) > size) exponent--;
  return exponent;
}

/** Whether a double has no digits behind that many decimal places (numeric.c, float_round_overflow). */
export function isFineAt(value: number, places: number): boolean {
  const exponent = binaryExponent(value);
  return places >= 17 - (exponent > 0 ? Math.trunc(exponent / 4) : Math.trunc(exponent / 3) - 1);
}

/** Whether it is nothing at that many decimal places (numeric.c, float_round_underflow). */
export function isNothingAt(value: number, places: number): boolean {
  const exponent = binaryExponent(value);
  return places < -(exponent > 0 ? Math.trunc(exponent / 3) + 1 : Math.trunc(exponent / 4));
}

/** To a whole number. */
export function roundWhole(value: number, half: Half): number {
  if (half === 'up') return roundAway(value);
  const rounded = roundAway(value);
  if (Math.abs(value - Math.trunc(value)) !== 0.5) return rounded;
  if (half === 'down') return Math.trunc(value);
  return rounded % 2 === 0 ? rounded : Math.trunc(value);
}

/** To decimal places greater than 0, as numeric.c does it: with doubles, and a look at what came out. */
export function roundPlaces(value: number, places: number, half: Half): number {
  if (!Number.isFinite(value) || isFineAt(value, places)) return value;
  if (isNothingAt(value, places)) return 0;
  if (places > 14) return roundExact(value, places, half);
  const unit = 10 ** places;
  const rounded = half === 'even' ? roundEven(value, unit) : roundHalf(value, unit, half);
  return rounded / unit;
}

function roundHalf(value: number, unit: number, half: Half): number {
  const rounded = roundAway(value * unit);
  const sign = value > 0 ? 1 : -1;
  if (half === 'up') return ((rounded + sign * 0.5) / unit) * sign <= value * sign ? rounded + sign : rounded;
  return ((rounded - sign * 0.5) / unit) * sign >= value * sign ? rounded - sign : rounded;
}

function roundEven(value: number, unit: number): number {
  if (value === 0) return value;
  const sign = value > 0 ? 1 : -1;
  const size = Math.abs(value);
  const down = Math.floor(size * unit);
  const rest = size * unit - down;
  let more = 0;
  if (rest > 0.5) more = 1;
  else if (rest === 0.5 || (down + 0.5) / unit <= size) more = down % 2;
  return sign * (down + more);
}

function roundExact(value: number, places: number, half: Half): number {
  const unit = rational(10n ** BigInt(places));
  const exact = multiply(rationalOfFloat(value), unit);
  let whole = roundOf(exact);
  const tie = exact.denominator === 2n;
  if (tie && (half === 'down' || (half === 'even' && whole % 2n !== 0n))) whole -= value > 0 ? 1n : -1n;
  return Number(`${whole}e-${places}`);
}

/** Down, or with `direction` 1 up, to decimal places greater than 0. */
export function cutPlaces(value: number, places: number, direction: -1 | 1): number {
  if (!Number.isFinite(value) || value === 0 || isFineAt(value, places)) return value;
  if (value * direction < 0 && isNothingAt(value, places)) return 0;
  const unit = 10 ** places;
  if (direction > 0) {
    const up = Math.ceil(value * unit) / unit;
    return up;
  }
  const down = Math.floor(value * unit);
  const more = (down + 1) / unit;
  return more > value ? down / unit : more;
}
