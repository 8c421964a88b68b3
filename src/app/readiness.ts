/** What keeps machines from being booted although the process runs: the answer of `/readyz`. */

import { reasonOf } from '../errors.ts';
import type { Inventory } from '../service/inventory.ts';
import type { LeaseStore } from '../store/types.ts';

export type WatchedLeases = { readonly leases: LeaseStore; readonly problem: () => string | undefined };

/** The same store, whose last failure is remembered until a write succeeds again. */
export function watchLeases(store: LeaseStore): WatchedLeases {
  let problem: string | undefined;
  const leases: LeaseStore = {
    load: () => store.load(),
    close: () => store.close(),
    async commit(batch) {
      try {
        await store.commit(batch);
        problem = undefined;
      } catch (error) {
        problem = reasonOf(error);
        throw error;
      }
    },
  };
  return { leases, problem: () => problem };
}

export async function readinessProblems(
  inventory: Inventory,
  leases: WatchedLeases,
): Promise<readonly string[]> {
  const problems: string[] = [];
  try {
    await inventory.refresh();
  } catch (error) {
    problems.push(reasonOf(error));
  }
  const leaseProblem = leases.problem();
  if (leaseProblem !== undefined) problems.push(leaseProblem);
  return problems;
}
