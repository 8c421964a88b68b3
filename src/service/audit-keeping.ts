/** Audits that are older than they are to be kept go, little by little. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../boot/log.ts';
import { reasonOf } from '../errors.ts';
import type { InventoryStore } from '../store/types.ts';

export type AuditKeepingOptions = {
  readonly days: number;
  readonly now: () => number;
  readonly log: Log;
};

const DAY_MS = 86_400_000;
const PRUNE_MS = 3_600_000;
const PRUNE_BATCH = 100;
const PAUSE_MS = 20;

export class AuditKeeping {
  private readonly store: Pick<InventoryStore, 'pruneAudits'>;
  private readonly options: AuditKeepingOptions;
  private readonly timer: NodeJS.Timeout;
  private pruning: Promise<void>;
  private closed = false;

  constructor(store: Pick<InventoryStore, 'pruneAudits'>, options: AuditKeepingOptions) {
    this.store = store;
    this.options = options;
    this.pruning = this.prune();
    this.timer = setInterval(() => {
      this.pruning = this.pruning.then(() => this.prune());
    }, PRUNE_MS).unref();
  }

  private async prune(): Promise<void> {
    const { days, now, log } = this.options;
    try {
      // In small pieces with pauses, for each holds up whoever else writes.
      while (
        !this.closed &&
        (await this.store.pruneAudits(now() - days * DAY_MS, PRUNE_BATCH)) === PRUNE_BATCH
      )
        await sleep(PAUSE_MS);
    } catch (error) {
      log('error', 'old audits cannot be removed', { reason: reasonOf(error) });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.pruning;
  }
}
