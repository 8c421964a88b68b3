/** Time. Templates get one from macros, which make it with `timeAt`. */

import { RubyError } from '../../errors.ts';
import { wantCount, wantText } from '../arguments.ts';
import {
  civilOf,
  dayOfYear,
  EPOCH_DAY,
  FARTHEST_DAY,
  GREGORIAN,
  isoWeek,
  ordinal,
  weekday,
} from '../calendar.ts';
import {
  add,
  compareRational,
  floorDiv,
  floorOf,
  multiply,
  rational,
  rationalText,
  rationalToFloat,
  roundOf,
  subtract,
  toRational,
} from '../rational.ts';
import { type Moment, strftime } from '../strftime.ts';
import {
  describe,
  integer,
  RFloat,
  type RRational,
  RString,
  RSymbol,
  RTime,
  str,
  type Value,
} from '../values.ts';
import { dateOfDay, dateTimeOf } from './date.ts';
import { aliases, inherit, type MethodTable, methods } from './table.ts';
import { weekdays } from './weekdays.ts';

const BILLION = 1_000_000_000n;
const DAY_SECONDS = 86_400;

/** A Time of so many milliseconds since 1970; in UTC, or shown at an offset of seconds east of Greenwich. */
export function timeAt(epochMilliseconds: number, offsetSeconds?: number): RTime {
  const epoch = rational(BigInt(Math.round(epochMilliseconds)), 1000n);
  return new RTime(epoch, offsetSeconds ?? 0, offsetSeconds === undefined ? 'utc' : 'fixed');
}

/** Nanoseconds since 1970, rounded down. */
function nanosecondsOf(self: RTime): bigint {
  return floorOf(multiply(self.epoch, rational(BILLION)));
}

function zoneOf(self: RTime): string | undefined {
  return self.zone === 'fixed' ? undefined : 'UTC';
}

function momentOf(self: RTime): Moment {
  const epoch = nanosecondsOf(self);
  const local = Number(floorDiv(epoch, BILLION)) + self.offset;
  const day = Math.floor(local / DAY_SECONDS);
  const second = local - day * DAY_SECONDS;
  const number = day + EPOCH_DAY;
  return {
    ...civilOf(number, GREGORIAN),
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    nanosecond: Number(epoch - floorDiv(epoch, BILLION) * BILLION),
    weekday: weekday(number),
    yearDay: dayOfYear(number, GREGORIAN),
    iso: isoWeek(number, GREGORIAN),
    offset: self.offset,
    zone: zoneOf(self) ?? '',
    epoch,
    isDate: false,
    isUtc: self.zone === 'utc',
  };
}

function formatted(format: string) {
  return (self: RTime): Value => str(strftime(format, momentOf(self)));
}

function plain(self: RTime, offset = '%z'): string {
  const zone = self.zone === 'utc' ? 'UTC' : offset;
  return strftime(`%Y-%m-%d %H:%M:%S ${zone}`, momentOf(self));
}

/** With as much of the second as there is, as a fraction where that does not end at nanoseconds. */
function inspect(self: RTime): string {
  const offset = self.offset % 60 === 0 ? '%z' : strftime('%::z', momentOf(self)).replaceAll(':', '');
  const whole = rational(floorOf(self.epoch));
  const rest = subtract(self.epoch, whole);
  if (rest.numerator === 0n) return plain(self, offset);
  const exact = BILLION % rest.denominator === 0n;
  const fraction = exact ? `.${strftime('%N', momentOf(self)).replace(/0+$/, '')}` : ` ${rationalText(rest)}`;
  const text = plain(self, offset);
  return text.slice(0, 19) + fraction + text.slice(19);
}

const MILITARY = 'YXWVUTSRQPONZABCDEFGHIKLM';

/** `"+09:00"`, `"-0330"`, `"UTC"`, `"A"` … `"Z"`, or seconds, as a zone to show a time in. */
export function zoneFrom(value: Value): { readonly offset: number; readonly zone: RTime['zone'] } {
  if (value === null) return { offset: 0, zone: 'local' };
  if (value instanceof RString) return namedZone(value.text);
  const exact = toRational(value);
  if (exact === undefined) throw new RubyError(`can't convert ${describe(value)} into an exact number`);
  const offset = Number(roundOf(exact));
  if (Math.abs(offset) >= DAY_SECONDS) throw new RubyError('utc_offset out of range');
  return { offset, zone: 'fixed' };
}

