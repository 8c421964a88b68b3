/**
 * The inventory as the running program uses it: the site in memory, the store behind it, and the only way to
 * change either. Every write goes through `change`, which no other process can interleave with.
 */

import { fieldChanges } from '../inventory/audit.ts';
import { withoutReuse } from '../inventory/interfaces.ts';
import { nameOf, type Site, SiteIndex } from '../inventory/site.ts';
import { COLLECTIONS, type Collection, type Host, type Records } from '../inventory/types.ts';
import type { Actor, AuditEntry, AuditQuery, Change, InventoryStore, Stored } from '../store/types.ts';

/** Records that come with the program (negative ids) and are not in the store. */
export type Shipped = { readonly [C in Collection]?: readonly Records[C][] };

export type Planned<T> = { readonly changes: readonly Change[]; readonly result: T };

type ChangedAs<T> = { readonly result: T; readonly made: readonly Stored[] };

export class Inventory {
  private readonly index = new SiteIndex();
  private readonly store: InventoryStore;
  private readonly shipped = new SiteIndex();
  private readonly listeners: ((changes: readonly Stored[]) => void)[] = [];
  private revision = 0;
  private last: Promise<unknown> = Promise.resolve();

  private readonly now: () => number;

  private constructor(store: InventoryStore, shipped: Shipped, now: () => number) {
    this.store = store;
    this.now = now;
    for (const collection of COLLECTIONS) {
      for (const record of shipped[collection] ?? []) {
        this.shipped.put(collection, record);
        this.index.put(collection, record);
      }
    }
  }

  /** Loads everything. Rejects with STORE_UNAVAILABLE or STORE_CORRUPT. */
  static async open(
    store: InventoryStore,
    shipped: Shipped,
    now: () => number = Date.now,
  ): Promise<Inventory> {
    const inventory = new Inventory(store, shipped, now);
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

  /** One transaction: `plan` sees the newest site; if it throws, nothing changes. Told to the audit. */
  async change<T>(plan: (site: Site) => Planned<T>, actor: Actor = { via: 'boot' }): Promise<T> {
    return (await this.changeAs(actor, plan)).result;
  }

  /** The same, with what was stored. One after the other: each only has to catch up with other processes then. */
  changeAs<T>(actor: Actor, plan: (site: Site) => Planned<T>): Promise<ChangedAs<T>> {
    const turn = this.last.then(() => this.changeNow(actor, plan));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async changeNow<T>(actor: Actor, plan: (site: Site) => Planned<T>): Promise<ChangedAs<T>> {
    let planned: Planned<T> | undefined;
    const outcome = await this.store.transact(
      this.revision,
      (news) => {
        // The plan must see what others stored meanwhile; taking it twice (here and below) is harmless.
        for (const stored of news) this.apply(stored);
        planned = plan(this.index);
        return planned.changes.map((change) => this.noted(change));
      },
      (made) => made.flatMap((stored) => this.audited(stored, actor) ?? []),
    );
    this.take([...outcome.news, ...outcome.made], outcome.revision);
    return { result: planned!.result, made: outcome.made };
  }

  /** Newest first. */
  audits(query: AuditQuery): ReturnType<InventoryStore['audits']> {
    return this.store.audits(query);
  }

  /** The record of that name that comes with the program, whether or not a stored one has taken its place. */
  shippedRecord<C extends Collection>(collection: C, name: string): Records[C] | undefined {
    return this.shipped.get(collection, name);
  }

  /** Names of the records that come with the program, whether or not a stored one has taken the place. */
  shippedNames(collection: Collection): readonly string[] {
    return this.shipped.list(collection).map((record) => nameOf(collection, record));
  }

  /** With the times that it was made and changed, and numbers that nothing had; the index is as it was before. */
  private noted(change: Change): Change {
    if (change.op === 'delete') return change;
    const { collection, record: given } = change;
    const before = given.id === undefined ? undefined : this.index.byId(collection, given.id);
    const record =
      collection === 'hosts' && before !== undefined ? withoutReuse(given as Host, before as Host) : given;
    const isSame = before !== undefined && Object.keys(fieldChanges(before, record)).length === 0;
    const now = this.now();
    const { created_at = now } = before ?? record;
    const updated_at = isSame ? before.updated_at : now;
    return { ...change, record: { ...record, created_at, ...(updated_at && { updated_at }) } } as Change;
  }

  /** The index is as it was before the change. Undefined when nothing that is worth telling changed. */
  private audited(stored: Stored, actor: Actor): AuditEntry | undefined {
    const { collection } = stored;
    const id = stored.op === 'put' ? stored.record.id : stored.id;
    const before = this.index.byId(collection, id);
    const after = stored.op === 'put' ? stored.record : undefined;
    const changes = fieldChanges(before, after);
    const named = after ?? before;
    if (named === undefined || Object.keys(changes).length === 0) return undefined;
    const action = before === undefined ? 'create' : after === undefined ? 'destroy' : 'update';
    return {
      ...actor,
      at: this.now(),
      action,
      collection,
      record: id,
      name: nameOf(collection, named as never),
      changes,
    };
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
