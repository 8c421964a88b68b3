/**
 * The inventory as the running program uses it: the site in memory, the store behind it, and the only way to
 * change either. Every write goes through `change`, which no other process can interleave with.
 */

import { nameOf, type Site, SiteIndex } from '../inventory/site.ts';
import { COLLECTIONS, type Collection, type Records } from '../inventory/types.ts';
import type { Change, InventoryStore, Stored } from '../store/types.ts';

/** Records that come with the program (negative ids) and are not in the store. */
export type Shipped = { readonly [C in Collection]?: readonly Records[C][] };

export type Planned<T> = { readonly changes: readonly Change[]; readonly result: T };

export class Inventory {
  private readonly index = new SiteIndex();
  private readonly store: InventoryStore;
  private readonly shipped = new SiteIndex();
  private readonly listeners: ((changes: readonly Stored[]) => void)[] = [];
  private revision = 0;

  private constructor(store: InventoryStore, shipped: Shipped) {
    this.store = store;
    for (const collection of COLLECTIONS) {
      for (const record of shipped[collection] ?? []) {
        this.shipped.put(collection, record);
        this.index.put(collection, record);
      }
    }
  }

  /** Loads everything. Rejects with STORE_UNAVAILABLE or STORE_CORRUPT. */
  static async open(store: InventoryStore, shipped: Shipped): Promise<Inventory> {
    const inventory = new Inventory(store, shipped);
    await inventory.refresh();
    return inventory;
  }

  get site(): Site {
    return this.index;
  }

  /** Called after every change, ours or another process', with what was stored. */
  onChange(listener: (changes: readonly Stored[]) => void): void {
    this.listeners.push(listener);
  }

  /** Takes in what other processes stored. Cheap when there is nothing. */
  async refresh(): Promise<void> {
    const { revision, changes } = await this.store.since(this.revision);
    this.take(changes, revision);
  }

  /** One transaction: `plan` sees the newest site; if it throws, nothing changes. */
  async change<T>(plan: (site: Site) => Planned<T>): Promise<T> {
    let planned: Planned<T> | undefined;
    const outcome = await this.store.transact(this.revision, (news) => {
      // The plan must see what others stored meanwhile; taking it twice (here and below) is harmless.
      for (const stored of news) this.apply(stored);
      planned = plan(this.index);
      return planned.changes;
    });
    this.take([...outcome.news, ...outcome.made], outcome.revision);
    return planned!.result;
  }

  private take(changes: readonly Stored[], revision: number): void {
    for (const stored of changes) this.apply(stored);
    this.revision = revision;
    if (changes.length > 0) for (const listener of this.listeners) listener(changes);
  }

  private apply(stored: Stored): void {
    if (stored.op === 'delete') this.remove(stored.collection, stored.id);
    else this.put(stored.collection, stored.record);
  }

  /** A stored record takes the place of the shipped one of its name. */
  private put<C extends Collection>(collection: C, record: Records[C]): void {
    const original = this.shipped.get(collection, nameOf(collection, record));
    if (original !== undefined) this.index.remove(collection, original.id);
    this.index.put(collection, record);
  }

  /** The shipped one of its name is there again. */
  private remove(collection: Collection, id: number): void {
    const gone = this.index.byId(collection, id);
    this.index.remove(collection, id);
    const original = gone && this.shipped.get(collection, nameOf(collection, gone));
    if (original !== undefined) this.index.put(collection, original);
  }
}
