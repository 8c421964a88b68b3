/** Everything that is wrong with a request at once, rather than the first of it. */

import { ChainbootError, type Problem } from '../errors.ts';

/** Makes one thing after another; `done` throws RECORD_INVALID with what was wrong with any of them. */
export class Gathering {
  readonly problems: Problem[] = [];

  /** Undefined when it was refused. Other errors than RECORD_INVALID are thrown at once. */
  attempt<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ChainbootError) || error.code !== 'RECORD_INVALID') throw error;
      this.problems.push(...error.problems);
      return undefined;
    }
  }

  /** Throws RECORD_INVALID. */
  done(): void {
    const { problems } = this;
    if (problems.length > 0) throw new ChainbootError('RECORD_INVALID', { count: problems.length }, problems);
  }
}
