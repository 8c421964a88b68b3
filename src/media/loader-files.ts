/** Which loaders are installed. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { programNamed } from '../boot/loaders.ts';

/** Names a loader may be installed under, that which was asked for first. */
export function loaderNames(name: string): readonly string[] {
  const program = programNamed(name);
  return program === undefined ? [name] : [name, ...program.names.filter((other) => other !== name)];
}

export function isInstalled(directories: readonly string[], name: string): boolean {
  return directories.some((directory) => loaderNames(name).some((each) => existsSync(join(directory, each))));
}
