/** Site files: declared hosts, subnets, systems, media, templates; and the .erb files they name. */

import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ChainbootError, type Problem, reasonOf } from '../errors.ts';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import type { TemplateKind } from '../inventory/types.ts';
import type { LoadedSite } from '../service/apply.ts';
import { checkTemplate } from '../template/lint.ts';
import { metadataOf } from '../template/metadata.ts';
import { readText } from './load.ts';
import { type Locate, type Path, parseYaml } from './yaml.ts';

export type SiteFile = {
  readonly site: LoadedSite;
  readonly locate: Locate;
  /** Of the file itself and of its templates; with any, the site must not be applied. */
  readonly problems: readonly Problem[];
};

type Template = LoadedSite['templates'][number];
type Entry = {
  readonly file?: string;
  readonly name?: string;
  readonly kind?: TemplateKind;
  readonly template?: string;
};
type Outcome = { readonly template?: Template; readonly problems: readonly Problem[] };

/**
 * Throws CONFIG_UNREADABLE, or SITE_INVALID for a file of which nothing more can be told; lesser problems are in
 * the result, so that whoever plans with it can list all there are.
 */
export function loadSite(file: string): SiteFile {
  const { value, problems, locate } = parseYaml(readText(file), SITE_SCHEMA, file);
  if (value === undefined)
    throw new ChainbootError('SITE_INVALID', { file, count: problems.length }, problems);
  const outcomes = value.templates.map((entry, i) =>
    templateOf(entry, dirname(file), (path, message) => locate(['templates', i, ...path], message)),
  );
  const templates = outcomes.flatMap((outcome) => outcome.template ?? []);
  const all = [...problems, ...outcomes.flatMap((outcome) => outcome.problems)];
  return { site: { ...value, templates }, locate, problems: all };
}

type LocateIn = (path: Path, message: string) => Problem;

function templateOf(entry: Entry, directory: string, locate: LocateIn): Outcome {
  const source = entry.file === undefined ? entry.template : readTemplate(resolve(directory, entry.file));
  if (source === undefined || source instanceof Error) {
    return { problems: [locate(['file'], `cannot be read: ${source?.message ?? 'no text'}`)] };
  }
  const metadata = metadataOf(source);
  const name = entry.name ?? metadata.name ?? basename(entry.file ?? '', '.erb');
  const kind = entry.kind ?? metadata.kind;
  if (kind === undefined)
    return {
      problems: [locate(['kind'], `is needed: the metadata header of "${name}" names no known kind`)],
    };
  const place = entry.file === undefined ? undefined : resolve(directory, entry.file);
  // A warning may never be reached: a plugin's macro behind a condition.
  const errors = checkTemplate(source).filter((finding) => finding.severity === 'error');
  const problems = errors.map(({ line, column, message }) =>
    place === undefined
      ? locate(['template'], `line ${line}: ${message}`)
      : { file: place, line, column, path: name, message },
  );
  return problems.length > 0
    ? { problems }
    : {
        template: { name, kind, template: source, ...(metadata.oses.length > 0 && { oses: metadata.oses }) },
        problems: [],
      };
}

function readTemplate(file: string): string | Error {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return new Error(reasonOf(error));
  }
}
