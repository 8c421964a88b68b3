/** What the diagnosis says of a boot of a capture. */

import { diagnose } from '../../boot/diagnose/diagnose.ts';
import type { Diagnosis, SeenStep } from '../../boot/diagnose/types.ts';
import type { Neighbour } from '../../boot/neighbour.ts';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import type { Site } from '../../inventory/site.ts';

type Seen = {
  readonly steps: readonly SeenStep[];
  /** The boots before it, newest first. */
  readonly earlier: readonly (readonly SeenStep[])[];
  readonly neighbours: readonly Neighbour[];
  /** Epoch milliseconds, when the capture ended. */
  readonly now: number;
};

/** What this server lacks is no cause of what happened with another one, so that nothing is looked for beside the steps. */
export function diagnosisOf(seen: Seen, site: Site): Diagnosis {
  const mac = seen.steps.find((step) => step.mac !== undefined)?.mac;
  const host = mac === undefined ? undefined : site.hostByMac(mac)?.host;
  return diagnose({
    ...seen,
    asked: mac ?? seen.steps[0]?.address ?? 'the machine',
    host: host && effectiveHost(site, host),
    mac,
    near: [],
    lacks: [],
  });
}
