/** Which loaders are installed. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ALIASES } from '../boot/loaders.ts';

/** Names a loader may be installed under. */
export function loaderNames(name: string): readonly string[] {
  const alias = ALIASES[name];
  return alias === undefined ? [name] : [name, alias];
}

export function isInstalled(directories: readonly string[], name: string): boolean {
  return directories.some((directory) => loaderNames(name).some((each) => existsSync(join(directory, each))));
}
