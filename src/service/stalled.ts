/** Counts each boot that came to nothing once, by the rule that says why. */

import type { Step } from '../boot/step.ts';
import type { PlacedStep } from '../store/types.ts';

/** Longer than every silence but that of an installation that runs. */
const STALLED_MS = 10 * 60_000;
const SWEEP_MS = 30_000;
/** Boots that are waited for; beyond it the oldest goes uncounted, as in a storm. */
const MOST = 20_000;
/** Diagnoses of one sweep: each reads a boot from the database. */
const AT_ONCE = 50;

export class StalledBoots {
  /** When each was last heard of, the one that was heard of the longest ago first. */
  readonly #open = new Map<string, number>();
  readonly #diagnose: (boot: string) => Promise<void>;
  #swept = 0;

  /** `diagnose` must not reject. */
  constructor(diagnose: (boot: string) => Promise<void>) {
    this.#diagnose = diagnose;
  }

  /** Of every step; cheap. */
  observe({ boot, step }: PlacedStep): void {
    if (step.rehearsal !== undefined) return;
    this.#open.delete(boot);
    if (step.kind !== 'http.built') this.#open.set(boot, heardUntil(step));
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST) this.#open.delete(oldest!);
  }

  /** What has stalled by now, each once. Call it now and then. `now`: epoch milliseconds. */
  async sweep(now: number): Promise<void> {
    if (now - this.#swept < SWEEP_MS) return;
    this.#swept = now;
    const stalled = [...this.#open].filter(([, until]) => until < now).slice(0, AT_ONCE);
    for (const [boot] of stalled) this.#open.delete(boot);
    for (const [boot] of stalled) await this.#diagnose(boot);
  }
}

/** An installer may work for an hour after its answers without a word. */
function heardUntil({ at, kind }: Step): number {
  return at + (kind === 'http.answers' || kind === 'http.progress' ? 3_600_000 : 0) + STALLED_MS;
}
