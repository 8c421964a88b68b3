/** What Chainboot needs of a Kea, and what is done where that is not there. */

import { access, constants } from 'node:fs/promises';
import { ChainbootError, reasonOf } from '../../errors.ts';
import type { DriverNeed } from '../types.ts';
import type { KeaChannel } from './channel.ts';
import { pastedClasses, strongerClasses } from './classes.ts';
import { found } from './configuration.ts';
import type { JsonMap } from './exact-json.ts';
import { keaFile, unwritable } from './file.ts';
import { usesHostCommands } from './host-commands.ts';
import { leaseFile } from './leases.ts';
import { commandsOf, readRunning } from './session.ts';

const CONFIGURING = ['config-get', 'config-test', 'config-set', 'config-write'];

export async function keaNeeds(channel: KeaChannel, now: () => number): Promise<readonly DriverNeed[]> {
  const answers = `Kea answers at ${channel.place}`;
  let commands: ReadonlySet<string>;
  try {
    commands = await commandsOf(channel);
  } catch (error) {
    return [{ need: answers, ok: false, problem: reasonOf(error), hint: channelHint(channel, error) }];
  }
  const { dhcp4 } = await readRunning(channel);
  return [
    { need: answers, ok: true },
    configuring(commands),
    ...(await writing(channel, now)),
    hosts(commands, dhcp4),
    await leases(channel, commands, dhcp4),
    ...classes(dhcp4),
  ];
}

function channelHint({ local, place }: KeaChannel, error: unknown): string {
  if (error instanceof ChainbootError && error.code === 'DHCP_SERVER_REFUSED') return error.hint;
  return local
    ? `"Dhcp4" of its configuration needs: "control-socket": { "socket-type": "unix", "socket-name": "${place}" }; who runs Chainboot must be able to write to that socket`
    : 'start kea-ctrl-agent (Debian: kea-ctrl-agent), with "control-sockets": { "dhcp4": … } in its configuration';
}

function configuring(commands: ReadonlySet<string>): DriverNeed {
  const need = `commands ${CONFIGURING.join(', ')}`;
  const missing = CONFIGURING.filter((each) => !commands.has(each));
  if (missing.length === 0) return { need, ok: true };
  return {
    need,
    ok: false,
    problem: `it does not offer ${missing.join(', ')}`,
    hint: 'Kea 1.2 or later has them; an agent or a role may leave them out',
  };
}

async function writing(channel: KeaChannel, now: () => number): Promise<readonly DriverNeed[]> {
  const file = await keaFile(channel, now);
  // Elsewhere it is known when the first change is made: nothing is changed before Kea has written its file once.
  if (file === undefined) return [];
  const need = `Kea may write ${file.path}`;
  const fault = await unwritable(file).catch((error: unknown) => ({ problem: reasonOf(error), hint: '' }));
  return [{ need, ok: fault === undefined, ...fault }];
}

function hosts(commands: ReadonlySet<string>, dhcp4: JsonMap): DriverNeed {
  const need = 'hook libdhcp_host_cmds.so, with a hosts-database';
  if (usesHostCommands(commands, dhcp4)) return { need, ok: true };
  return {
    need,
    ok: false,
    instead: 'reservations are written into its configuration (config-set, config-write)',
  };
}

async function leases(
  channel: KeaChannel,
  commands: ReadonlySet<string>,
  dhcp4: JsonMap,
): Promise<DriverNeed> {
  const need = 'hook libdhcp_lease_cmds.so';
  if (commands.has('lease4-get-page')) return { need, ok: true };
  const file = channel.local ? leaseFile(dhcp4) : undefined;
  const readable =
    file !== undefined &&
    (await access(file, constants.R_OK).then(
      () => true,
      () => false,
    ));
  if (readable) return { need, ok: false, instead: `leases are read from ${file}` };
  return {
    need,
    ok: false,
    problem:
      file === undefined ? 'its leases are in no file of this machine' : `${file} cannot be read either`,
    hint: '"hooks-libraries": [{ "library": "libdhcp_lease_cmds.so" }] with its whole path, for Debian below /usr/lib/*/kea/hooks',
  };
}

function classes(dhcp4: JsonMap): readonly DriverNeed[] {
  const all = found(dhcp4).classes;
  const [stronger, pasted] = [strongerClasses(all), pastedClasses(all)];
  const names = (list: readonly string[]) => list.join(', ');
  return [
    ...(stronger.length === 0
      ? []
      : [
          {
            need: 'no class before ours names a boot file',
            ok: false,
            instead: `machines in ${names(stronger)} boot what that says: of two classes the first one counts`,
          },
        ]),
    ...(pasted.length === 0
      ? []
      : [
          {
            need: 'the names of our classes are free',
            ok: false,
            instead: `${names(pasted)} stay as they are; take them out of its configuration, and they are made anew and kept in step`,
          },
        ]),
  ];
}
