/**
 * The inventory as the running program uses it: the site in memory, the store behind it, and the only way to
 * change either. Every write goes through `change`, which no other process can interleave with.
 */

import { type Site, SiteIndex } from '../inventory/site.ts';
import type { ProvisioningTemplate } from '../inventory/types.ts';
import type { Change, InventoryStore, Stored } from '../store/types.ts';

export type Planned<T> = { readonly changes: readonly Change[]; readonly result: T };

export class Inventory {
  private readonly index = new SiteIndex();
  private readonly store: InventoryStore;
  private readonly shipped: ReadonlyMap<string, ProvisioningTemplate>;
  private readonly listeners: (() => void)[] = [];
  private revision = 0;

  private constructor(store: InventoryStore, shipped: readonly ProvisioningTemplate[]) {
    this.store = store;
    this.shipped = new Map(shipped.map((template) => [template.name, template]));
    for (const template of shipped) this.index.put('provisioning_templates', template);
  }

  /** Loads everything. Rejects with STORE_UNAVAILABLE or STORE_CORRUPT. */
  static async open(store: InventoryStore, shipped: readonly ProvisioningTemplate[]): Promise<Inventory> {
    const inventory = new Inventory(store, shipped);
    await inventory.refresh();
    return inventory;
  }

  get site(): Site {
    return this.index;
  }

  /** Called after every change, ours or another process'. */
  onChange(listener: () => void): void {
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
    if (changes.length > 0) for (const listener of this.listeners) listener();
  }

  private apply(stored: Stored): void {
    if (stored.op === 'delete') {
      const gone = this.index.byId(stored.collection, stored.id);
      this.index.remove(stored.collection, stored.id);
      const original =
        gone && stored.collection === 'provisioning_templates' ? this.shipped.get(gone.name) : undefined;
      if (original !== undefined) this.index.put('provisioning_templates', original);
      return;
    }
    if (stored.collection === 'provisioning_templates') this.putTemplate(stored.record);
    else this.index.put(stored.collection, stored.record);
  }

  /** A stored template takes the place of the shipped one of its name. */
  private putTemplate(template: ProvisioningTemplate): void {
    const original = this.shipped.get(template.name);
    if (original !== undefined) this.index.remove('provisioning_templates', original.id);
    this.index.put('provisioning_templates', template);
  }
}
