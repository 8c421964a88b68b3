/** What the CLI, the API and the installer's call-backs do to a host. */

import { ChainbootError } from '../errors.ts';
import {
  built,
  cancelBuild,
  enterBuild,
  expired,
  failed,
  justExpired,
  makeToken,
} from '../inventory/build.ts';
import type { Site } from '../inventory/site.ts';
import type { Hold, Host } from '../inventory/types.ts';
import { parseIpv4 } from '../net/ip.ts';
import { parseMac } from '../net/mac.ts';
import type { Actor } from '../store/types.ts';
import { type BuildCheck, type Lack, problemOf, unforgivable } from './build/lacks.ts';
import type { Inventory, Planned } from './inventory.ts';
import type { Ipam } from './ipam.ts';
import { changeRecords } from './records.ts';

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

/** Finds out everything that keeps a host from booting; see build/check.ts. */
export type BuildChecker = (site: Site, host: Host) => Promise<BuildCheck>;

/** What makes hosts and puts them into build mode. */
export type LifeCycle = {
  readonly check: BuildChecker;
  /** As configured now. */
  readonly tokens: () => Tokens;
  readonly ipam: Ipam;
};

export type BuildOptions = Pick<LifeCycle, 'check' | 'tokens'> & {
  readonly actor: Actor;
  /** Also with errors, save those that are wrong in the records themselves. */
  readonly force?: boolean;
};

export type Entered = { readonly host: Host; readonly warnings: readonly Lack[] };

/** The host as it would be in build mode, with a new token. Pure. */
export function inBuild(host: Host, { random, now, durationMinutes }: Tokens): Host {
  const at = now();
  return enterBuild(host, makeToken(random(), at, durationMinutes), at);
}

/**
 * Enters build mode with a new token. Rejects with HOST_UNBOOTABLE, its problems everything that is missing for a
 * boot, or NOT_FOUND.
 */
export async function buildHost(
  inventory: Inventory,
  name: string,
  { actor, tokens, check, force = false }: BuildOptions,
): Promise<Entered> {
  await inventory.refresh();
  const { site } = inventory;
  const warnings = await requireBootable(check, site, inBuild(requireHost(site, name), tokens()), force);
  const { result: host } = await changeRecords(inventory, actor, (newest) => {
    const record = inBuild(requireHost(newest, name), tokens());
    return { changes: [{ op: 'put', collection: 'hosts', record }], result: record };
  });
  return { host, warnings };
}

/**
 * Answers with what is no reason to refuse. For whoever creates or changes a host that is to be in build mode: `host`
 * is as it would be then, and need not be in the site. Rejects with HOST_UNBOOTABLE.
 */
export async function requireBootable(
  check: BuildChecker,
  site: Site,
  host: Host,
  force = false,
): Promise<readonly Lack[]> {
  const { errors, warnings } = await check(site, host);
  const refused = force ? errors.filter(unforgivable) : errors;
  if (refused.length === 0) return [...errors, ...warnings];
  const problems = refused.map((found) => problemOf(host.name, found));
  throw new ChainbootError('HOST_UNBOOTABLE', { host: host.name, count: problems.length }, problems);
}

/** Takes a host out of build mode; one that is not in it stays as it is. */
export function cancelHost(
  inventory: Inventory,
  name: string,
  { actor, now }: { readonly actor: Actor; readonly now: () => number },
): Promise<Host> {
  return inventory.change(
    leaving(name, (host) => cancelBuild(host, now(), nameOfActor(actor))),
    actor,
  );
}

/** What was let go: a host, or a machine that none is declared for. */
export type Released = { readonly machine: string; readonly hold: Hold };

/**
 * Lets a machine go that the loop guard holds, by the name of its host, by a MAC of it, or by an address under which it
 * is held. Rejects with NOT_HELD, or NOT_FOUND for a name that no host has.
 */
export function releaseMachine(
  inventory: Inventory,
  name: string,
  actor: Actor = { via: 'cli' },
): Promise<Released> {
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
  }, actor);
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

/** The machine that reports. */
export type Reporter = { readonly now: number; readonly remote?: string };

/** Records success; `changed` is false when the host had left build mode before (a repeated report is fine). */
export function hostBuilt(
  inventory: Inventory,
  name: string,
  { now, remote }: Reporter,
): Promise<{ readonly changed: boolean }> {
  return report(inventory, name, remote, (host) => built(host, now, remote));
}

/** Records failure, with what the installer had to say. */
export function hostFailed(
  inventory: Inventory,
  name: string,
  log: string,
  { now, remote }: Reporter,
): Promise<{ readonly changed: boolean }> {
  return report(inventory, name, remote, (host) => failed(host, log.slice(0, MAX_BUILD_ERRORS), now, remote));
}

/**
 * What a machine reports is recorded as it is, whatever else is wrong with its record: a report that is refused sends
 * the machine to the installer once more.
 */
async function report(
  inventory: Inventory,
  name: string,
  remote: string | undefined,
  next: (host: Host) => Host,
): Promise<{ readonly changed: boolean }> {
  const actor: Actor = { via: 'boot', ...(remote !== undefined && { remote }) };
  return inventory.change<{ readonly changed: boolean }>((site) => {
    const host = requireHost(site, name);
    if (!host.build) return { changes: [], result: { changed: false } };
    return { changes: [{ op: 'put', collection: 'hosts', record: next(host) }], result: { changed: true } };
  }, actor);
}

/** Records of these hosts that their token has run out, where it has and that is not recorded yet; answers with those. */
export function expireTokens(
  inventory: Inventory,
  hosts: readonly number[],
  now: number,
): Promise<readonly Host[]> {
  const plan = (site: Site) => {
    const ended = hosts
      .flatMap((id) => site.byId('hosts', id) ?? [])
      .filter((host) => justExpired(host, now))
      .map(expired);
    return {
      changes: ended.map((record) => ({ op: 'put', collection: 'hosts', record }) as const),
      result: ended,
    };
  };
  return inventory.change(plan, { via: 'clock' });
}

function leaving(name: string, next: (host: Host) => Host): (site: Site) => Planned<Host> {
  return (site) => {
    const host = requireHost(site, name);
    const record = next(host);
    return { changes: record === host ? [] : [{ op: 'put', collection: 'hosts', record }], result: record };
  };
}

function nameOfActor({ user, remote }: Actor): string | undefined {
  return user ?? remote;
}
