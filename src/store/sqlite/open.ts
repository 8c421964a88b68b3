import type { BootStore, InventoryStore } from '../types.ts';
import { sqliteBoots } from './boots.ts';
import { openDatabase } from './database.ts';
import { sqliteInventory } from './inventory.ts';

export type SqliteStore = {
  readonly inventory: InventoryStore;
  readonly boots: BootStore;
  close(): Promise<void>;
};

/** Inventory and boots in one database file. Throws STORE_UNAVAILABLE. */
export function openSqlite(file: string): SqliteStore {
  const db = openDatabase(file);
  return {
    inventory: sqliteInventory(db),
    boots: sqliteBoots(db),
    close: async () => void db.close(),
  };
}
