/** `monday?` and its like, the same for times and dates. */

import type { Moment } from '../strftime.ts';
import { type MethodTable, methods } from './table.ts';

const NAMES = ['sunday?', 'monday?', 'tuesday?', 'wednesday?', 'thursday?', 'friday?', 'saturday?'];

export function weekdays<T>(momentOf: (self: T) => Moment): MethodTable {
  return methods<T>(
    Object.fromEntries(
      NAMES.map((name, i) => [name, [0, (self: T) => momentOf(self).weekday === i]] as const),
    ),
  );
}
