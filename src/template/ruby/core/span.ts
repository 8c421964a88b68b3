/** What ranges stand for: elements in a row, or a part of a string or an array. */

import { RubyError } from '../../errors.ts';
import { wantCount } from '../arguments.ts';
import type { Runtime } from '../runtime.ts';
import { compareText, successor } from '../text.ts';
import {
  describe,
  isInteger,
  RDate,
  type RRange,
  RString,
  RSymbol,
  str,
  sym,
  type Value,
} from '../values.ts';
import { integersBetween } from './integer.ts';

/** All elements of a range that has an end. */
export function bounds(range: RRange, rt: Runtime): Value[] {
  const { first, last, excludesLast } = range;
  if (last === null && isWalkable(first)) throw new RubyError('cannot convert endless range to an array');
  if (isInteger(first)) return integersBetween(first, last, excludesLast, rt);
  const items: Value[] = [];
  walk(range, rt, (item) => {
    rt.budget.elements(1);
    items.push(item);
  });
  return items;
}

function isWalkable(value: Value): boolean {
  return isInteger(value) || value instanceof RString || value instanceof RSymbol || value instanceof RDate;
}

/** Calls `visit` for every element, one after the other, which may be without end. */
export function walk(range: RRange, rt: Runtime, visit: (item: Value) => void): void {
  const { first, last, excludesLast } = range;
  if (!isWalkable(first))
    throw new RubyError(`can't iterate from ${describe(first).replace('an instance of ', '')}`);
  if (first instanceof RSymbol) {
    const end = last instanceof RSymbol ? last.name : null;
    walkText(first.name, end, excludesLast, rt, (text) => visit(sym(text)));
  } else if (first instanceof RString) {
    const end = last instanceof RString ? last.text : null;
    if (end === null && last !== null) return;
    walkText(first.text, end, excludesLast, rt, (text) => visit(str(text)));
  } else walkUp(first, last, excludesLast, rt, visit);
}

function walkUp(
  first: Value,
  last: Value,
  excludesLast: boolean,
  rt: Runtime,
  visit: (item: Value) => void,
): void {
  for (let item = first; ; item = rt.send(item, 'succ', [])) {
    rt.budget.step();
    const order = last === null ? -1 : rt.send(item, '<=>', [last]);
    if (typeof order !== 'number' || order > 0 || (order === 0 && excludesLast)) return;
    visit(item);
  }
}

const DIGITS = /^[0-9]+$/;

/** From one text to another as `String#upto` counts: numbers by value, else by `succ` until it grows too long. */
export function walkText(
  first: string,
  last: string | null,
  excludesLast: boolean,
  rt: Runtime,
  visit: (text: string) => void,
): void {
  const step = (text: string) => {
    rt.budget.step();
    visit(text);
  };
  if (last === null) for (let text = first; ; text = successor(text)) step(text);
  const ascii = (text: string) => text.length === 1 && text <= '\x7f';
  if (ascii(first) && ascii(last)) {
    const end = last.charCodeAt(0) - (excludesLast ? 1 : 0);
    for (let code = first.charCodeAt(0); code <= end; code++) step(String.fromCharCode(code));
  } else if (DIGITS.test(first) && DIGITS.test(last)) walkDigits(first, last, excludesLast, step);
  else walkSuccessors(first, last, excludesLast, step);
}

function walkDigits(first: string, last: string, excludesLast: boolean, step: (text: string) => void): void {
  const end = BigInt(last) - (excludesLast ? 1n : 0n);
  for (let number = BigInt(first); number <= end; number++) step(String(number).padStart(first.length, '0'));
}

/** In UTF-8, by which Ruby tells which text is the longer one. */
function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function walkSuccessors(
  first: string,
  last: string,
  excludesLast: boolean,
  step: (text: string) => void,
): void {
  const order = compareText(first, last);
  if (order > 0 || (order === 0 && excludesLast)) return;
  const longest = bytes(last);
  const after = successor(last);
  for (let text = first; text !== after; text = successor(text)) {
    if (excludesLast && text === last) return;
    step(text);
    if (text === last || bytes(successor(text)) > longest || text === '') return;
  }
}

/** Start and length of `[range]` on something of the given length; undefined where Ruby answers nil. */
export function rangeSpan(
  range: RRange,
  length: number,
): { readonly start: number; readonly length: number } | undefined {
  const first = range.first === null ? 0 : wantCount(range.first);
  const last = range.last === null ? -1 : wantCount(range.last);
  const start = first < 0 ? first + length : first;
  if (start < 0 || start > length) return undefined;
  const end = (last < 0 ? last + length : last) + (range.excludesLast && range.last !== null ? 0 : 1);
  return { start, length: Math.max(0, Math.min(end, length) - start) };
}

/** The same where the span may reach beyond the end, for writing. */
export function writeSpan(
  range: RRange,
  length: number,
): { readonly start: number; readonly length: number } {
  const first = range.first === null ? 0 : wantCount(range.first);
  const last = range.last === null ? -1 : wantCount(range.last);
  const start = first < 0 ? first + length : first;
  if (start < 0) throw new RubyError('the range is out of range');
  const end = (last < 0 ? last + length : last) + (range.excludesLast && range.last !== null ? 0 : 1);
  return { start, length: Math.max(0, end - start) };
}
