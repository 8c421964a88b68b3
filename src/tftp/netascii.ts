/** Transfer mode netascii: lines end in CR LF, a lone CR is CR NUL (RFC 764, "The NVT printer and keyboard"). */

const NUL = 0;
const LF = 10;
const CR = 13;

/** The bytes to send for a file whose lines end in LF. A file with CR LF comes back unchanged at the client. */
export function toNetascii(text: Uint8Array): Uint8Array {
  const out = new Uint8Array(text.length + countLineBytes(text));
  let at = 0;
  for (const byte of text) {
    if (byte === LF) out[at++] = CR;
    out[at++] = byte;
    if (byte === CR) out[at++] = NUL;
  }
  return out;
}

function countLineBytes(text: Uint8Array): number {
  let count = 0;
  for (const byte of text) if (byte === LF || byte === CR) count++;
  return count;
}
