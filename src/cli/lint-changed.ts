/** What the linter says of templates that were stored a moment ago, or would be: told, never refused. */

import { previewRoot } from '../app/https.ts';
import { previewBase } from '../app/links.ts';
import { copyOf, nameOf, type Site } from '../inventory/site.ts';
import { type Target, targetOf } from '../service/lint/audience.ts';
import type { LintFinding } from '../service/lint/collect.ts';
import { lint } from '../service/lint/lint.ts';
import { shellChecker } from '../service/lint/shell-check.ts';
import type { Change } from '../store/types.ts';
import { RenderPool } from '../template/pool.ts';
import { findingLines } from './findings.ts';
import type { Opened } from './open.ts';
import { say } from './output.ts';

/** Saving must stay quick; `template lint` looks at all hosts. */
const MAX_HOSTS = 10;
/** Lines on a terminal. */
const MAX_SAID = 10;
/** Ids for records that no store has given one. */
const FIRST_ID = 2e12;

/** Empty when no template, snippet or partition table is among the changes. */
export async function lintChanged(
  { inventory, config }: Opened,
  changes: readonly Change[],
): Promise<readonly LintFinding[]> {
  const { site, targets } = changed(inventory.site, changes);
  if (targets.length === 0) return [];
  const pool = new RenderPool({ workers: 1, timeoutMs: config.templates.timeout_ms });
  try {
    pool.setLibrary(site.list('provisioning_templates'));
    const root = await previewRoot(config);
    const deps = { site, pool, shell: shellChecker(), base: previewBase(config), root, now: Date.now() };
    return (await lint(deps, targets, { maxHosts: MAX_HOSTS })).findings;
  } finally {
    await pool.close();
  }
}

/** The site with the changes in it, whether they were stored or not. */
function changed(
  stored: Site,
  changes: readonly Change[],
): { readonly site: Site; readonly targets: readonly Target[] } {
  const site = copyOf(stored);
  const targets: Target[] = [];
  changes.forEach((change, i) => {
    if (change.op !== 'put') return;
    const { collection, record } = change;
    const id = record.id ?? stored.get(collection, nameOf(collection, record as never))?.id ?? FIRST_ID + i;
    site.put(collection, { ...record, id } as never);
    if (collection === 'provisioning_templates' || collection === 'ptables')
      targets.push(targetOf({ ...record, id } as Parameters<typeof targetOf>[0]));
  });
  return { site, targets };
}

export function sayFindings(findings: readonly LintFinding[]): void {
  for (const finding of findings.slice(0, MAX_SAID)) for (const line of findingLines(finding)) say(line);
  const more = findings.length - MAX_SAID;
  if (more > 0) say(`and ${more} more: see them with: chainboot template lint`);
}
