/** What one render may use up, snippets included. Exceeding it ends the render with an error, not the process. */

import { RubyError } from './errors.ts';

export type Limits = {
  /** Method calls and loop rounds. */
  readonly steps: number;
  /** Characters of all strings made, the output included. */
  readonly characters: number;
  /** Elements of all arrays and hashes made. */
  readonly elements: number;
  /** Templates calling each other. */
  readonly depth: number;
};

export const LIMITS: Limits = { steps: 2_000_000, characters: 32 << 20, elements: 2_000_000, depth: 20 };

export class Budget {
  readonly limits: Limits;
  private steps: number;
  private charactersLeft: number;
  private elementsLeft: number;

  constructor(limits: Limits = LIMITS) {
    this.limits = limits;
    this.steps = limits.steps;
    this.charactersLeft = limits.characters;
    this.elementsLeft = limits.elements;
  }

  step(): void {
    if (--this.steps < 0) throw new RubyError(`the template ran longer than ${this.limits.steps} steps`);
  }

  /** Call before making what is charged: a string that does not fit must never exist. */
  characters(count: number): void {
    if (!((this.charactersLeft -= count) >= 0))
      throw new RubyError(`the template made more than ${this.limits.characters} characters of text`);
  }

  elements(count: number): void {
    if (!((this.elementsLeft -= count) >= 0))
      throw new RubyError(`the template made lists of more than ${this.limits.elements} elements`);
  }

  enter(depth: number): void {
    if (depth > this.limits.depth)
      throw new RubyError(`snippets are nested more than ${this.limits.depth} deep`);
  }
}
