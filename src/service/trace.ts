/**
 * The trace: takes steps from every room, places each in its boot, and writes them behind the wire's back in
 * batches. Recording never waits and never throws; when the disk cannot keep up, what is left out is counted.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../boot/log.ts';
import type { Recorder, Step } from '../boot/step.ts';
import { BootTracker } from '../boot/trace.ts';
import { reasonOf } from '../errors.ts';
import type { Mac } from '../net/mac.ts';
import type { BootStore, PlacedStep } from '../store/types.ts';

export type TraceOptions = {
  /** Boots to keep, and for how many days. */
  readonly keep: number;
  readonly days: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  /** Hears every step at once, with its boot. Must not throw. */
  readonly onStep?: (placed: PlacedStep) => void;
};

const FLUSH_MS = 50;
/** One statement's worth: large enough to be cheap, small enough not to hold up a DHCP answer (a few milliseconds). */
const BATCH = 500;
/**
 * Machines come first: while the event loop is busier than this, batches are written this far apart, and the
 * trace of a storm follows when it is over; unless so much waits that the memory is needed.
 */
const BUSY = 0.5;
const BUSY_PAUSE_MS = 250;
const HURRY = 150_000;
/** Steps waiting to be written; beyond it the disk is not keeping up. */
const MAX_QUEUE = 300_000;
const PRUNE_MS = 60_000;
const DAY_MS = 86_400_000;
const PRUNE_BATCH = 100;

export class Trace {
  private readonly store: BootStore;
  private readonly options: TraceOptions;
  private readonly tracker = new BootTracker();
  /** Batches to write, oldest first; the last one is still being filled. */
  private readonly batches: PlacedStep[][] = [];
  private waiting = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly pruner: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();
  private lost = 0;
  private loop = performance.eventLoopUtilization();
  private closed = false;

  constructor(store: BootStore, options: TraceOptions) {
    this.store = store;
    this.options = options;
    this.pruner = setInterval(() => void this.prune(), PRUNE_MS).unref();
  }

  readonly record: Recorder = (step: Step) => {
    if (this.closed) return;
    if (this.waiting >= MAX_QUEUE) {
      this.lost++;
      return;
    }
    const { boot, seq } = this.tracker.place(step);
    let batch = this.batches.at(-1);
    if (batch === undefined || batch.length >= BATCH) this.batches.push((batch = []));
    const placed = { boot, seq, step };
    batch.push(placed);
    this.waiting++;
    this.options.onStep?.(placed);
    this.timer ??= setTimeout(() => this.drain(), FLUSH_MS);
  };

  /** Whose address it is, as far as was heard. */
  learn(address: string, mac: Mac): void {
    this.tracker.learn(address, mac);
  }

  /** The boot a machine is in. */
  bootOf(mac: Mac): string | undefined {
    return this.tracker.bootOf(mac);
  }

  /** The boot of the machine that has an address, as far as was heard. */
  bootAt(address: string): string | undefined {
    return this.tracker.bootAt(address);
  }

  private drain(): void {
    this.timer = undefined;
    this.writing = this.writing.then(() => this.writeSome());
  }

  private async writeSome(): Promise<void> {
    const batch = this.batches.shift();
    if (batch === undefined) return;
    this.waiting -= batch.length;
    try {
      await this.store.append(batch);
    } catch (error) {
      this.lost += batch.length;
      this.options.log('error', 'the trace cannot be written', {
        reason: reasonOf(error),
        steps: batch.length,
      });
    }
    if (this.lost > 0) {
      this.options.log('warn', 'steps are missing from the trace', { steps: this.lost });
      this.lost = 0;
    }
    if (this.waiting === 0) return;
    const storm = this.isBusy() && this.waiting >= BATCH;
    const pause = storm && this.waiting < HURRY ? BUSY_PAUSE_MS : 0;
    this.timer ??= setTimeout(() => this.drain(), pause);
  }

  /** Whether the event loop had little rest since the last batch. */
  private isBusy(): boolean {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.loop);
    this.loop = now;
    return utilization > BUSY;
  }

  private async prune(): Promise<void> {
    try {
      // In small pieces with pauses: a DHCP answer must not wait for an old storm to be cleared away.
      const { keep, days, now } = this.options;
      const since = now() - days * DAY_MS;
      while (!this.closed && (await this.store.prune(keep, since, PRUNE_BATCH)) === PRUNE_BATCH)
        await sleep(20);
    } catch (error) {
      this.options.log('error', 'old boots cannot be removed from the trace', { reason: reasonOf(error) });
    }
  }

  /** Writes all that is waiting. */
  async flush(): Promise<void> {
    while (this.waiting > 0) {
      clearTimeout(this.timer);
      this.drain();
      await this.writing;
    }
    await this.writing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.pruner);
  }
}
