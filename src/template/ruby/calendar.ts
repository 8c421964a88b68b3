/** Days by number and by year, month and day; weeks. Pure arithmetic (Meeus, Astronomical Algorithms, ch. 7). */

/** Julian day number of 1970-01-01. */
export const EPOCH_DAY = 2440588;

/** Where Ruby begins the Gregorian calendar unless told otherwise: 1582-10-15. */
export const ITALY = 2299161;
export const ENGLAND = 2361222;
/** Every day Gregorian, as Time counts. */
export const GREGORIAN = Number.NEGATIVE_INFINITY;
export const JULIAN = Number.POSITIVE_INFINITY;

/** Days and years beyond this are refused: double arithmetic is exact up to there, and no host is that old. */
export const FARTHEST_YEAR = 1_000_000;
export const FARTHEST_DAY = 365_250_000;

export type Civil = { readonly year: number; readonly month: number; readonly day: number };

/** The day number of a civil date, which may lie outside of its month. */
export function dayNumber({ year, month, day }: Civil, start: number): number {
  const y = month <= 2 ? year - 1 : year;
  const m = month <= 2 ? month + 12 : month;
  const century = Math.floor(y / 100);
  const correction = 2 - century + Math.floor(century / 4);
  const julian = Math.floor(365.25 * (y + 4716)) + Math.floor(30.6001 * (m + 1)) + day - 1524;
  return julian + correction < start ? julian : julian + correction;
}

export function civilOf(number: number, start: number): Civil {
  let a = number;
  if (number >= start) {
    const x = Math.floor((number - 1867216.25) / 36524.25);
    a = number + 1 + x - Math.floor(x / 4);
  }
  const b = a + 1524;
  const c = Math.floor((b - 122.1) / 365.25);
  const d = Math.floor(365.25 * c);
  const e = Math.floor((b - d) / 30.6001);
  const month = e <= 13 ? e - 1 : e - 13;
  return { year: month > 2 ? c - 4716 : c - 4715, month, day: b - d - Math.floor(30.6001 * e) };
}

/** 0 is Sunday. */
export function weekday(number: number): number {
  return (((number + 1) % 7) + 7) % 7;
}

/** From 1. */
export function dayOfYear(number: number, start: number): number {
  const { year } = civilOf(number, start);
  return number - firstDay(year, start) + 1;
}

/** The first day there is of a year: of none is it certain that January 1 exists in it. */
function firstDay(year: number, start: number): number {
  return dayNumber({ year, month: 1, day: 1 }, start);
}

/** ISO 8601: weeks begin on Monday, and the first of a year has its first Thursday. */
export function isoWeek(number: number, start: number): { readonly year: number; readonly week: number } {
  const monday = (year: number) => {
    const fourth = dayNumber({ year, month: 1, day: 4 }, start);
    return fourth - ((weekday(fourth) + 6) % 7);
  };
  const guess = civilOf(number - 3, start).year;
  const year = number >= monday(guess + 1) ? guess + 1 : guess;
  return { year, week: Math.floor((number - monday(year)) / 7) + 1 };
}

/** Weeks as `%U` and `%W` number them: the first Sunday or Monday of the year begins week 1. */
export function weekOfYear(yearDay: number, wday: number, beginsMonday: boolean): number {
  const since = beginsMonday ? (wday + 6) % 7 : wday;
  return Math.floor((yearDay - 1 + 7 - since) / 7);
}

export function isLeap(year: number, start: number): boolean {
  const { month } = civilOf(dayNumber({ year, month: 3, day: 1 }, start) - 1, start);
  return month === 2 && civilOf(dayNumber({ year, month: 3, day: 1 }, start) - 1, start).day === 29;
}

/** Some months on, on the last day of the month where it has no such day. */
export function monthsLater(number: number, months: number, start: number): number {
  const { year, month, day } = civilOf(number, start);
  const total = year * 12 + (month - 1) + months;
  const [y, m] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  for (let d = day; ; d--) {
    const found = dayNumber({ year: y, month: m, day: d }, start);
    const civil = civilOf(found, start);
    if (civil.day === d && civil.month === m) return found;
  }
}

export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export const DAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

/** Rails' `ordinalize`: 1st, 2nd, 3rd, 11th. */
export function ordinal(number: number): string {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${(teen ? undefined : ['th', 'st', 'nd', 'rd'][number % 10]) ?? 'th'}`;
}
