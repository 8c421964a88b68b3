import type { Log } from '../../boot/log.ts';
import type { BootStore, InventoryStore, RenderingStore } from '../types.ts';
import { sqliteBoots } from './boots.ts';
import { openDatabase } from './database.ts';
import { sqliteInventory } from './inventory.ts';
import { makePrivate } from './private-file.ts';
import { sqliteRenderings } from './renderings.ts';
import { threadedBoots } from './threaded-boots.ts';

export type SqliteStore = {
  readonly inventory: InventoryStore;
  readonly boots: BootStore;
  readonly renderings: RenderingStore;
  close(): Promise<void>;
};

/** Inventory, boots and renderings in one database file, each with the durability it needs. Throws STORE_UNAVAILABLE. */
export function openSqlite(file: string): SqliteStore {
  const inventory = openDatabase(file, 'FULL');
  const boots = openDatabase(file, 'NORMAL');
  return {
    inventory: sqliteInventory(inventory),
    boots: sqliteBoots(boots),
    renderings: sqliteRenderings(boots),
    close: async () => {
      boots.close();
      inventory.close();
    },
  };
}

/** The same for a server, which must not wait for the disk because of its trace. */
export function openServingSqlite(file: string, log: Log): SqliteStore {
  makePrivate(file, log);
  const db = openDatabase(file, 'FULL');
  const { boots, renderings } = threadedBoots(file);
  return {
    inventory: sqliteInventory(db),
    boots,
    renderings,
    close: async () => {
      await boots.close();
      db.close();
    },
  };
}
