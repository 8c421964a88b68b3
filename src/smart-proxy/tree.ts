/**
 * The files a Foreman sends, below one directory: each is there as a whole or not at all, and is on the disk before the
 * sender hears that it was taken.
 */

import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ChainbootError, reasonOf } from '../errors.ts';
import { fileBelow } from '../media/file-below.ts';

/** Half-written files end in it; no name that is asked for does. */
export const PART = '.part';

export class Tree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Path of a regular file; undefined when there is none, or when its name leads outside. */
  async find(name: string): Promise<string | undefined> {
    return name.endsWith(PART) ? undefined : fileBelow(this.root, name, 'inside');
  }

  async isDirectory(name: string): Promise<boolean> {
    return stat(this.path(name)).then(
      (found) => found.isDirectory(),
      () => false,
    );
  }

  async read(name: string): Promise<string | undefined> {
    const path = await this.find(name);
    return path === undefined ? undefined : readFile(path, 'utf8');
  }

  /** Rejects with FILE_FORBIDDEN or FILE_UNWRITABLE. */
  async put(name: string, text: string): Promise<void> {
    const path = this.path(name);
    const part = await this.part(name);
    try {
      const file = await open(part, 'wx', 0o644);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, path);
      await syncDirectory(dirname(path));
    } catch (error) {
      await rm(part, { force: true });
      throw unwritable(name, error);
    }
  }

  /** Also where there is none. Rejects with FILE_UNWRITABLE. */
  async remove(name: string): Promise<void> {
    const path = this.path(name);
    try {
      await rm(path);
      await syncDirectory(dirname(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(name, error);
    }
  }

  /** A name for what is not whole yet, in the directory of the file, which is made. Rejects with FILE_UNWRITABLE. */
  async part(name: string): Promise<string> {
    const path = this.path(name);
    try {
      await mkdir(dirname(path), { recursive: true });
    } catch (error) {
      throw unwritable(name, error);
    }
    return `${path}.${randomUUID().slice(0, 8)}${PART}`;
  }

  /** Throws FILE_FORBIDDEN. */
  path(name: string): string {
    if (!isPlain(name)) throw new ChainbootError('FILE_FORBIDDEN', { name: JSON.stringify(name) });
    return join(this.root, name);
  }
}

/** Relative and without tricks: no `..`, no empty parts, no back-slashes, no control characters, and not too long. */
function isPlain(name: string): boolean {
  if (name.length === 0 || name.length > 512 || /[\\\p{Cc}]/u.test(name) || name.endsWith(PART)) return false;
  return name
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 200);
}

export function unwritable(name: string, error: unknown): ChainbootError {
  return new ChainbootError('FILE_UNWRITABLE', { name, reason: reasonOf(error) }, [], error);
}

/** Makes the new name of a file, or its absence, durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
