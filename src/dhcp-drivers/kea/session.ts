/** Reading and changing the configuration of a running Kea without losing what others change meanwhile. */

import { isDeepStrictEqual } from 'node:util';
import { ChainbootError } from '../../errors.ts';
import type { KeaChannel } from './channel.ts';
import { type Json, type JsonMap, listOf, mapOf } from './exact-json.ts';
import { isUnread, keaFile } from './file.ts';

/** `hash` is Kea's own (from 2.4 on). */
export type Running = { readonly dhcp4: JsonMap; readonly hash?: Json };

export async function readRunning(channel: KeaChannel): Promise<Running> {
  const { Dhcp4, hash } = await channel.ask('config-get');
  return { dhcp4: mapOf(Dhcp4), ...(hash !== undefined && { hash }) };
}

export async function commandsOf(channel: KeaChannel): Promise<ReadonlySet<string>> {
  const { list } = await channel.ask('list-commands');
  return new Set(listOf(list).filter((each) => typeof each === 'string'));
}

export type ChangeOptions = {
  /** Of the server, for errors. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly commands: ReadonlySet<string>;
};

const TRIES = 5;

/**
 * Sets what `change` makes of the configuration, and has Kea write it to its file. That Kea can write is proven before
 * anything is changed; where it then fails, the old configuration is set again. Somebody else's change between reading and
 * setting is seen (but for the instant between the last look and the command), and then all begins anew.
 */
export async function changeRunning(
  channel: KeaChannel,
  change: (dhcp4: JsonMap) => JsonMap,
  options: ChangeOptions,
): Promise<void> {
  const { name } = options;
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await readRunning(channel);
    const after = change(before.dhcp4);
    if (isDeepStrictEqual(after, before.dhcp4)) return;
    refuseHidden(after, name);
    await channel.ask('config-test', { Dhcp4: after });
    if (tries === 0) await proveWritable(channel, before.dhcp4, options);
    if (!(await isStill(channel, before, options.commands))) continue;
    await channel.ask('config-set', { Dhcp4: after });
    return await written(channel, before.dhcp4);
  }
  throw refused(
    name,
    'config-set',
    `somebody else changed the configuration ${TRIES} times while it was changed`,
  );
}

async function isStill(
  channel: KeaChannel,
  before: Running,
  commands: ReadonlySet<string>,
): Promise<boolean> {
  if (before.hash !== undefined && commands.has('config-hash-get'))
    return (await channel.ask('config-hash-get')).hash === before.hash;
  return isDeepStrictEqual((await readRunning(channel)).dhcp4, before.dhcp4);
}

/** config-write, once without a change. */
async function proveWritable(
  channel: KeaChannel,
  running: JsonMap,
  { name, now }: ChangeOptions,
): Promise<void> {
  const file = await keaFile(channel, now);
  if (file !== undefined && (await isUnread(file, running)))
    throw refused(
      name,
      'config-write',
      `${file.path} was changed and Kea has not read it yet, so writing it would lose that; have Kea read it first (config-reload)`,
    );
  await channel.ask('config-write');
}

async function written(channel: KeaChannel, old: JsonMap): Promise<void> {
  try {
    await channel.ask('config-write');
  } catch (error) {
    // What is not in the file would be gone with the next start, unseen.
    await channel.ask('config-set', { Dhcp4: old }).catch(() => {});
    throw error;
  }
}

/** A Kea that shows passwords as stars would take the stars for passwords. */
function refuseHidden(value: Json, name: string): void {
  if (Array.isArray(value)) for (const each of value) refuseHidden(each, name);
  else
    for (const [key, each] of Object.entries(mapOf(value))) {
      if (/password|secret/.test(key) && typeof each === 'string' && /^\*+$/.test(each))
        throw refused(
          name,
          'config-get',
          `it hides the value of "${key}", so its configuration cannot be set again`,
        );
      refuseHidden(each, name);
    }
}

export function refused(server: string, what: string, reason: string): ChainbootError {
  return new ChainbootError('DHCP_SERVER_REFUSED', { server, what, reason });
}
