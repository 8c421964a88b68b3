/** Kea kept in step: reservations and client classes of ours, told by `"user-context": { "chainboot": … }`. */

import { readFile } from 'node:fs/promises';
import type { Outline } from '../../dhcp-config/outline.ts';
import { reasonOf } from '../../errors.ts';
import type { DhcpDriver, DriverChange, DriverPlan, OutsideLease, Present } from '../types.ts';
import { type ChannelOptions, type KeaChannel, type KeaDoor, keaChannel } from './channel.ts';
import { partsOf, takenNames, wantedClasses } from './classes.ts';
import { found, type KeaSubnet, subnetFor, withChanges } from './configuration.ts';
import { planOf } from './diff.ts';
import { type JsonMap, listOf, mapOf, textOf } from './exact-json.ts';
import { changeStored, storedReservations, usesHostCommands } from './host-commands.ts';
import { answeredLease, leaseFile, memfileLeases } from './leases.ts';
import { keaNeeds } from './needs.ts';
import { changeRunning, commandsOf, readRunning, refused } from './session.ts';
import { isOurs } from './tag.ts';

export type KeaOptions = ChannelOptions & {
  readonly door: KeaDoor;
  /** Epoch milliseconds. */
  readonly now?: () => number;
};

export function keaDriver(options: KeaOptions): DhcpDriver {
  const { name, door, now = Date.now } = options;
  const channel = keaChannel(door, options);
  const context = { channel, name, now };
  return {
    name,
    needs: () => keaNeeds(channel, now),
    present: () => present(channel),
    plan,
    apply: ({ changes }, wanted, applied) => apply(context, changes, wanted, applied),
    leases: () => leases(channel, name),
    close: async () => channel.close(),
  };
}

type Context = { readonly channel: KeaChannel; readonly name: string; readonly now: () => number };

/** With what planning has to know besides. */
type KeaPresent = Present & {
  readonly subnets: readonly KeaSubnet[];
  readonly foreignClasses: readonly JsonMap[];
};

async function present(channel: KeaChannel): Promise<KeaPresent> {
  const commands = await commandsOf(channel);
  const { dhcp4 } = await readRunning(channel);
  const { subnets, ours, foreign, classes } = found(dhcp4);
  const stored = usesHostCommands(commands, dhcp4)
    ? await storedReservations(channel, subnets, [...ours, ...foreign])
    : [];
  const inDatabase = (whose: boolean) =>
    stored.filter((each) => each.ours === whose).map(({ reservation }) => reservation);
  return {
    ours: [...ours, ...inDatabase(true)],
    foreign: [...foreign, ...inDatabase(false)],
    parts: partsOf(classes),
    subnets,
    foreignClasses: classes.filter((each) => !isOurs(each)),
  };
}

/** Hosts in subnets that this Kea has not are none of its business. */
function plan(wanted: Outline, now: Present): DriverPlan {
  const { subnets, foreignClasses } = now as KeaPresent;
  const here = wanted.hosts.filter(({ ip }) => subnetFor(subnets, ip) !== undefined);
  const reservations = here.map(({ name, mac, ip }) => ({ name, mac, ip }));
  const classes = wantedClasses({ ...wanted, hosts: here });
  const pasted = new Set(takenNames(foreignClasses, classes));
  const parts = partsOf(classes.filter(({ name }) => !pasted.has(textOf(name))));
  return planOf({ reservations, parts }, now);
}

async function apply(
  { channel, name, now }: Context,
  changes: readonly DriverChange[],
  wanted: Outline,
  applied: (change: DriverChange) => void,
): Promise<void> {
  const commands = await commandsOf(channel);
  const { dhcp4 } = await readRunning(channel);
  const { subnets } = found(dhcp4);
  refuseHomeless(changes, subnets, name);
  const stored = usesHostCommands(commands, dhcp4);
  const inDatabase = stored ? changes.filter(({ what }) => what === 'reservation') : [];
  // What the database gets must not be in the configuration as well.
  const inConfiguration = changes.map((change) =>
    inDatabase.includes(change) ? ({ ...change, op: 'remove' } as const) : change,
  );
  const change = (before: JsonMap) => withChanges(before, inConfiguration, classesHere(wanted, before));
  await changeRunning(channel, change, { name, now, commands });
  for (const each of changes) if (!inDatabase.includes(each)) applied(each);
  if (!stored) return;
  const { ours, foreign } = found((await readRunning(channel)).dhcp4);
  await changeStored({ channel, subnets, configured: [...ours, ...foreign] }, inDatabase, applied);
}

/** All classes of ours, but for those whose name somebody else has taken. */
function classesHere(wanted: Outline, dhcp4: JsonMap): readonly JsonMap[] {
  const { subnets, classes } = found(dhcp4);
  const here = wanted.hosts.filter(({ ip }) => subnetFor(subnets, ip) !== undefined);
  const all = wantedClasses({ ...wanted, hosts: here });
  const taken = new Set(takenNames(classes, all));
  return all.filter(({ name }) => !taken.has(textOf(name)));
}

function refuseHomeless(changes: readonly DriverChange[], subnets: readonly KeaSubnet[], name: string): void {
  for (const { op, reservation } of changes)
    if (op !== 'remove' && reservation !== undefined && subnetFor(subnets, reservation.ip) === undefined)
      throw refused(name, 'config-set', `it has no subnet for ${reservation.ip ?? reservation.mac}`);
}

const PAGE = 1000;

async function leases(channel: KeaChannel, name: string): Promise<readonly OutsideLease[]> {
  if ((await commandsOf(channel)).has('lease4-get-page')) return answeredLeases(channel);
  const { dhcp4 } = await readRunning(channel);
  const file = channel.local ? leaseFile(dhcp4) : undefined;
  if (file === undefined)
    throw refused(
      name,
      'lease4-get-page',
      'the hook libdhcp_lease_cmds.so is not loaded, and no file has the leases',
    );
  try {
    return memfileLeases(await memfileTexts(file));
  } catch (error) {
    throw refused(
      name,
      'lease4-get-page',
      `the hook libdhcp_lease_cmds.so is not loaded, and ${reasonOf(error)}`,
    );
  }
}

/** Page by page, so that Kea can answer machines in between. */
async function answeredLeases(channel: KeaChannel): Promise<readonly OutsideLease[]> {
  const all: OutsideLease[] = [];
  for (let from = 'start'; ; ) {
    const { leases: page } = await channel.ask('lease4-get-page', { from, limit: PAGE });
    const leases = listOf(page).map(mapOf);
    all.push(...leases.map(answeredLease).filter((lease) => lease !== undefined));
    const last = textOf(leases.at(-1)?.['ip-address']);
    if (leases.length < PAGE || last === '') return all;
    from = last;
  }
}

/** Before the file itself come those that its clean-up (LFC) has set aside: all of them, or what it has made of them. */
async function memfileTexts(file: string): Promise<readonly string[]> {
  const current = await readFile(file, 'utf8');
  const beside = (suffix: string) => readFile(`${file}.${suffix}`, 'utf8').catch(() => '');
  const completed = await beside('completed');
  return completed === '' ? [await beside('2'), await beside('1'), current] : [completed, current];
}
