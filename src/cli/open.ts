/** What every verb that reads or changes the inventory starts with. */

import { shippedRecords } from '../app/core.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { Inventory } from '../service/inventory.ts';
import { openSqlite, type SqliteStore } from '../store/sqlite/open.ts';
import type { Actor } from '../store/types.ts';

/** Whoever has the database in hand. */
export const CLI: Actor = { via: 'cli' };

export type Opened = { readonly config: Config; readonly store: SqliteStore; readonly inventory: Inventory };

/** Opens what the configuration names, runs the verb and closes again, whatever happens. */
export async function withInventory<T>(configFile: string, run: (opened: Opened) => Promise<T>): Promise<T> {
  const config = loadConfig(configFile);
  const store = openSqlite(config.database);
  try {
    const inventory = await Inventory.open(store.inventory, shippedRecords());
    return await run({ config, store, inventory });
  } finally {
    await store.close();
  }
}
