/** Reads a configuration file; refuses it as a whole with every problem and its place. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ChainbootError, type Problem, reasonOf } from '../errors.ts';
import { CONFIG_SCHEMA, type Config, DEFAULT_LOADER_DIRECTORIES } from './schema.ts';
import { type Locate, parseYaml } from './yaml.ts';

export const DEFAULT_CONFIG_FILE = '/etc/chainboot/chainboot.yaml';

/** Throws CONFIG_UNREADABLE or CONFIG_INVALID. */
export function loadConfig(file: string): Config {
  const parsed = parseYaml(readText(file), CONFIG_SCHEMA, file);
  if (!parsed.ok)
    throw new ChainbootError('CONFIG_INVALID', { file, count: parsed.problems.length }, parsed.problems);
  const repeated = parsed.value.links.flatMap((link, i) =>
    parsed.value.links.findIndex((other) => other.interface === link.interface) < i
      ? [parsed.locate(['links', i, 'interface'], `the interface ${link.interface} is listed twice`)]
      : [],
  );
  const problems = [...repeated, ...missingDirectories(parsed.value, parsed.locate)];
  if (problems.length > 0)
    throw new ChainbootError('CONFIG_INVALID', { file, count: problems.length }, problems);
  return parsed.value;
}

/** The default directories belong to Debian packages that a site may do without; one it names must be there. */
function missingDirectories({ loaders }: Config, locate: Locate): readonly Problem[] {
  return loaders.directories.flatMap((directory, i) =>
    DEFAULT_LOADER_DIRECTORIES.includes(directory) || existsSync(directory)
      ? []
      : [locate(['loaders', 'directories', i], `there is no directory ${directory}`)],
  );
}

export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new ChainbootError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) });
  }
}

export function leasesFile(config: Config): string {
  return config.leases ?? join(dirname(config.database), 'leases.journal');
}

/** Where a path of the configuration stands, as file:line:col. */
export function loadConfigPlaces(file: string): (path: readonly (string | number)[]) => string {
  const parsed = parseYaml(readText(file), CONFIG_SCHEMA, file);
  return (path) => {
    if (!parsed.ok) return file;
    const { line, column } = parsed.locate(path, '');
    return `${file}:${line}:${column}`;
  };
}
