/** A document of JSON or YAML with the place of everything in it, and what is asked of its shape. */

import { nearest } from '../inventory/nearest.ts';
import { orRather, type Report } from './finding.ts';

export type Tree =
  | { readonly kind: 'scalar'; readonly offset: number; readonly value: unknown }
  /** Of a YAML alias only its place is known: following it could take forever ("billion laughs"). */
  | { readonly kind: 'alias'; readonly offset: number }
  | { readonly kind: 'list'; readonly offset: number; readonly items: readonly Tree[] }
  | { readonly kind: 'map'; readonly offset: number; readonly entries: readonly Entry[] };
export type Entry = { readonly key: string; readonly offset: number; readonly value: Tree };

export function entryOf(tree: Tree | undefined, key: string): Entry | undefined {
  return tree?.kind === 'map' ? tree.entries.find((entry) => entry.key === key) : undefined;
}

/** The value below keys, one in the other. */
export function valueAt(tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined {
  return keys.reduce<Tree | undefined>((at, key) => entryOf(at, key)?.value, tree);
}

export function scalarAt(tree: Tree | undefined, ...keys: readonly string[]): unknown {
  const found = valueAt(tree, ...keys);
  return found?.kind === 'scalar' ? found.value : undefined;
}

/** `what` completes "must be …"; `inner` is asked only of what fits. */
export type Shape = {
  readonly what: string;
  readonly fits: (tree: Tree) => boolean;
  readonly inner?: (tree: Tree, path: string, report: Report) => void;
};

export function checkShape(shape: Shape, tree: Tree, path: string, report: Report): void {
  if (tree.kind === 'alias') return;
  if (shape.fits(tree)) shape.inner?.(tree, path, report);
  else report(tree.offset, 'error', `${path === '' ? 'the document' : path} must be ${shape.what}`);
}

function scalar(what: string, test: (value: unknown) => boolean): Shape {
  return { what, fits: (tree) => tree.kind === 'scalar' && test(tree.value) };
}

export const anything: Shape = { what: 'anything', fits: () => true };
export const text = scalar('a text', (value) => typeof value === 'string');
/** YAML reads `12` and `1.0` as numbers where a text was meant; most readers turn them back. */
export const textLike = scalar('a text', (value) => ['string', 'number'].includes(typeof value));
export const filledText = scalar(
  'a text that is not empty',
  (value) => typeof value === 'string' && value !== '',
);
export const flag = scalar('true or false', (value) => typeof value === 'boolean');
export const whole = scalar('a whole number', Number.isInteger);
export const nothing = scalar('empty', (value) => value === null);

export function matching(pattern: RegExp, what: string): Shape {
  return scalar(what, (value) => typeof value === 'string' && pattern.test(value));
}

export function oneOf(...values: readonly unknown[]): Shape {
  return scalar(`one of: ${values.join(', ')}`, (value) => values.includes(value));
}

export function list(of: Shape = anything): Shape {
  return {
    what: 'a list',
    fits: ({ kind }) => kind === 'list',
    inner: (tree, path, report) => {
      if (tree.kind === 'list')
        for (const item of tree.items) checkShape(of, item, `an entry of ${path}`, report);
    },
  };
}

/** Any keys, all values alike. */
export function dictionary(of: Shape = anything): Shape {
  return {
    what: 'a map',
    fits: ({ kind }) => kind === 'map',
    inner: (tree, path, report) => {
      if (tree.kind === 'map')
        for (const { key, value } of tree.entries) checkShape(of, value, join(path, key), report);
    },
  };
}

/** The first shape that fits. */
export function either(...shapes: readonly Shape[]): Shape {
  return {
    what: shapes.map(({ what }) => what).join(' or '),
    fits: (tree) => shapes.some((shape) => shape.fits(tree)),
    inner: (tree, path, report) => shapes.find((shape) => shape.fits(tree))?.inner?.(tree, path, report),
  };
}

type Keys = Readonly<Record<string, Shape>>;

/** Keys that are not known are warnings: most readers pass them over, which is hardly what was meant. */
export function map(required: Keys, optional: Keys = {}): Shape {
  const known = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return {
    what: 'a map',
    fits: ({ kind }) => kind === 'map',
    inner: (tree, path, report) => {
      if (tree.kind !== 'map') return;
      for (const { key, offset, value } of tree.entries) {
        const shape = known.get(key);
        if (shape !== undefined) checkShape(shape, value, join(path, key), report);
        else
          report(
            offset,
            'warning',
            `unknown key ${join(path, key)}${orRather(nearest(key, [...known.keys()]))}`,
          );
      }
      for (const key of Object.keys(required))
        if (entryOf(tree, key) === undefined) report(tree.offset, 'error', `${join(path, key)} is missing`);
    },
  };
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