function namedZone(name: string): { readonly offset: number; readonly zone: RTime['zone'] } {
  if (name === 'UTC' || name === 'Z' || name === '-00:00') return { offset: 0, zone: 'utc' };
  if (name.length === 1 && MILITARY.includes(name))
    return { offset: (MILITARY.indexOf(name) - 12) * 3600, zone: 'fixed' };
  const match = /^([-+])(\d\d)(?:(:?)([0-5]\d)(?:\3([0-5]\d))?)?$/.exec(name);
  if (match === null || Number(match[2]) > 23)
    throw new RubyError(`"+HH:MM", "-HH:MM", "UTC" or "A".."I","K".."Z" expected for utc_offset: ${name}`);
  const size = Number(match[2]) * 3600 + Number(match[4] ?? 0) * 60 + Number(match[5] ?? 0);
  return { offset: match[1] === '-' ? -size : size, zone: 'fixed' };
}

function shown(self: RTime, [zone = null]: readonly Value[]): RTime {
  const target = zoneFrom(zone);
  return new RTime(self.epoch, target.offset, target.zone);
}

function show(self: RTime, { offset, zone }: Pick<RTime, 'offset' | 'zone'>): RTime {
  if (self.frozen) throw new RubyError("can't modify frozen Time");
  self.offset = offset;
  self.zone = zone;
  return self;
}

function inUtc(self: RTime): RTime {
  return new RTime(self.epoch, 0, 'utc');
}

function moved(self: RTime, by: RRational): RTime {
  const epoch = add(self.epoch, by);
  const days = floorOf(epoch) / BigInt(DAY_SECONDS);
  if (days > FARTHEST_DAY || days < -FARTHEST_DAY) throw new RubyError('the time is out of range');
  return new RTime(epoch, self.offset, self.zone);
}

function wantSeconds(value: Value | undefined): RRational {
  return toRational(value) ?? refuse(value);
}

function refuse(value: Value | undefined): never {
  throw new RubyError(`can't convert ${describe(value ?? null)} into an exact number`);
}

function plus(self: RTime, [seconds]: readonly Value[]): Value {
  if (seconds instanceof RTime) throw new RubyError('time + time?');
  return moved(self, wantSeconds(seconds));
}

function minus(self: RTime, [other]: readonly Value[]): Value {
  if (other instanceof RTime) return new RFloat(rationalToFloat(subtract(self.epoch, other.epoch)));
  return moved(self, multiply(wantSeconds(other), rational(-1n)));
}

function iso8601(self: RTime, [digits]: readonly Value[]): Value {
  const places = digits === undefined ? 0 : wantCount(digits);
  const fraction = places > 0 ? `.%${places}N` : '';
  return str(strftime(`%Y-%m-%dT%H:%M:%S${fraction}${self.zone === 'utc' ? 'Z' : '%:z'}`, momentOf(self)));
}

/** Rails' named formats. */
const FORMATS: Readonly<Record<string, string | undefined>> = {
  db: '%Y-%m-%d %H:%M:%S',
  number: '%Y%m%d%H%M%S',
  nsec: '%Y%m%d%H%M%S%9N',
  usec: '%Y%m%d%H%M%S%6N',
  time: '%H:%M',
  short: '%d %b %H:%M',
  long: '%B %d, %Y %H:%M',
  rfc822: '%a, %d %b %Y %H:%M:%S %z',
};

function inFormat(self: RTime, [name]: readonly Value[]): Value {
  const key = name instanceof RSymbol ? name.name : undefined;
  const format = key === undefined ? undefined : FORMATS[key];
  if (format !== undefined) return str(strftime(format, momentOf(self)));
  if (key === 'long_ordinal')
    return str(strftime(`%B ${ordinal(momentOf(self).day)}, %Y %H:%M`, momentOf(self)));
  return key === 'iso8601' ? iso8601(self, []) : str(plain(self));
}

