/** DHCP servers that are not ours: what each of the configuration is driven by, and that all are kept in step. */

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../boot/log.ts';
import type { DhcpServerConfig } from '../config/dhcp-servers.ts';
import type { Config } from '../config/schema.ts';
import { holds, type Outline, outlineOf } from '../dhcp-config/outline.ts';
import { Made } from '../dhcp-drivers/made.ts';
import { Reconciler, type ServerState, toldError } from '../dhcp-drivers/reconciler.ts';
import type { DhcpDriver, DriverNeed } from '../dhcp-drivers/types.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { type Site, SiteIndex } from '../inventory/site.ts';
import type { Inventory } from '../service/inventory.ts';
import type { Handler } from './control/socket.ts';
import type { Core } from './core.ts';
import { previewBase } from './links.ts';

/** What was made at a server is written down there. */
export function madeAt({ database }: Config, server: string): Made {
  return new Made(join(dirname(database), 'dhcp-servers'), server);
}

/** What a server is to have: hosts and subnets that are its business. */
export function outlineFor(site: Site, config: Config, server: DhcpServerConfig): Outline {
  const base = previewBase(config);
  const url = new URL(base);
  if (server.next_server !== undefined) url.hostname = server.next_server;
  const outline = outlineOf(site, url.hostname, url.href.replace(/\/$/, ''));
  const { subnets: names } = server;
  if (names === undefined) return outline;
  const subnets = outline.subnets.filter(({ name }) => names.includes(name));
  return {
    ...outline,
    subnets,
    hosts: outline.hosts.filter(({ ip }) => subnets.some((subnet) => holds(subnet, ip))),
  };
}

/** Read from the disk only where it is configured. Rejects with CONFIG_UNREADABLE for a secret that cannot be read. */
export async function driverFor(server: DhcpServerConfig, config: Config, site: Site): Promise<DhcpDriver> {
  const { name } = server;
  const made = madeAt(config, name);
  switch (server.kind) {
    case 'dnsmasq': {
      const { dnsmasqDriver } = await import('../dhcp-drivers/dnsmasq/driver.ts');
      const { hosts_directory, config_file, main_config, pid_file, leases } = server;
      return dnsmasqDriver({
        name,
        hostsDirectory: hosts_directory,
        mainConfig: main_config,
        leases,
        ...(config_file !== undefined && { configFile: config_file }),
        ...(pid_file !== undefined && { pidFile: pid_file }),
      });
    }
    case 'isc': {
      const [{ iscDriver }, { keyIn }] = await Promise.all([
        import('../dhcp-drivers/isc/driver.ts'),
        import('../dhcp-drivers/isc/key.ts'),
      ]);
      const { omapi_address, omapi_port, omapi_key_file } = server;
      const key = omapi_key_file && keyIn(await secretIn(omapi_key_file), omapi_key_file);
      return iscDriver({
        name,
        door: { host: omapi_address, port: omapi_port, ...(key && { key }) },
        config: server.dhcpd_config,
        includeFile: server.include_file,
        leases: server.leases_file,
        pidFile: server.dhcpd_pid_file,
      });
    }
    case 'kea': {
      const { keaDriver } = await import('../dhcp-drivers/kea/driver.ts');
      const { control, user, password_file, ca } = server;
      if (control.startsWith('/')) return keaDriver({ name, door: { socket: control } });
      const password = password_file === undefined ? undefined : (await secretIn(password_file)).trim();
      const trusted = ca === undefined ? undefined : await secretIn(ca);
      const door = {
        url: control,
        ...(user !== undefined && { user }),
        ...(password !== undefined && { password }),
        ...(trusted !== undefined && { ca: trusted }),
      };
      return keaDriver({ name, door });
    }
    case 'libvirt': {
      const { libvirtDriver } = await import('../dhcp-drivers/libvirt/driver.ts');
      const { network, uri } = server;
      const { script } = outlineFor(site, config, server);
      return libvirtDriver({ name, network, script, made, ...(uri !== undefined && { uri }) });
    }
  }
}

