/**
 * The one way to change records: on the newest state, checked as a whole, with everything that follows from it, and
 * told to the audit. What a change costs depends on the change, not on how many hosts there are.
 */

import { ChainbootError, type Problem } from '../errors.ts';
import { fieldChanges } from '../inventory/audit.ts';
import { duplicatesAmong, faultsOf, type Inconsistency } from '../inventory/consistency.ts';
import { administratorFaults } from '../inventory/faults/administrators.ts';
import { Overlay } from '../inventory/overlay.ts';
import { calledOf, type Referrer, referrers, renamedIn } from '../inventory/references.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import { type Collection, isShipped, type Records } from '../inventory/types.ts';
import type { Actor, Change, Stored } from '../store/types.ts';
import type { Inventory } from './inventory.ts';
import { shapedChange } from './shaped-changes.ts';

export type Changed<T> = {
  readonly result: T;
  /** What was stored, in the order of the changes, followed by what they took along. */
  readonly made: readonly Stored[];
};

export type RecordPlan<T> = { readonly changes: readonly Change[]; readonly result: T };

/**
 * One transaction. A renamed record takes along those that name it; the tokens of a deleted user go with it.
 * Rejects with RECORD_INVALID, whose problems are all that is wrong, `path` leading to the field of the record.
 */
export function changeRecords<T>(
  inventory: Inventory,
  actor: Actor,
  plan: (site: Site) => RecordPlan<T>,
): Promise<Changed<T>> {
  return inventory.changeAs(actor, (site) => {
    const { changes, result } = plan(site);
    const { all, problems } = tried(site, changes, inventory);
    if (problems.length > 0) throw new ChainbootError('RECORD_INVALID', { count: problems.length }, problems);
    return { changes: all, result };
  });
}

export type Tried = {
  /** The changes and what follows from them. */
  readonly all: readonly Change[];
  readonly problems: readonly Problem[];
};

/** Numbers for records that have none yet, above all that a store gives. */
const PROVISIONAL_ID = 1e12;

/** What comes with the program, and is there again when a record that took its place is deleted. */
type ShippedRecords = Pick<Inventory, 'shippedRecord'>;

type Put = { readonly collection: Collection; readonly record: Records[Collection] };

/** What the site would be, and what is wrong with that: each record by the schema, and all of them together. */
export function tried(site: Site, changes: readonly Change[], shipped?: ShippedRecords): Tried {
  const checked = changes.map((change) => shapedChange(site, change));
  const trial = new Trial(site, shipped);
  for (const { change } of checked) if (change !== undefined) trial.make(change);
  const ofShape = checked.flatMap(({ problems }) => problems);
  const known = new Set(ofShape.map(({ file, path }) => `${file} ${path}`));
  const others = trial.problems().filter(({ file, path }) => !known.has(`${file} ${path}`));
  return { all: trial.changes, problems: [...ofShape, ...others] };
}

class Trial {
  readonly #base: Site;
  readonly #shipped: ShippedRecords | undefined;
  readonly #overlay: Overlay;
  /** By collection and id, so that a record that is changed twice is stored once. */
  readonly #changes = new Map<string, Change>();
  readonly #puts = new Map<string, Put>();
  readonly #affected = new Map<string, Referrer>();
  readonly #problems: Problem[] = [];
  #next = PROVISIONAL_ID;