function parts(names: readonly (keyof Moment)[]): MethodTable {
  return methods<RTime>(
    Object.fromEntries(
      names.map((name) => [name, [0, (self: RTime) => momentOf(self)[name] as Value]] as const),
    ),
  );
}

export const TIME = aliases(
  inherit(
    parts(['year', 'month', 'day', 'hour']),
    weekdays<RTime>(momentOf),
    methods<RTime>({
      '+': [1, plus],
      '-': [1, minus],
      '<=>': [
        1,
        (self, [other]) => (other instanceof RTime ? compareRational(self.epoch, other.epoch) : null),
      ],
      '==': [1, (self, [other]) => other instanceof RTime && compareRational(self.epoch, other.epoch) === 0],
      to_s: [0, 1, inFormat],
      inspect: [0, (self) => str(inspect(self))],
      to_a: [
        0,
        (self) => {
          const { second, minute, hour, day, month, year, weekday: wday, yearDay } = momentOf(self);
          const zone = zoneOf(self);
          return [
            second,
            minute,
            hour,
            day,
            month,
            year,
            wday,
            yearDay,
            false,
            zone === undefined ? null : str(zone),
          ];
        },
      ],
      min: [0, (self) => momentOf(self).minute],
      sec: [0, (self) => momentOf(self).second],
      usec: [0, (self) => Math.floor(momentOf(self).nanosecond / 1000)],
      nsec: [0, (self) => momentOf(self).nanosecond],
      wday: [0, (self) => momentOf(self).weekday],
      yday: [0, (self) => momentOf(self).yearDay],
      zone: [
        0,
        (self) => {
          const zone = zoneOf(self);
          return zone === undefined ? null : str(zone);
        },
      ],
      'dst?': [0, () => false],
      'utc?': [0, (self) => self.zone === 'utc'],
      utc_offset: [0, (self) => self.offset],
      getutc: [0, inUtc],
      utc: [0, (self) => show(self, { offset: 0, zone: 'utc' })],
      getlocal: [0, 1, shown],
      localtime: [0, 1, (self, [zone = null]) => show(self, zoneFrom(zone))],
      strftime: [1, (self, [format]) => str(strftime(wantText(format), momentOf(self)))],
      ctime: [0, formatted('%a %b %e %H:%M:%S %Y')],
      httpdate: [0, (self) => formatted('%a, %d %b %Y %H:%M:%S GMT')(inUtc(self))],
      rfc2822: [
        0,
        (self) => formatted(`%a, %d %b %Y %H:%M:%S ${self.zone === 'utc' ? '-0000' : '%z'}`)(self),
      ],
      iso8601: [0, 1, iso8601],
      to_i: [0, (self) => integer(floorOf(self.epoch))],
      to_f: [0, (self) => new RFloat(rationalToFloat(self.epoch))],
      to_r: [0, (self) => self.epoch],
      to_time: [0, (self) => self],
      to_date: [
        0,
        (self) => {
          const { year, month, day } = momentOf(self);
          return dateOfDay({ year, month, day });
        },
      ],
      to_datetime: [0, (self) => dateTimeOf(nanosecondsOf(self), self.offset)],
      'acts_like?': [1, (_, [what]) => what instanceof RSymbol && what.name === 'time'],
      'blank?': [0, () => false],
    }),
  ),
  {
    asctime: 'ctime',
    getgm: 'getutc',
    'gmt?': 'utc?',
    gmtime: 'utc',
    gmtoff: 'utc_offset',
    gmt_offset: 'utc_offset',
    isdst: 'dst?',
    mday: 'day',
    mon: 'month',
    minus_without_duration: '-',
    plus_without_duration: '+',
    rfc822: 'rfc2822',
    to_formatted_s: 'to_s',
    to_fs: 'to_s',
    tv_sec: 'to_i',
    tv_usec: 'usec',
    tv_nsec: 'nsec',
    xmlschema: 'iso8601',
    'eql?': '==',
  },
);
