/**
 * ISC dhcpd kept in step: hosts over OMAPI, which dhcpd writes into its leases; a file of ours that dhcpd.conf includes, with
 * the class that chooses loaders. dhcpd reads the latter when it starts.
 */

import { readFile } from 'node:fs/promises';
import { iscConfig } from '../../dhcp-config/isc.ts';
import type { Outline, OutlinedHost } from '../../dhcp-config/outline.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { moveDhcpd } from '../../moving/dhcpd/move.ts';
import { type Cidr, contains } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { writeWhole } from '../../ops/write-whole.ts';
import { planOf } from '../plan.ts';
import type { DhcpDriver, DriverChange, DriverPlan, Present, Reservation } from '../types.ts';
import { LeasesFile, readConfiguration, withoutOurs } from './files.ts';
import { declaredName, hostsIn, leasesIn, markOf, ownName, statementsFor, subnetsIn } from './hosts.ts';
import { iscNeeds } from './needs.ts';
import { type Omapi, type OmapiDoor, openOmapi } from './omapi.ts';
import { number } from './omapi-codec.ts';

export type IscOptions = {
  readonly name: string;
  readonly door: Omit<OmapiDoor, 'name'>;
  readonly config: string;
  readonly includeFile: string;
  readonly leases: string;
  readonly pidFile: string;
};

type Context = IscOptions & { readonly leasesFile: LeasesFile };

/** With what planning has to know besides. */
type IscPresent = Present & { readonly subnets: readonly Cidr[] };

/** The part that chooses loaders. */
const LOADERS = 'loaders';
/** Parts, too: what a host boots that is not what all boot. */
const LOADER_OF = 'loader of ';
/** ARP hardware type. */
const ETHERNET = 1;

export function iscDriver(options: IscOptions): DhcpDriver {
  const { name } = options;
  const context = { ...options, leasesFile: new LeasesFile(name, options.leases) };
  return {
    name,
    needs: () => iscNeeds(options),
    present: () => present(context),
    plan,
    apply: (todo, wanted, applied) => apply(context, todo, wanted, applied),
    leases: async () => leasesIn(await context.leasesFile.read()),
    existing: () => existing(context),
    close: async () => {},
  };
}

/** One that does not answer is told not to, though its files can be read. */
async function present(context: Context): Promise<IscPresent> {
  const { name, door, config, includeFile } = context;
  (await openOmapi({ ...door, name })).close();
  const { statements } = await readConfiguration(name, config, includeFile);
  const made = hostsIn(await context.leasesFile.read());
  const dynamic = [...made.values()];
  const theirs = [...hostsIn(statements).values()].filter((host) => !made.has(host.name));
  const loaders = await ownFile(includeFile);
  const ours = new Map<string, Reservation>();
  const marks: Record<string, string> = {};
  for (const { name: declared, reservations } of dynamic) {
    const own = ownName(declared);
    const [first] = reservations;
    if (own === undefined || first === undefined) continue;
    // Two for one host: neither is as it should be.
    marks[LOADER_OF + own.name] = [marks[LOADER_OF + own.name], own.mark].filter(Boolean).join('+');
    ours.set(own.name, { ...first, name: own.name });
  }
  const foreign = [...theirs, ...dynamic.filter((host) => ownName(host.name) === undefined)];
  return {
    ours: [...ours.values()],
    foreign: foreign.flatMap(({ reservations }) => reservations),
    parts: { ...marks, ...(loaders !== undefined && { [LOADERS]: loaders }) },
    subnets: subnetsIn(statements),
  };
}

/** Hosts in subnets that this dhcpd has not are none of its business. */
function plan(wanted: Outline, now: Present): DriverPlan {
  const { subnets } = now as IscPresent;
  const hosts = wanted.hosts.filter(({ ip }) => isIn(subnets, ip));
  const reservations = hosts.map(({ name, mac, ip }) => ({ name, mac, ip }));
  const { changes, conflicts } = planOf({ reservations, parts: {} }, { ...now, parts: {} });
  const told = new Set([...changes.map(({ name }) => name), ...conflicts.map(({ host }) => host)]);
  const kept = hosts.filter(({ name }) => !told.has(name));
  const parts = {
    ...Object.fromEntries(kept.map((host) => [LOADER_OF + host.name, markOf(host)])),
    [LOADERS]: loadersOf(wanted),
  };
  const there = Object.fromEntries(Object.entries(now.parts).filter(([part]) => part in parts));
  const more = planOf({ reservations: [], parts }, { ours: [], foreign: [], parts: there });
  return { changes: [...changes, ...more.changes], conflicts };
}

