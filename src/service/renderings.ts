/**
 * Remembers what each host was last served of each template, so that a preview can show what has changed since.
 * Like the trace it is written in batches behind the wire's back: a request never waits for it.
 */

import type { Log } from '../boot/log.ts';
import { reasonOf } from '../errors.ts';
import type { Mac } from '../net/mac.ts';
import type { Rendering, RenderingStore } from '../store/types.ts';

export type Served = Omit<Rendering, 'boot'> & { readonly text: string; readonly mac?: Mac | undefined };

export type RenderingsOptions = {
  readonly log: Log;
  /** The boot a machine is in, once its step was recorded. */
  readonly bootOf: (mac: Mac) => string | undefined;
};

/** Long enough for the step of the request to be in the trace. */
const FLUSH_MS = 500;
/** One transaction's worth. */
const BATCH = 200;
/** Characters waiting to be written; beyond it the disk is not keeping up. */
const MAX_WAITING = 64 << 20;
/** Characters of a text that is kept. */
const MAX_TEXT = 1 << 20;

export class Renderings {
  private readonly store: RenderingStore;
  private readonly options: RenderingsOptions;
  /** The newest of each host and template. */
  private readonly waiting = new Map<string, Served>();
  private characters = 0;
  private lost = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(store: RenderingStore, options: RenderingsOptions) {
    this.store = store;
    this.options = options;
  }

  readonly record = (served: Served): void => {
    if (this.closed) return;
    const key = `${served.host} ${served.template}`;
    this.characters += served.text.length - (this.waiting.get(key)?.text.length ?? 0);
    this.waiting.set(key, served);
    if (this.characters > MAX_WAITING) this.dropOldest();
    this.timer ??= setTimeout(() => this.drain(), FLUSH_MS);
  };

  private dropOldest(): void {
    const [oldest] = this.waiting;
    if (oldest === undefined) return;
    this.waiting.delete(oldest[0]);
    this.characters -= oldest[1].text.length;
    this.lost++;
  }

  private drain(): void {
    this.timer = undefined;
    this.writing = this.writing.then(() => this.writeSome());
  }

  private async writeSome(): Promise<void> {
    const batch = [...this.waiting].slice(0, BATCH);
    for (const [key, { text }] of batch) {
      this.waiting.delete(key);
      this.characters -= text.length;
    }
    try {
      if (batch.length > 0) await this.store.put(batch.map(([, served]) => this.rowOf(served)));
    } catch (error) {
      this.lost += batch.length;
      this.options.log('error', 'what hosts received cannot be kept', { reason: reasonOf(error) });
    }
    if (this.lost > 0)
      this.options.log('warn', 'renderings are missing for comparison', { count: this.lost });
    this.lost = 0;
    if (this.waiting.size > 0) this.timer ??= setTimeout(() => this.drain(), 0);
  }

  private rowOf({ mac, text, ...served }: Served): Rendering {
    const boot = mac === undefined ? undefined : this.options.bootOf(mac);
    return { ...served, ...(text.length <= MAX_TEXT && { text }), ...(boot !== undefined && { boot }) };
  }

  /** Writes all that is waiting. */
  async close(): Promise<void> {
    this.closed = true;
    do {
      clearTimeout(this.timer);
      this.drain();
      await this.writing;
    } while (this.waiting.size > 0);
    clearTimeout(this.timer);
  }
}
