/** What ranges stand for: elements in a row, or a part of a string or an array. */

import { RubyError } from '../../errors.ts';
import { wantCount } from '../arguments.ts';
import type { Runtime } from '../runtime.ts';
import { successor } from '../text.ts';
import { isInteger, type RRange, RString, str, type Value } from '../values.ts';
import { integersBetween } from './integer.ts';

/** All elements of a range; of integers or strings, and not endless. */
export function bounds(range: RRange, rt: Runtime): Value[] {
  const { first, last, excludesLast } = range;
  if (last === null) throw new RubyError('an endless range cannot be walked through');
  if (first instanceof RString && last instanceof RString)
    return textBetween(first.text, last.text, range, rt);
  if (isInteger(first)) return integersBetween(first, last, excludesLast, rt);
  throw new RubyError('only ranges of integers or strings can be walked through');
}

function textBetween(first: string, last: string, { excludesLast }: RRange, rt: Runtime): Value[] {
  const items: Value[] = [];
  for (let text = first; text.length <= last.length; text = successor(text)) {
    rt.budget.step();
    if (text === last && excludesLast) break;
    items.push(str(text));
    if (text === last) break;
  }
  return items;
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
