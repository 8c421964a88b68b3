/** What the CLI, the API and the installer's call-backs do to a host. */

import { ChainbootError } from '../errors.ts';
import { built, cancelBuild, enterBuild, failed, makeToken } from '../inventory/build.ts';
import { inconsistencies } from '../inventory/consistency.ts';
import { copyOf, type Site } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import type { Inventory } from './inventory.ts';

export type Tokens = {
  /** A fresh UUID. */
  readonly random: () => string;
  readonly now: () => number;
  readonly durationMinutes: number;
};

/** The installer's log, at most this long, is kept with the host (Foreman's limit). */
export const MAX_BUILD_ERRORS = 65_535;

export function requireHost(site: Site, name: string): Host {
  const host = site.get('hosts', name.toLowerCase());
  if (host === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'host', name });
  return host;
}

/** Enters build mode with a new token; refuses with everything that is missing for a boot, at once. */
export function buildHost(inventory: Inventory, name: string, tokens: Tokens): Promise<Host> {
  return changeHost(inventory, name, (host, site) => {
    const now = tokens.now();
    const next = enterBuild(host, makeToken(tokens.random(), now, tokens.durationMinutes), now);
    refuseUnbootable(site, next);
    return next;
  });
}

export function cancelHost(inventory: Inventory, name: string): Promise<Host> {
  return changeHost(inventory, name, cancelBuild);
}

/** Records success; `changed` is false when the host had left build mode before (a repeated report is fine). */
export async function hostBuilt(
  inventory: Inventory,
  name: string,
  now: number,
): Promise<{ readonly changed: boolean }> {
  return report(inventory, name, (host) => built(host, now));
}

export async function hostFailed(
  inventory: Inventory,
  name: string,
  log: string,
): Promise<{ readonly changed: boolean }> {
  return report(inventory, name, (host) => failed(host, log.slice(0, MAX_BUILD_ERRORS)));
}

function report(
  inventory: Inventory,
  name: string,
  next: (host: Host) => Host,
): Promise<{ readonly changed: boolean }> {
  return inventory.change<{ readonly changed: boolean }>((site) => {
    const host = requireHost(site, name);
    if (!host.build) return { changes: [], result: { changed: false } };
    return { changes: [{ op: 'put', collection: 'hosts', record: next(host) }], result: { changed: true } };
  });
}

function changeHost(
  inventory: Inventory,
  name: string,
  next: (host: Host, site: Site) => Host,
): Promise<Host> {
  return inventory.change((site) => {
    const host = next(requireHost(site, name), site);
    return { changes: [{ op: 'put', collection: 'hosts', record: host }], result: host };
  });
}

function refuseUnbootable(site: Site, host: Host): void {
  const candidate = copyOf(site);
  candidate.put('hosts', host);
  const problems = inconsistencies(candidate)
    .filter((fault) => fault.collection === 'hosts' && fault.name === host.name)
    .map((fault) => ({
      file: host.name,
      path: fault.path.join('.'),
      message: fault.message,
      ...(fault.suggestion && { suggestion: fault.suggestion }),
    }));
  if (problems.length > 0)
    throw new ChainbootError('HOST_UNBOOTABLE', { host: host.name, count: problems.length }, problems);
}
