/** Foreman's header: the first ERB comment of a template, whose body is YAML. */

import { parse } from 'yaml';
import { TEMPLATE_KINDS, type TemplateKind } from '../inventory/types.ts';

export type Metadata = {
  readonly name?: string;
  readonly kind?: TemplateKind;
  readonly snippet: boolean;
  readonly description?: string;
  /** Beginnings of the titles of the operating systems it is made for. */
  readonly oses: readonly string[];
  /** Everything in the header, also what is not understood here. */
  readonly all: Readonly<Record<string, unknown>>;
};

/** A header that is not YAML, or no header at all, says nothing. */
export function metadataOf(template: string): Metadata {
  const all = headerOf(template);
  const kind = TEMPLATE_KINDS.find((known) => known === all.kind);
  const snippet = all.snippet === true || kind === 'snippet';
  return {
    all,
    snippet,
    oses: Array.isArray(all.oses) ? all.oses.map(String) : [],
    ...(typeof all.name === 'string' && { name: all.name }),
    ...(snippet ? { kind: 'snippet' } : kind && { kind }),
    ...(typeof all.description === 'string' && { description: all.description.trim() }),
  };
}

function headerOf(template: string): Readonly<Record<string, unknown>> {
  const value = yamlOf(firstComment(template));
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function firstComment(template: string): string {
  const start = template.indexOf('<%#');
  const end = template.indexOf('%>', start);
  return start < 0 || end < 0 ? '' : template.slice(start + 3, end).replace(/-$/, '');
}

/** Aliases could make a small text expand without end. Any other comment may stand where the header should. */
function yamlOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}
