/** What the CLI, the API and the installer's call-backs do to a host. */

import { ChainbootError } from '../errors.ts';
import { built, cancelBuild, enterBuild, failed, makeToken } from '../inventory/build.ts';
import { inconsistencies } from '../inventory/consistency.ts';
import { copyOf, type Site } from '../inventory/site.ts';
import type { Hold, Host } from '../inventory/types.ts';
import { parseIpv4 } from '../net/ip.ts';
import { parseMac } from '../net/mac.ts';
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

/** What was let go: a host, or a machine that none is declared for. */
export type Released = { readonly machine: string; readonly hold: Hold };

/**
 * Lets a machine go that the loop guard holds, by the name of its host, by a MAC of it, or by an address under which it
 * is held. Rejects with NOT_HELD, or NOT_FOUND for a name that no host has.
 */
export function releaseMachine(inventory: Inventory, name: string): Promise<Released> {
  return inventory.change((site) => {
    const mac = parseMac(name);
    const machine = site.get('holds', mac ?? name);
    if (machine !== undefined) {
      const { id, machine: called, ...hold } = machine;
      return { changes: [{ op: 'delete', collection: 'holds', id }], result: { machine: called, hold } };
    }
    const ofMac = mac === undefined ? undefined : site.hostByMac(mac)?.host;
    if (ofMac === undefined && (mac ?? parseIpv4(name)) !== undefined)
      throw new ChainbootError('NOT_HELD', { name });
    const { hold, ...host } = ofMac ?? requireHost(site, name);
    if (hold === undefined) throw new ChainbootError('NOT_HELD', { name: host.name });
    return {
      changes: [{ op: 'put', collection: 'hosts', record: host }],
      result: { machine: host.name, hold },
    };
  });
}

/** Everything that is held, hosts first; a machine that was declared meanwhile is no longer held for itself. */
export function heldMachines(site: Site): readonly Released[] {
  const hosts = site.list('hosts').flatMap(({ name, hold }) => (hold ? [{ machine: name, hold }] : []));
  const others = site
    .list('holds')
    .filter(({ machine }) => site.hostByMac(machine) === undefined)
    .map(({ id: _id, machine, ...hold }) => ({ machine, hold }));
  return [...hosts, ...others];
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
