/** The name of a request, made the relative name that files are looked up by. */

import type { ErrorCode, ErrorValues } from '../errors.ts';
import { fromLatin1 } from '../net/bytes.ts';

export type Name =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly code: ErrorCode; readonly values: ErrorValues };

/** Bytes. PATH_MAX is 4096, DHCP's `file` field 128; nothing that boots comes near this. */
const MAX_NAME = 512;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Drops leading, doubled and `.` parts and keeps the case. PXELINUX loaded as `/sub/dir/pxelinux.0` asks for
 * `/sub/dir/ldlinux.c32`, and iPXE makes `//sub/dir` of an absolute name. Windows boot managers write `\` for `/`
 * (`\Boot\BCD`); no file that is served has one in its name. Old Intel boot agents read past the end of DHCP's option and
 * append its end mark, the byte 0xff.
 * @param raw the filename as decoded from the request (latin-1).
 * @returns FILE_FORBIDDEN for `..`, drive letters, control characters and over-long names,
 *   FILE_NOT_FOUND for a name without anything in it.
 */
export function normaliseName(raw: string): Name {
  if (raw.length > MAX_NAME) return forbidden(`${printable(raw.slice(0, 32))}…`);
  const text = fromUtf8(raw.replace(/\xff+$/, ''))?.replaceAll('\\', '/');
  if (text === undefined || hasControls(text)) return forbidden(printable(raw));
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || /^[a-z]:/i.test(parts[0] ?? '')) return forbidden(text);
  if (parts.length === 0) return { ok: false, code: 'FILE_NOT_FOUND', values: { name: `"${text}"` } };
  return { ok: true, name: parts.join('/') };
}

function forbidden(name: string): Name {
  return { ok: false, code: 'FILE_FORBIDDEN', values: { name } };
}

function fromUtf8(raw: string): string | undefined {
  try {
    return utf8.decode(fromLatin1(raw));
  } catch {
    return undefined;
  }
}

/** C0, DEL and C1. */
function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** For messages and logs: everything outside of printable ASCII becomes `?`. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
