/** Decimal numbers of any length, as Ruby's BigDecimal holds them. */

/** `digits` × 10^-`places` */
export type Decimal = { readonly digits: bigint; readonly places: number };

/** The longest number that is looked at. */
const MAX_LENGTH = 400;

/** What Ruby's Float() takes for a number, without exponents unless they are allowed; undefined: it is none. */
export function decimalOf(text: string, exponents = false): Decimal | undefined {
  const found = /^\s*([+-]?)(\d+(?:_\d+)*)(?:\.(\d+(?:_\d+)*))?(?:e([+-]?\d{1,3}))?\s*$/.exec(text);
  if (found === null || text.length > MAX_LENGTH) return undefined;
  const [, sign, whole = '', fraction = '', exponent] = found;
  if (exponent !== undefined && !exponents) return undefined;
  const digits = BigInt(`${whole}${fraction}`.replaceAll('_', ''));
  const places = fraction.replaceAll('_', '').length - Number(exponent ?? 0);
  const value = sign === '-' ? -digits : digits;
  return places < 0 ? { digits: value * 10n ** BigInt(-places), places: 0 } : { digits: value, places };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Halves go away from zero; negative places round to tens. */
export function rounded({ digits, places }: Decimal, wanted: number): Decimal {
  if (wanted >= places) return { digits, places };
  const unit = 10n ** BigInt(places - wanted);
  const half = (magnitude(digits) * 2n + unit) / (unit * 2n);
  const value = digits < 0n ? -half : half;
  return wanted < 0
    ? { digits: value * 10n ** BigInt(-wanted), places: 0 }
    : { digits: value, places: wanted };
}

/** Digits before the point; 0 for 0.5, -1 for 0.05, and 1 for zero. */
export function leadingDigits({ digits, places }: Decimal): number {
  return digits === 0n ? 1 : magnitude(digits).toString().length - places;
}

/** With so many places, cut or filled up; with as many as it has if none are named. */
export function decimalText({ digits, places }: Decimal, wanted = places): string {
  const all = magnitude(digits)
    .toString()
    .padStart(places + 1, '0');
  const whole = all.slice(0, all.length - places);
  const fraction = places === 0 ? '' : all.slice(-places);
  const sign = digits < 0n ? '-' : '';
  return wanted === 0
    ? `${sign}${whole}`
    : `${sign}${whole}.${fraction.padEnd(wanted, '0').slice(0, wanted)}`;
}
