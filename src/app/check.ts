/** What `chainboot check` finds beyond the shape of the files: does everything they refer to exist? */

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { PROGRAMS } from '../boot/loaders.ts';
import { loadConfigPlaces, loaderDirectories } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { problemsOf, type SiteFile } from '../config/site-file.ts';
import { isMissing } from '../dhcp-drivers/types.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { inconsistencies } from '../inventory/consistency.ts';
import type { Site } from '../inventory/site.ts';
import { linkOf } from '../link/links.ts';
import { isInstalled } from '../media/loader-files.ts';
import { contains, parseCidr } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import { planSite } from '../service/apply.ts';
import { checkHosts } from '../service/build/check.ts';
import { Inventory } from '../service/inventory.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { RenderPool } from '../template/pool.ts';
import { shippedRecords } from './core.ts';
import { dhcpServerNeeds } from './dhcp-servers.ts';
import { smartProxiesClientFaults } from './downstream.ts';
import { certificateFaults, presentChain, previewRoot, servesTls } from './https.ts';
import { checkerOf } from './life-cycle.ts';
import { upstreamFault } from './proxied.ts';
import { smartProxyFaults } from './smart-proxy-files.ts';

export type Finding = {
  readonly level: 'error' | 'warning';
  /** file:line:col */
  readonly place: string;
  readonly message: string;
  readonly hint: string;
};

type Place = (path: readonly (string | number)[]) => string;

export async function findings(
  config: Config,
  file: string,
  site: SiteFile | undefined,
): Promise<readonly Finding[]> {
  const place = loadConfigPlaces(file);
  return [
    ...config.links.flatMap((_, i) => linkFindings(config, i, place)),
    ...loaderFindings(config, place),
    ...databaseFindings(config, place),
    ...(await httpsFindings(config, place)),
    ...(await smartProxyFaults(config)).map(({ key, error }) => failure(error, place(['smart_proxy', key]))),
    ...(await smartProxiesClientFaults(config)).map(({ key, error }) =>
      failure(error, place(['smart_proxies_client', key])),
    ),
    ...(await dhcpServerFindings(config, place)),
    ...(await upstreamFindings(config, place)),
    ...(await siteFindings(config, site, place)),
  ];
}

async function upstreamFindings(config: Config, place: Place): Promise<readonly Finding[]> {
  const error = await upstreamFault(config);
  return error === undefined ? [] : [failure(error, place(['upstream', 'url']))];
}

/** What a server that is to be kept in step lacks; what is done another way is no finding. */
async function dhcpServerFindings(config: Config, place: Place): Promise<readonly Finding[]> {
  const found = await Promise.all(config.dhcp_servers.map((server) => dhcpServerNeeds(server, config)));
  return found.flatMap((needs, i) =>
    needs.filter(isMissing).map(({ need, problem = '', hint = '' }) => ({
      level: 'error',
      place: place(['dhcp_servers', i]),
      message: `${config.dhcp_servers[i]!.name}: ${need}: ${problem}`,
      hint,
    })),
  );
}

function linkFindings(config: Config, i: number, place: Place): readonly Finding[] {
  const { interface: name, address } = config.links[i]!;
  try {
    linkOf(name, address === undefined ? undefined : parseIpv4(address));
    return [];
  } catch (error) {
    return [failure(error, place(['links', i, address === undefined ? 'interface' : 'address']))];
  }
}

function loaderFindings(config: Config, place: Place): readonly Finding[] {
  const missing: Finding[] = [];
  for (const { names, debian, common } of PROGRAMS) {
    const [name] = names;
    if (!common || isInstalled(loaderDirectories(config), name)) continue;
    missing.push(
      warning(
        place(['loaders', 'directories']),
        `no directory holds ${name}`,
        `Debian: apt install ${debian}`,
      ),
    );
  }
  return missing;
}

function databaseFindings({ database }: Config, place: Place): readonly Finding[] {
  const directory = existsSync(database)
    ? database
    : existsSync(dirname(database))
      ? dirname(database)
      : dirname(dirname(database));
  try {
    accessSync(directory, constants.W_OK);
    return [];
  } catch (error) {
    const hint = 'run as the user of the service, or create it with its permissions';
    return [
      {
        level: 'error',
        place: place(['database']),
        message: `${database} cannot be written: ${reasonOf(error)}`,
        hint,
      },
    ];
  }
}

/** The certificate that is given, or the one that was made; one that is still to be made has no faults. */
async function httpsFindings(config: Config, place: Place): Promise<readonly Finding[]> {
  if (!servesTls(config)) return [];
  const where = place(['https', config.https.certificate === undefined ? 'enabled' : 'certificate']);
  try {
    const present = await presentChain(config);
    if (present?.key === undefined) return [];
    const { chain, key, origin } = present;
    const faults = certificateFaults(config, { chain, key }, Date.now());
    // Another one is made at the next start.
    return origin === 'made' ? [] : faults.map((fault) => ({ ...fault, place: where }));
  } catch (error) {
    return [failure(error, where)];
  }
}

