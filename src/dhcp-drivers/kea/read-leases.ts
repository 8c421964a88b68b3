/** Where leases of a Kea are read: asked of its hook, else from its files. */

import { readFile } from 'node:fs/promises';
import { reasonOf } from '../../errors.ts';
import type { OutsideLease } from '../types.ts';
import type { KeaChannel } from './channel.ts';
import { listOf, mapOf, textOf } from './exact-json.ts';
import { answeredLease, leaseFile, memfileLeases } from './leases.ts';
import { commandsOf, readRunning, refused } from './session.ts';

const PAGE = 1000;

/** Rejects with a ChainbootError. `name`: of the server, for errors. */
export async function readLeases(channel: KeaChannel, name: string): Promise<readonly OutsideLease[]> {
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
