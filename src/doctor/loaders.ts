/** Are the boot loaders there that machines are told to load? */

import { PROGRAMS } from '../boot/loaders.ts';
import { loaderDirectories } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { isInstalled } from '../media/loader-files.ts';
import { type Finding, finding } from './finding.ts';

export async function checkLoaders(config: Config): Promise<readonly Finding[]> {
  const directories = loaderDirectories(config);
  const missing = PROGRAMS.filter(({ names: [name], common }) => common && !isInstalled(directories, name));
  if (missing.length === 0) return [finding('ok', 'loaders', 'the usual boot loaders are there')];
  return missing.map(({ names: [name], debian }) =>
    finding('warning', 'loader-missing', `no directory of loaders holds ${name}`, `apt install ${debian}`),
  );
}
