/**
 * Foreman's header: the first ERB comment of a template, whose body is YAML.
 * (Foreman: app/models/template.rb, `parse_metadata`.)
 */

import { type Document, parseDocument } from 'yaml';
import { OS_FAMILIES, type OsFamily, TEMPLATE_KINDS, type TemplateKind } from '../inventory/types.ts';
import { type Place, placeOf } from './errors.ts';

export type Metadata = {
  readonly name?: string;
  readonly kind?: TemplateKind;
  /** What kind of record Foreman makes of it: `ProvisioningTemplate`, `Ptable`, `JobTemplate`, … */
  readonly model: string;
  readonly snippet: boolean;
  readonly description?: string;
  /** Beginnings of the titles of the operating systems it is made for. */
  readonly oses: readonly string[];
  /** Of a partition table. */
  readonly os_family?: OsFamily;
  /** Everything in the header, also what is not understood here, in its order. */
  readonly all: Readonly<Record<string, unknown>>;
};

/** A header that is not YAML, or no header at all, says nothing. */
export function metadataOf(template: string): Metadata {
  return metadataIn(headerOf(template));
}

export function metadataIn(header: Header): Metadata {
  const all = header.kind === 'header' ? header.values : {};
  const snippet = all.snippet === true || all.kind === 'snippet';
  const kind = snippet ? 'snippet' : kindNamed(all.kind);
  const model = modelOf(all);
  const family = OS_FAMILIES.find((known) => model === 'Ptable' && known === all.os_family);
  return {
    all,
    snippet,
    model,
    oses: osesOf(all.oses),
    ...(isScalar(all.name) && { name: String(all.name).trim() }),
    ...(kind !== undefined && { kind }),
    ...(typeof all.description === 'string' && { description: all.description.trim() }),
    ...(family !== undefined && { os_family: family }),
  };
}

/** A single one may stand without a list. */
function osesOf(oses: unknown): readonly string[] {
  if (Array.isArray(oses)) return oses.filter(isScalar).map(String);
  return isScalar(oses) ? [String(oses)] : [];
}

/** gPXE became iPXE; headers older than that are about. */
function kindNamed(kind: unknown): TemplateKind | undefined {
  return TEMPLATE_KINDS.find((known) => known === (kind === 'gPXE' ? 'iPXE' : kind));
}

/** Headers older than `model` say it by the kind. */
function modelOf({ model, kind }: Readonly<Record<string, unknown>>): string {
  if (isScalar(model)) return String(model);
  if (kind === 'ptable') return 'Ptable';
  return kind === 'job_template' ? 'JobTemplate' : 'ProvisioningTemplate';
}

function isScalar(value: unknown): value is string | number {
  return (typeof value === 'string' && value.trim() !== '') || typeof value === 'number';
}

export type Header =
  | {
      readonly kind: 'header';
      readonly values: Readonly<Record<string, unknown>>;
      /** Of the comment in the text, with its tags and the line end that `-%>` takes away. */
      readonly start: number;
      readonly end: number;
      readonly yaml: Document.Parsed;
    }
  | { readonly kind: 'none' }
  /** The first comment looks like a header, but is not YAML. */
  | { readonly kind: 'broken'; readonly place: Place; readonly message: string };

/** Characters; a header is a few lines. */
const MAX_HEADER = 1 << 16;

export function headerOf(template: string): Header {
  const start = template.indexOf('<%#');
  const close = template.indexOf('%>', start);
  if (start < 0 || close < 0 || close - start > MAX_HEADER) return { kind: 'none' };
  const body = template.slice(start + 3, close).replace(/-$/, '');
  // Foreman's YAML is Psych: version 1.1, the last of two equal keys counts, no aliases.
  const document = parseDocument(body, { version: '1.1', uniqueKeys: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) {
    if (!/^\s*(name|kind|model|snippet|oses)\s*:/m.test(body)) return { kind: 'none' };
    const message = messageOf(error.message);
    return { kind: 'broken', place: placeOf(template, start + 3 + error.pos[0]), message };
  }
  const values = valuesOf(() => document.toJS({ maxAliasCount: 0 }));
  return values === undefined
    ? { kind: 'none' }
    : { kind: 'header', values, start, end: endOf(template, close), yaml: document };
}

/** Without the place and the excerpt, which are told otherwise; the parser may meet the end of the stack. */
function messageOf(message: string): string {
  return /call stack/i.test(message) ? 'nested too deeply' : message.split(/ at line |:?\n/)[0]!;
}

/** Any other comment may stand where the header should; aliases could make a small text expand without end. */
function valuesOf(read: () => unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = read();
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function endOf(template: string, close: number): number {
  const end = close + 2;
  return template[close - 1] === '-'
    ? end + (/^\r?\n/.exec(template.slice(end, end + 2))?.[0].length ?? 0)
    : end;
}
