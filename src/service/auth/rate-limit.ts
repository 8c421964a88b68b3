/** Token buckets: so many at once, so many a second in the long run. Pure but for its own memory, which is bounded. */

import { formatIpv6, parseIpv6 } from '../../net/ipv6.ts';

export type Limit = {
  /** At once. */
  readonly burst: number;
  /** How many come back in a second. */
  readonly perSecond: number;
};

type Bucket = { left: number; at: number };

/** More keys than that: the ones that were quiet longest are forgotten, which forgives them. */
const MAX_KEYS = 20_000;
/** A login may be as long as a request's head; nobody's is. */
const MAX_KEY_LENGTH = 255;

export class RateLimit {
  readonly #limit: Limit;
  readonly #now: () => number;
  readonly #maxKeys: number;
  /** In the order in which they were last used. */
  readonly #buckets = new Map<string, Bucket>();

  /** `now` in epoch milliseconds. */
  constructor(limit: Limit, now: () => number, maxKeys = MAX_KEYS) {
    this.#limit = limit;
    this.#now = now;
    this.#maxKeys = maxKeys;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Seconds to wait, without taking anything; 0: go on. */
  wait(key: string): number {
    const { left } = this.#filled(key);
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#limit.perSecond);
  }

  /** Takes one if there is one. @returns seconds to wait; 0: it was taken */
  take(key: string): number {
    const bucket = this.#filled(key);
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / this.#limit.perSecond);
    bucket.left -= 1;
    this.#keep(key, bucket);
    return 0;
  }

  /** Gives one back that was taken for nothing. */
  give(key: string): void {
    const bucket = this.#buckets.get(shortened(key));
    if (bucket !== undefined) bucket.left = Math.min(this.#limit.burst, bucket.left + 1);
  }

  #filled(key: string): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(shortened(key));
    if (bucket === undefined) return { left: this.#limit.burst, at: now };
    const gained = (Math.max(0, now - bucket.at) / 1000) * this.#limit.perSecond;
    bucket.left = Math.min(this.#limit.burst, bucket.left + gained);
    bucket.at = now;
    return bucket;
  }

  #keep(key: string, bucket: Bucket): void {
    const short = shortened(key);
    this.#buckets.delete(short);
    this.#buckets.set(short, bucket);
    const oldest = this.#buckets.size > this.#maxKeys ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** One client: an IPv4 address, or the /64 of which whoever has one IPv6 address has all. */
export function clientOf(address: string): string {
  const ipv6 = address.includes(':') ? parseIpv6(address.split('%')[0] ?? '') : undefined;
  return ipv6 === undefined ? address : `${formatIpv6((ipv6 >> 64n) << 64n)}/64`;
}

function shortened(key: string): string {
  return key.length > MAX_KEY_LENGTH ? key.slice(0, MAX_KEY_LENGTH) : key;
}
