/** YAML with positions: every fault is reported as file:line:col, all of them at once. */

import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { z } from 'zod';
import type { Problem } from '../errors.ts';
import { nearest } from '../inventory/nearest.ts';

export type Path = readonly (string | number)[];

/** A fault at the place of a path. */
export type Locate = (path: Path, message: string, suggestion?: string) => Problem;

export type Parsed<T> = {
  /** Undefined when the text has faults beyond unknown keys, which are left out of it. */
  readonly value?: T;
  /** None: the file is fine. */
  readonly problems: readonly Problem[];
  readonly locate: Locate;
};

/** Parses and validates; `file` is only used in messages. Never throws for any text. */
export function parseYaml<S extends z.ZodType>(text: string, schema: S, file: string): Parsed<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const locate = (path: Path, message: string, suggestion?: string): Problem => ({
    file,
    ...at(offsetOf(document, path)),
    path: formatPath(path),
    message,
    ...(suggestion !== undefined && { suggestion }),
  });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({ file, ...at(pos[0]), path: '', message }));
    return { problems, locate };
  }
  const lost = lostKeys(document).map((key) => ({
    file,
    ...at(startOf(key)),
    path: LOST_KEY,
    message: 'cannot be used as a key',
  }));
  if (lost.length > 0) return { problems: lost, locate };
  let raw: unknown;
  try {
    raw = document.toJS() ?? {};
  } catch (error) {
    // Aliases that would grow without bound ("billion laughs").
    return { problems: [{ file, line: 1, column: 1, path: '', message: (error as Error).message }], locate };
  }
  const result = schema.safeParse(raw);
  if (result.success) return { value: result.data, problems: [], locate };
  const { issues } = result.error;
  const problems = issues.flatMap((issue) => problemsOf(issue, schema, locate));
  // What is wrong between records is worth telling in the same go.
  const rest = schema.safeParse(withoutUnknownKeys(raw, issues));
  return rest.success ? { value: rest.data, problems, locate } : { problems, locate };
}

const LOST_KEY = '__proto__';

/** Keys that zod leaves out of its records without a word. */
function lostKeys(document: Document): readonly Node[] {
  const lost: Node[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === LOST_KEY) lost.push(key);
    },
  });
  return lost;
}

function withoutUnknownKeys(raw: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy = structuredClone(raw);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = issue.path.reduce<unknown>(
      (at, part) => (at as Record<PropertyKey, unknown>)?.[part],
      copy,
    );
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  return copy;
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, locate: Locate): readonly Problem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => locate([...path, key], 'unknown key', suggestKey(key, known)));
  }
  if (issue.code === 'invalid_value') {
    return [locate(path, `must be one of: ${issue.values.map(String).join(', ')}`)];
  }
  if (issue.code === 'invalid_union') return unionProblems(issue, path, schema, locate);
  return [locate(path, messageOf(issue))];
}

/** What YAML calls the types that schemas name. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

/** Messages that a schema wrote itself stay; those of the library speak of its own types. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    if (issue.input === undefined && issue.message.endsWith('undefined')) return 'is required';
    return `must be ${TYPES[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return issue.origin === 'string' || issue.origin === 'array'
      ? 'must not be empty'
      : `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big' && issue.message.startsWith('Too big') && issue.origin !== 'string')
    return `must be at most ${issue.maximum}`;
  return issue.message;
}

/** The alternative that came closest speaks for all. */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  schema: z.ZodType,
  locate: Locate,
): readonly Problem[] {
  const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0];
  if (closest === undefined || closest.length === 0) return [locate(path, issue.message)];
  return closest.flatMap((inner) =>
    problemsOf({ ...inner, path: [...path, ...inner.path] } as z.core.$ZodIssue, schema, locate),
  );
}

function suggestKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`;
}

/** The keys a schema knows at a path. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let at: unknown = schema;
  for (const part of [...path, undefined]) {
    while (at instanceof z.ZodDefault || at instanceof z.ZodPrefault || at instanceof z.ZodOptional)
      at = at.unwrap();
    if (at instanceof z.ZodUnion)
      return at.options.flatMap((option) => keysAt(option as z.ZodType, path.slice(path.indexOf(part!) + 1)));
    if (part === undefined) break;
    if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodObject) at = at.shape[part as string];
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Where a path stands in the text: at the key if it is one, else at the nearest thing around it that exists. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1]!;
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && String((item.key as { value?: unknown })?.value) === String(key),
      );
      if (pair !== undefined) return startOf(pair.key as Node);
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return startOf(node);
  }
  return startOf(document.contents);
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}
