/** JSON that goes back as it came: numbers JavaScript would print otherwise (`1.0`, those above 2^53) keep their text. */

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Private use: no configuration has it. */
const MARK = '\uE0C4number:';
const MARKED = new RegExp(`"${MARK}([^"]+)"`, 'g');

export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export type JsonMap = { readonly [key: string]: Json };

/** Throws SyntaxError. A number that JavaScript would print otherwise is a text that only {@link printExact} reads. */
export function parseExact(text: string): Json {
  return JSON.parse(
    text.replace(TOKEN, (token) =>
      token.startsWith('"') || String(Number(token)) === token ? token : `"${MARK}${token}"`,
    ),
  );
}

export function printExact(value: Json): string {
  return JSON.stringify(value).replace(MARKED, '$1');
}

export function mapOf(value: Json | undefined): JsonMap {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonMap) : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
