/** Steps of many boots as the texts that are stored; see schema.ts for why they lie in chunks. */

import type { Step } from '../../boot/step.ts';
import type { PlacedStep, StoredStep } from '../types.ts';

/** Steps of one chunk at most. */
export const CHUNK = 4096;

export type Chunk = {
  /** JSON of `[boot, seq, step]`, in the order in which they happened. */
  readonly entries: string;
  /** JSON of `[id, started, updated, steps, mac, host, rehearsal]`: what the steps add to each boot. */
  readonly sums: string;
};

type Entry = readonly [boot: string, seq: number, step: Step];
type Sum = {
  readonly started: number;
  updated: number;
  steps: number;
  mac: string | undefined;
  host: string | undefined;
  readonly rehearsal: 0 | 1;
};

export function encodeChunks(steps: readonly PlacedStep[]): readonly Chunk[] {
  if (steps.length > CHUNK)
    return [...encodeChunks(steps.slice(0, CHUNK)), ...encodeChunks(steps.slice(CHUNK))];
  const entries: readonly Entry[] = steps.map(({ boot, seq, step }) => [boot, seq, step]);
  return [{ entries: JSON.stringify(entries), sums: JSON.stringify(sumsOf(steps)) }];
}

export function decodeEntries(entries: string): readonly StoredStep[] {
  return (JSON.parse(entries) as Entry[]).map(([boot, seq, step]) => ({ ...step, boot, seq }));
}

function sumsOf(steps: readonly PlacedStep[]): readonly (readonly unknown[])[] {
  const sums = new Map<string, Sum>();
  for (const { boot, step } of steps) {
    const { at, mac, host } = step;
    const sum = sums.get(boot);
    if (sum === undefined) {
      const rehearsal = step.rehearsal === undefined ? 0 : 1;
      sums.set(boot, { started: at, updated: at, steps: 1, mac, host, rehearsal });
      continue;
    }
    sum.updated = Math.max(sum.updated, at);
    sum.steps++;
    sum.mac ??= mac;
    sum.host = host ?? sum.host;
  }
  return [...sums].map(([id, { started, updated, steps, mac, host, rehearsal }]) => [
    id,
    started,
    updated,
    steps,
    mac,
    host,
    rehearsal,
  ]);
}
