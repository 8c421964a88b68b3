/** What a replay asks: the configured site, as it is now, without a running server. */

import { existsSync } from 'node:fs';
import type { Conversation } from '../../capture/events.ts';
import type { ReplayReport } from '../../capture/report.ts';
import { leasesFile } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { Mac } from '../../net/mac.ts';
import { Inventory } from '../../service/inventory.ts';
import { readLeases } from '../../store/leases/read.ts';
import { memoryInventory } from '../../store/memory/inventory.ts';
import { openSqlite } from '../../store/sqlite/open.ts';
import { RenderPool } from '../../template/pool.ts';
import { shippedRecords } from '../core.ts';
import { replayLink } from './link.ts';
import { replay } from './replay.ts';

/** Rejects with what opening the database and reading the leases reject with, and NOT_FOUND for a link that is not configured. */
export async function replayHere(
  config: Config,
  told: Conversation,
  { link, mac }: { readonly link?: string | undefined; readonly mac?: Mac | undefined },
): Promise<ReplayReport> {
  const served = replayLink(config, told, link);
  const store = existsSync(config.database) ? openSqlite(config.database) : undefined;
  const pool = new RenderPool({ workers: 1, timeoutMs: config.templates.timeout_ms });
  try {
    const inventory = await Inventory.open(store?.inventory ?? memoryInventory(), shippedRecords());
    pool.setLibrary(inventory.site.list('provisioning_templates'));
    const leases = await readLeases(leasesFile(config));
    return await replay(told, { config, served, inventory, pool, leases }, mac);
  } finally {
    await pool.close();
    await store?.close();
  }
}
