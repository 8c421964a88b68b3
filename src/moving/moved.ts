/** The result of every source: a site as a user would declare it, where each record came from, and the report. */

import type { z } from 'zod';
import type { SITE_SCHEMA } from '../inventory/schema.ts';
import type { Place } from './place.ts';
import type { Note, Report } from './report.ts';

export type SiteInput = z.input<typeof SITE_SCHEMA>;
type Sections =
  | 'domains'
  | 'subnets'
  | 'media'
  | 'architectures'
  | 'operatingsystems'
  | 'hostgroups'
  | 'hosts';
export type Section = Sections;
export type Entry<S extends Section> = NonNullable<SiteInput[S]>[number];

export type Moved = {
  readonly site: SiteInput;
  /** Of each record, by section and index as in `site`. */
  readonly places: Readonly<Record<string, readonly Place[]>>;
  readonly notes: readonly Note[];
};

/** A site that grows record by record. */
export class SiteDraft {
  private readonly records: { [S in Section]: Entry<S>[] } = {
    domains: [],
    subnets: [],
    media: [],
    architectures: [],
    operatingsystems: [],
    hostgroups: [],
    hosts: [],
  };
  private readonly places: { [S in Section]: Place[] } = {
    domains: [],
    subnets: [],
    media: [],
    architectures: [],
    operatingsystems: [],
    hostgroups: [],
    hosts: [],
  };
  /** Global ones. */
  readonly parameters: Record<string, NonNullable<SiteInput['parameters']>[string]> = {};

  add<S extends Section>(section: S, entry: Entry<S>, place: Place): void {
    this.records[section].push(entry);
    this.places[section].push(place);
  }

  /** A domain once, however often it is named. */
  domain(name: string, place: Place): void {
    if (!this.records.domains.some((domain) => domain.name === name)) this.add('domains', { name }, place);
  }

  list<S extends Section>(section: S): readonly Entry<S>[] {
    return this.records[section];
  }

  finish(report: Report): Moved {
    const filled = Object.entries(this.records).filter(([, entries]) => entries.length > 0);
    const parameters = Object.keys(this.parameters).length > 0 ? { parameters: this.parameters } : {};
    return {
      site: { ...parameters, ...Object.fromEntries(filled) },
      places: this.places,
      notes: report.notes,
    };
  }
}
