/** The composition root: configuration → stores → links → servers. The only file that starts everything. */

import { type ControlSocket, type Handler, openControl } from './app/control/socket.ts';
import { openCore, type Role } from './app/core.ts';
import { DhcpServers } from './app/dhcp-servers.ts';
import { type Downstream, openDownstream } from './app/downstream.ts';
import { firstPassword } from './app/first-password.ts';
import { servesTls } from './app/https.ts';
import { servedLinks } from './app/links.ts';
import { type Addresses, openPlane, type Plane, type PlaneDeps } from './app/plane.ts';
import type { Proxied, ProxiedDeps } from './app/proxied.ts';
import { rehearseHandler } from './app/rehearsal/asked.ts';
import { fleetHandler } from './app/rehearsal/fleet.ts';
import type { Rehearser } from './app/rehearsal/rehearser.ts';
import { captureHandler } from './app/tap/asked.ts';
import { tappedWire } from './app/tap/wire.ts';
import type { Log } from './boot/log.ts';
import { Tap } from './capture/tap.ts';
import type { Config } from './config/schema.ts';
import { ChainbootError, reasonOf } from './errors.ts';
import { createWire } from './link/wire.ts';
import { LogRing } from './smart-proxy/logs.ts';

export type App = {
  readonly addresses: Addresses;
  /** Plays machines against the servers. */
  readonly rehearser: Rehearser;
  /** Takes over a new configuration; when it cannot be served, the old one goes on and the error is thrown. */
  reload(config: Config): Promise<void>;
  /** Makes the first administrator; its password if it was made up here. Rejects with CONFIG_UNREADABLE. */
  firstPassword(): Promise<string | undefined>;
  stop(): Promise<void>;
};

/** How soon a change made by another process (`chainboot host build`) is seen by DHCP. */
const REFRESH_MS = 200;

/** Resolves when every socket is open. Rejects with a ChainbootError, leaving nothing behind. */
export async function startApp(config: Config, written: Log, role: Role = 'server'): Promise<App> {
  const ring = new LogRing(Date.now);
  const log = ring.around(written, () => config.log.level);
  const links = servedLinks(config);
  const tap = new Tap(Date.now);
  const wire = tappedWire(createWire(), tap);
  const core = await openCore(config, log, role);
  let proxied: Proxied | undefined;
  let downstream: Downstream | undefined;
  let state: State | undefined;
  try {
    proxied = role === 'proxy' ? await openProxiedRole({ config, core, links: () => links, log }) : undefined;
    downstream =
      role === 'server'
        ? await openDownstream({ core, config: () => state?.config ?? config, log })
        : undefined;
    const deps = {
      core,
      wire,
      log,
      tap,
      ring,
      ...(proxied && { proxied }),
      ...(downstream && { downstream }),
    };
    const plane = await openPlane(deps, config, links);
    const current = () => state?.config ?? config;
    const dhcpServers = role === 'server' ? new DhcpServers({ core, config: current, log }) : undefined;
    const opened: State = { config, deps, plane, dhcpServers };
    state = opened;
    const ofServer: Readonly<Record<string, Handler>> =
      downstream === undefined
        ? { '/rehearse': noRehearsals, '/fleet': noRehearsals }
        : {
            '/rehearse': rehearseHandler(() => opened.plane.rehearser),
            '/fleet': fleetHandler(() => opened.plane.rehearser),
            '/proxies': downstream.handler,
            ...(dhcpServers && { '/dhcp-servers': dhcpServers.handler }),
          };
    const control = await openControl(config, { ...ofServer, '/capture': captureHandler(tap) }, log);
    // Machines come first.
    void downstream?.start();
    void dhcpServers?.start();
    return running(opened, control);
  } catch (error) {
    await downstream?.close();
    await proxied?.close();
    await core.close();
    throw error;
  }
}

/** Read from the disk only by a proxy. */
async function openProxiedRole(deps: ProxiedDeps): Promise<Proxied> {
  const { openProxied } = await import('./app/proxied.ts');
  return openProxied(deps);
}

// biome-ignore lint/correctness/useYield: it has nothing to say but that
async function* noRehearsals(): AsyncIterable<never> {
  throw new ChainbootError('PROXY_NO_REHEARSALS');
}

type State = {
  config: Config;
  readonly deps: PlaneDeps;
  plane: Plane;
  readonly dhcpServers: DhcpServers | undefined;
};

function running(state: State, control: ControlSocket): App {
  const { core, log, proxied, downstream } = state.deps;
  const { dhcpServers } = state;
  const refresher = setInterval(() => {
    core.inventory
      .refresh()
      .catch((error) => log('error', 'the database cannot be read', { reason: reasonOf(error) }));
  }, REFRESH_MS);
  return {
    get addresses() {
      return state.plane.addresses;
    },
    get rehearser() {
      return state.plane.rehearser;
    },
    async reload(config) {
      const links = servedLinks(config);
      await downstream?.check(config);
      if (sameSockets(config, state.config)) await state.plane.update(config, links);
      else state.plane = await replacePlane(state, config);
      state.config = config;
      downstream?.reloaded();
      void dhcpServers?.start();
    },
    firstPassword: () => firstPassword(core, state.config),
    async stop() {
      clearInterval(refresher);
      await control.close();
      await dhcpServers?.close();
      await downstream?.close();
      await state.plane.close();
      await proxied?.close();
      await core.close();
    },
  };
}

/** Ports are closed before the new ones open, as they may be the same; on failure the old come back. */
async function replacePlane(state: State, config: Config): Promise<Plane> {
  const { deps } = state;
  await state.plane.close();
  try {
    return await openPlane(deps, config, servedLinks(config));
  } catch (error) {
    state.plane = await openPlane(deps, state.config, servedLinks(state.config));
    throw error;
  }
}

/** Whether two configurations need the same sockets; running transfers then go on over a reload. */
function sameSockets(a: Config, b: Config): boolean {
  const sockets = ({ links, dhcp, tftp, http, https, api, smart_proxy, proxies, syslog }: Config) => ({
    links: links.map(({ interface: name, address, mode }) => ({ name, address, mode })),
    dhcp,
    tftp,
    http,
    https: servesTls({ https, api }) && https.port,
    api,
    smart_proxy,
    proxies,
    syslog,
  });
  return JSON.stringify(sockets(a)) === JSON.stringify(sockets(b));
}
