/** `strftime` of times and dates. */

import { RubyError } from '../errors.ts';
import { DAYS, MONTHS, weekOfYear } from './calendar.ts';
import { floorDiv } from './rational.ts';

/** What there is to print. */
export type Moment = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly yearDay: number;
  readonly iso: { readonly year: number; readonly week: number };
  /** Seconds east of Greenwich. */
  readonly offset: number;
  /** What `%Z` prints. */
  readonly zone: string;
  /** Nanoseconds since 1970. */
  readonly epoch: bigint;
  /** Date knows `%Q` and `%+`, Time does not; what else differs is said where it matters. */
  readonly isDate: boolean;
  /** A Time in UTC: `%-z` prints -0000 for it, the sign of an unknown local zone (RFC 3339 §4.3). */
  readonly isUtc: boolean;
};

type Flags = {
  readonly pad: '' | '-' | '0' | '_';
  readonly upcase: boolean;
  readonly changeCase: boolean;
  readonly colons: number;
  readonly width: number | undefined;
};

/** Up to the letter, which may come behind an E or an O that changes nothing. */
const BEGINNING = /%([-0^#_]*)(\d*)(:{0,3})/y;

/** What E and O may stand before; before anything else they make the directive unknown. */
const MODIFIABLE: Readonly<Record<string, string | undefined>> = { E: 'cCxXyY', O: 'deHIklmMSuUVwWy' };

const MAX_WIDTH = 1024;

export function strftime(format: string, moment: Moment): string {
  let result = '';
  let position = 0;
  for (;;) {
    const percent = format.indexOf('%', position);
    if (percent < 0) return result + format.slice(position);
    const directive = directiveAt(format, percent, moment);
    result += format.slice(position, percent) + directive.text;
    position = directive.end;
  }
}

/** What a directive prints, and where it ends; an unknown one prints itself. */
function directiveAt(
  format: string,
  at: number,
  moment: Moment,
): { readonly text: string; readonly end: number } {
  BEGINNING.lastIndex = at;
  const [beginning, marks, width, colons] = BEGINNING.exec(format)! as unknown as [
    string,
    string,
    string,
    string,
  ];
  let end = at + beginning.length;
  const modifiable = MODIFIABLE[format[end] ?? ''];
  if (modifiable !== undefined) end++;
  const letter = format[end];
  const unknown = { text: format.slice(at, end), end };
  if (modifiable !== undefined && (letter === undefined || !modifiable.includes(letter))) return unknown;
  if (colons !== '' && letter !== 'z') return unknown;
  if (letter === undefined) {
    if (moment.isDate) return unknown;
    throw new RubyError(`invalid format: ${format}`);
  }
  if (Number(width) > MAX_WIDTH) throw new RubyError(`${unknown.text} is too wide`);
  const flags: Flags = {
    pad: marks.includes('-') ? '-' : ((marks.replace(/[\^#]/g, '').at(-1) ?? '') as Flags['pad']),
    upcase: marks.includes('^'),
    changeCase: marks.includes('#'),
    colons: colons.length,
    width: width === '' ? undefined : Number(width),
  };
  const text = print(letter, moment, flags);
  return text === undefined ? unknown : { text, end: end + 1 };
}

function print(directive: string, moment: Moment, flags: Flags): string | undefined {
  const number = NUMBERS[directive];
  if (number !== undefined) {
    const [value, width, pad] = number(moment);
    return padded(value, width, pad, flags);
  }
  const text = TEXTS[directive];
  if (text !== undefined) return textual(cased(text(moment, flags), directive, flags), flags);
  const composed = directive === '+' && !moment.isDate ? undefined : COMPOSED[directive];
  if (composed !== undefined) return composition(strftime(composed, moment), moment, flags);
  if (directive === 'L' || directive === 'N')
    return fraction(moment, flags.width ?? (directive === 'L' ? 3 : 9));
  if (directive === 'z') return offset(moment, flags);
  if (directive === 'Q' && moment.isDate) return padded(floorDiv(moment.epoch, 1_000_000n), 1, '0', flags);
  return undefined;
}

type Numeric = readonly [value: number | bigint, width: number, pad: '0' | ' '];

const twelve = (hour: number) => (hour % 12 === 0 ? 12 : hour % 12);

const NUMBERS: Readonly<Record<string, ((moment: Moment) => Numeric) | undefined>> = {
  Y: ({ year }) => [year, year < 0 ? 5 : 4, '0'],
  C: ({ year }) => [Math.floor(year / 100), 2, '0'],
  y: ({ year }) => [((year % 100) + 100) % 100, 2, '0'],
  m: ({ month }) => [month, 2, '0'],
  d: ({ day }) => [day, 2, '0'],
  e: ({ day }) => [day, 2, ' '],
  j: ({ yearDay }) => [yearDay, 3, '0'],
  H: ({ hour }) => [hour, 2, '0'],
  k: ({ hour }) => [hour, 2, ' '],
  I: ({ hour }) => [twelve(hour), 2, '0'],
  l: ({ hour }) => [twelve(hour), 2, ' '],
  M: ({ minute }) => [minute, 2, '0'],
  S: ({ second }) => [second, 2, '0'],
  u: ({ weekday }) => [weekday === 0 ? 7 : weekday, 1, '0'],
  w: ({ weekday }) => [weekday, 1, '0'],
  G: ({ iso }) => [iso.year, iso.year < 0 ? 5 : 4, '0'],
  g: ({ iso }) => [((iso.year % 100) + 100) % 100, 2, '0'],
  V: ({ iso }) => [iso.week, 2, '0'],
  U: ({ yearDay, weekday }) => [weekOfYear(yearDay, weekday, false), 2, '0'],
  W: ({ yearDay, weekday }) => [weekOfYear(yearDay, weekday, true), 2, '0'],
  s: ({ epoch }) => [floorDiv(epoch, 1_000_000_000n), 1, '0'],
};

const TEXTS: Readonly<Record<string, ((moment: Moment, flags: Flags) => string) | undefined>> = {
  B: ({ month }) => MONTHS[month - 1]!,
  b: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  h: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  A: ({ weekday }) => DAYS[weekday]!,
  a: ({ weekday }) => DAYS[weekday]!.slice(0, 3),
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  Z: ({ zone }) => zone,
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

const COMPOSED: Readonly<Record<string, string | undefined>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  F: '%Y-%m-%d',
  v: '%e-%^b-%Y',
  X: '%H:%M:%S',
  T: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  '+': '%a %b %e %H:%M:%S %Z %Y',
};

/** `#` does nothing to these, and `-` only to those of a Date. */
function composition(text: string, { isDate }: Moment, flags: Flags): string {
  const pad = flags.pad === '-' && !isDate ? '' : flags.pad;
  return textual(flags.upcase ? text.toUpperCase() : text, { ...flags, pad });
}

/** `#` turns the case of AM and of zones round, and makes everything else large. */
function cased(text: string, directive: string, { upcase, changeCase }: Flags): string {
  if (changeCase && /[pZ]/.test(directive)) return text.toLowerCase();
  return upcase || changeCase ? text.toUpperCase() : text;
}

function textual(text: string, { pad, width }: Flags): string {
  // A Time at an offset has no zone, and that is not padded.
  return pad === '-' || text === '' ? text : text.padStart(width ?? 0, pad === '0' ? '0' : ' ');
}

function padded(value: number | bigint, width: number, usual: '0' | ' ', flags: Flags): string {
  const pad = flags.pad === '' ? usual : flags.pad === '_' ? ' ' : flags.pad;
  const text = String(value);
  if (pad === '-') return text;
  const size = flags.width ?? width;
  if (pad === ' ' || !text.startsWith('-')) return text.padStart(size, pad);
  return `-${text.slice(1).padStart(size - 1, '0')}`;
}

function fraction({ nanosecond }: Moment, digits: number): string {
  return String(nanosecond).padStart(9, '0').slice(0, digits).padEnd(digits, '0');
}

/** `+hhmm`, with colons `+hh:mm`, `+hh:mm:ss`, or as much as is needed. The width goes to the hours. */
function offset({ offset: seconds, isDate, isUtc }: Moment, { pad, width, colons }: Flags): string {
  const size = Math.abs(seconds);
  const [hours, minutes, rest] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  let tail: string;
  if (colons === 0) tail = two(minutes);
  else if (colons === 1) tail = `:${two(minutes)}`;
  else if (colons === 2 || rest !== 0) tail = `:${two(minutes)}:${two(rest)}`;
  else tail = minutes === 0 ? '' : `:${two(minutes)}`;
  const least = pad === '-' && isDate && hours < 10 ? 1 : 2;
  const places = Math.max(least, (width ?? 0) - tail.length - 1);
  const sign = seconds < 0 || (isUtc && pad === '-') ? '-' : '+';
  if (pad === '_') return `${sign}${hours}`.padStart(places + 1, ' ') + tail;
  return sign + String(hours).padStart(places, '0') + tail;
}
