/** How an entry of Kea says that it is ours: `"user-context": { "chainboot": … }`. */

import { type JsonMap, mapOf } from './exact-json.ts';

export const TAG = 'chainboot';

export function isOurs(entry: JsonMap): boolean {
  return mapOf(entry['user-context'])[TAG] !== undefined;
}

export function tagged(said: JsonMap): JsonMap {
  return { [TAG]: said };
}
