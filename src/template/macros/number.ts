/** ActiveSupport's number helpers, in English: prices, percentages, sizes for people. */

import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { wantName } from '../ruby/arguments.ts';
import type { MethodBody } from '../ruby/core/table.ts';
import { floatText } from '../ruby/float.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { RFloat, RHash, RRegexp, str, truthy, type Value } from '../ruby/values.ts';
import { type Decimal, decimalOf, decimalText, leadingDigits, rounded } from './decimal.ts';
import { macros } from './table.ts';

type Options = {
  readonly precision: number | null;
  readonly significant: boolean;
  readonly stripZeros: boolean;
  readonly separator: string;
  readonly delimiter: string;
  readonly pattern?: RegExp;
  readonly format?: string;
  readonly negativeFormat?: string;
  readonly unit: string;
  readonly units?: RHash;
};

const DEFAULTS: Options = {
  precision: 3,
  significant: false,
  stripZeros: false,
  separator: '.',
  delimiter: ',',
  unit: '$',
};

/** Options of Rails by their names; the ones that are not given keep what `defaults` says. */
function optionsOf(hash: Value | undefined, defaults: Partial<Options>, rt: Runtime): Options {
  const base = { ...DEFAULTS, ...defaults };
  if (!(hash instanceof RHash)) return base;
  const given = new Map(hash.pairs().map(([key, value]) => [wantName(key), value]));
  if (given.has('round_mode')) throw new RubyError('round_mode is not known here: halves are rounded up');
  const text = (name: string): string | undefined => {
    const value = given.get(name);
    return value === undefined || value === null ? undefined : rt.text(value);
  };
  const flag = (name: string, otherwise: boolean): boolean =>
    given.has(name) ? truthy(given.get(name)!) : otherwise;
  const pattern = given.get('delimiter_pattern');
  const units = given.get('units');
  return {
    ...base,
    precision: given.has('precision') ? precisionOf(given.get('precision')!) : base.precision,
    significant: flag('significant', base.significant),
    stripZeros: flag('strip_insignificant_zeros', base.stripZeros),
    separator: text('separator') ?? base.separator,
    delimiter: text('delimiter') ?? base.delimiter,
    unit: text('unit') ?? base.unit,
    ...optional('format', text('format') ?? base.format),
    ...optional('negativeFormat', text('negative_format') ?? negativeOf(text('format'), base)),
    ...(pattern instanceof RRegexp && { pattern: pattern.pattern }),
    ...(units instanceof RHash && { units }),
  };
}

function negativeOf(format: string | undefined, base: Options): string | undefined {
  return format === undefined ? base.negativeFormat : `-${format}`;
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string };
}

/** More places than any number has digits to show. */
const MAX_PRECISION = 1000;

function precisionOf(value: Value): number | null {
  if (value === null) return null;
  if (typeof value === 'number' && value >= 0 && value <= MAX_PRECISION) return value;
  throw new RubyError(`a precision is a number from 0 to ${MAX_PRECISION}`);
}

/** Puts the delimiter between groups of three digits. */
function delimited(number: string, { delimiter, separator, pattern }: Options): string {
  const [whole = '', fraction] = number.split('.');
  const groups = whole.replace(pattern ?? /(\d)(?=(\d\d\d)+(?!\d))/g, (found) => `${found}${delimiter}`);
  return fraction === undefined ? groups : `${groups}${separator}${fraction}`;
}

function roundedText(number: Decimal, options: Options): string {
  const { precision } = options;
  if (precision === null) return withoutZeros(delimited(decimalText(number), options), options);
  const counts = options.significant && precision > 0;
  const value = rounded(number, counts ? precision - leadingDigits(number) : precision);
  const places = counts ? Math.max(0, precision - leadingDigits(value)) : precision;
  return withoutZeros(delimited(decimalText(value, places), options), options);
}

function withoutZeros(text: string, { stripZeros, separator }: Options): string {
  if (!stripZeros || separator === '') return text;
  const at = text.lastIndexOf(separator);
  if (at < 0) return text;
  const fraction = text.slice(at + separator.length).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, at) : `${text.slice(0, at)}${separator}${fraction}`;
}

/** The text of what was given with the parts it is made of; what is no number is shown as it stands. */
function spelled(text: string, number: Decimal | undefined, options: Options): string {
  if (number === undefined) return text;
  return options.precision === null
    ? withoutZeros(delimited(text, options), options)
    : roundedText(number, options);
}

function filled(format: string, number: string, unit: string): string {
  return format.replaceAll('%n', () => number).replaceAll('%u', () => unit);
}

