/** What site files would change, or everything that is wrong with them. */

import { randomUUID } from 'node:crypto';
import { loaderDirectories } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { problemsOf, type SiteFile } from '../config/site-file.ts';
import { ChainbootError } from '../errors.ts';
import { makeToken } from '../inventory/build.ts';
import type { Site } from '../inventory/site.ts';
import { isInstalled } from '../media/loader-files.ts';
import { type PlanOptions, planSite, type SitePlan } from '../service/apply.ts';

export function planningOf(config: Config, prune: boolean): PlanOptions {
  const now = Date.now();
  return {
    now,
    prune,
    mark: true,
    makeToken: () => makeToken(randomUUID(), now, config.token_duration),
    hasLoader: (name) => isInstalled(loaderDirectories(config), name),
  };
}

/** Throws SITE_INVALID with everything that is wrong. */
export function checkedPlan(
  files: readonly string[],
  declared: SiteFile,
  site: Site,
  planning: PlanOptions,
): SitePlan {
  const plan = planSite(declared.site, site, planning);
  const problems = [...declared.problems, ...problemsOf(declared, plan.faults)];
  if (problems.length > 0)
    throw new ChainbootError('SITE_INVALID', { file: files.join(', '), count: problems.length }, problems);
  return plan;
}
