/** The site as a site file: in the short form that people write, without shipped records and without state. */

import { Document, isMap, isScalar, Scalar, visit } from 'yaml';
import { type Declarable, type Declaration, declarationOf } from '../inventory/declaration.ts';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import { SETTING_NAMES } from '../inventory/settings.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import { isShipped, type Json } from '../inventory/types.ts';
import { metadataOf } from '../template/metadata.ts';
import { exportables, exportFiles } from './templates/export.ts';

export const SECTIONS = Object.keys(SITE_SCHEMA.shape) as readonly Section[];
export type Section = keyof typeof SITE_SCHEMA.shape;

/** A text that stands beside the site file. */
type TextFile = { readonly path: string; readonly text: string };
export type ExportedSite = {
  /** Section → list of records, or map of name to value; empty ones are left out. */
  readonly site: Readonly<Record<string, Json>>;
  readonly files: readonly TextFile[];
};
export type ExportOptions = {
  readonly only?: readonly Section[] | undefined;
  /** Template texts as files; without, they are in the site itself. */
  readonly files?: boolean;
};

/** Applying the result to the site it comes from changes nothing. Secrets are in it, as they are stored. */
export function exportSite(site: Site, { only = SECTIONS, files = false }: ExportOptions = {}): ExportedSite {
  const paths = files ? textFiles(site) : new Map<string, TextFile>();
  const used: TextFile[] = [];
  const write = (collection: Declarable, entry: Declaration): Declaration => {
    if (collection !== 'ptables' && collection !== 'provisioning_templates') return entry;
    const file = paths.get(`${collection}/${entry.name}`);
    if (file !== undefined) used.push(file);
    return describedText(collection, entry, file?.path);
  };
  const sections = SECTIONS.filter((section) => only.includes(section)).flatMap((section) => {
    const content = sectionContent(site, section, write);
    return Object.keys(content as object).length === 0 ? [] : [[section, content]];
  });
  return { site: Object.fromEntries(sections), files: used };
}

type Write = (collection: Declarable, entry: Declaration) => Declaration;

function sectionContent(site: Site, section: Section, write: Write): Json {
  if (section === 'parameters') return valuesOf(parametersOf(site).filter((entry) => !isLong(entry)));
  if (section === 'common_parameters') return parametersOf(site).filter(isLong);
  if (section === 'settings')
    return valuesOf(declared(site, 'settings').filter(({ name }) => SETTING_NAMES.includes(String(name))));
  const collection = section === 'templates' ? 'provisioning_templates' : section;
  return declared(site, collection).map((entry) => write(collection, entry));
}

/** By name, so that two exports differ only where the sites do; parents come before their children. */
function declared(site: Site, collection: Declarable): readonly Declaration[] {
  return site
    .list(collection)
    .filter((record) => !isShipped(record))
    .map((record) => ({ name: nameOf(collection, record as never), record }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ record }) => declarationOf(collection, record as never));
}

function parametersOf(site: Site): readonly Declaration[] {
  return declared(site, 'common_parameters');
}

/** There is more to say than a value. */
function isLong(entry: Declaration): boolean {
  return Object.keys(entry).length > 2;
}

function valuesOf(entries: readonly Declaration[]): Declaration {
  return Object.fromEntries(entries.map(({ name, value }) => [String(name), value!]));
}

/** By collection and name; the texts are as they are stored. */
function textFiles(site: Site): ReadonlyMap<string, TextFile> {
  const own = exportables(site).filter(({ shipped }) => !shipped);
  return new Map(
    exportFiles(own, 'keep').map(({ kind, name, path, text }) => [
      `${kind === 'ptable' ? 'ptables' : 'provisioning_templates'}/${name}`,
      { path, text },
    ]),
  );
}

/** What the header of the text says need not be said again; what it says and is not so must be. */
function describedText(
  collection: 'ptables' | 'provisioning_templates',
  entry: Declaration,
  file: string | undefined,
): Declaration {
  const key = collection === 'ptables' ? 'layout' : 'template';
  const { [key]: text, name, kind, ...rest } = entry;
  const header = metadataOf(String(text));
  const inHeader: Record<string, Json | undefined> = {
    description: header.description,
    oses: header.oses.length > 0 ? header.oses : undefined,
    ...(collection === 'ptables' && {
      os_family: header.os_family,
      snippet: header.snippet || undefined,
    }),
  };
  const denied: Readonly<Record<string, Json>> = {
    description: '',
    oses: [],
    os_family: null,
    snippet: false,
  };
  const fields = Object.entries({ ...denials(inHeader, denied), ...rest }).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(inHeader[field]),
  );
  const named = file === undefined || header.name !== name;
  const kinded = kind !== undefined && (file === undefined || header.kind !== kind);
  return {
    ...(file !== undefined && { file }),
    ...(named && { name: name! }),
    ...(kinded && { kind }),
    ...Object.fromEntries(fields),
    ...(file === undefined && { [key]: text! }),
  };
}

/** For each field that a header fills, how an entry says that it is not so. */
function denials(
  inHeader: Readonly<Record<string, Json | undefined>>,
  denied: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(inHeader).flatMap(([field, value]) =>
      value === undefined ? [] : [[field, denied[field]!]],
    ),
  );
}

/** Texts of several lines stand as they are, which is how people write templates. */
export function siteYaml({ site }: ExportedSite): string {
  const document = new Document(site, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return;
      if (!isPrintable(node.value)) node.type = Scalar.QUOTE_DOUBLE;
      else if (node.value.includes('\n')) node.type = Scalar.BLOCK_LITERAL;
    },
  });
  if (isMap(document.contents))
    for (const [i, { key }] of document.contents.items.entries())
      if (i > 0 && isScalar(key)) key.spaceBefore = true;
  return document.toString({ lineWidth: 0 });
}

/** YAML takes other ends of lines for `\n`, and knows some characters only as escapes. */
function isPrintable(text: string): boolean {
  return !/[^\n\t\P{C}]|[\u2028\u2029\u0085]/u.test(text);
}
