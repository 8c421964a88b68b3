/** What the diagnosis says of a boot of a capture. */

import { diagnose } from '../../boot/diagnose/silence.ts';
import type { Sight } from '../../boot/diagnose/types.ts';
import { sentence } from '../../boot/reason.ts';
import type { ReplayedBoot } from '../../capture/report.ts';

type Seen = Pick<Sight, 'steps' | 'neighbours' | 'host'>;

/** `now`: epoch milliseconds, when the capture ended. */
export function diagnosisOf({ steps }: Seen, now: number): ReplayedBoot['diagnosis'] {
  const reason = diagnose(steps, now);
  return reason && { code: reason.code, lines: [`It stopped there: ${sentence(reason)}.`] };
}
