/** How deep JSON nests, looked at before it is parsed: one pass, whatever the text is. */

import { ChainbootError } from '../errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Throws BODY_TOO_DEEP for more than `limit` brackets that are open at the same time, outside of texts. */
export function refuseDeepJson(text: string, limit: number): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted) {
      if (code === BACKSLASH) i++;
    } else if (OPENING.has(code)) {
      if (++depth > limit) throw new ChainbootError('BODY_TOO_DEEP', { limit });
    } else if (CLOSING.has(code)) depth--;
  }
}