function loadersOf(wanted: Outline): string {
  return iscConfig({ ...wanted, hosts: [], subnets: [] });
}

async function apply(
  context: Context,
  { changes }: DriverPlan,
  wanted: Outline,
  applied: (change: DriverChange) => void,
): Promise<void> {
  const { name, door, includeFile } = context;
  const ofHosts = changes.filter((change) => hostOf(change) !== undefined);
  if (ofHosts.length > 0) {
    const made = [...hostsIn(await context.leasesFile.read()).values()]
      .filter(({ reservations }) => reservations.length > 0)
      .map((host) => host.name);
    const omapi = await openOmapi({ ...door, name });
    try {
      for (const change of ofHosts) {
        await changeHost(omapi, made, hostOf(change)!, change, wanted);
        applied(change);
      }
    } finally {
      omapi.close();
    }
  }
  for (const change of changes.filter((each) => each.what === 'part' && each.name === LOADERS)) {
    await writing(includeFile, loadersOf(wanted));
    applied(change);
  }
}

/** Undefined for what is no host. */
function hostOf({ what, name }: DriverChange): string | undefined {
  if (what === 'reservation') return name;
  return name.startsWith(LOADER_OF) ? name.slice(LOADER_OF.length) : undefined;
}

/** dhcpd does not find a host anew whose card was changed: it is taken away and made. */
async function changeHost(
  omapi: Omapi,
  made: readonly string[],
  name: string,
  { op }: DriverChange,
  wanted: Outline,
): Promise<void> {
  for (const declared of made.filter((each) => ownName(each)?.name === name)) {
    const found = await omapi.find('host', { name: Buffer.from(declared) });
    // Somebody else took it away meanwhile.
    if (found !== undefined) await omapi.remove(found.handle, `to remove host ${declared}`);
  }
  const host = wanted.hosts.find((each) => each.name === name);
  if (op !== 'remove' && host !== undefined) await addHost(omapi, host);
}

async function addHost(omapi: Omapi, host: OutlinedHost): Promise<void> {
  const values = {
    name: Buffer.from(declaredName(host)),
    'hardware-address': Buffer.from(host.mac.replaceAll(':', ''), 'hex'),
    'hardware-type': number(ETHERNET),
    'ip-address': number(parseIpv4(host.ip) ?? 0),
    statements: Buffer.from(statementsFor(host)),
  };
  await omapi.create('host', values, `to add host ${host.name} ${host.mac} ${host.ip}`);
}

/** Its configuration and the hosts that others made over OMAPI. */
async function existing(context: Context): ReturnType<DhcpDriver['existing']> {
  const { name, config, includeFile, leases } = context;
  const { text } = await readConfiguration(name, config, includeFile);
  const theirs = [...hostsIn(await context.leasesFile.read()).values()].flatMap((host) =>
    ownName(host.name) === undefined ? host.reservations : [],
  );
  const files = withoutOurs(config, includeFile);
  const read = (file: string) => (file === leases ? theirs.map(hostBlock).join('') : files.read(file));
  return moveDhcpd(`${text}\ninclude "${leases}";\n`, config, { ...files, read }, () => []);
}

function hostBlock({ name, mac, ip }: Reservation): string {
  const address = ip === undefined ? '' : ` fixed-address ${ip};`;
  return `host ${name} { hardware ethernet ${mac};${address} }\n`;
}

function isIn(subnets: readonly Cidr[], ip: string): boolean {
  const address = parseIpv4(ip);
  return address !== undefined && subnets.some((subnet) => contains(subnet, address));
}

/** Undefined where it is not written yet. */
async function ownFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ChainbootError('FILE_UNREADABLE', { name: path, reason: reasonOf(error) }, [], error);
  }
}

async function writing(path: string, text: string): Promise<void> {
  try {
    // dhcpd runs as a user of its own.
    await writeWhole(path, text, 0o644);
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: path, reason: reasonOf(error) }, [], error);
  }
}
