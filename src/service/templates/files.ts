/** Template files on disk: what there is below a directory, and its text. */

import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ChainbootError, type Problem, reasonOf } from '../../errors.ts';
import { type Place, placeOf } from '../../template/errors.ts';

export type TemplateFile =
  | {
      readonly file: string;
      /** Without byte-order mark and carriage returns, as Foreman keeps it. */
      readonly text: string;
      readonly notes: readonly string[];
    }
  | { readonly file: string; readonly skipped: string }
  | { readonly file: string; readonly refused: Omit<Problem, 'file' | 'path'> };

/** What a checkout of Foreman's templates has a hundredth of. */
const MAX_FILES = 20_000;
/** Bytes; longer texts are no templates. */
const MAX_SIZE = 4 << 20;

/**
 * Every `.erb` file below the directories, and every file that is named itself, in the order of their paths.
 * Throws USAGE for a path that cannot be looked at; what is wrong with a single file stands in its place.
 */
export function* templateFiles(paths: readonly string[]): Generator<TemplateFile> {
  let count = 0;
  for (const path of paths) {
    for (const found of isDirectory(path) ? below(path) : [{ file: path }]) {
      if (++count > MAX_FILES) throw new ChainbootError('USAGE', { reason: `more than ${MAX_FILES} files` });
      yield 'skipped' in found || 'refused' in found ? found : read(found.file);
    }
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    const reason = `${path} cannot be looked at: ${reasonOf(error)}`;
    throw new ChainbootError('USAGE', { reason }, [], error);
  }
}

type Found = { readonly file: string } | Exclude<TemplateFile, { readonly text: string }>;

/**
 * Names that begin with a dot (`.git`) are left out, and links to directories are not followed, so that none can
 * lead in a circle: both as in Foreman.
 */
function* below(directory: string): Generator<Found> {
  const entries = entriesOf(directory);
  if (!Array.isArray(entries)) return yield entries;
  for (const entry of entries) {
    const file = join(directory, entry.name);
    if (entry.isDirectory()) yield* below(file);
    else if (entry.isSymbolicLink() && leadsToDirectory(file))
      yield { file, skipped: 'a symbolic link to a directory is not followed' };
    else if (entry.name.endsWith('.erb')) yield { file };
  }
}

function entriesOf(directory: string): Dirent[] | Found {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return refused(directory, `cannot be read: ${reasonOf(error)}`);
  }
}

function leadsToDirectory(link: string): boolean {
  try {
    return statSync(link).isDirectory();
  } catch {
    return false;
  }
}

function read(file: string): TemplateFile {
  try {
    const status = statSync(file);
    if (!status.isFile()) return { file, skipped: 'not a regular file' };
    if (status.size > MAX_SIZE) return refused(file, `larger than ${MAX_SIZE >> 20} MiB`);
    return decode(file, readFileSync(file));
  } catch (error) {
    return refused(file, `cannot be read: ${reasonOf(error)}`);
  }
}

function refused(
  file: string,
  message: string,
  place: Partial<Place> = {},
): Extract<TemplateFile, { refused: unknown }> {
  return { file, refused: { message, ...place } };
}

function decode(file: string, bytes: Buffer): TemplateFile {
  if (bytes[0] === 0xff || bytes[0] === 0xfe) return refused(file, 'UTF-16: save it as UTF-8', { line: 1 });
  const text = bytes.toString('utf8');
  const fault = firstFault(bytes, text);
  if (fault !== undefined) return refused(file, fault.message, placeOf(text, fault.at));
  const notes: string[] = [];
  const marked = text.startsWith('\uFEFF');
  if (marked) notes.push('its byte-order mark was left out');
  if (text.includes('\r')) notes.push('its carriage returns were left out');
  return { file, text: text.slice(marked ? 1 : 0).replaceAll('\r', ''), notes };
}

/** `at` counts in the text. Bytes that are no UTF-8 were replaced, so from there on the text says other bytes. */
function firstFault(
  bytes: Buffer,
  text: string,
): { readonly at: number; readonly message: string } | undefined {
  const again = Buffer.from(text, 'utf8');
  if (!again.equals(bytes)) {
    const at = again.findIndex((byte, i) => byte !== bytes[i]);
    const before = again.subarray(0, at < 0 ? again.length : at).toString('utf8');
    return { at: before.replace(/\uFFFD$/, '').length, message: 'not UTF-8' };
  }
  const at = text.indexOf('\0');
  return at < 0 ? undefined : { at, message: 'a NUL byte: this is no text' };
}
