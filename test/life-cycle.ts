/** What makes hosts and puts them into build mode where nothing is ever missing, leased or answered for. */

import type { LifeCycle } from '../src/service/hosts.ts';
import { Ipam } from '../src/service/ipam.ts';

/** Tokens are `token-0`, `token-1` …, and live an hour. */
export function easyLifeCycle(now: () => number): LifeCycle {
  let token = 0;
  return {
    check: async () => ({ errors: [], warnings: [] }),
    tokens: () => ({ random: () => `token-${token++}`, now, durationMinutes: 60 }),
    ipam: new Ipam({ leases: () => undefined, own: () => [], now, random: () => 0.5 }),
  };
}