/** What it needs; an error is a need that is not met. Never rejects. */
export async function dhcpServerNeeds(
  server: DhcpServerConfig,
  config: Config,
): Promise<readonly DriverNeed[]> {
  try {
    const driver = await driverFor(server, config, new SiteIndex());
    try {
      return await driver.needs();
    } finally {
      await driver.close();
    }
  } catch (error) {
    const hint = error instanceof ChainbootError ? error.hint : '';
    return [{ need: 'it can be asked', ok: false, problem: reasonOf(error), hint }];
  }
}

async function secretIn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ChainbootError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) }, [], error);
  }
}

export type DhcpServersDeps = {
  readonly core: Pick<Core, 'meters'> & { readonly inventory: Inventory };
  readonly config: () => Config;
  readonly log: Log;
};

export class DhcpServers {
  readonly #deps: DhcpServersDeps;
  #reconcilers: readonly Reconciler[] = [];
  /** Those without a driver: a secret that cannot be read. */
  #failed: readonly ServerState[] = [];
  /** Of which these are. */
  #of = '';
  /** Starts and the end come one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #changes = new Map<string, number>();

  constructor(deps: DhcpServersDeps) {
    this.#deps = deps;
    const { meters, inventory } = deps.core;
    inventory.onChange(() => {
      for (const reconciler of this.#reconcilers) reconciler.touch();
    });
    meters.source('chainboot_dhcp_server_up', () =>
      this.states.map(({ name, ok }) => ({ labels: { server: name }, value: ok === true ? 1 : 0 })),
    );
    meters.source('chainboot_dhcp_server_changes_total', () =>
      [...this.#changes].map(([key, value]) => {
        const [server = '', op = ''] = key.split(' ');
        return { labels: { server, op }, value };
      }),
    );
  }

  get states(): readonly ServerState[] {
    return [...this.#reconcilers.map(({ state }) => state), ...this.#failed];
  }

  /** For the command line. */
  readonly handler: Handler = async function* (this: DhcpServers) {
    yield* this.states;
  }.bind(this);

  /**
   * Takes over the configuration of now. Never rejects: a server that cannot be driven is told in the log, and tried again
   * with the next reload.
   */
  start(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#take());
    return this.#turn;
  }

  async #take(): Promise<void> {
    const { config, log, core } = this.#deps;
    const servers = config().dhcp_servers;
    const of = JSON.stringify(servers);
    if (this.#closed || (of === this.#of && this.#failed.length === 0)) return;
    this.#of = of;
    await Promise.all(this.#reconcilers.map((reconciler) => reconciler.close()));
    const opened = await Promise.allSettled(
      servers.map((server) => driverFor(server, config(), core.inventory.site)),
    );
    this.#reconcilers = opened.flatMap((result, i) =>
      result.status === 'fulfilled' ? [this.#reconciler(servers[i]!, result.value)] : [],
    );
    this.#failed = opened.flatMap((result, i) => {
      if (result.status === 'fulfilled') return [];
      const { name } = servers[i]!;
      const error = toldError(result.reason);
      log('error', 'a DHCP server cannot be driven', { server: name, ...error });
      return [{ name, ok: false, error, conflicts: [], mended: 0 }];
    });
    for (const reconciler of this.#reconcilers) reconciler.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await Promise.all(this.#reconcilers.map((reconciler) => reconciler.close()));
  }

  #reconciler(server: DhcpServerConfig, driver: DhcpDriver): Reconciler {
    const { core, config, log } = this.#deps;
    return new Reconciler({
      driver,
      made: madeAt(config(), server.name),
      wanted: () => outlineFor(core.inventory.site, config(), server),
      log,
      now: Date.now,
      onChange: (op) => {
        const key = `${server.name} ${op}`;
        this.#changes.set(key, (this.#changes.get(key) ?? 0) + 1);
      },
    });
  }
}
