/**
 * Notices build tokens that run out, with one timer for the next of them: what it knows of hosts in build mode it hears
 * from the changes of the inventory. That a token ran out is recorded with the host, in the audit and in the log, once.
 */

import type { Log } from '../boot/log.ts';
import { reasonOf } from '../errors.ts';
import { expiryAhead } from '../inventory/build.ts';
import type { Host } from '../inventory/types.ts';
import type { Stored } from '../store/types.ts';
import { expireTokens } from './hosts.ts';
import type { Inventory } from './inventory.ts';

export type TokenExpiryDeps = {
  readonly inventory: Inventory;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
};

/** Tokens that run out together are recorded together: a rack that was put into build mode at once. */
const TOGETHER_MS = 1000;
/** Of many that ran out while nobody looked, so many in one transaction. */
const MOST_AT_ONCE = 1000;
/** When the database could not be written. */
const AGAIN_MS = 60_000;
/** The longest a timer of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1;

export class TokenExpiry {
  private readonly deps: TokenExpiryDeps;
  /** Id of the host → when its token runs out. */
  private readonly ahead = new Map<number, number>();
  /** When to look next. */
  private next = Number.POSITIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(deps: TokenExpiryDeps) {
    this.deps = deps;
    const { inventory } = deps;
    for (const host of inventory.site.list('hosts')) this.note(host);
    inventory.onChange((changes) => this.hear(changes));
    this.arm();
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private hear(changes: readonly Stored[]): void {
    const before = this.next;
    for (const change of changes) {
      if (change.collection !== 'hosts') continue;
      if (change.op === 'delete') this.ahead.delete(change.id);
      else this.note(change.record);
    }
    if (this.next < before) this.arm();
  }

  private note(host: Host): void {
    const expires = expiryAhead(host);
    if (expires === undefined) {
      this.ahead.delete(host.id);
      return;
    }
    this.ahead.set(host.id, expires);
    this.next = Math.min(this.next, expires);
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.closed || this.working !== undefined || this.next === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(this.next - this.deps.now(), TOGETHER_MS);
    this.timer = setTimeout(
      () => {
        this.working = this.look().finally(() => {
          this.working = undefined;
          this.arm();
        });
      },
      Math.min(wait, LONGEST_MS),
    );
  }

  private async look(): Promise<void> {
    const { inventory, now, log } = this.deps;
    const due = this.due(now());
    try {
      const ended = due.length === 0 ? [] : await expireTokens(inventory, due, now());
      for (const { name } of ended)
        log('warn', 'the build token expired before the host was built', { host: name });
      // They are no longer ahead: that was heard as any other change.
      this.next = Number.POSITIVE_INFINITY;
      for (const expires of this.ahead.values()) this.next = Math.min(this.next, expires);
    } catch (error) {
      log('error', 'expired build tokens cannot be recorded', { reason: reasonOf(error) });
      this.next = now() + AGAIN_MS;
    }
  }

  private due(now: number): readonly number[] {
    const due: number[] = [];
    for (const [id, expires] of this.ahead) {
      if (expires > now) continue;
      due.push(id);
      if (due.length === MOST_AT_ONCE) break;
    }
    return due;
  }
}
