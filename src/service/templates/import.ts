/** What importing templates would change: pure, so that a dry run and the real one cannot differ. */

import type { Problem } from '../../errors.ts';
import { NOTED } from '../../inventory/audit.ts';
import type { Site } from '../../inventory/site.ts';
import { isShipped, type PartitionTable, type ProvisioningTemplate } from '../../inventory/types.ts';
import type { Change, Draft } from '../../store/types.ts';
import type { Candidate, Verdict } from './candidate.ts';
import { type Ambiguity, ambiguities, claimDefaults, Defaults } from './defaults.ts';

export const ASSOCIATE = ['new', 'always', 'never'] as const;

export type ImportOptions = {
  /** When the systems of the header count: for templates that are new here, always, or never. */
  readonly associate: (typeof ASSOCIATE)[number];
  /** Undefined: existing ones keep their lock, new ones have none. */
  readonly lock?: boolean;
  /** Makes each the first of its kind for the systems it suits. */
  readonly default: boolean;
  /** Overwrites locked ones. */
  readonly force: boolean;
};

export type Outcome = {
  readonly file: string;
  readonly outcome: 'created' | 'updated' | 'unchanged' | Verdict['outcome'];
  readonly name?: string;
  /** `provision`, `snippet`, `ptable`, … */
  readonly kind?: string;
  /** Why it was skipped or refused. */
  readonly reason?: string;
  /** Names of the fields that changed. */
  readonly changed: readonly string[];
  readonly notes: readonly string[];
  /** The places of the reason. */
  readonly problems: readonly Problem[];
  /** What may fail when it is rendered. */
  readonly warnings: readonly Problem[];
};

export type ImportPlan = {
  /** In the order of the files. */
  readonly outcomes: readonly Outcome[];
  readonly ambiguities: readonly Ambiguity[];
  readonly changes: readonly Change[];
};

type Entry = Candidate | Verdict;

export function planImport(entries: readonly Entry[], site: Site, options: ImportOptions): ImportPlan {
  const twice = namesakes(entries);
  const planned = entries.map((entry) =>
    'outcome' in entry
      ? { outcome: fromVerdict(entry), changes: [] }
      : (repeated(entry, twice) ?? planOne(entry, site, options)),
  );
  const defaults = new Defaults(site, planned);
  const claims = options.default ? claimDefaults(planned, defaults) : new Map<Outcome, readonly string[]>();
  return {
    outcomes: planned.map(({ outcome }) => ({
      ...outcome,
      notes: [...outcome.notes, ...(claims.get(outcome) ?? [])],
    })),
    ambiguities: ambiguities(planned, site, defaults),
    changes: [...planned.flatMap(({ changes }) => changes), ...defaults.changes()],
  };
}

export type Planned = {
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  /** As it will be; undefined when it is not imported. */
  readonly record?: New;
};

function fromVerdict({ file, name, outcome, reason, problems }: Verdict): Outcome {
  return {
    file,
    outcome,
    reason,
    problems,
    changed: [],
    notes: [],
    warnings: [],
    ...(name !== undefined && { name }),
  };
}

/** Templates and partition tables may share a name, as in Foreman. */
function keyOf({ collection, name }: Candidate): string {
  return `${collection} ${name}`;
}

function namesakes(entries: readonly Entry[]): ReadonlyMap<string, readonly Candidate[]> {
  const found = new Map<string, Candidate[]>();
  for (const entry of entries) {
    if ('outcome' in entry) continue;
    const others = found.get(keyOf(entry));
    if (others === undefined) found.set(keyOf(entry), [entry]);
    else others.push(entry);
  }
  return found;
}

