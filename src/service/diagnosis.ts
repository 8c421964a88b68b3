/** Why a machine did not boot: gathers what the rules look at, and asks them. */

import { diagnose } from '../boot/diagnose/diagnose.ts';
import { nearMisses } from '../boot/diagnose/near.ts';
import { RULES } from '../boot/diagnose/rules.ts';
import type { Diagnosis, SeenStep, Sight } from '../boot/diagnose/types.ts';
import type { Neighbour } from '../boot/neighbour.ts';
import { ChainbootError } from '../errors.ts';
import { effectiveHost } from '../inventory/hostgroup.ts';
import type { Site } from '../inventory/site.ts';
import { type Host, provisionInterface } from '../inventory/types.ts';
import { formatIpv4, parseIpv4 } from '../net/ip.ts';
import { type Mac, parseMac } from '../net/mac.ts';
import type { BootStore } from '../store/types.ts';
import type { BuildChecker } from './hosts.ts';

export type DiagnosisDeps = {
  readonly boots: Pick<BootStore, 'boots' | 'steps'>;
  readonly site: () => Site;
  /** Absent: what a host lacks is not looked at. */
  readonly check?: BuildChecker;
  readonly neighbours: () => readonly Neighbour[];
  readonly leasedTo: (address: string) => Mac | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

const EARLIER = 4;
/** Boots that are looked through for an address. */
const LOOKED_THROUGH = 50;

type Machine = { readonly asked: string; readonly host: Host | undefined; readonly mac: Mac | undefined };

/** Of the newest boot of a host, a MAC or an address; those never seen get an answer, too. */
export async function diagnoseMachine(deps: DiagnosisDeps, asked: string): Promise<Diagnosis> {
  const machine = machineOf(deps, asked);
  const boots = await bootsOf(deps, machine, asked);
  return answer(deps, machine, boots);
}

/** Rejects with BOOT_UNKNOWN. */
export async function diagnoseBoot(deps: DiagnosisDeps, id: string): Promise<Diagnosis> {
  const steps = await deps.boots.steps(id);
  if (steps.length === 0) throw new ChainbootError('BOOT_UNKNOWN', { id });
  const mac = steps.find((step) => step.mac !== undefined)?.mac;
  const name = steps.findLast((step) => step.host !== undefined)?.host;
  const host =
    (name && deps.site().get('hosts', name)) || (mac && deps.site().hostByMac(mac)?.host) || undefined;
  const machine = { asked: id, host, mac };
  const all = mac === undefined ? [] : await realBoots(deps, { mac });
  const earlier = all.filter((boot) => boot[0]!.at < steps[0]!.at);
  return answer(deps, machine, [steps, ...earlier]);
}

async function answer(
  deps: DiagnosisDeps,
  { asked, host, mac: known }: Machine,
  [steps = [], ...earlier]: readonly (readonly SeenStep[])[],
): Promise<Diagnosis> {
  const site = deps.site();
  const mac = known ?? steps.find((step) => step.mac !== undefined)?.mac;
  const whole = host && effectiveHost(site, host);
  const sight: Sight = {
    steps,
    earlier: earlier.slice(0, EARLIER),
    asked,
    host: whole,
    mac,
    near: host === undefined && mac !== undefined ? nearMisses(mac, site.list('hosts')) : [],
    neighbours: deps.neighbours(),
    lacks: host?.build === true ? await lacksOf(deps, site, host) : [],
    now: deps.now(),
  };
  return diagnose(sight);
}

async function lacksOf({ check }: DiagnosisDeps, site: Site, host: Host): Promise<Sight['lacks']> {
  if (check === undefined) return [];
  const { errors, warnings } = await check(site, host);
  return [...errors, ...warnings].map(({ code, message, hint }) => ({ code, sentence: message, hint }));
}

function machineOf({ site, leasedTo }: DiagnosisDeps, asked: string): Machine {
  const named = site().get('hosts', asked.toLowerCase());
  if (named !== undefined) return { asked, host: named, mac: provisionInterface(named)?.mac };
  const address = parseIpv4(asked);
  const mac = parseMac(asked) ?? (address === undefined ? undefined : leasedTo(formatIpv4(address)));
  const host =
    (mac && site().hostByMac(mac)?.host) ?? (address && site().hostByIp(formatIpv4(address))?.host);
  return { asked, host: host || undefined, mac: mac ?? (host ? provisionInterface(host)?.mac : undefined) };
}

/** Newest first. */
async function bootsOf(
  deps: DiagnosisDeps,
  { host, mac }: Machine,
  asked: string,
): Promise<readonly (readonly SeenStep[])[]> {
  if (host !== undefined || mac !== undefined) {
    const byHost = host === undefined ? [] : await realBoots(deps, { host: host.name });
    const macs = host === undefined ? [mac!] : host.interfaces.flatMap((nic) => nic.mac ?? []);
    const byMac = await Promise.all(macs.map((one) => realBoots(deps, { mac: one })));
    return newestFirst([...byHost, ...byMac.flat()]);
  }
  const all = await realBoots(deps, {}, LOOKED_THROUGH);
  return all.filter((boot) => boot.some(({ address }) => address === asked));
}

function newestFirst(boots: readonly (readonly SeenStep[])[]): readonly (readonly SeenStep[])[] {
  const byId = new Map(boots.map((steps) => [steps[0]!.boot, steps]));
  return [...byId.values()].sort((a, b) => b[0]!.at - a[0]!.at);
}

/** Those that are no rehearsals. */
async function realBoots(
  { boots }: DiagnosisDeps,
  who: { readonly mac?: Mac; readonly host?: string },
  most = EARLIER + 1,
): Promise<readonly (readonly SeenStep[])[]> {
  const rows = await boots.boots({ limit: most, ...who });
  const found = await Promise.all(rows.map(({ id }) => boots.steps(id)));
  return found.filter((steps) => steps.length > 0);
}

/** Whether a diagnosis says that something is wrong. */
export function isFault({ code }: Pick<Diagnosis, 'code'>): boolean {
  return code === 'unexplained' || RULES.some((rule) => rule.code === code && rule.kind === 'fault');
}
