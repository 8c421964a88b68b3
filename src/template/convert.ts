/** JSON of the inventory as Ruby values, and back. */

import type { Json } from '../inventory/types.ts';
import { RFloat, RHash, RString, RSymbol, str, type Value } from './ruby/values.ts';

/** `text` makes the values of texts, wherever they stand; names of a map stay as they are. */
export function fromJson(json: Json | undefined, text: (text: string) => Value = str): Value {
  if (json === undefined || json === null || typeof json === 'boolean') return json ?? null;
  if (typeof json === 'string') return text(json);
  if (typeof json === 'number') return Number.isSafeInteger(json) ? json : new RFloat(json);
  if (Array.isArray(json)) return json.map((item: Json) => fromJson(item, text));
  return RHash.from(Object.entries(json).map(([key, value]) => [str(key), fromJson(value, text)]));
}

/** nil for what JSON has no form of. Objects of the inventory are not spelled out. */
export function toJson(value: Value): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof RString) return value.text;
  if (value instanceof RSymbol) return value.name;
  if (value instanceof RFloat) return value.value;
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof RHash)) return null;
  return Object.fromEntries(value.pairs().map(([key, item]) => [String(toJson(key)), toJson(item)]));
}

/** A text that may be missing. */
export function textOrNil(text: string | undefined): Value {
  return text === undefined ? null : str(text);
}
