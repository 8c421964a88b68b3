/**
 * Keeps one server in step: looks what it has, plans, carries out; when the inventory has changed, and every minute, so that
 * what somebody else changed is noticed and mended. One round at a time; machines and reports never wait for it.
 */

import type { Log } from '../boot/log.ts';
import type { Outline } from '../dhcp-config/outline.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Made } from './made.ts';
import { carriedOut, markDrift, writtenAhead } from './plan.ts';
import type { DhcpDriver, DriverConflict, DriverPlan } from './types.ts';

export type ReconcilerDeps = {
  readonly driver: DhcpDriver;
  readonly made: Pick<Made, 'read' | 'write'>;
  /** What the server should have now. */
  readonly wanted: () => Outline;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Hears of every change that was made. */
  readonly onChange?: (op: string, drift: boolean) => void;
};

export type ServerState = {
  readonly name: string;
  /** Undefined before the first round. */
  readonly ok?: boolean;
  /** Of the last round that succeeded, epoch milliseconds. */
  readonly synced?: number;
  /** Of the last that did not. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly conflicts: readonly DriverConflict[];
  /** Changes of somebody else that were mended since the start. */
  readonly mended: number;
};

const ROUND_MS = 60_000;
/** Changes of the inventory come in swarms. */
const SETTLE_MS = 500;
/** After a failure, doubled with each up to a minute. */
const AGAIN_MS = 2000;

export class Reconciler {
  readonly #deps: ReconcilerDeps;
  #state: ServerState;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #failures = 0;
  /** Something has changed since the last round began. */
  #touched = false;
  #closed = false;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    this.#state = { name: deps.driver.name, conflicts: [], mended: 0 };
  }

  get state(): ServerState {
    return this.#state;
  }

  start(): void {
    this.#arm(0);
  }

  /** The inventory has changed. */
  touch(): void {
    this.#touched = true;
    if (this.#failures === 0) this.#arm(SETTLE_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round.catch(() => undefined);
    await this.#deps.driver.close();
  }

  /** What would be done. Rejects as the driver does. */
  plan(): Promise<DriverPlan> {
    return this.#alone(() => this.#plan(this.#deps.wanted()));
  }

  /** Does it. Rejects as the driver does; what was done by then stays done. */
  sync(): Promise<DriverPlan> {
    return this.#alone(async () => {
      const wanted = this.#deps.wanted();
      const plan = await this.#plan(wanted);
      await this.#carryOut(plan, wanted);
      return plan;
    });
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#round.catch(() => undefined).then(work);
    this.#round = done;
    return done;
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void this.#next(), ms).unref();
  }

  /** Never rejects. */
  async #next(): Promise<void> {
    const { driver, log, now } = this.#deps;
    this.#touched = false;
    try {
      const { changes, conflicts } = await this.sync();
      if (this.#state.ok === false) log('info', 'the DHCP server is in step again', { server: driver.name });
      this.#tellConflicts(conflicts);
      const mended = this.#state.mended + changes.filter(({ drift }) => drift).length;
      this.#state = { name: driver.name, ok: true, synced: now(), conflicts, mended };
      this.#failures = 0;
      // A change that came meanwhile may have come too late for this round.
      this.#arm(this.#touched ? SETTLE_MS : ROUND_MS);
    } catch (error) {
      const told = toldError(error);
      if (this.#state.error?.message !== told.message)
        log('error', 'a DHCP server is not in step', { server: driver.name, ...told });
      this.#state = { ...this.#state, ok: false, error: told };
      this.#failures++;
      this.#arm(Math.min(ROUND_MS, AGAIN_MS * 2 ** (this.#failures - 1)));
    }
  }

  async #plan(wanted: Outline): Promise<DriverPlan> {
    const { driver, made } = this.#deps;
    const last = await made.read();
    return markDrift(driver.plan(wanted, await driver.present()), last);
  }

  /** What is to be made is written down first: one that was made and not written down would be somebody else's. */
  async #carryOut(plan: DriverPlan, wanted: Outline): Promise<void> {
    const { driver, made, log, onChange } = this.#deps;
    if (plan.changes.length === 0) return;
    await made.write(writtenAhead(await made.read(), plan));
    const done: DriverPlan['changes'][number][] = [];
    try {
      await driver.apply(plan, wanted, (change) => {
        done.push(change);
        const { op, what, name, drift = false } = change;
        const message = drift
          ? 'what somebody else changed at a DHCP server is mended'
          : 'a DHCP server was changed';
        log(drift ? 'warn' : 'info', message, { server: driver.name, op, what, name });
        onChange?.(op, drift);
      });
    } finally {
      // Read again: another process (chainboot dhcp-server sync) may have written down what it makes.
      await made.write(carriedOut(await made.read(), done));
    }
  }

  #tellConflicts(conflicts: readonly DriverConflict[]): void {
    const { driver, log } = this.#deps;
    const known = new Set(this.#state.conflicts.map(({ host }) => host));
    for (const { host, wanted, foreign } of conflicts) {
      if (known.has(host)) continue;
      log('warn', 'a reservation is not made: somebody else has one for the same card or address', {
        server: driver.name,
        host,
        wanted: `${wanted.mac} ${wanted.ip ?? ''}`,
        theirs: `${foreign.name} ${foreign.mac} ${foreign.ip ?? ''}`,
      });
    }
  }
}

export function toldError(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
} {
  if (error instanceof ChainbootError) return { code: error.code, message: error.message, hint: error.hint };
  return {
    code: 'INTERNAL',
    message: reasonOf(error),
    hint: 'this is a fault of Chainboot: please report it',
  };
}
