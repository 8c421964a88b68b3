/** Which template of a kind a system gets when several suit it. */

import { byGenerality, suits } from '../../inventory/association.ts';
import type { Site } from '../../inventory/site.ts';
import { isShipped, type OperatingSystem, osTitle } from '../../inventory/types.ts';
import type { Change } from '../../store/types.ts';
import type { Outcome, Planned } from './import.ts';

/** Several of the site's own templates suit a system that lists none of the kind; `used` is the one it gets. */
export type Ambiguity = {
  readonly os: string;
  readonly kind: string;
  readonly count: number;
  readonly used: string;
};

/** What a system lists first of a kind is its default; kinds are looked up among the new records, then the site. */
export class Defaults {
  private readonly systems: Map<number, OperatingSystem>;
  private readonly kinds = new Map<string, string>();
  private readonly site: Site;

  constructor(site: Site, planned: readonly Planned[]) {
    this.site = site;
    this.systems = new Map(site.list('operatingsystems').map((os) => [os.id, os]));
    for (const { outcome, record } of planned)
      if (record !== undefined && 'kind' in record) this.kinds.set(record.name, outcome.kind!);
  }

  all(): readonly OperatingSystem[] {
    return [...this.systems.values()];
  }

  of(os: OperatingSystem, kind: string): string | undefined {
    if (kind === 'ptable') return os.ptables[0];
    return os.provisioning_templates.find((name) => this.kindOf(name) === kind);
  }

  private kindOf(name: string): string | undefined {
    return this.kinds.get(name) ?? this.site.get('provisioning_templates', name)?.kind;
  }

  set(os: OperatingSystem, kind: string, name: string): void {
    if (this.of(os, kind) === name) return;
    const key = kind === 'ptable' ? 'ptables' : 'provisioning_templates';
    this.systems.set(os.id, { ...os, [key]: [name, ...os[key].filter((other) => other !== name)] });
  }

  changes(): readonly Change[] {
    return this.site.list('operatingsystems').flatMap((os): Change[] => {
      const next = this.systems.get(os.id)!;
      return next === os ? [] : [{ op: 'put', collection: 'operatingsystems', record: next }];
    });
  }
}

/** Of several templates of a kind that suit the same system, the first in this run becomes its default. */
export function claimDefaults(
  planned: readonly Planned[],
  defaults: Defaults,
): ReadonlyMap<Outcome, readonly string[]> {
  const owners = new Map<string, string>();
  const notes = new Map<Outcome, string[]>();
  for (const { outcome, record } of planned) {
    if (record === undefined || outcome.kind === 'snippet') continue;
    const said = defaults.all().flatMap((os) => {
      if (!suits(record, os)) return [];
      const key = `${os.id} ${outcome.kind}`;
      const owner = owners.get(key) ?? record.name;
      owners.set(key, owner);
      if (owner !== record.name) return `not the default of ${osTitle(os)}: ${owner} is`;
      defaults.set(os, outcome.kind!, record.name);
      return `the default of ${osTitle(os)}`;
    });
    notes.set(outcome, said);
  }
  return notes;
}

/** Of systems without a default, for the kinds and templates that this run touches. */
export function ambiguities(
  planned: readonly Planned[],
  site: Site,
  defaults: Defaults,
): readonly Ambiguity[] {
  const own = ownAfter(planned, site);
  const kinds = new Set(own.flatMap(({ kind, fresh }) => (fresh ? [kind] : [])));
  return defaults.all().flatMap((os) =>
    [...kinds].flatMap((kind): Ambiguity[] => {
      if (defaults.of(os, kind) !== undefined) return [];
      const suiting = own.filter((entry) => entry.kind === kind && suits(entry, os));
      if (suiting.length < 2 || !suiting.some(({ fresh }) => fresh)) return [];
      const [used] = suiting.map(({ name }) => name).sort(byGenerality);
      return [{ os: osTitle(os), kind, count: suiting.length, used: used! }];
    }),
  );
}

type Own = {
  readonly kind: string;
  readonly name: string;
  readonly oses?: readonly string[];
  readonly fresh: boolean;
};

/** The site's own templates and partition tables as they will be. */
function ownAfter(planned: readonly Planned[], site: Site): readonly Own[] {
  const after = new Map<string, Own>();
  const add = (own: Own) => after.set(own.kind === 'ptable' ? `ptable ${own.name}` : own.name, own);
  for (const { id, name, kind, oses = [] } of site.list('provisioning_templates'))
    if (!isShipped({ id })) add({ kind, name, oses, fresh: false });
  for (const { id, name, oses = [] } of site.list('ptables'))
    if (!isShipped({ id })) add({ kind: 'ptable', name, oses, fresh: false });
  for (const { outcome, record, changes } of planned)
    if (record !== undefined && changes.length > 0)
      add({ kind: outcome.kind!, name: record.name, oses: record.oses ?? [], fresh: true });
  return [...after.values()].filter(({ kind }) => kind !== 'snippet');
}
