/** Reads a configuration file; refuses it as a whole with every problem and its place. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ChainbootError, type Problem, reasonOf } from '../errors.ts';
import { CONFIG_SCHEMA, type Config, DEFAULT_LOADER_DIRECTORIES } from './schema.ts';
import { type Locate, parseYaml } from './yaml.ts';

export const DEFAULT_CONFIG_FILE = '/etc/chainboot/chainboot.yaml';

/** Throws CONFIG_UNREADABLE or CONFIG_INVALID. */
export function loadConfig(file: string): Config {
  const { value, problems, locate } = parseYaml(readText(file), CONFIG_SCHEMA, file);
  const all =
    value === undefined
      ? problems
      : [...problems, ...repeatedLinks(value, locate), ...missingDirectories(value, locate)];
  if (value === undefined || all.length > 0)
    throw new ChainbootError('CONFIG_INVALID', { file, count: all.length }, all);
  return value;
}

function repeatedLinks({ links }: Config, locate: Locate): readonly Problem[] {
  return links.flatMap((link, i) =>
    links.findIndex((other) => other.interface === link.interface) < i
      ? [locate(['links', i, 'interface'], `the interface ${link.interface} is listed twice`)]
      : [],
  );
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

/** Where the running server writes down who else answers DHCP. */
export function neighboursFile({ database }: Config): string {
  return join(dirname(database), 'neighbours.json');
}

/** What a Foreman sends to the smart proxy. */
export function smartProxyDirectory({ database, smart_proxy }: Config): string {
  return smart_proxy.directory ?? join(dirname(database), 'smart-proxy');
}

/** What a proxy keeps: its certificate, files, answers, reports. */
export function proxyDirectory({ database }: Config): string {
  return join(dirname(database), 'proxy');
}

/** Where a path of the configuration stands, as file:line:col. */
export function loadConfigPlaces(file: string): (path: readonly (string | number)[]) => string {
  const parsed = parseYaml(readText(file), CONFIG_SCHEMA, file);
  return (path) => {
    const { line, column } = parsed.locate(path, '');
    return `${file}:${line}:${column}`;
  };
}

/** Where `chainboot firmware fetch` puts loaders. */
export function firmwareDirectory(config: Config): string {
  return config.loaders.store ?? join(dirname(config.database), 'firmware');
}

/** Where loaders are looked for: what was fetched comes first. */
export function loaderDirectories(config: Config): readonly string[] {
  return [firmwareDirectory(config), ...config.loaders.directories];
}