/** Of files that are the same the first one counts; of files that differ, nobody can tell which is meant. */
function repeated(
  candidate: Candidate,
  twice: ReadonlyMap<string, readonly Candidate[]>,
): Planned | undefined {
  const all = twice.get(keyOf(candidate))!;
  const [first] = all;
  if (all.length === 1) return undefined;
  const base = outcomeOf(candidate);
  if (all.some(({ text }) => text !== candidate.text)) {
    const others = all.filter((other) => other !== candidate).map(({ file }) => file);
    const reason = `another file has this name too: ${others.slice(0, 3).join(', ')}`;
    return { outcome: { ...base, outcome: 'refused', reason }, changes: [] };
  }
  if (candidate === first) return undefined;
  return { outcome: { ...base, outcome: 'skipped', reason: `the same as ${first!.file}` }, changes: [] };
}

function outcomeOf({ file, name, kind, notes, warnings }: Candidate): Outcome {
  return {
    file,
    name,
    kind: kind ?? 'ptable',
    outcome: 'unchanged',
    changed: [],
    notes,
    warnings,
    problems: [],
  };
}

function planOne(candidate: Candidate, site: Site, options: ImportOptions): Planned {
  const found = site.get(candidate.collection, candidate.name);
  const record = recordOf(candidate, found, options);
  return found === undefined || isShipped(found)
    ? planNew(candidate, record, found)
    : planChange(candidate, record, found, options);
}

type Existing = ProvisioningTemplate | PartitionTable;
type New = Draft<ProvisioningTemplate> | Draft<PartitionTable>;

function planNew(candidate: Candidate, record: New, shipped: Existing | undefined): Planned {
  const outcome = outcomeOf(candidate);
  if (shipped === undefined) return put(candidate, { ...outcome, outcome: 'created' }, record);
  // Shipped ones are locked; that alone is no reason for a copy.
  if (changedFields(shipped, record).every((field) => field === 'locked'))
    return { outcome, changes: [], record };
  const notes = [...outcome.notes, 'in place of the shipped one'];
  return put(candidate, { ...outcome, outcome: 'created', notes }, record);
}

function planChange(candidate: Candidate, record: New, stored: Existing, { force }: ImportOptions): Planned {
  const outcome = outcomeOf(candidate);
  const changed = changedFields(stored, record);
  if (changed.length === 0) return { outcome, changes: [], record };
  // Foreman too lets whoever unlocks a template change it in the same breath.
  if (stored.locked === true && !force && !changed.includes('locked')) {
    const reason = 'the one there is locked: --force overwrites it';
    return { outcome: { ...outcome, outcome: 'refused', reason }, changes: [] };
  }
  return put(candidate, { ...outcome, outcome: 'updated', changed }, { ...record, id: stored.id });
}

function put({ collection }: Candidate, outcome: Outcome, record: New): Planned {
  return { outcome, changes: [{ op: 'put', collection, record } as Change], record };
}

/** One in the place of a shipped one counts as new, but is for the same systems unless its header names others. */
function recordOf(candidate: Candidate, found: Existing | undefined, options: ImportOptions): New {
  const isNew = found === undefined || isShipped(found);
  const associates = options.associate === 'always' || (options.associate === 'new' && isNew);
  const oses = associates && candidate.oses !== undefined ? candidate.oses : found?.oses;
  const { name, description, kind, text, snippet, os_family } = candidate;
  const common = {
    name,
    locked: options.lock ?? (isNew ? false : (found.locked ?? false)),
    ...(description !== undefined && { description }),
    ...(oses !== undefined && { oses }),
  };
  if (kind !== undefined) return { ...common, ...defaultOf(found), kind, template: text };
  return {
    ...common,
    layout: text,
    ...(snippet && { snippet }),
    ...(os_family !== undefined && { os_family }),
  };
}

function defaultOf(found: Existing | undefined): { readonly default?: boolean } {
  return found !== undefined && 'default' in found ? { default: found.default } : {};
}

/** An empty list, `false` and nothing at all say the same. */
function changedFields(found: object, record: object): readonly string[] {
  const before = new Map(Object.entries(found));
  const after = new Map(Object.entries(record));
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (field) => !NOTED.has(field) && said(before.get(field)) !== said(after.get(field)),
  );
}

function said(value: unknown): string {
  return value === false || (Array.isArray(value) && value.length === 0) ? '' : (JSON.stringify(value) ?? '');
}
