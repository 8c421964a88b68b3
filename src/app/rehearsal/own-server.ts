/**
 * A server for rehearsals alone, where none is running: TFTP and HTTP on free ports of loopback, no DHCP but that of the
 * rehearsal, and a copy of the inventory in memory. The database is read once and nothing is written.
 */

import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Log } from '../../boot/log.ts';
import { baseUrl } from '../../boot/urls.ts';
import { leasesFile } from '../../config/load.ts';
import type { Config, LinkConfig } from '../../config/schema.ts';
import { loadSites } from '../../config/site-file.ts';
import { listLinks } from '../../link/links.ts';
import type { Link } from '../../link/types.ts';
import { createWire } from '../../link/wire.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import { Inventory } from '../../service/inventory.ts';
import { openLeaseJournal } from '../../store/leases/journal.ts';
import { memoryBoots } from '../../store/memory/boots.ts';
import { memoryInventory } from '../../store/memory/inventory.ts';
import { memoryRenderings } from '../../store/memory/renderings.ts';
import { openSqlite } from '../../store/sqlite/open.ts';
import type { InventoryStore, LeaseStore } from '../../store/types.ts';
import type { Line } from '../control/socket.ts';
import { type Core, openCoreOn, shippedRecords } from '../core.ts';
import { policyOf, type ServedLink } from '../links.ts';
import { openPlane } from '../plane.ts';
import { checkedPlan, planningOf } from '../site-plan.ts';
import { rehearseHandler } from './asked.ts';
import { fleetHandler } from './fleet.ts';
import type { Rehearser } from './rehearser.ts';

export type OwnServer = { readonly rehearser: Rehearser; close(): Promise<void> };

/** As `askServer` with `/rehearse`. `sites`: files that are taken as applied. Rejects with SITE_INVALID too. */
export async function* askOwnServer(
  config: Config,
  path: '/rehearse' | '/fleet',
  body: object,
  sites: readonly string[],
): AsyncGenerator<Line> {
  const server = await openOwnServer(config, sites, () => {});
  // Whoever is told of a fleet leaves the loop when it is done with.
  const handler = path === '/fleet' ? fleetHandler : rehearseHandler;
  try {
    yield* handler(() => server.rehearser)(body, new AbortController().signal);
  } finally {
    await server.close();
  }
}

/** Rejects with SITE_INVALID, STORE_UNAVAILABLE and its like, or PORT_TAKEN. */
export async function openOwnServer(config: Config, sites: readonly string[], log: Log): Promise<OwnServer> {
  const inventory = await copiedInventory(config);
  if (sites.length > 0) await applyTo(inventory, config, sites);
  const core = await openCoreOn(
    { inventory, boots: memoryBoots(), renderings: memoryRenderings(inventory), close: async () => {} },
    () => copiedLeases(config, log),
    config,
    log,
  );
  try {
    return await served(core, config, log);
  } catch (error) {
    await core.close();
    throw error;
  }
}

async function served(core: Core, config: Config, log: Log): Promise<OwnServer> {
  const own = await ownConfig(config);
  const links = own.links.map((entry, i) => ownLink(own, entry, i));
  const plane = await openPlane({ core, wire: createWire(), log }, own, links);
  const close = async () => {
    await plane.close();
    await core.close();
  };
  return { rehearser: plane.rehearser, close };
}

async function copiedInventory({ database }: Config): Promise<InventoryStore> {
  const copy = memoryInventory();
  if (!existsSync(database)) return copy;
  const store = openSqlite(database);
  try {
    const { changes } = await store.inventory.since(0);
    await copy.transact(0, () => changes);
    return copy;
  } finally {
    await store.close();
  }
}

async function applyTo(store: InventoryStore, config: Config, files: readonly string[]): Promise<void> {
  const inventory = await Inventory.open(store, shippedRecords());
  const declared = loadSites(files);
  await inventory.change((site) => {
    const { changes } = checkedPlan(files, declared, site, planningOf(config, false));
    return { changes, result: undefined };
  });
}

/** As they were when it began: nothing is leased here that is not forgotten. */
async function copiedLeases(config: Config, log: Log): Promise<LeaseStore> {
  const file = leasesFile(config);
  const found = existsSync(file) ? await leasesOf(file, log) : [];
  return { load: async () => found, commit: async () => {}, close: async () => {} };
}

async function leasesOf(file: string, log: Log): ReturnType<LeaseStore['load']> {
  const journal = await openLeaseJournal(file, log);
  try {
    return await journal.load();
  } finally {
    await journal.close();
  }
}

/** Without what opens sockets that machines would find, and without TLS, whose certificate may have to be made. */
async function ownConfig(config: Config): Promise<Config> {
  return {
    ...config,
    links: config.links.map((entry) => ({ ...entry, probe: false })),
    http: { ...config.http, port: await freePort() },
    tftp: { ...config.tftp, port: await freePort() },
    https: { ...config.https, enabled: false },
    api: { ...config.api, enabled: false },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const FIRST_ADDRESS = parseIpv4('127.0.0.1')!;

/** An address of loopback that stands for the link of the configuration, which this machine need not have. */
function ownLink(config: Config, entry: LinkConfig, i: number): ServedLink {
  const address = FIRST_ADDRESS + i;
  const link: Link = { name: entry.interface, address, prefix: 32, mac: new Uint8Array(6) };
  const base = baseUrl(formatIpv4(address), config.http.port);
  const real = listLinks().find(
    (found) =>
      found.name === entry.interface &&
      (entry.address === undefined || found.address === parseIpv4(entry.address)),
  );
  const standsFor =
    real ?? (entry.address === undefined ? undefined : { address: parseIpv4(entry.address)! });
  const served: ServedLink = { config: entry, link, base, rehearsalOf: standsFor ?? {} };
  return entry.mode === 'off' ? served : { ...served, policy: policyOf(config, served, entry.mode) };
}
