/** Several site files as one, which still knows where each record came from. */

import type { Problem } from '../errors.ts';
import type { LoadedSite } from '../service/apply.ts';
import type { Locate, Path } from './yaml.ts';

type Piece = { readonly site: LoadedSite; readonly locate: Locate; readonly problems: readonly Problem[] };
type Origin = { readonly piece: Piece; readonly path: Path };

/** Sections that map names to values; all others are lists. */
const MAPS = ['parameters', 'settings'] as const;

/** At least one. A record in two of them is for the plan to find, a key of a map is found here. */
export function mergeSites(pieces: readonly Piece[]): Piece {
  const [first] = pieces;
  if (first === undefined) throw new RangeError('there is nothing to merge');
  if (pieces.length === 1) return first;
  const site: Record<string, unknown> = {};
  const origins = new Map<string, Origin>();
  const problems = pieces.flatMap((piece) => piece.problems);
  for (const section of Object.keys(first.site) as (keyof LoadedSite)[]) {
    site[section] = isMap(section)
      ? mergedMap(section, pieces, origins, problems)
      : mergedList(section, pieces, origins);
  }
  const locate: Locate = (path, message, suggestion) => {
    const origin = origins.get(keyOf(path.slice(0, 2)));
    if (origin === undefined) return first.locate(path, message, suggestion);
    return origin.piece.locate([...origin.path, ...path.slice(2)], message, suggestion);
  };
  return { site: site as LoadedSite, locate, problems };
}

function isMap(section: keyof LoadedSite): section is (typeof MAPS)[number] {
  return (MAPS as readonly string[]).includes(section);
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function mergedList(
  section: Exclude<keyof LoadedSite, (typeof MAPS)[number]>,
  pieces: readonly Piece[],
  origins: Map<string, Origin>,
): readonly unknown[] {
  const merged: unknown[] = [];
  for (const piece of pieces)
    for (const [i, entry] of piece.site[section].entries()) {
      origins.set(keyOf([section, merged.length]), { piece, path: [section, i] });
      merged.push(entry);
    }
  return merged;
}

function mergedMap(
  section: (typeof MAPS)[number],
  pieces: readonly Piece[],
  origins: Map<string, Origin>,
  problems: Problem[],
): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = {};
  for (const piece of pieces)
    for (const [name, value] of Object.entries(piece.site[section])) {
      const path = [section, name];
      const other = origins.get(keyOf(path));
      if (other === undefined) origins.set(keyOf(path), { piece, path });
      else problems.push(piece.locate(path, `"${name}" is declared twice, first at ${placeIn(other)}`));
      merged[name] = value;
    }
  return merged;
}

function placeIn({ piece, path }: Origin): string {
  return placeOf(piece.locate(path, ''));
}

export function placeOf({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`;
}
