/** Token buckets: so many at once, so many a second in the long run. Pure but for its own memory, which is bounded. */

export type Limit = {
  /** At once. */
  readonly burst: number;
  /** How many come back in a second. */
  readonly perSecond: number;
};

type Bucket = { left: number; at: number };

/** More keys than that: the ones that were quiet longest are forgotten, which forgives them. */
const MAX_KEYS = 20_000;

export class RateLimit {
  readonly #limit: Limit;
  readonly #now: () => number;
  /** In the order in which they were last used. */
  readonly #buckets = new Map<string, Bucket>();

  /** `now` in epoch milliseconds. */
  constructor(limit: Limit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Seconds to wait, without taking anything; 0: go on. */
  wait(key: string): number {
    const { left } = this.#filled(key);
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#limit.perSecond);
  }

  /** Takes one, whether or not there is one left. */
  take(key: string): void {
    const bucket = this.#filled(key);
    bucket.left = Math.max(-this.#limit.burst, bucket.left - 1);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const oldest = this.#buckets.size > MAX_KEYS ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }

  forget(key: string): void {
    this.#buckets.delete(key);
  }

  #filled(key: string): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return { left: this.#limit.burst, at: now };
    const gained = (Math.max(0, now - bucket.at) / 1000) * this.#limit.perSecond;
    bucket.left = Math.min(this.#limit.burst, bucket.left + gained);
    bucket.at = now;
    return bucket;
  }
}
