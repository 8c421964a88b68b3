/** Leases that live as long as the process: for tests and for proxyDHCP, which hands out no address. */

import type { Lease } from '../../boot/lease.ts';
import type { Ipv4 } from '../../net/ip.ts';
import type { LeaseStore } from '../types.ts';

export function memoryLeases(initial: readonly Lease[] = []): LeaseStore {
  const newest = new Map<Ipv4, Lease>(initial.map((lease) => [lease.ip, lease]));
  return {
    load: async () => [...newest.values()],
    commit: async (leases) => {
      for (const lease of leases) newest.set(lease.ip, lease);
    },
    close: async () => {},
  };
}
