/**
 * What words alone are looked for in, as one text a record, until anything changes: a hundred thousand hosts are gone
 * through in a few milliseconds. It is about a hundred characters a record, and goes with the next change.
 */

import type { Site } from '../../inventory/site.ts';
import type { Fields, SearchContext } from './field.ts';

type Kept = { readonly version: number; readonly texts: Map<object, WeakMap<object, string>> };

const KEPT = new WeakMap<Site, Kept>();

/** Lower case; values stand on lines of their own, so that no word is found across two. */
export function textOf<R>(fields: Fields<R>, context: SearchContext): (record: R) => string {
  const bare = Object.values(fields).filter((field) => field.bare);
  const made = (record: R) =>
    bare
      .flatMap(({ of }) => of(record, context) ?? [])
      .join('\n')
      .toLowerCase();
  const texts = textsOf(context.site, fields);
  if (texts === undefined) return made;
  return (record) => {
    const known = texts.get(record as object);
    if (known !== undefined) return known;
    const text = made(record);
    texts.set(record as object, text);
    return text;
  };
}

function textsOf(site: Site, fields: object): WeakMap<object, string> | undefined {
  if (site.version === undefined) return undefined;
  let kept = KEPT.get(site);
  if (kept?.version !== site.version) KEPT.set(site, (kept = { version: site.version, texts: new Map() }));
  const texts = kept.texts.get(fields) ?? new WeakMap<object, string>();
  kept.texts.set(fields, texts);
  return texts;
}
