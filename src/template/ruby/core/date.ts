/** Date and DateTime. Templates get one from macros (`dateOf`) or from `Time#to_date`. */

import { RubyError } from '../../errors.ts';
import { wantCount, wantText } from '../arguments.ts';
import {
  type Civil,
  civilOf,
  dayNumber,
  dayOfYear,
  ENGLAND,
  EPOCH_DAY,
  FARTHEST_DAY,
  FARTHEST_YEAR,
  GREGORIAN,
  ITALY,
  isLeap,
  isoWeek,
  JULIAN,
  monthsLater,
  ordinal,
  weekday,
} from '../calendar.ts';
import {
  compareRational,
  floorDiv,
  multiply,
  rational,
  roundOf,
  subtract,
  toRational,
  truncated,
} from '../rational.ts';
import type { Block, Runtime } from '../runtime.ts';
import { type Moment, strftime } from '../strftime.ts';
import {
  describe,
  integer,
  RDate,
  RDateTime,
  REnumerator,
  RFloat,
  type RRational,
  RString,
  RSymbol,
  RTime,
  str,
  type Value,
} from '../values.ts';
import { aliases, inherit, type MethodBody, methods } from './table.ts';
import { weekdays } from './weekdays.ts';

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
const EPOCH = BigInt(EPOCH_DAY) * DAY;

/** A Date; the month and the day count from 1, and must exist. */
export function dateOf(year: number, month: number, day: number): RDate {
  return dateOfDay({ year, month, day });
}

export function dateOfDay(civil: Civil): RDate {
  const number = dayNumber(civil, ITALY);
  const found = civilOf(number, ITALY);
  if (found.day !== civil.day || found.month !== civil.month) throw new RubyError('invalid date');
  return new RDate(BigInt(number) * DAY, 0, ITALY);
}

/** A DateTime of nanoseconds since 1970, shown at an offset of seconds east of Greenwich. */
export function dateTimeOf(epochNanoseconds: bigint, offset: number): RDateTime {
  return new RDateTime(EPOCH + epochNanoseconds, offset, ITALY);
}

function local(self: RDate): bigint {
  return self.nanoseconds + BigInt(self.offset) * SECOND;
}

/** The Julian day number of the day it is where it is shown. */
function dayOf(self: RDate): number {
  return Number(floorDiv(local(self), DAY));
}

function nanosecondOfDay(self: RDate): bigint {
  return local(self) - floorDiv(local(self), DAY) * DAY;
}

/** A whole number as an Integer. */
function canonical(value: RRational): Value {
  return value.denominator === 1n ? integer(value.numerator) : value;
}

/** The same kind of date at another moment. */
function at(self: RDate, nanoseconds: bigint): RDate {
  const days = nanoseconds / DAY;
  if (days > FARTHEST_DAY || days < -FARTHEST_DAY) throw new RubyError('the date is out of range');
  return self instanceof RDateTime
    ? new RDateTime(nanoseconds, self.offset, self.start)
    : new RDate(nanoseconds, self.offset, self.start);
}

/** The same time of another day. */
function onDay(self: RDate, day: number): RDate {
  return at(self, self.nanoseconds + BigInt(day - dayOf(self)) * DAY);
}

function within(self: RDate, start: number): RDate {
  return self instanceof RDateTime
    ? new RDateTime(self.nanoseconds, self.offset, start)
    : new RDate(self.nanoseconds, self.offset, start);
}