/** The stored inventory, and what the site file would make of it. */
async function siteFindings(
  config: Config,
  declared: SiteFile | undefined,
  place: Place,
): Promise<readonly Finding[]> {
  const store = existsSync(config.database) ? openSqlite(config.database) : undefined;
  try {
    const inventory = await Inventory.open(store?.inventory ?? memoryInventory(), shippedRecords());
    return [
      ...inconsistencies(inventory.site).map(({ collection, name, path, message, suggestion }) => ({
        level: 'error' as const,
        place: config.database,
        message: `${collection} ${name}: ${path.join('.')}: ${message}`,
        hint: suggestion ?? 'declare it again and apply it',
      })),
      ...(await buildFindings(config, inventory.site)),
      ...(declared === undefined ? [] : declaredFindings(declared, inventory.site, config)),
      ...servedNetworks(config, inventory.site, declared, place),
      ...withoutHttps(config, inventory.site, declared, place),
    ];
  } catch (error) {
    return [failure(error, config.database)];
  } finally {
    await store?.close();
  }
}

function declaredFindings(declared: SiteFile, current: Site, config: Config): readonly Finding[] {
  const hasLoader = (name: string) => isInstalled(loaderDirectories(config), name);
  const { faults } = planSite(declared.site, current, {
    makeToken: () => ({ value: 'check' }),
    now: 0,
    hasLoader,
  });
  return [...declared.problems, ...problemsOf(declared, faults)].map((problem) => ({
    level: 'error',
    place: `${problem.file}:${problem.line}:${problem.column}`,
    message: `${problem.path}: ${problem.message}`,
    hint: problem.suggestion ?? 'see docs/site-file.md',
  }));
}

/** Hosts in build mode that are looked at: rendering their templates takes a few milliseconds each. */
const MOST_HOSTS = 100;

/** What keeps the hosts that are in build mode from booting. */
async function buildFindings(config: Config, site: Site): Promise<readonly Finding[]> {
  const building = site.list('hosts').filter(({ build }) => build);
  if (building.length === 0) return [];
  const pool = new RenderPool({ workers: 1, timeoutMs: config.templates.timeout_ms });
  try {
    pool.setLibrary(site.list('provisioning_templates'));
    const root = await previewRoot(config).catch(() => undefined);
    const check = checkerOf({ config: () => config, pool, root: () => root });
    const checked = await checkHosts(check, site, building.slice(0, MOST_HOSTS));
    return checked.flatMap(({ host, found }) =>
      found.errors.map(({ field, message, hint }) => {
        const told = `hosts ${host.name} in build mode: ${field === '' ? '' : `${field}: `}${message}`;
        return warning(config.database, told, hint);
      }),
    );
  } finally {
    await pool.close();
  }
}

/** A server link without a subnet hands out nothing: the most common reason for silence. */
function servedNetworks(
  config: Config,
  site: Site,
  declared: SiteFile | undefined,
  place: Place,
): readonly Finding[] {
  const networks = [...site.list('subnets'), ...(declared?.site.subnets ?? [])].map((subnet) =>
    parseCidr(subnet.network),
  );
  return config.links.flatMap((entry, i) => {
    if (entry.mode !== 'server') return [];
    try {
      const { address } = linkOf(
        entry.interface,
        entry.address === undefined ? undefined : parseIpv4(entry.address),
      );
      if (networks.some((cidr) => cidr !== undefined && contains(cidr, address))) return [];
    } catch {
      // Reported by linkFindings.
      return [];
    }
    return [
      warning(
        place(['links', i, 'mode']),
        `no subnet is declared for ${entry.interface}, so no address is handed out there`,
        'declare one under subnets in the site file',
      ),
    ];
  });
}

/** Who is to boot over HTTPS where there is none gets http URLs. */
function withoutHttps(
  config: Config,
  site: Site,
  declared: SiteFile | undefined,
  place: Place,
): readonly Finding[] {
  if (config.https.enabled) return [];
  const hint = 'enable it: https.enabled';
  const off = 'HTTPS is not enabled, so http URLs are handed out';
  const links = config.links.flatMap(({ https_boot }, i) =>
    https_boot ? [warning(place(['links', i, 'https_boot']), off, hint)] : [],
  );
  const hosts = [...site.list('hosts'), ...(declared?.site.hosts ?? [])];
  const names = [
    ...new Set(hosts.filter((host) => host.pxe_loader?.includes('HTTPS')).map(({ name }) => name)),
  ];
  const [first, ...others] = names;
  if (first === undefined) return links;
  const who = others.length === 0 ? first : `${first} and ${others.length} more`;
  return [
    ...links,
    warning(place(['https', 'enabled']), `${who} are set to a loader over HTTPS: ${off}`, hint),
  ];
}

function warning(place: string, message: string, hint: string): Finding {
  return { level: 'warning', place, message, hint };
}

function failure(error: unknown, place: string): Finding {
  const known =
    error instanceof ChainbootError ? error : new ChainbootError('INTERNAL', { reason: reasonOf(error) });
  return { level: 'error', place, message: `${known.code}: ${known.message}`, hint: known.hint };
}
