/** Taking templates and partition tables out again. */

import { ChainbootError, type Problem } from '../../errors.ts';
import { type Inconsistency, inconsistencies } from '../../inventory/consistency.ts';
import { copyOf, type Site } from '../../inventory/site.ts';
import { isShipped, type PartitionTable, type ProvisioningTemplate } from '../../inventory/types.ts';
import type { Change } from '../../store/types.ts';
import type { Shipped } from '../inventory.ts';

export type DeleteOptions = {
  /** `ptable`, or a template kind. */
  readonly kind?: string;
  /** Deletes locked ones. */
  readonly force: boolean;
  /** What comes with the program, and is there again when its replacement is gone. */
  readonly shipped: Shipped;
};

export type Deleted = {
  readonly name: string;
  readonly kind: string;
  /** Whether the shipped one of its name is there again. */
  readonly restored: boolean;
};
export type DeletePlan = { readonly deleted: readonly Deleted[]; readonly changes: readonly Change[] };

type Entry =
  | {
      readonly collection: 'provisioning_templates';
      readonly kind: string;
      readonly record: ProvisioningTemplate;
    }
  | { readonly collection: 'ptables'; readonly kind: 'ptable'; readonly record: PartitionTable };

/**
 * All of them or none. Throws NOT_FOUND for a name that nothing has, and TEMPLATES_KEPT with every reason: shipped,
 * locked, ambiguous, or still listed by an operating system, a hostgroup or a host.
 */
export function planDelete(names: readonly string[], site: Site, options: DeleteOptions): DeletePlan {
  const chosen = [...new Set(names)].map((name) => ({ name, found: named(site, name, options.kind) }));
  const entries = chosen.flatMap(({ found }) => found);
  const after = without(site, entries, options.shipped);
  const problems = [
    ...chosen.flatMap(({ name, found }) => refusals(name, found, options)),
    ...danglingReferences(site, after),
  ];
  if (problems.length > 0) throw new ChainbootError('TEMPLATES_KEPT', { count: problems.length }, problems);
  return {
    deleted: entries.map(({ collection, kind, record: { name } }) => {
      return { name, kind, restored: after.get(collection, name) !== undefined };
    }),
    changes: entries.map(({ collection, record: { id } }) => ({ op: 'delete', collection, id })),
  };
}

function named(site: Site, name: string, kind: string | undefined): readonly Entry[] {
  const template = site.get('provisioning_templates', name);
  const ptable = site.get('ptables', name);
  const all: Entry[] = [
    ...(template
      ? [{ collection: 'provisioning_templates', kind: template.kind, record: template } as const]
      : []),
    ...(ptable ? [{ collection: 'ptables', kind: 'ptable', record: ptable } as const] : []),
  ];
  const found = all.filter((entry) => kind === undefined || entry.kind === kind);
  if (found.length === 0) throw new ChainbootError('NOT_FOUND', { kind: 'template', name });
  // A shipped one of the other kind is not meant.
  const own = found.filter(({ record }) => !isShipped(record));
  return own.length > 0 ? own : found;
}

function refusals(name: string, found: readonly Entry[], { force }: DeleteOptions): readonly Problem[] {
  const problem = (message: string, suggestion?: string): Problem => {
    return { file: name, path: '', message, ...(suggestion !== undefined && { suggestion }) };
  };
  if (found.length > 1) return [problem('there is a template and a partition table', 'choose with --kind')];
  return found.flatMap(({ record }) => {
    if (isShipped(record)) return problem('comes with Chainboot and is no record that could be deleted');
    return record.locked === true && !force ? problem('is locked', '--force deletes it') : [];
  });
}

function without(site: Site, entries: readonly Entry[], shipped: Shipped): Site {
  const after = copyOf(site);
  for (const { collection, record } of entries) {
    after.remove(collection, record.id);
    const original = shipped[collection]?.find(({ name }) => name === record.name);
    if (original !== undefined) after.put(collection, original as never);
  }
  return after;
}

/** What was wrong before is not the fault of this; only the advice may have changed. */
function danglingReferences(before: Site, after: Site): readonly Problem[] {
  const keyOf = ({ collection, name, path, message }: Inconsistency) =>
    JSON.stringify([collection, name, path, message]);
  const known = new Set(inconsistencies(before).map(keyOf));
  return inconsistencies(after)
    .filter((fault) => !known.has(keyOf(fault)))
    .map(({ collection, name, path, message }) => {
      return { file: `${collection} ${name}`, path: path.join('.'), message };
    });
}
