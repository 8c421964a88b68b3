/**
 * Who may drive a smart proxy (foreman-facts §5): over HTTPS a client with a certificate of our authority, over plain
 * HTTP, where that is allowed, one whose name in DNS leads back to its address; of either, the name must be trusted.
 */

import { lookup, reverse } from 'node:dns/promises';
import type { Log } from '../boot/log.ts';
import { ChainbootError } from '../errors.ts';
import type { Route } from '../http/answer.ts';
import type { BootRequest } from '../http/request.ts';
import { unmapIpv4 } from '../net/ip.ts';

export type Trust = {
  /** Lower case; undefined: every client with a certificate of our authority. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Over plain HTTP by name, too. */
  readonly plainHttp: boolean;
};

export type ClientDeps = {
  readonly trust: () => Trust;
  readonly log: Log;
  /** The names an address has, and which lead back to it. DNS unless given. */
  readonly namesOf?: (address: string) => Promise<readonly string[]>;
};

/** The same routes for trusted clients alone; others get PROXY_CLIENT_UNTRUSTED or PROXY_TLS_NEEDED, and the log tells. */
export function guarded(routes: readonly Route[], deps: ClientDeps): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    handle: async (request, params) => {
      try {
        await admit(request, deps);
      } catch (error) {
        if (error instanceof ChainbootError) tell(request, error, deps.log);
        throw error;
      }
      return route.handle(request, params);
    },
  }));
}

async function admit(request: BootRequest, { trust, namesOf = confirmedNames }: ClientDeps): Promise<void> {
  const { hosts, plainHttp } = trust();
  const { address, secure } = request.remote;
  if (secure) {
    const name = certifiedName(request);
    if (hosts !== undefined && !hosts.has(name)) throw untrusted(name, 'its name is not trusted');
    return;
  }
  if (!plainHttp || hosts === undefined) throw new ChainbootError('PROXY_TLS_NEEDED', { path: request.path });
  const names = await namesOf(address);
  if (!names.some((name) => hosts.has(name.toLowerCase())))
    throw untrusted(
      names[0] ?? address,
      'no name that DNS has for it, and that leads back to it, is trusted',
    );
}

function certifiedName({ certificate, remote }: BootRequest): string {
  if (certificate === undefined) throw untrusted(remote.address, 'No client SSL certificate supplied');
  const { name, fault } = certificate;
  if (fault !== undefined) throw untrusted(name, `its certificate is not accepted (${fault})`);
  return name;
}

function untrusted(client: string, reason: string): ChainbootError {
  return new ChainbootError('PROXY_CLIENT_UNTRUSTED', { client, reason });
}

function tell({ method, path, remote, id }: BootRequest, { code, message, hint }: ChainbootError, log: Log) {
  log('warn', `refused: ${message}`, { code, hint, method, path, address: remote.address, request: id });
}

async function confirmedNames(address: string): Promise<readonly string[]> {
  const names = await reverse(address).catch(() => []);
  const leading = await Promise.all(names.map((name) => lookup(name, { all: true }).catch(() => [])));
  return names.filter((_, i) => leading[i]!.some((found) => unmapIpv4(found.address) === address));
}