function currency(text: string, _: Decimal | undefined, options: Options): string {
  const stripped = text.trim();
  const negative = stripped.startsWith('-');
  const number = negative ? stripped.slice(1) : stripped;
  const shown = negative && (options.precision !== 0 || Number.parseFloat(number) > 0.5);
  const format = shown ? (options.negativeFormat ?? '-%u%n') : (options.format ?? '%u%n');
  return filled(format, spelled(number, decimalOf(number), options), options.unit);
}

const SIZES = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

function size(number: Decimal, options: Options): string {
  const bytes = Number(decimalText(number));
  if (Math.trunc(bytes) < 1024) {
    const whole = Math.trunc(bytes);
    return `${whole} ${whole === 1 ? 'Byte' : 'Bytes'}`;
  }
  const exponent = Math.min(Math.trunc(Math.log(bytes) / Math.log(1024)), SIZES.length - 1);
  return `${roundedText(decimalOf(floatText(bytes / 1024 ** exponent))!, options)} ${SIZES[exponent]}`;
}

const EXPONENTS: Readonly<Record<string, number>> = {
  quadrillion: 15,
  trillion: 12,
  billion: 9,
  million: 6,
  thousand: 3,
  hundred: 2,
  ten: 1,
  unit: 0,
  deci: -1,
  centi: -2,
  mili: -3,
  micro: -6,
  nano: -9,
  pico: -12,
  femto: -15,
};

const WORDS: ReadonlyMap<string, string> = new Map([
  ['quadrillion', 'Quadrillion'],
  ['trillion', 'Trillion'],
  ['billion', 'Billion'],
  ['million', 'Million'],
  ['thousand', 'Thousand'],
  ['unit', ''],
]);

function unitWords({ units }: Options, rt: Runtime): ReadonlyMap<string, string> {
  if (units === undefined) return WORDS;
  return new Map(units.pairs().map(([key, value]) => [wantName(key), rt.text(value)]));
}

/** `1.23 Million`: in the greatest unit that the number has one of. */
function human(number: Decimal, options: Options, rt: Runtime): string {
  const { precision } = options;
  const places =
    precision !== null && options.significant && precision > 0
      ? precision - leadingDigits(number)
      : precision;
  const value = Number(decimalText(places === null ? number : rounded(number, places)));
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const words = unitWords(options, rt);
  const known = Object.entries(EXPONENTS).filter(([name]) => words.has(name));
  const [name, exponent] = known.find(([, least]) => magnitude >= least) ?? ['unit', 0];
  const text = floatText(value / 10 ** exponent);
  const shown = precision === null ? text : roundedText(decimalOf(text, true)!, options);
  return filled(options.format ?? '%n %u', shown, words.get(name) ?? '').trim();
}

/** `number` is undefined when the text is none. */
type Show = (text: string, number: Decimal | undefined, options: Options, rt: Runtime) => string;

function helper(defaults: Partial<Options>, show: Show): MethodBody<RenderContext> {
  return (_, [number, given], rt) => {
    if (number === null || number === false) return null;
    const text = rt.text(number!);
    return str(show(text, decimalOf(text, number instanceof RFloat), optionsOf(given, defaults, rt), rt));
  };
}

/** For helpers that answer what is no number unchanged. */
function ofNumber(show: (number: Decimal, options: Options, rt: Runtime) => string): Show {
  return (text, number, options, rt) => (number === undefined ? text : show(number, options, rt));
}

const HUMAN: Partial<Options> = { delimiter: '', significant: true, stripZeros: true };
const roundedNumber = helper({ delimiter: '' }, spelled);
const delimitedNumber = helper({}, (text, number, options) =>
  number === undefined ? text : delimited(text, options),
);

export const NUMBER_MACROS = macros({
  number_to_currency: ['(number, options = {})', '`$1,234.50`', helper({ precision: 2 }, currency)],
  number_to_human: ['(number, options = {})', '`1.23 Million`', helper(HUMAN, ofNumber(human))],
  number_to_human_size: [
    '(number, options = {})',
    '`1.18 MB`; 1 KB is 1024 Bytes',
    helper(HUMAN, ofNumber(size)),
  ],
  number_to_percentage: [
    '(number, options = {})',
    '`12.500%`',
    helper({ delimiter: '' }, (text, number, options) =>
      filled(options.format ?? '%n%', spelled(text, number, options), options.unit),
    ),
  ],
  number_to_rounded: [
    '(number, options = {})',
    '`1.235`; the same as `number_with_precision`',
    roundedNumber,
  ],
  number_with_precision: ['(number, options = {})', '`1.235`', roundedNumber],
  number_to_delimited: [
    '(number, options = {})',
    '`1,234,567`; the same as `number_with_delimiter`',
    delimitedNumber,
  ],
  number_with_delimiter: ['(number, options = {})', '`1,234,567`', delimitedNumber],
});
