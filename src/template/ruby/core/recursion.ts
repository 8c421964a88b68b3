/** Lists that contain themselves: what Ruby does when it meets one again that it is still inside of. */

import type { Value } from '../values.ts';

/** The values an operation is inside of, outermost first; one of these an operation. */
export class Inside {
  private readonly values: Value[] = [];

  /** Runs `work` unless the operation is inside of `value` already. */
  of<T>(value: Value, again: () => T, work: () => T): T {
    if (this.values.includes(value)) return again();
    this.values.push(value);
    try {
      return work();
    } finally {
      this.values.pop();
    }
  }
}

/** The same for operations of two values. */
export class InsidePairs {
  private readonly pairs: (readonly [Value, Value])[] = [];

  of<T>(a: Value, b: Value, again: () => T, work: () => T): T {
    if (this.pairs.some(([left, right]) => left === a && right === b)) return again();
    this.pairs.push([a, b]);
    try {
      return work();
    } finally {
      this.pairs.pop();
    }
  }
}
