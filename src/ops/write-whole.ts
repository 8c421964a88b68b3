/** Files that are there as a whole or not at all, whenever the process or the machine ends. */

import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** @param mode for nobody's eyes but ours unless given. Rejects with what the file system says; the old file is then still there. */
export async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  // Programs that read whole directories leave out names that begin with a dot.
  const part = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.part`);
  try {
    const file = await open(part, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
