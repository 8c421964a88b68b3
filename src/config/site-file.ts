/** Site files: declared hosts, subnets, systems, media, templates; and the .erb files they name. */

import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { ChainbootError, type Problem, reasonOf } from '../errors.ts';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import type { DeclaredTemplate, LoadedSite, SiteFault } from '../service/apply.ts';
import { checkTemplate } from '../template/lint.ts';
import { type Metadata, metadataOf } from '../template/metadata.ts';
import { readText } from './load.ts';
import { mergeSites, placeOf } from './merge-sites.ts';
import { siteFiles } from './site-files.ts';
import { type Locate, type Path, parseYaml } from './yaml.ts';

export type SiteFile = {
  readonly site: LoadedSite;
  readonly locate: Locate;
  /** Of the files themselves and of their templates; with any, the site must not be applied. */
  readonly problems: readonly Problem[];
};

type Declared = z.infer<typeof SITE_SCHEMA>;
type TemplateEntry = Declared['templates'][number];
type PtableEntry = Declared['ptables'][number];
/** A record made of an entry, or what is wrong with it. */
type Outcome<T> = { readonly record?: T; readonly problems: readonly Problem[] };

/** One file, or all below a directory. */
export function loadSite(file: string): SiteFile {
  return loadSites([file]);
}

/**
 * Files, directories and `-` (standard input) as one site. Throws CONFIG_UNREADABLE, SITE_FILES_MISSING for a directory
 * without any, or SITE_INVALID for a file of which nothing more can be told; lesser problems are in the result, so that
 * whoever plans with it can list all there are.
 */
export function loadSites(given: readonly string[]): SiteFile {
  const parsed = siteFiles(given).map((file) => ({ file, ...parseYaml(readText(file), SITE_SCHEMA, file) }));
  const problems = parsed.flatMap((one) => one.problems);
  const pieces = parsed.flatMap(({ value, file, locate }) =>
    value === undefined ? [] : [{ locate, ...withTexts(value, file, locate) }],
  );
  if (pieces.length < parsed.length)
    throw new ChainbootError('SITE_INVALID', { file: given.join(', '), count: problems.length }, problems);
  const merged = mergeSites(pieces);
  return { ...merged, problems: [...problems, ...merged.problems] };
}

/** What a plan found wrong, at the places of the files. */
export function problemsOf(
  { locate }: Pick<SiteFile, 'locate'>,
  faults: readonly SiteFault[],
): readonly Problem[] {
  return faults.map(({ path, message, suggestion, other }) => {
    const said = other === undefined ? message : `${message}, first at ${placeOf(locate(other, ''))}`;
    return locate(path, said, suggestion);
  });
}

/** With the texts of the template files that it names, relative to where it is itself. */
function withTexts(value: Declared, file: string, locate: Locate): Omit<SiteFile, 'locate'> {
  const below =
    (section: string, i: number): LocateIn =>
    (path, message) =>
      locate([section, i, ...path], message);
  const directory = dirname(file);
  const templates = value.templates.map((entry, i) => templateOf(entry, directory, below('templates', i)));
  const ptables = value.ptables.map((entry, i) => ptableOf(entry, directory, below('ptables', i)));
  const outcomes: readonly Outcome<unknown>[] = [...templates, ...ptables];
  return {
    site: {
      ...value,
      templates: templates.flatMap(({ record }) => record ?? []),
      ptables: ptables.flatMap(({ record }) => record ?? []),
    },
    problems: outcomes.flatMap((outcome) => outcome.problems),
  };
}

type LocateIn = (path: Path, message: string) => Problem;

function templateOf(
  entry: TemplateEntry,
  directory: string,
  locate: LocateIn,
): Outcome<LoadedSite['templates'][number]> {
  const { text, problems } = textOf(entry, 'template', directory, locate);
  if (text === undefined) return { problems };
  const metadata = metadataOf(text);
  const kind = entry.kind ?? metadata.kind;
  const name = entry.name ?? nameIn(metadata, entry);
  if (kind === undefined) {
    const problem = locate(['kind'], `is needed: the metadata header of "${name}" names no known kind`);
    return { problems: [problem] };
  }
  return { record: { name, kind, template: text, ...saidOf(entry, metadata) }, problems };
}

function ptableOf(
  entry: PtableEntry,
  directory: string,
  locate: LocateIn,
): Outcome<LoadedSite['ptables'][number]> {
  const { text, problems } = textOf(entry, 'layout', directory, locate);
  if (text === undefined) return { problems };
  const metadata = metadataOf(text);
  const name = entry.name ?? nameIn(metadata, entry);
  const family = entry.os_family === undefined ? metadata.os_family : entry.os_family;
  const snippet = entry.snippet ?? metadata.snippet;
  return {
    record: {
      name,
      layout: text,
      ...(family && { os_family: family }),
      ...(snippet && { snippet }),
      ...saidOf(entry, metadata),
    },
    problems,
  };
}

function nameIn(metadata: Metadata, entry: TemplateEntry | PtableEntry): string {
  return metadata.name ?? basename('file' in entry ? entry.file : '', '.erb');
}

/** What both the entry and the header may say; the entry counts. */
function saidOf(
  entry: TemplateEntry | PtableEntry,
  metadata: Metadata,
): Omit<DeclaredTemplate, 'name' | 'kind' | 'template'> {
  const oses = entry.oses ?? (metadata.oses.length > 0 ? metadata.oses : undefined);
  const description = entry.description ?? metadata.description;
  return {
    ...(oses && { oses }),
    ...(description !== undefined && { description }),
    ...(entry.locked !== undefined && { locked: entry.locked }),
    ...('default' in entry && entry.default !== undefined && { default: entry.default }),
    ...(entry.organizations && { organizations: entry.organizations }),
    ...(entry.locations && { locations: entry.locations }),
  };
}

/** The text of an entry, if it can be read and compiled. */
function textOf(
  entry: TemplateEntry | PtableEntry,
  field: 'template' | 'layout',
  directory: string,
  locate: LocateIn,
): { readonly text?: string; readonly problems: readonly Problem[] } {
  const place = 'file' in entry ? resolve(directory, entry.file) : undefined;
  const text = place === undefined ? inlineText(entry) : readTemplate(place);
  if (text instanceof Error) return { problems: [locate(['file'], `cannot be read: ${text.message}`)] };
  // A warning may never be reached: a plugin's macro behind a condition.
  const errors = checkTemplate(text).filter((finding) => finding.severity === 'error');
  const problems = errors.map(({ line, column, message }) =>
    place === undefined
      ? locate([field], `line ${line}: ${message}`)
      : { file: place, line, column, path: entry.name ?? basename(place), message },
  );
  return problems.length > 0 ? { problems } : { text, problems };
}

function inlineText(entry: TemplateEntry | PtableEntry): string {
  if ('template' in entry) return entry.template;
  return 'layout' in entry ? entry.layout : '';
}

function readTemplate(file: string): string | Error {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return new Error(reasonOf(error));
  }
}
