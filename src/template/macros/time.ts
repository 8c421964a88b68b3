/** Macros about the time. The server's zone is UTC for all templates. */

import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { keyword, numeric } from '../ruby/arguments.ts';
import { timeAt } from '../ruby/core/time.ts';
import { rationalToFloat } from '../ruby/rational.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { describe, RTime, str, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

function now(self: RenderContext, args: readonly Value[], fallback: string, rt: Runtime): Value {
  const format = keyword(args, 'format');
  return rt.send(timeAt(self.scope.now), 'strftime', [format ?? str(fallback)]);
}

/** Seconds that the clocks of a zone are ahead of UTC at that moment. */
function offsetOf(zone: string, milliseconds: number): number {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value;
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name ?? '') ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
  } catch (cause) {
    if (cause instanceof RangeError) throw new RubyError(`'${zone}' is not a time zone`);
    throw cause;
  }
}

function formatTime(args: readonly Value[], rt: Runtime): Value {
  const time = args[0]!;
  const seconds = time instanceof RTime ? rationalToFloat(time.epoch) : numeric(time);
  if (seconds === undefined)
    throw new RubyError(`a Time or seconds since 1970 are needed, not ${describe(time)}`);
  const zone = keyword(args, 'zone') ?? null;
  const offset = zone === null ? undefined : offsetOf(rt.text(zone), seconds * 1000);
  const format = keyword(args, 'format') ?? str('%Y-%m-%d %k:%M:%S %z');
  return rt.send(timeAt(seconds * 1000, offset), 'strftime', [format]);
}

export const TIME_MACROS = macros({
  current_date: [
    "(format: '%F')",
    'Today in UTC, in a format of `strftime`.',
    (self, args, rt) => now(self, args, '%F', rt),
  ],
  current_time: [
    "(format: '%F %T')",
    'Now in UTC, in a format of `strftime`.',
    (self, args, rt) => now(self, args, '%F %T', rt),
  ],
  format_time: [
    "(time, format: '%Y-%m-%d %k:%M:%S %z', zone: 'UTC')",
    'A Time, or seconds since 1970, in a zone such as `Europe/Prague`.',
    (_, args, rt) => formatTime(args, rt),
  ],
});
