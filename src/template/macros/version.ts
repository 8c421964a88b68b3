/** Versions as RubyGems compares them. */

import { RubyError } from '../errors.ts';

type Segment = bigint | string;

/** `1.2.0.rc1` is 1, 2, rc, 1: zeros before letters and at the end say nothing. */
function segmentsOf(version: string): Segment[] {
  const text = version.trim();
  if (text !== '' && !/^\d+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/.test(text))
    throw new RubyError(`malformed version number string ${version}`);
  const parts = (text === '' ? '0' : text).replaceAll('-', '.pre.').match(/\d+|[a-z]+/gi) ?? [];
  const segments = parts.map((part): Segment => (/^\d/.test(part) ? BigInt(part) : part));
  const letter = segments.findIndex((segment) => typeof segment === 'string');
  const numbers = letter < 0 ? segments : segments.slice(0, letter);
  return [...withoutZeros(numbers), ...(letter < 0 ? [] : withoutZeros(segments.slice(letter)))];
}

function withoutZeros(segments: readonly Segment[]): readonly Segment[] {
  return segments.slice(0, segments.findLastIndex((segment) => segment !== 0n) + 1);
}

/** A word is less than any number, and than nothing: 2.0.rc1 comes before 2.0. */
function order(a: Segment, b: Segment): -1 | 0 | 1 {
  if (typeof a !== typeof b) return typeof a === 'string' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function versionOrder(first: string, second: string): -1 | 0 | 1 {
  const [a, b] = [segmentsOf(first), segmentsOf(second)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const found = order(a[i] ?? 0n, b[i] ?? 0n);
    if (found !== 0) return found;
  }
  return 0;
}