function offsetText(offset: number): string {
  const size = Math.floor(Math.abs(offset) / 60);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function momentOf(self: RDate): Moment {
  const number = dayOf(self);
  const time = nanosecondOfDay(self);
  const second = Number(time / SECOND);
  return {
    ...civilOf(number, self.start),
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    nanosecond: Number(time % SECOND),
    weekday: weekday(number),
    yearDay: dayOfYear(number, self.start),
    iso: isoWeek(number, self.start),
    offset: self.offset,
    zone: offsetText(self.offset),
    epoch: self.nanoseconds - EPOCH,
    isDate: true,
    isUtc: false,
  };
}

function formatted(format: string): MethodBody<RDate> {
  return (self) => str(strftime(format, momentOf(self)));
}

/** Days since noon of Julian day 0, the astronomers' count, and where `<=>` with a number looks. */
function astronomical(self: RDate): RRational {
  return subtract(rational(self.nanoseconds, DAY), rational(1n, 2n));
}

function inDays(value: Value | undefined): bigint {
  const days = toRational(value);
  if (days === undefined) throw new RubyError(`expected numeric, not ${describe(value ?? null)}`);
  return roundOf(multiply(days, rational(DAY)));
}

function minus(self: RDate, [other]: readonly Value[]): Value {
  if (other instanceof RDate) return rational(self.nanoseconds - other.nanoseconds, DAY);
  return at(self, self.nanoseconds - inDays(other));
}

function order(self: RDate, other: Value | undefined): -1 | 0 | 1 | null {
  if (other instanceof RDate)
    return self.nanoseconds < other.nanoseconds ? -1 : self.nanoseconds > other.nanoseconds ? 1 : 0;
  const number = toRational(other);
  return number === undefined ? null : compareRational(astronomical(self), number);
}

/** Ruby's own inspect; Rails calls it default_inspect and prints something readable instead. */
function inspect(self: RDate): string {
  const day = floorDiv(self.nanoseconds, DAY);
  const rest = self.nanoseconds - day * DAY;
  const start = Number.isFinite(self.start) ? self.start : self.start > 0 ? 'Inf' : '-Inf';
  const offset = `${self.offset < 0 ? '-' : '+'}${Math.abs(self.offset)}`;
  const kind = self instanceof RDateTime ? 'DateTime' : 'Date';
  const text = strftime(self instanceof RDateTime ? '%Y-%m-%dT%H:%M:%S%:z' : '%Y-%m-%d', momentOf(self));
  return `#<${kind}: ${text} ((${day}j,${rest / SECOND}s,${rest % SECOND}n),${offset}s,${start}j)>`;
}

/** Calls the block with every date from here to the limit. */
function walk(self: RDate, limit: Value, step: RRational, rt: Runtime, block: Block): Value {
  const days = inDays(step);
  const direction = days < 0n ? -1 : 1;
  if (days === 0n) throw new RubyError("step can't be 0");
  for (let date = self; ; date = at(date, date.nanoseconds + days)) {
    const position = order(date, limit);
    if (position === null) throw new RubyError(`comparison of Date with ${describe(limit)} failed`);
    if (position * direction > 0) return self;
    rt.budget.step();
    block(date);
  }
}

function walking(name: string, step: bigint): MethodBody<RDate> {
  return (self, args, rt, block) =>
    block === undefined ? new REnumerator(self, name, args) : walk(self, args[0]!, rational(step), rt, block);
}

function stepping(self: RDate, args: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  if (block === undefined) return new REnumerator(self, 'step', args);
  const by = args[1] === undefined ? rational(1n) : toRational(args[1]);
  if (by === undefined) throw new RubyError(`expected numeric, not ${describe(args[1]!)}`);
  return walk(self, args[0]!, by, rt, block);
}

/** A count of months or years, `perYear` of them a year. */
function wantMonths(value: Value | undefined, perYear: number): number {
  const months = toRational(value);
  if (months === undefined) throw new RubyError('expected numeric');
  const count = Number(truncated(months));
  if (Math.abs(count) > FARTHEST_YEAR * perYear) throw new RubyError('the date is out of range');
  return count;
}

function later(direction: 1 | -1): MethodBody<RDate> {
  return (self, [months = 1]) =>
    onDay(self, monthsLater(dayOf(self), direction * wantMonths(months, 12), self.start));
}

function days(direction: bigint): MethodBody<RDate> {
  return (self, [count = 1]) => at(self, self.nanoseconds + direction * inDays(count));
}

function years(direction: 1 | -1): MethodBody<RDate> {
  return (self, [count = 1]) =>
    onDay(self, monthsLater(dayOf(self), direction * 12 * wantMonths(count, 1), self.start));
}

function isJulian(self: RDate): boolean {
  return dayOf(self) < self.start;
}

/** Rails' named formats. */
const FORMATS: Readonly<Record<string, string | undefined>> = {
  short: '%d %b',
  long: '%B %d, %Y',
  db: '%Y-%m-%d',
  inspect: '%Y-%m-%d',
  number: '%Y%m%d',
  rfc822: '%d %b %Y',
  iso8601: '%Y-%m-%d',
};

function inFormat(self: RDate, [name]: readonly Value[]): Value {
  const key = name instanceof RSymbol ? name.name : undefined;
  const moment = momentOf(self);
  const format = key === 'long_ordinal' ? `%B ${ordinal(moment.day)}, %Y` : FORMATS[key ?? ''];
  return str(strftime(format ?? '%Y-%m-%d', moment));
}

export const DATE = aliases(
  inherit(
    weekdays<RDate>(momentOf),
    methods<RDate>({
      '+': [1, (self, [count]) => at(self, self.nanoseconds + inDays(count))],
      '-': [1, minus],
      '>>': [1, later(1)],
      '<<': [1, later(-1)],
      '<=>': [1, (self, [other]) => order(self, other)],
      '==': [1, (self, [other]) => order(self, other) === 0],
      '===': [1, (self, [other]) => other instanceof RDate && dayOf(self) === dayOf(other)],
      'eql?': [1, (self, [other]) => other instanceof RDate && order(self, other) === 0],
      to_s: [0, 1, inFormat],
      inspect: [0, (self) => str(inspect(self))],
      strftime: [
        0,
        1,
        (self, [format]) => str(strftime(format === undefined ? '%F' : wantText(format), momentOf(self))),
      ],
      iso8601: [0, formatted('%Y-%m-%d')],
      rfc2822: [0, formatted('%a, %-d %b %Y %T %z')],
      rfc3339: [0, formatted('%Y-%m-%dT%H:%M:%S%:z')],
      httpdate: [
        0,
        (self) => str(strftime('%a, %d %b %Y %T GMT', momentOf(new RDate(self.nanoseconds, 0, self.start)))),
      ],
      ctime: [0, formatted('%a %b %e %H:%M:%S %Y')],
      year: [0, (self) => momentOf(self).year],
      month: [0, (self) => momentOf(self).month],
      day: [0, (self) => momentOf(self).day],
      wday: [0, (self) => momentOf(self).weekday],
      yday: [0, (self) => momentOf(self).yearDay],
      cwyear: [0, (self) => momentOf(self).iso.year],
      cweek: [0, (self) => momentOf(self).iso.week],
      cwday: [0, (self) => momentOf(self).weekday || 7],
      jd: [0, dayOf],
      ajd: [0, (self) => canonical(astronomical(self))],
      amjd: [0, (self) => subtract(rational(self.nanoseconds, DAY), rational(2400001n))],
      mjd: [0, (self) => dayOf(self) - 2400001],
      ld: [0, (self) => dayOf(self) - 2299160],
      day_fraction: [0, (self) => canonical(rational(nanosecondOfDay(self), DAY))],
      'leap?': [0, (self) => isLeap(momentOf(self).year, self.start)],
      'julian?': [0, isJulian],
      'gregorian?': [0, (self) => !isJulian(self)],
      julian: [0, (self) => within(self, JULIAN)],
      gregorian: [0, (self) => within(self, GREGORIAN)],
      italy: [0, (self) => within(self, ITALY)],
      england: [0, (self) => within(self, ENGLAND)],
      new_start: [
        0,
        1,
        (self, [start]) => {
          if (start === undefined) return within(self, ITALY);
          return within(self, start instanceof RFloat ? start.value : wantCount(start));
        },
      ],
      start: [0, (self) => new RFloat(self.start)],
      succ: [0, days(1n)],
      next_day: [0, 1, days(1n)],
      prev_day: [0, 1, days(-1n)],
      next_month: [0, 1, later(1)],
      prev_month: [0, 1, later(-1)],
      next_year: [0, 1, years(1)],
      prev_year: [0, 1, years(-1)],
      upto: [1, walking('upto', 1n)],
      downto: [1, walking('downto', -1n)],
      step: [1, 2, stepping],
      to_date: [0, (self) => new RDate(BigInt(dayOf(self)) * DAY, 0, self.start)],
      to_datetime: [0, (self) => new RDateTime(self.nanoseconds, 0, self.start)],
      to_time: [0, (self) => toTime(self)],
      'acts_like?': [1, (_, [what]) => what instanceof RSymbol && what.name === 'date'],
      'blank?': [0, () => false],
      to_json: [0, (self) => str(`"${strftime('%Y-%m-%d', momentOf(self))}"`)],
    }),
  ),
  {
    asctime: 'ctime',
    mday: 'day',
    mon: 'month',
    next: 'succ',
    xmlschema: 'iso8601',
    rfc822: 'rfc2822',
    minus_without_duration: '-',
    plus_without_duration: '+',
    default_inspect: 'inspect',
    to_formatted_s: 'to_s',
    to_fs: 'to_s',
  },
);

/** A Date begins a day of the local zone, which is UTC. */
function toTime(self: RDate): RTime {
  const nanoseconds = self instanceof RDateTime ? self.nanoseconds : BigInt(dayOf(self)) * DAY;
  const epoch = rational(nanoseconds - EPOCH, SECOND);
  return new RTime(epoch, self.offset, self instanceof RDateTime ? 'fixed' : 'local');
}

/** `"+09:00"`, or a part of a day, as seconds. */
function wantOffset(value: Value): number {
  if (value instanceof RString) {
    const match = /^\s*(?:GMT|UTC)?([-+])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?\s*$/i.exec(value.text);
    if (match === null) return 0;
    const size = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
    return match[1] === '-' ? -size : size;
  }
  const part = toRational(value);
  if (part === undefined) throw new RubyError('invalid offset');
  const seconds = Number(roundOf(multiply(part, rational(86_400n))));
  if (Math.abs(seconds) > 86_400) throw new RubyError('invalid offset');
  return seconds;
}

function isoText(self: RDate, [digits]: readonly Value[]): string {
  const places = digits === undefined ? 0 : wantCount(digits);
  return strftime(`%Y-%m-%dT%H:%M:%S${places > 0 ? `.%${places}N` : ''}%:z`, momentOf(self));
}

const DATETIME_FORMATS: Readonly<Record<string, string | undefined>> = {
  db: '%Y-%m-%d %H:%M:%S',
  number: '%Y%m%d%H%M%S',
  time: '%H:%M',
  short: '%d %b %H:%M',
  long: '%B %d, %Y %H:%M',
};

export const DATETIME = aliases(
  inherit(
    DATE,
    methods<RDateTime>({
      to_s: [
        0,
        1,
        (self, [name]) => {
          const format = name instanceof RSymbol ? DATETIME_FORMATS[name.name] : undefined;
          return str(strftime(format ?? '%Y-%m-%dT%H:%M:%S%:z', momentOf(self)));
        },
      ],
      strftime: [
        0,
        1,
        (self, [format]) =>
          str(strftime(format === undefined ? '%FT%T%:z' : wantText(format), momentOf(self))),
      ],
      iso8601: [0, 1, (self, args) => str(isoText(self, args))],
      hour: [0, (self) => momentOf(self).hour],
      minute: [0, (self) => momentOf(self).minute],
      second: [0, (self) => momentOf(self).second],
      sec_fraction: [0, (self) => rational(nanosecondOfDay(self) % SECOND, SECOND)],
      offset: [0, (self) => rational(BigInt(self.offset), 86_400n)],
      zone: [0, (self) => str(offsetText(self.offset))],
      new_offset: [
        0,
        1,
        (self, [offset = 0]) => new RDateTime(self.nanoseconds, wantOffset(offset), self.start),
      ],
      to_datetime: [0, (self) => self],
      to_json: [0, (self) => str(`"${isoText(self, [3])}"`)],
      to_i: [0, (self) => integer(floorDiv(self.nanoseconds - EPOCH, SECOND))],
      to_f: [
        0,
        (self) => {
          const since = self.nanoseconds - EPOCH;
          const seconds = floorDiv(since, SECOND);
          return new RFloat(Number(seconds) + Number(since - seconds * SECOND) / 1e9);
        },
      ],
      'acts_like?': [1, (_, [what]) => what instanceof RSymbol && /^(date|time)$/.test(what.name)],
    }),
  ),
  {
    min: 'minute',
    sec: 'second',
    xmlschema: 'iso8601',
    rfc3339: 'iso8601',
    to_formatted_s: 'to_s',
    to_fs: 'to_s',
    default_inspect: 'inspect',
  },
);
