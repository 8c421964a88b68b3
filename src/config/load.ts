/** Reads a configuration file; refuses it as a whole with every problem and its place. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ChainbootError, reasonOf } from '../errors.ts';
import { CONFIG_SCHEMA, type Config } from './schema.ts';
import { parseYaml } from './yaml.ts';

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
  if (repeated.length > 0)
    throw new ChainbootError('CONFIG_INVALID', { file, count: repeated.length }, repeated);
  return parsed.value;
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
