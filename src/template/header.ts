/** Writing Foreman's header: the one a text has, as long as it says what the record says. */

import { Document, isScalar, type Pair, visit, YAMLMap } from 'yaml';
import type { OsFamily, TemplateKind } from '../inventory/types.ts';
import { type Header, headerOf, metadataIn } from './metadata.ts';

/** What a record has in common with its header. */
export type Described = {
  readonly name: string;
  readonly model: 'ProvisioningTemplate' | 'Ptable';
  /** Undefined for snippets and partition tables. */
  readonly kind?: TemplateKind;
  readonly snippet: boolean;
  readonly description?: string;
  readonly oses: readonly string[];
  readonly os_family?: OsFamily;
};

/** The text with a header that says what the record says; as it is, when it says so already. */
export function withHeader(text: string, record: Described): string {
  const header = headerOf(text);
  if (header.kind !== 'header') return `<%#\n${yamlOf(record)}-%>\n${text}`;
  if (saysSo(header, record)) return text;
  return `${text.slice(0, header.start)}<%#\n${yamlOf(record, header.yaml)}${closing(text, header)}${text.slice(header.end)}`;
}

export function withoutHeader(text: string): string {
  const header = headerOf(text);
  return header.kind === 'header' ? text.slice(0, header.start) + text.slice(header.end) : text;
}

/** `-%>` takes a line end away and `%>` does not: the rest of the text must stay where it is. */
function closing(text: string, { start, end }: Extract<Header, { kind: 'header' }>): string {
  return /-?%>(?:\r?\n)?$/.exec(text.slice(start, end))![0];
}

function saysSo(header: Header, record: Described): boolean {
  const said = metadataIn(header);
  return (
    said.name === record.name &&
    said.model === record.model &&
    said.snippet === record.snippet &&
    (said.snippet || said.kind === record.kind) &&
    (said.description ?? '') === (record.description ?? '') &&
    said.oses.join('\n') === record.oses.join('\n') &&
    said.os_family === record.os_family
  );
}

/** The order in which Foreman exports them; whatever else a header had follows. */
const ORDER = [
  'name',
  'description',
  'snippet',
  'template_inputs',
  'model',
  'kind',
  'oses',
  'os_family',
] as const;

/** Foreman leaves out what is blank, and keeps what is false. What the record knows nothing of stays as it was. */
function yamlOf(record: Described, old?: Document.Parsed): string {
  const document = new Document({}, { version: '1.1' });
  const map = document.contents as unknown as YAMLMap;
  const pairs = old?.contents instanceof YAMLMap ? (old.contents.items as Pair[]) : [];
  const kept = new Map(pairs.map((pair) => [keyOf(pair), pair]));
  for (const key of ORDER) {
    const pair = kept.get(key);
    kept.delete(key);
    if (key === 'template_inputs' || (key === 'os_family' && record.model !== 'Ptable')) {
      if (pair !== undefined) map.items.push(pair);
    } else if (isPresent(record[key])) map.items.push(document.createPair(key, record[key]));
  }
  for (const pair of kept.values()) map.items.push(pair);
  quoteTagEnds(document);
  const text = document.toString({ indentSeq: false, lineWidth: 0, flowCollectionPadding: false });
  return text.replaceAll('%>', '%\\x3E');
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** The end of an ERB tag inside of the header would end it; in double quotes it can be written otherwise. */
function quoteTagEnds(document: Document): void {
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && node.value.includes('%>')) node.type = 'QUOTE_DOUBLE';
    },
  });
}
