/** What became of everything that was read, each with its place. */

import type { Place } from './place.ts';

/**
 * `taken`: it is in the site. `left`: it is not, and nothing is lost by it. `human`: somebody has to look at it.
 * `refused`: it was meant to be taken and cannot be.
 */
export const OUTCOMES = ['taken', 'left', 'human', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** `subject`: what it is about, in the words of the source: `host web1`, `option ntp-servers`. */
export type Note = Place & {
  readonly outcome: Outcome;
  readonly subject: string;
  readonly message: string;
};

/** Collects notes while something is read; the same thing is said once at one place. */
export class Report {
  private readonly seen = new Set<string>();
  private readonly collected: Note[] = [];

  taken(place: Place, subject: string, message: string): void {
    this.add('taken', place, subject, message);
  }

  left(place: Place, subject: string, message: string): void {
    this.add('left', place, subject, message);
  }

  human(place: Place, subject: string, message: string): void {
    this.add('human', place, subject, message);
  }

  refused(place: Place, subject: string, message: string): void {
    this.add('refused', place, subject, message);
  }

  /** In the order of the files. */
  get notes(): readonly Note[] {
    const order = new Map<string, number>();
    for (const { file } of this.collected) if (!order.has(file)) order.set(file, order.size);
    return this.collected.toSorted(
      (a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line || a.column - b.column,
    );
  }

  private add(outcome: Outcome, { file, line, column }: Place, subject: string, message: string): void {
    const key = `${outcome}\0${file}\0${line}\0${subject}\0${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.collected.push({ file, line, column, outcome, subject, message });
  }
}
