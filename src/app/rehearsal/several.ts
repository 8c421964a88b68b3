/** Many hosts, one after the other with a few at once; each is reported when it is done. */

import { setTimeout as sleep } from 'node:timers/promises';
import { ChainbootError, reasonOf } from '../../errors.ts';
import type { RehearsalOptions, RehearsalReport } from '../../service/rehearsal/report.ts';
import type { Rehearser } from './rehearser.ts';

/** Left for the API, and for the machines. */
const AT_ONCE = 4;

/** A host that cannot be rehearsed at all does not boot either. */
export type Told = RehearsalReport | Refused;
export type Refused = {
  readonly host: string;
  readonly boots: false;
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
};

/** In the order in which they are done. */
export async function* rehearseSeveral(
  rehearser: Rehearser,
  hosts: readonly string[],
  options: RehearsalOptions,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const run = rehearser.run(hosts.length === 1 ? 'all' : 'failing');
  const waiting = hosts.values();
  const playing = new Map<string, Promise<Told>>();
  const begin = () => {
    const { value: host, done } = waiting.next();
    if (done || signal.aborted) return;
    const play = () => rehearser.within(run, host, options, signal);
    const told = inTurn(play, signal).catch((error) => refused(host, error));
    playing.set(host, told);
  };
  try {
    for (let i = 0; i < AT_ONCE; i++) begin();
    while (playing.size > 0) {
      const told = await Promise.race(playing.values());
      playing.delete(told.host);
      begin();
      yield told;
    }
  } finally {
    await Promise.all(playing.values());
    await run.close();
  }
}

const WAIT_MS = 200;

/** Others may be rehearsing, too. */
async function inTurn<T>(play: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await play();
    } catch (error) {
      const isBusy = error instanceof ChainbootError && error.code === 'REHEARSAL_BUSY';
      if (!isBusy || signal.aborted) throw error;
      await sleep(WAIT_MS);
    }
  }
}

function refused(host: string, error: unknown): Refused {
  const known =
    error instanceof ChainbootError ? error : new ChainbootError('INTERNAL', { reason: reasonOf(error) });
  const { code, message: sentence, hint } = known;
  return { host, boots: false, code, sentence: `${host} cannot be rehearsed: ${sentence}`, hint };
}
