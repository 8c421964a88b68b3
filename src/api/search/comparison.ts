/** One comparison as a function of a field's value. */

import type { Field, Value, Values } from './field.ts';
import type { Comparison } from './lexer.ts';
import { parseTime } from './time.ts';

export type Test = (values: Values) => boolean;

/** Undefined for a value that the type of the field has no place for. */
export function testOf(
  type: Field<never>['type'],
  op: Comparison,
  values: readonly string[],
  now: number,
): Test | undefined {
  if (op === 'in' || op === 'not in') {
    const tests = values.map((value) => testOf(type, '=', [value], now));
    if (tests.some((test) => test === undefined)) return undefined;
    const any = type === 'text' ? anyText(values) : (found: Values) => tests.some((test) => test!(found));
    return op === 'in' ? any : (found) => !any(found);
  }
  const value = values[0]!;
  if (op === '!=') return negated(testOf(type, '=', values, now));
  if (op === '!~') return negated(testOf(type, '~', values, now));
  const one = oneTest(type, op, value, now);
  return one && ((found) => some(found, one));
}

function anyText(values: readonly string[]): Test {
  const wanted = new Set(values);
  return (found) => some(found, (value) => wanted.has(String(value)));
}

function negated(test: Test | undefined): Test | undefined {
  return test && ((found) => !test(found));
}

function some(values: Values, one: (value: Value) => boolean): boolean {
  if (values === undefined) return false;
  return typeof values === 'object' ? values.some(one) : one(values);
}

type OneTest = (value: Value) => boolean;

function oneTest(
  type: Field<never>['type'],
  op: Comparison,
  wanted: string,
  now: number,
): OneTest | undefined {
  if (op === '~') return remembering(likeTest(wanted));
  if (type === 'boolean') return booleanTest(op, wanted);
  if (type === 'time') return timeTest(op, wanted, now);
  if (type === 'number') return /^-?\d+(\.\d+)?$/.test(wanted) ? numberTest(op, Number(wanted)) : undefined;
  return textTest(op, wanted);
}

/** Record after record has the same operating system, group, model. */
function remembering(test: OneTest): OneTest {
  let last: Value | undefined;
  let result = false;
  return (value) => {
    if (value !== last) {
      last = value;
      result = test(value);
    }
    return result;
  };
}

function textTest(op: Comparison, wanted: string): OneTest {
  if (op === '=') return (value) => value === wanted || String(value) === wanted;
  const sign = (value: Value) => natural(String(value), wanted);
  return ordered(op, sign);
}

function numberTest(op: Comparison, wanted: number): OneTest {
  if (op === '=') return (value) => Number(value) === wanted;
  return ordered(op, (value) => Number(value) - wanted);
}

function ordered(op: Comparison, sign: (value: Value) => number): OneTest {
  switch (op) {
    case '>':
      return (value) => sign(value) > 0;
    case '>=':
      return (value) => sign(value) >= 0;
    case '<':
      return (value) => sign(value) < 0;
    default:
      return (value) => sign(value) <= 0;
  }
}

const TRUE = /^(?:true|t|yes|y|on|1)$/i;
const FALSE = /^(?:false|f|no|n|off|0)$/i;

function booleanTest(op: Comparison, wanted: string): OneTest | undefined {
  if (op !== '=' || !(TRUE.test(wanted) || FALSE.test(wanted))) return undefined;
  const expected = TRUE.test(wanted);
  return (value) => value === expected;
}

/** A day is all of it: `= 2026-01-02` is from midnight to midnight. */
function timeTest(op: Comparison, wanted: string, now: number): OneTest | undefined {
  const span = parseTime(wanted, now);
  if (span === undefined) return undefined;
  const { from, to } = span;
  const after = span.point ? from + 1 : to;
  switch (op) {
    case '=':
      return (value) => Number(value) >= from && Number(value) < to;
    case '>':
      return (value) => Number(value) >= after;
    case '>=':
      return (value) => Number(value) >= from;
    case '<':
      return (value) => Number(value) < from;
    default:
      return (value) => Number(value) < after;
  }
}

/** `*` and `%` stand for anything; without any, what is looked for may stand anywhere (as in scoped_search). */
function likeTest(pattern: string): OneTest {
  const lower = pattern.toLowerCase();
  if (!/[*%]/.test(pattern)) return (value) => String(value).toLowerCase().includes(lower);
  const parts = lower.split(/[*%]+/);
  return (value) => matches(String(value).toLowerCase(), parts);
}

/** Piece by piece, so that no pattern takes long. */
function matches(text: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * web2 before web10; letters of ASCII without regard to case. By hand and without allocation: a collator that
 * does the same takes ten times as long, and a page of 100,000 hosts needs as many comparisons.
 */
export function natural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = folded(a.charCodeAt(i));
    const right = folded(b.charCodeAt(j));
    if (isDigit(left) && isDigit(right)) {
      const [endLeft, endRight] = [digitsEnd(a, i), digitsEnd(b, j)];
      const sign = byNumber(a, i, endLeft, b, j, endRight);
      if (sign !== 0) return sign;
      i = endLeft;
      j = endRight;
    } else if (left !== right) return left - right;
    else {
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j);
}

function folded(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** Two runs of digits, of any length, as numbers. */
function byNumber(a: string, i: number, endA: number, b: string, j: number, endB: number): number {
  let [left, right] = [i, j];
  while (left < endA - 1 && a.charCodeAt(left) === 48) left++;
  while (right < endB - 1 && b.charCodeAt(right) === 48) right++;
  const longer = endA - left - (endB - right);
  if (longer !== 0) return longer;
  for (; left < endA; left++, right++) {
    const sign = a.charCodeAt(left) - b.charCodeAt(right);
    if (sign !== 0) return sign;
  }
  return 0;
}
