/** What verbs that put hosts into build mode need besides the inventory. */

import { randomUUID } from 'node:crypto';
import { previewRoot } from '../app/https.ts';
import { checkedLinks, previewBase } from '../app/links.ts';
import { loaderDirectories } from '../config/load.ts';
import { isInstalled } from '../media/loader-files.ts';
import { buildChecker } from '../service/build-check.ts';
import type { BuildOptions } from '../service/hosts.ts';
import { RenderPool } from '../template/pool.ts';
import type { Opened } from './open.ts';

/** Runs a verb with what `buildHost` asks for, and ends the rendering threads after it. */
export async function withBuilding<T>(
  { config, inventory }: Opened,
  run: (options: Omit<BuildOptions, 'force'>) => Promise<T>,
): Promise<T> {
  const pool = new RenderPool({ workers: 1, timeoutMs: config.templates.timeout_ms });
  pool.setLibrary(inventory.site.list('provisioning_templates'));
  const root = await previewRoot(config);
  const check = buildChecker({
    pool,
    base: () => previewBase(config),
    root: () => root,
    hasLoader: (file) => isInstalled(loaderDirectories(config), file),
    links: () => checkedLinks(config),
    now: Date.now,
  });
  const tokens = { random: randomUUID, now: Date.now, durationMinutes: config.token_duration };
  try {
    return await run({ actor: { via: 'cli' }, tokens, check });
  } finally {
    await pool.close();
  }
}
