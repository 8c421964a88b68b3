/** Is the clock right? Certificates and build tokens depend on it. */

import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Finding, finding } from './finding.ts';
import { output } from './system.ts';

const DAY_MS = 86_400_000;
const FAR_MS = 5 * 60_000;
const FIX = 'timedatectl set-ntp true';

export async function checkClock(): Promise<readonly Finding[]> {
  const synchronized = await output('timedatectl', 'show', '--property=NTPSynchronized', '--value');
  const built = statSync(fileURLToPath(import.meta.url)).mtimeMs;
  return clockFindings(Date.now(), built, synchronized?.trim());
}

/** `synchronized`: `yes`, `no`, undefined where nobody can say. Times in epoch milliseconds. */
export function clockFindings(
  now: number,
  built: number,
  synchronized: string | undefined,
): readonly Finding[] {
  if (now < built - DAY_MS) {
    const message = `the clock says ${new Date(now).toISOString()}, which is before this program was installed`;
    return [finding('error', 'clock-wrong', message, FIX)];
  }
  if (synchronized === 'no')
    return [finding('warning', 'clock-unsynchronized', 'nobody sets the clock of this machine', FIX)];
  return [finding('ok', 'clock', 'the clock is plausible')];
}

/** Against the `Date` of a web server. */
export function clockAgainst(server: string, theirs: string | null, now: number): readonly Finding[] {
  const time = theirs === null ? Number.NaN : Date.parse(theirs);
  if (!(Math.abs(now - time) > FAR_MS)) return [];
  const minutes = Math.round(Math.abs(now - time) / 60_000);
  const message = `the clock is ${minutes} minutes ${now > time ? 'ahead of' : 'behind'} that of ${server}`;
  return [finding('warning', 'clock-differs', message, FIX)];
}
