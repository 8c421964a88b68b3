/** Order and pages. Of a long list only the page that is asked for is put in order. */

import { ChainbootError } from '../../errors.ts';
import { natural } from './comparison.ts';
import { fieldCalled, noField } from './compile.ts';
import type { Searchable, SearchContext, Value } from './field.ts';

export type Sort = { readonly by: string | null; readonly order: 'ASC' | 'DESC' | null };
export type Compare<R> = (a: R, b: R) => number;

/** `name DESC, id`. Throws ORDER_INVALID. */
export function comparing<R>(
  order: string | undefined,
  searchable: Searchable<R>,
  context: SearchContext,
): { readonly sort: Sort; readonly compare: Compare<R> | undefined } {
  const keys = (order ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (keys.length === 0) return { sort: { by: null, order: null }, compare: undefined };
  const parsed = keys.map((key) => {
    const [, name = '', direction = 'ASC'] = /^(\S+)(?:\s+(asc|desc))?$/i.exec(key) ?? [];
    if (name === '') throw invalid(order, `"${key}" is no field with ASC or DESC`);
    const field = fieldCalled(name, searchable);
    if (field === undefined) throw invalid(order, noField(name, searchable));
    return { name, down: /desc/i.test(direction), field };
  });
  const compare: Compare<R> = (a, b) => {
    for (const { field, down } of parsed) {
      const sign = byValue(first(field.of(a, context)), first(field.of(b, context)));
      if (sign !== 0) return down ? -sign : sign;
    }
    return 0;
  };
  const { name, down } = parsed[0]!;
  return { sort: { by: name, order: down ? 'DESC' : 'ASC' }, compare };
}

function invalid(order = '', reason: string): ChainbootError {
  return new ChainbootError('ORDER_INVALID', { order, reason });
}

function first(values: Value | readonly Value[] | undefined): Value | undefined {
  return typeof values === 'object' ? values[0] : values;
}

/** What has no value comes last. */
function byValue(a: Value | undefined, b: Value | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return typeof a === 'string' && typeof b === 'string' ? natural(a, b) : Number(a) - Number(b);
}

/**
 * The records from `from` to before `to`, as if all were sorted; equal ones keep their order. `sorted` sorts them all, or
 * remembers them.
 */
export function slice<R>(
  records: readonly R[],
  compare: Compare<R> | undefined,
  from: number,
  to: number,
  sorted: (sort: () => readonly R[]) => readonly R[] = (sort) => sort(),
): readonly R[] {
  if (compare === undefined) return records.slice(from, to);
  if (to * 8 > records.length) return sorted(() => records.toSorted(compare)).slice(from, to);
  return smallest(records, compare, to).slice(from, to);
}

/** The first `count` of the order: each record is put among those, most are not. */
function smallest<R>(records: readonly R[], compare: Compare<R>, count: number): readonly R[] {
  const kept: R[] = [];
  for (const record of records) {
    if (kept.length === count && compare(record, kept[count - 1]!) >= 0) continue;
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(record, kept[middle]!) < 0) high = middle;
      else low = middle + 1;
    }
    kept.splice(low, 0, record);
    if (kept.length > count) kept.pop();
  }
  return kept;
}
