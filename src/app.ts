/** The composition root: configuration → stores → links → servers. The only file that starts everything. */

import { type ControlSocket, openControl } from './app/control/socket.ts';
import { type Core, openCore } from './app/core.ts';
import { firstPassword } from './app/first-password.ts';
import { servesTls } from './app/https.ts';
import { servedLinks } from './app/links.ts';
import { type Addresses, openPlane, type Plane } from './app/plane.ts';
import { rehearseHandler } from './app/rehearsal/asked.ts';
import { fleetHandler } from './app/rehearsal/fleet.ts';
import type { Rehearser } from './app/rehearsal/rehearser.ts';
import { captureHandler } from './app/tap/asked.ts';
import { tappedWire } from './app/tap/wire.ts';
import type { Log } from './boot/log.ts';
import { Tap } from './capture/tap.ts';
import type { Config } from './config/schema.ts';
import { reasonOf } from './errors.ts';
import type { Wire } from './link/types.ts';
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
export async function startApp(config: Config, written: Log): Promise<App> {
  const ring = new LogRing(Date.now);
  const log = ring.around(written, () => config.log.level);
  const links = servedLinks(config);
  const tap = new Tap(Date.now);
  const wire = tappedWire(createWire(), tap);
  const core = await openCore(config, log);
  try {
    const plane = await openPlane({ core, wire, log, tap, ring }, config, links);
    const state: State = { config, core, wire, plane, log, tap, ring };
    const rehearse = rehearseHandler(() => state.plane.rehearser);
    const handlers = {
      '/rehearse': rehearse,
      '/fleet': fleetHandler(() => state.plane.rehearser),
      '/capture': captureHandler(tap),
    };
    const control = await openControl(config, handlers, log);
    return running(state, control);
  } catch (error) {
    await core.close();
    throw error;
  }
}

type State = {
  config: Config;
  readonly core: Core;
  readonly wire: Wire;
  plane: Plane;
  readonly log: Log;
  readonly tap: Tap;
  readonly ring: LogRing;
};

function running(state: State, control: ControlSocket): App {
  const { core, wire, log, tap, ring } = state;
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
      if (sameSockets(config, state.config)) await state.plane.update(config, links);
      else state.plane = await replacePlane(state, { core, wire, log, tap, ring }, config);
      state.config = config;
    },
    firstPassword: () => firstPassword(core, state.config),
    async stop() {
      clearInterval(refresher);
      await control.close();
      await state.plane.close();
      await core.close();
    },
  };
}

/** Ports are closed before the new ones open, as they may be the same; on failure the old come back. */
async function replacePlane(
  state: State,
  deps: Parameters<typeof openPlane>[0],
  config: Config,
): Promise<Plane> {
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
  const sockets = ({ links, dhcp, tftp, http, https, api, smart_proxy, syslog }: Config) => ({
    links: links.map(({ interface: name, address, mode }) => ({ name, address, mode })),
    dhcp,
    tftp,
    http,
    https: servesTls({ https, api }) && https.port,
    api,
    smart_proxy,
    syslog,
  });
  return JSON.stringify(sockets(a)) === JSON.stringify(sockets(b));
}
