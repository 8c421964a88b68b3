/** Kea kept in step: reservations and client classes of ours, told by `"user-context": { "chainboot": … }`. */

import type { Outline } from '../../dhcp-config/outline.ts';
import { filesOf } from '../../moving/files.ts';
import { moveKea } from '../../moving/kea/move.ts';
import { planOf, type Wanted } from '../plan.ts';
import type { DhcpDriver, DriverChange, DriverPlan, Present } from '../types.ts';
import { type ChannelOptions, type KeaChannel, type KeaDoor, keaChannel } from './channel.ts';
import { partsOf, takenNames, wantedClasses } from './classes.ts';
import { found, type KeaSubnet, subnetFor, withChanges, withoutOurs } from './configuration.ts';
import { type JsonMap, printExact, textOf } from './exact-json.ts';
import { changeStored, storedReservations, usesHostCommands } from './host-commands.ts';
import { keaNeeds } from './needs.ts';
import { readLeases } from './read-leases.ts';
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
    leases: () => readLeases(channel, name),
    existing: () => existing(channel, name),
    close: async () => channel.close(),
  };
}

type Context = {
  readonly channel: KeaChannel;
  readonly name: string;
  readonly now: () => number;
};

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

/** Of its configuration: reservations in a database of hosts are not among them. */
async function existing(channel: KeaChannel, name: string): ReturnType<DhcpDriver['existing']> {
  const Dhcp4 = withoutOurs((await readRunning(channel)).dhcp4);
  return moveKea(printExact({ Dhcp4 }), name, filesOf({}));
}

/** Hosts in subnets that this Kea has not are none of its business. */
function plan(wanted: Outline, now: Present): DriverPlan {
  const { subnets, foreignClasses } = now as KeaPresent;
  return planOf(wantedHere(wanted, subnets, foreignClasses), now);
}

function hostsIn(subnets: readonly KeaSubnet[], { hosts }: Outline): Outline['hosts'] {
  return hosts.filter(({ ip }) => subnetFor(subnets, ip) !== undefined);
}

function wantedHere(wanted: Outline, subnets: readonly KeaSubnet[], classes: readonly JsonMap[]): Wanted {
  const hosts = hostsIn(subnets, wanted);
  const reservations = hosts.map(({ name, mac, ip }) => ({ name, mac, ip }));
  return { reservations, parts: partsOf(classesHere({ ...wanted, hosts }, classes)) };
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
  const hosts = hostsIn(subnets, wanted);
  const change = (before: JsonMap) =>
    withChanges(before, inConfiguration, classesHere({ ...wanted, hosts }, found(before).classes));
  await changeRunning(channel, change, { name, now, commands });
  for (const each of changes) if (!inDatabase.includes(each)) applied(each);
  if (!stored) return;
  const { ours, foreign } = found((await readRunning(channel)).dhcp4);
  await changeStored({ channel, subnets, configured: [...ours, ...foreign] }, inDatabase, applied);
}

/** All classes of ours, but for those whose name somebody else has taken. */
function classesHere(wanted: Outline, classes: readonly JsonMap[]): readonly JsonMap[] {
  const all = wantedClasses(wanted);
  const taken = new Set(takenNames(classes, all));
  return all.filter(({ name }) => !taken.has(textOf(name)));
}

function refuseHomeless(changes: readonly DriverChange[], subnets: readonly KeaSubnet[], name: string): void {
  for (const { op, reservation } of changes)
    if (op !== 'remove' && reservation !== undefined && subnetFor(subnets, reservation.ip) === undefined)
      throw refused(name, 'config-set', `it has no subnet for ${reservation.ip ?? reservation.mac}`);
}
