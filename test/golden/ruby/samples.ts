/** Instance variables that the expressions of the corpus may use; answers.rb makes the same for real Ruby. */

import { dateOf, dateTimeOf } from '../../../src/template/ruby/core/date.ts';
import { timeAt } from '../../../src/template/ruby/core/time.ts';
import { rational } from '../../../src/template/ruby/rational.ts';
import { RTime, type Value } from '../../../src/template/ruby/values.ts';

/** New ones each time: some methods change them in place. */
export function samples(): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['@time', new RTime(rational(1_704_164_645_678_901_234n, 1_000_000_000n), 0, 'utc')],
    ['@early', timeAt(1_704_067_200_000)],
    ['@local', new RTime(rational(1_704_067_200n), 0, 'local')],
    ['@zoned', timeAt(1_720_000_000_500, 19_800)],
    ['@west', timeAt(951_782_400_000, -12_600)],
    ['@before', timeAt(-1_000_000_000_000)],
    ['@date', dateOf(2024, 1, 2)],
    ['@leap', dateOf(2024, 2, 29)],
    ['@old', dateOf(1582, 10, 15)],
    ['@ancient', dateOf(-1, 3, 1)],
    ['@datetime', dateTimeOf(1_704_144_845_678_000_000n, 19_800)],
    ['@noon', dateTimeOf(981_201_600_000_000_000n, 0)],
  ]);
}
