/**
 * What Cobbler keeps in files: `collections/<kind>/<name>.json` since 3.0, `config/<kind>.d/<name>.json` before; and
 * `settings.yaml`.
 */

import { parseDocument } from 'yaml';
import type { Files } from '../files.ts';
import { type MapNode, parseJson, textAt } from '../json.ts';
import { Lines, type Place, unreadable } from '../place.ts';

export const SOURCE = 'Cobbler';

export const KINDS = ['distros', 'profiles', 'systems', 'repos', 'images'] as const;
export type Kind = (typeof KINDS)[number];
export type Item = MapNode & { readonly name: string };
export type Collections = { readonly [K in Kind]: readonly Item[] };

const LAYOUTS: readonly ((kind: Kind) => string)[] = [
  (kind) => `collections/${kind}`,
  (kind) => kind,
  (kind) => `config/${kind}.d`,
  (kind) => `${kind}.d`,
];

/** Undefined where none of the directories is there. @throws ChainbootError IMPORT_UNREADABLE */
export function collectionsOf(files: Files): Collections | undefined {
  const layout = LAYOUTS.find((directory) => KINDS.some((kind) => files.list(directory(kind)) !== undefined));
  if (layout === undefined) return undefined;
  const read = (kind: Kind) => itemsIn(layout(kind), files);
  return {
    distros: read('distros'),
    profiles: read('profiles'),
    systems: read('systems'),
    repos: read('repos'),
    images: read('images'),
  };
}

function itemsIn(directory: string, files: Files): readonly Item[] {
  return (files.list(directory) ?? [])
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const path = `${directory}/${name}`;
      const node = parseJson(files.read(path) ?? '', files.shown(path), { files, source: SOURCE });
      const itemName = node.kind === 'map' ? textAt(node, 'name') : undefined;
      if (node.kind !== 'map' || itemName === undefined)
        throw unreadable(SOURCE, node.place, 'this is no item: it has no name');
      return { ...node, name: itemName };
    });
}

/** Those that are used here; undefined for settings that are not there or no text. */
export type Settings = {
  readonly server?: string;
  /** Where the password of root is set that installed systems get. */
  readonly password?: Place;
};

/** @throws ChainbootError IMPORT_UNREADABLE */
export function settingsOf(text: string | undefined, file: string): Settings {
  if (text === undefined) return {};
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) throw unreadable(SOURCE, new Lines(file, text).at(error.pos[0]), error.message);
  const server = document.get('server');
  const password = text.search(/^default_password_crypted\s*:/m);
  return {
    ...(typeof server === 'string' && server !== '' && { server }),
    ...(password >= 0 && { password: new Lines(file, text).at(password) }),
  };
}
