/** YAML with positions. */

import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml';
import type { FormatFinding } from './finding.ts';
import type { Tree } from './tree.ts';

export type ParsedYaml = {
  /** One for each document that can be read; empty ones are left out. */
  readonly trees: readonly Tree[];
  readonly findings: readonly FormatFinding[];
};

/** Never throws, whatever the text. */
export function parseYamlDocuments(text: string): ParsedYaml {
  const parsed = parseAllDocuments(text, { prettyErrors: false });
  const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  const findings = documents.flatMap(({ errors, warnings }) => [
    ...errors.map(({ pos, message }) => ({
      offset: pos[0],
      severity: 'error' as const,
      message: firstLine(message),
    })),
    ...warnings.map(({ pos, message }) => ({
      offset: pos[0],
      severity: 'warning' as const,
      message: firstLine(message),
    })),
  ]);
  const sound = documents.filter(({ errors, contents }) => errors.length === 0 && contents !== null);
  return { trees: sound.map((document) => treeOf(document.contents, 0)), findings };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!;
}

const MAX_DEPTH = 200;

function treeOf(node: Node | null, from: number, depth = 0): Tree {
  const offset = node?.range?.[0] ?? from;
  if (node === null || depth > MAX_DEPTH) return { kind: 'scalar', offset, value: null };
  if (isScalar(node)) return { kind: 'scalar', offset, value: node.value };
  if (isAlias(node)) return { kind: 'alias', offset };
  if (isSeq(node)) {
    const items = node.items.map((item) => treeOf(item as Node | null, offset, depth + 1));
    return { kind: 'list', offset, items };
  }
  if (!isMap(node)) return { kind: 'scalar', offset, value: null };
  const entries = node.items.map((pair) => {
    const key = pair.key as Node | null;
    const at = key?.range?.[0] ?? offset;
    const name = isScalar(key) ? String(key.value) : '';
    return { key: name, offset: at, value: treeOf(pair.value as Node | null, at, depth + 1) };
  });
  return { kind: 'map', offset, entries };
}
