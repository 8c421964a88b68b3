/** The files of a site: those given, and all `*.yaml` and `*.yml` below directories. */

import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ChainbootError, reasonOf } from '../errors.ts';

/**
 * Each file once, those of a directory in the order of their names. What begins with a dot is left out: `.git`,
 * `.gitlab-ci.yml`. Throws SITE_FILES_MISSING for a directory without any: what it declares must not be taken for
 * nothing at all.
 */
export function siteFiles(given: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return given.flatMap(filesOf).filter((file) => {
    const real = file === '-' ? file : realPath(file);
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function filesOf(given: string): readonly string[] {
  if (given === '-' || !isDirectory(given)) return [given];
  const found = below(given, new Set());
  if (found.length === 0) throw new ChainbootError('SITE_FILES_MISSING', { directory: given });
  return found;
}

/** `entered` are the directories on the way here: links may lead back to them. */
function below(directory: string, entered: ReadonlySet<string>): readonly string[] {
  const real = realPath(directory);
  if (entered.has(real)) return [];
  return namesIn(directory).flatMap((name) => {
    const path = join(directory, name);
    if (isDirectory(path)) return below(path, new Set([...entered, real]));
    return /\.ya?ml$/.test(name) ? [path] : [];
  });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    throw new ChainbootError('CONFIG_UNREADABLE', { file: directory, reason: reasonOf(error) });
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whoever reads the file says what is wrong when it is not there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
