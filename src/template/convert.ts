/** JSON of the inventory as Ruby values. */

import type { Json } from '../inventory/types.ts';
import { RFloat, RHash, str, type Value } from './ruby/values.ts';

/** `text` makes the values of texts, wherever they stand; names of a map stay as they are. */
export function fromJson(json: Json | undefined, text: (text: string) => Value = str): Value {
  if (json === undefined || json === null || typeof json === 'boolean') return json ?? null;
  if (typeof json === 'string') return text(json);
  if (typeof json === 'number') return Number.isSafeInteger(json) ? json : new RFloat(json);
  if (Array.isArray(json)) return json.map((item: Json) => fromJson(item, text));
  return RHash.from(Object.entries(json).map(([key, value]) => [str(key), fromJson(value, text)]));
}

/** A text that may be missing. */
export function textOrNil(text: string | undefined): Value {
  return text === undefined ? null : str(text);
}
