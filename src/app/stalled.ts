/** Boots that came to nothing, counted by the rule that says why. */

import type { Log } from '../boot/log.ts';
import { reasonOf } from '../errors.ts';
import { type DiagnosisDeps, diagnoseBoot, isFault } from '../service/diagnosis.ts';
import { StalledBoots } from '../service/stalled.ts';
import type { PlacedStep } from '../store/types.ts';

const LOOK_MS = 30_000;

export type StalledDeps = Pick<DiagnosisDeps, 'boots' | 'site'> & {
  readonly failed: (rule: string) => void;
  readonly log: Log;
};

export function watchStalled({ boots, site, failed, log }: StalledDeps): {
  readonly observe: (placed: PlacedStep) => void;
  readonly close: () => void;
} {
  // By the trace alone: checking what a host lacks would render its templates.
  const deps: DiagnosisDeps = { boots, site, neighbours: () => [], leasedTo: () => undefined, now: Date.now };
  const stalled = new StalledBoots(async (boot) => {
    try {
      const diagnosis = await diagnoseBoot(deps, boot);
      if (isFault(diagnosis)) failed(diagnosis.code);
    } catch (error) {
      log('debug', 'a boot that stalled was not diagnosed', { boot, reason: reasonOf(error) });
    }
  });
  const timer = setInterval(() => void stalled.sweep(Date.now()), LOOK_MS).unref();
  return { observe: (placed) => stalled.observe(placed), close: () => clearInterval(timer) };
}
