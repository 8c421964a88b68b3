/** A search as a function of a record. */

import { nearest } from '../../inventory/nearest.ts';
import { testOf } from './comparison.ts';
import type { Field, Searchable, SearchContext, Values } from './field.ts';
import { type Comparison, invalid } from './lexer.ts';
import type { Tree } from './parse.ts';
import { textOf } from './texts.ts';

export type Predicate<R> = (record: R) => boolean;

/** Throws SEARCH_INVALID for fields that are not there, and for values that they cannot have. */
export function compile<R>(
  search: string,
  tree: Tree,
  searchable: Searchable<R>,
  context: SearchContext,
): Predicate<R> {
  const below = (part: Tree): Predicate<R> => compile(search, part, searchable, context);
  switch (tree.kind) {
    case 'all':
      return () => true;
    case 'and': {
      const parts = tree.of.map(below);
      return (record) => parts.every((part) => part(record));
    }
    case 'or': {
      const parts = tree.of.map(below);
      return (record) => parts.some((part) => part(record));
    }
    case 'not': {
      const inner = below(tree.of);
      return (record) => !inner(record);
    }
    case 'anywhere':
      return anywhere(search, tree, searchable, context);
    case 'has':
    case 'null': {
      const { of } = fieldNamed(search, tree.field, tree.at, searchable);
      const wanted = tree.kind === 'has';
      return (record) => isThere(of(record, context)) === wanted;
    }
    case 'compare': {
      const { type, of, normal } = fieldNamed(search, tree.field, tree.at, searchable);
      const values = normal !== undefined && isExact(tree.op) ? tree.values.map(normal) : tree.values;
      const test = testOf(type, tree.op, values, context.now);
      if (test === undefined)
        throw invalid(
          search,
          tree.at,
          `${tree.field} is a ${type}, which "${tree.values.join(', ')}" is not`,
        );
      return (record) => test(of(record, context));
    }
  }
}

function isThere(values: Values): boolean {
  if (values === undefined || values === '') return false;
  return typeof values === 'object' ? values.length > 0 : true;
}

/** Not what every object has, such as `__proto__`. */
function ownOf<T>(named: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined;
}

/** Throws SEARCH_INVALID, with the nearest name. */
function fieldNamed<R>(search: string, name: string, at: number, searchable: Searchable<R>): Field<R> {
  const field = fieldCalled(name, searchable);
  if (field === undefined) throw invalid(search, at, noField(name, searchable));
  return field;
}

export function fieldCalled<R>(name: string, { fields, families }: Searchable<R>): Field<R> | undefined {
  const own = ownOf(fields, name) ?? ownOf(fields, name.toLowerCase());
  if (own !== undefined) return own;
  const dot = name.indexOf('.');
  const family = dot < 0 || families === undefined ? undefined : ownOf(families, name.slice(0, dot));
  return family?.(name.slice(dot + 1));
}

/** With the nearest name. */
export function noField<R>(name: string, { fields }: Searchable<R>): string {
  const like = nearest(name, Object.keys(fields));
  return `there is no field "${name}"${like === undefined ? '' : `; did you mean ${like}?`}`;
}

/** A boolean's name alone stands for `name = true`. */
function anywhere<R>(
  search: string,
  { op, values }: Extract<Tree, { kind: 'anywhere' }>,
  { fields }: Searchable<R>,
  context: SearchContext,
): Predicate<R> {
  const [word = ''] = values;
  const flag = op === '~' ? ownOf(fields, word) : undefined;
  if (flag?.type === 'boolean') return (record) => flag.of(record, context) === true;
  const [positive, negative] = NEGATIVES[op] === undefined ? [op, false] : [NEGATIVES[op], true];
  const tests = Object.values(fields).flatMap(({ bare, type, of }) => {
    const test = bare && testOf(type, positive, values, context.now);
    return test ? [{ of, test }] : [];
  });
  if (tests.length === 0) throw invalid(search, 0, 'name a field: none is searched by words alone here');
  if (op === '~' && !/[*%\n]/.test(word)) {
    const [lower, of] = [word.toLowerCase(), textOf(fields, context)];
    return (record) => of(record).includes(lower);
  }
  return (record) => tests.some(({ of, test }) => test(of(record, context))) !== negative;
}

const NEGATIVES: Readonly<Partial<Record<Comparison, Comparison>>> = { '!=': '=', '!~': '~', 'not in': 'in' };

function isExact(op: Comparison): boolean {
  return op === '=' || op === '!=' || op === 'in' || op === 'not in';
}

/**
 * The only records that can be found, where the search names them by what there is an index of: undefined to look
 * at all. Whoever asks tests them all the same.
 */
export function candidates<R>(
  tree: Tree,
  searchable: Searchable<R>,
  context: SearchContext,
): readonly object[] | undefined {
  const below = (part: Tree) => candidates(part, searchable, context);
  if (tree.kind === 'and') return tree.of.map(below).find((found) => found !== undefined);
  if (tree.kind === 'or') {
    const each = tree.of.map(below);
    return each.every((found) => found !== undefined) ? each.flat() : undefined;
  }
  if (tree.kind !== 'compare' || (tree.op !== '=' && tree.op !== 'in')) return undefined;
  const { lookup, normal } = fieldNamed('', tree.field, tree.at, searchable);
  if (lookup === undefined) return undefined;
  const found: object[] = [];
  for (const value of tree.values) {
    const record = lookup(normal?.(value) ?? value, context);
    if (record === 'scan') return undefined;
    if (record !== undefined) found.push(record);
  }
  return found;
}
