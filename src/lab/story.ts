/** What has to happen for a boot to count: milestones, each reached in time or named in the error. */

import { ChainbootError } from '../errors.ts';
import type { LabEvent, Tell } from './events.ts';

export type Milestone = {
  /** Name in the JSON output and in error messages: what has been proven. */
  readonly name: string;
  readonly matches: (event: LabEvent) => boolean;
};

export type Reached = { readonly name: string; readonly at: number };

type Waiter = {
  readonly milestone: Milestone;
  readonly reached: (at: number) => void;
  readonly failed: (error: Error) => void;
};

/** Listens to events and lets one wait for milestones in order. */
export class Story {
  readonly reached: Reached[] = [];
  private waiter: Waiter | undefined;
  /** Events nobody has waited for yet: the trace and the console race each other. */
  private unseen: LabEvent[] = [];
  private broken: Error | undefined;
  private readonly tell: Tell;

  constructor(tell: Tell) {
    this.tell = tell;
  }

  /** Shows an event and checks it against the awaited milestone. */
  readonly feed: Tell = (event) => {
    this.tell(event);
    this.unseen.push(event);
    this.check();
  };

  /** Ends the wait, now or when it begins: a process died, or the user pressed Ctrl-C. */
  break(error: Error): void {
    this.broken ??= error;
    this.waiter?.failed(error);
  }

  /** The milestone that is waited for. */
  get awaited(): string | undefined {
    return this.waiter?.milestone.name;
  }

  /** The last thing that worked. */
  get last(): string {
    return this.reached.at(-1)?.name ?? 'nothing yet';
  }

  /**
   * Waits for one milestone; an event that came while an earlier one was awaited counts as well.
   * @param seconds to wait at most
   * @throws ChainbootError LAB_STUCK, or what the story was broken with
   */
  async until(milestone: Milestone, seconds: number): Promise<void> {
    if (this.broken !== undefined) throw this.broken;
    let timer: NodeJS.Timeout | undefined;
    try {
      const at = await new Promise<number>((reached, failed) => {
        const values = { milestone: milestone.name, seconds, last: this.last };
        timer = setTimeout(() => failed(new ChainbootError('LAB_STUCK', values)), seconds * 1000);
        this.waiter = { milestone, reached, failed };
        this.check();
      });
      this.reached.push({ name: milestone.name, at });
      this.tell({ kind: 'milestone', at, milestone: milestone.name });
    } finally {
      clearTimeout(timer);
      this.waiter = undefined;
    }
  }

  private check(): void {
    if (this.waiter === undefined) return;
    const index = this.unseen.findIndex(this.waiter.milestone.matches);
    if (index < 0) return;
    const [found] = this.unseen.splice(index, 1);
    this.waiter.reached(found!.at);
    this.waiter = undefined;
  }

  /** Forgets what has happened so far; the next power-on must not be proven by the one before. */
  turnPage(): void {
    this.unseen = [];
  }
}
