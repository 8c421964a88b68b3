/** A search as a function of a record. */

import { nearest } from '../../inventory/nearest.ts';
import { likeTest, testOf } from './comparison.ts';
import type { Field, Searchable, SearchContext, Values } from './field.ts';
import { invalid } from './lexer.ts';
import type { Tree } from './parse.ts';

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
    case 'word':
      return anywhere(tree.text, searchable, context);
    case 'has':
    case 'null': {
      const { of } = fieldNamed(search, tree.field, tree.at, searchable);
      const wanted = tree.kind === 'has';
      return (record) => isThere(of(record, context)) === wanted;
    }
    case 'compare': {
      const { type, of } = fieldNamed(search, tree.field, tree.at, searchable);
      const test = testOf(type, tree.op, tree.values, context.now);
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

/** Throws SEARCH_INVALID, with the nearest name. */
export function fieldNamed<R>(
  search: string,
  name: string,
  at: number,
  { fields, families }: Searchable<R>,
): Field<R> {
  const own = Object.hasOwn(fields, name) ? fields[name] : fields[name.toLowerCase()];
  if (own !== undefined) return own;
  const dot = name.indexOf('.');
  const family = dot < 0 ? undefined : families?.[name.slice(0, dot)];
  if (family !== undefined) return family(name.slice(dot + 1));
  const like = nearest(name, Object.keys(fields));
  throw invalid(
    search,
    at,
    `there is no field "${name}"${like === undefined ? '' : `; did you mean ${like}?`}`,
  );
}

function anywhere<R>(word: string, { fields }: Searchable<R>, context: SearchContext): Predicate<R> {
  const like = likeTest(word);
  const bare = Object.values(fields).filter((field) => field.bare);
  return (record) =>
    bare.some(({ of }) => {
      const values = of(record, context);
      if (values === undefined) return false;
      return typeof values === 'object' ? values.some(like) : like(values);
    });
}