  constructor(base: Site, shipped: ShippedRecords | undefined) {
    this.#base = base;
    this.#shipped = shipped;
    this.#overlay = new Overlay(base);
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  make(change: Change): void {
    if (change.op === 'delete') this.#delete(change.collection, change.id);
    else this.#put(change.collection, change.record as Records[Collection]);
  }

  #put(collection: Collection, draft: Records[Collection]): void {
    const given = draft.id as number | undefined;
    const before = given === undefined ? undefined : this.#overlay.byId(collection, given);
    const record = (given === undefined ? { ...draft, id: this.#next++ } : draft) as Records[Collection];
    const name = nameOf(collection, record as never);
    const namesake = this.#overlay.get(collection, name);
    // One of a shipped record's name takes its place.
    if (namesake !== undefined && namesake.id !== record.id && !isShipped(namesake))
      this.#problem(collection, name, nameField(collection), 'has already been taken');
    if (before !== undefined && isBelowItself(nameOf(collection, before as never), record)) {
      this.#problem(collection, name, 'parent', 'is the record itself, or one that is below it');
      return;
    }
    const key = `${collection} ${record.id}`;
    this.#changes.set(key, { op: 'put', collection, record: given === undefined ? draft : record } as Change);
    this.#puts.set(key, { collection, record });
    this.#overlay.put(collection, record as never);
    if (before === undefined) return;
    const called = nameOf(collection, before as never);
    if (called !== name) this.#rename(collection, called, name);
    else if (collection !== 'hosts' && concernsOthers(before, record)) this.#touch(collection, name);
  }

  /** Those that name it name it by its new name; what lies below it has another title then, and so on. */
  #rename(collection: Collection, before: string, after: string): void {
    for (const { collection: from, record } of referrers(this.#overlay, collection, before))
      this.#put(from, renamedIn(from, record as never, collection, before, after));
  }

  /** What names it is looked at again. */
  #touch(collection: Collection, name: string): void {
    for (const referrer of referrers(this.#overlay, collection, name)) this.#affect(referrer);
    // They must not overlap, whichever of them is named for it.
    if (collection === 'subnets')
      for (const record of this.#overlay.list('subnets')) this.#affect({ collection, record });
  }

  #affect(referrer: Referrer): void {
    this.#affected.set(`${referrer.collection} ${referrer.record.id}`, referrer);
  }

  #delete(collection: Collection, id: number): void {
    const record = this.#overlay.byId(collection, id);
    if (record === undefined) return;
    this.#changes.set(`${collection} ${id}`, { op: 'delete', collection, id });
    this.#puts.delete(`${collection} ${id}`);
    this.#overlay.remove(collection, id);
    const original = this.#shipped?.shippedRecord(collection, nameOf(collection, record as never));
    if (original !== undefined) this.#overlay.put(collection, original as never);
  }

  problems(): readonly Problem[] {
    this.#dropTokens();
    const changed = [...this.#puts.values()];
    const found = [
      ...changed.flatMap(({ collection, record }) => faultsOf(this.#overlay, collection, record)),
      ...duplicatesAmong(this.#base, this.#hosts(changed), this.#gone('hosts')),
      ...this.#newFaults(),
      ...(this.#concernsRoles() ? administratorFaults(this.#base, this.#overlay) : []),
    ];
    return [...this.#problems, ...found.map(problemOf), ...this.#inUse()];
  }

  #concernsRoles(): boolean {
    return this.changes.some(({ collection }) => collection === 'users' || collection === 'usergroups');
  }

  #hosts(puts: readonly Put[]): readonly Records['hosts'][] {
    return puts.flatMap(({ collection, record }) =>
      collection === 'hosts' ? [record as Records['hosts']] : [],
    );
  }

  #gone(collection: Collection): ReadonlySet<number> {
    return new Set(
      this.changes.flatMap((change) =>
        change.op === 'delete' && change.collection === collection ? change.id : [],
      ),
    );
  }

  /** Of records that are not changed themselves: what was wrong before is nobody's fault now. */
  #newFaults(): readonly Inconsistency[] {
    return [...this.#affected].flatMap(([key, { collection, record }]) => {
      if (this.#puts.has(key) || this.#changes.has(key)) return [];
      const now = faultsOf(this.#overlay, collection, record);
      // There may be a hundred thousand of them, with nothing wrong.
      if (now.length === 0) return [];
      const before = new Set(faultsOf(this.#base, collection, record).map(keyOf));
      return now.filter((fault) => !before.has(keyOf(fault)));
    });
  }

  /** Personal access tokens go with their user. */
  #dropTokens(): void {
    for (const change of this.changes)
      for (const { collection, record } of this.#left(change))
        if (collection === 'personal_access_tokens') this.#delete(collection, record.id);
  }

  /** What still names a record that is deleted. */
  #left(change: Change): readonly Referrer[] {
    const gone = change.op === 'delete' ? this.#base.byId(change.collection, change.id) : undefined;
    if (gone === undefined) return [];
    const name = nameOf(change.collection, gone as never);
    // A shipped record of that name is there again.
    if (this.#overlay.get(change.collection, name) !== undefined) return [];
    return referrers(this.#overlay, change.collection, name);
  }

  #inUse(): readonly Problem[] {
    return this.changes.flatMap((change) => {
      const users = this.#left(change);
      if (change.op !== 'delete' || users.length === 0) return [];
      const name = nameOf(change.collection, this.#base.byId(change.collection, change.id) as never);
      return [
        {
          file: `${change.collection}/${name}`,
          path: 'base',
          message: `${name} is used by ${several(users)}`,
        },
      ];
    });
  }

  #problem(collection: Collection, name: string, path: string, message: string): void {
    this.#problems.push({ file: `${collection}/${name}`, path, message });
  }
}

/** Fields that nothing of another record is checked against. */
const OWN_AFFAIRS: ReadonlySet<string> = new Set([
  'declared',
  'description',
  'dhcp_options',
  'dns_primary',
  'dns_secondary',
  'hidden_parameters',
  'layout',
  'lease_time',
  'mtu',
  'nic_delay',
  'parameter_types',
  'parameters',
  'root_pass',
  'template',
]);

/** Whether what names a record has to be looked at again. */
function concernsOthers(before: object, after: object): boolean {
  return Object.keys(fieldChanges(before, after)).some((field) => !OWN_AFFAIRS.has(field));
}

/** Whether a record that was called so is to have a parent that is below it: there would be no end of its title. */
function isBelowItself(title: string, record: Records[Collection]): boolean {
  if (!('parent' in record) || record.parent === undefined) return false;
  return record.parent === title || record.parent.startsWith(`${title}/`);
}

const SHOWN = 5;

function several(users: readonly Referrer[]): string {
  const names = users.slice(0, SHOWN).map(calledOf);
  const more = users.length - names.length;
  return more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
}

function nameField(collection: Collection): string {
  if (collection === 'users') return 'login';
  return collection === 'holds' ? 'machine' : 'name';
}

function keyOf({ path, message }: Inconsistency): string {
  return `${path.join('.')}: ${message}`;
}

function problemOf({ collection, name, path, message, suggestion }: Inconsistency): Problem {
  return {
    file: `${collection}/${name}`,
    path: path.join('.'),
    message,
    ...(suggestion !== undefined && { suggestion }),
  };
}
