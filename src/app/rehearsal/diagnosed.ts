/** What `chainboot why` says of the steps of a rehearsal. Pure. */

import { diagnose } from '../../boot/diagnose/diagnose.ts';
import type { Diagnosis } from '../../boot/diagnose/types.ts';
import type { Step } from '../../boot/step.ts';
import { isExpired } from '../../inventory/build.ts';
import type { Host } from '../../inventory/types.ts';
import type { Mac } from '../../net/mac.ts';

/** The machine is switched off: whatever has not come by now does not come. */
const LONG_AFTER_MS = 2 * 3_600_000;

/** `host` with what it inherits. */
export function diagnosed(id: string, steps: readonly Step[], host: Host, mac: Mac): Diagnosis {
  const ended = steps.at(-1)?.at ?? 0;
  return diagnose({
    steps: steps.map((step, seq) => ({ ...step, boot: id, seq })),
    earlier: [],
    asked: host.name,
    host: asOf(host, ended),
    mac,
    near: [],
    neighbours: [],
    lacks: [],
    now: ended + LONG_AFTER_MS,
  });
}

/** A token that was good at the end of the rehearsal has not run out by the time that is looked from. */
function asOf(host: Host, ended: number): Host {
  const { token, ...rest } = host;
  return token === undefined || isExpired(token, ended) ? host : rest;
}
