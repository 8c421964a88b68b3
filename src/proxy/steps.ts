/**
 * What machines did here, told to the server: read from the trace of the proxy, from where the server knows it. What was not
 * told when a process ended is told by the next.
 */

import { readFile } from 'node:fs/promises';
import type { Log } from '../boot/log.ts';
import type { Step } from '../boot/step.ts';
import { reasonOf } from '../errors.ts';
import { writeWhole } from '../ops/write-whole.ts';
import type { BootStore } from '../store/types.ts';
import type { Steps } from './wire.ts';

export type StepsDeps = {
  readonly boots: Pick<BootStore, 'tail'>;
  /** Where it is written how far the server knows it. */
  readonly file: string;
  /** Rejects when they could not be delivered. */
  readonly deliver: (steps: Steps) => Promise<void>;
  readonly log: Log;
};

const BATCH = 500;

export class StepForwarder {
  readonly #deps: StepsDeps;
  #cursor: number | undefined;

  constructor(deps: StepsDeps) {
    this.#deps = deps;
  }

  /** Everything there is. Rejects as `deliver`, and goes on there the next time. */
  async forward(): Promise<void> {
    const { boots, deliver } = this.#deps;
    this.#cursor ??= await this.#known();
    for (;;) {
      const from = this.#cursor;
      const { cursor, steps } = await boots.tail(from, BATCH);
      if (steps.length === 0) return;
      const real = steps.filter(({ rehearsal }) => rehearsal === undefined).map(plain);
      if (real.length > 0) await deliver({ from, to: cursor, steps: real });
      this.#cursor = cursor;
      await this.#note(cursor);
    }
  }

  /** From the beginning where nothing is known of it. */
  async #known(): Promise<number> {
    try {
      const { cursor } = JSON.parse(await readFile(this.#deps.file, 'utf8')) as { cursor: number };
      return Number.isSafeInteger(cursor) ? cursor : 0;
    } catch {
      return 0;
    }
  }

  /** Where it cannot be noted, steps may be told twice. */
  async #note(cursor: number): Promise<void> {
    const { file, log } = this.#deps;
    await writeWhole(file, JSON.stringify({ cursor })).catch((error) =>
      log('warn', 'it cannot be noted which steps the server knows', { file, reason: reasonOf(error) }),
    );
  }
}

function plain({ boot: _boot, seq: _seq, cursor: _cursor, ...step }: Step & Record<string, unknown>): Step {
  return step;
}
