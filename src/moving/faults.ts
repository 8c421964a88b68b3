/** Faults that show only beside the rest of the site: where they come from, and the import without what has them. */

import type { Problem } from '../errors.ts';
import { nestedTitle, osTitle } from '../inventory/types.ts';
import type { Entry, Moved, Section, SiteInput } from './moved.ts';
import type { Place } from './place.ts';
import type { Note } from './report.ts';

/** `path` leads through the declaration: `['hosts', 3, 'mac']`. */
export type Fault = {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly suggestion?: string;
};

/** What its records are called by others. */
export function titleOf(section: string, entry: object): string {
  const { name } = entry as { name: string };
  if (section === 'hostgroups') return nestedTitle(entry as Entry<'hostgroups'>);
  if (section !== 'operatingsystems') return name;
  const { major, minor = '' } = entry as Entry<'operatingsystems'>;
  return osTitle({ name, major: String(major), minor: String(minor) });
}

/** The fault at the line of the source that the record was made of. */
export function problemOf(fault: Fault, { site, places }: Moved, file: string): Problem {
  const [section = '', index, ...rest] = fault.path.map(String);
  const place = placeOf(places, section, Number(index)) ?? { file };
  const entry = (site[section as Section] as readonly object[] | undefined)?.[Number(index)];
  const path = [entry === undefined ? section : titleOf(section, entry), ...rest].filter(Boolean).join('.');
  const { message, suggestion } = fault;
  return { ...place, path, message, ...(suggestion !== undefined && { suggestion }) };
}

function placeOf(places: Moved['places'], section: string, index: number): Place | undefined {
  return places[section]?.[index];
}

/** What was refused, as problems. */
export function refusals(notes: readonly Note[]): readonly Problem[] {
  return notes
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ file, line, column, subject, message }) => ({ file, line, column, path: subject, message }));
}

/** Without the records that have faults, each of which is noted; undefined when a fault is of no record. */
export function withoutFaulty(moved: Moved, faults: readonly Fault[]): Moved | undefined {
  const dropped = new Map<string, Map<number, string>>();
  for (const { path, message } of faults) {
    const [section, index] = path;
    if (typeof section !== 'string' || typeof index !== 'number') return undefined;
    if (moved.places[section]?.[index] === undefined) return undefined;
    const ofSection = dropped.get(section) ?? new Map<number, string>();
    dropped.set(section, ofSection.set(index, ofSection.get(index) ?? message));
  }
  const site: Record<string, unknown> = { ...moved.site };
  const places: Record<string, readonly Place[]> = { ...moved.places };
  const notes = [...moved.notes];
  for (const [section, faulty] of dropped) {
    const entries = site[section] as readonly object[];
    for (const [i, message] of faulty)
      notes.push({
        ...moved.places[section]![i]!,
        outcome: 'refused',
        subject: titleOf(section, entries[i]!),
        message,
      });
    site[section] = entries.filter((_, i) => !faulty.has(i));
    places[section] = moved.places[section]!.filter((_, i) => !faulty.has(i));
  }
  return { site: site as SiteInput, places, notes };
}

/**
 * Loaders that nobody installed are left to Chainboot, which has one for every firmware; undefined when no fault is of
 * that kind.
 */
export function withoutLoaders(moved: Moved, faults: readonly Fault[]): Moved | undefined {
  const lacking = faults.filter(({ path }) => path.length === 3 && path[2] === 'pxe_loader');
  if (lacking.length === 0) return undefined;
  const site: Record<string, unknown> = { ...moved.site };
  const notes = [...moved.notes];
  for (const { path, message } of lacking) {
    const [section, index] = path as readonly [string, number];
    const entries = [...(site[section] as readonly { readonly pxe_loader?: string }[])];
    const { pxe_loader, ...rest } = entries[index]!;
    notes.push({
      ...(moved.places[section]?.[index] ?? NOWHERE),
      outcome: 'human',
      subject: `${titleOf(section, rest)}: pxe_loader: ${pxe_loader}`,
      message: `${message}; left out, so the loader that suits the firmware is handed out`,
    });
    entries[index] = rest;
    site[section] = entries;
  }
  return { ...moved, site: site as SiteInput, notes };
}

const NOWHERE: Place = { file: '', line: 1, column: 1 };
