/** The file of a Kea on this machine, seen through /proc: whether Kea may write it, and whether it has read it. */

import { readFile, readlink, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KeaChannel } from './channel.ts';
import type { JsonMap } from './exact-json.ts';

export type KeaFile = {
  readonly path: string;
  /** Numbers: the user Kea runs as, and its groups. */
  readonly user: number;
  readonly groups: readonly number[];
  /** It is confined by AppArmor, with this profile. */
  readonly profile?: string;
  /** Epoch milliseconds, to the second: when Kea took its configuration last, from the file or by a command. */
  readonly configured: number;
};

/** Undefined where Kea is on another machine, in another container, or may not be looked at. */
export async function keaFile(channel: KeaChannel, now: () => number): Promise<KeaFile | undefined> {
  if (!channel.local) return undefined;
  const { pid, reload } = await channel.ask('status-get');
  const proc = `/proc/${String(pid)}`;
  try {
    const args = (await readFile(`${proc}/cmdline`, 'utf8')).split('\0');
    const named = args[args.indexOf('-c') + 1];
    if (!args[0]?.endsWith('kea-dhcp4') || named === undefined || !args.includes('-c')) return undefined;
    const status = await readFile(`${proc}/status`, 'utf8');
    const numbers = (key: string) => numbersIn(new RegExp(`^${key}:(.*)$`, 'm').exec(status)?.[1]);
    const profile = await confined(proc);
    return {
      path: resolve(await readlink(`${proc}/cwd`), named),
      // Real, effective, saved, file system.
      user: numbers('Uid')[1] ?? 0,
      groups: [...numbers('Gid').slice(1, 2), ...numbers('Groups')],
      configured: now() - Number(reload) * 1000,
      ...(profile !== undefined && { profile }),
    };
  } catch {
    return undefined;
  }
}

function numbersIn(text = ''): readonly number[] {
  return text.split(/\s+/).filter(Boolean).map(Number);
}

/** `kea-dhcp4 (enforce)`; the file is not there without AppArmor. */
async function confined(proc: string): Promise<string | undefined> {
  const label = await readFile(`${proc}/attr/current`, 'utf8').catch(() => '');
  return /^(\S+) \(enforce\)/.exec(label)?.[1];
}

export type Unwritable = { readonly problem: string; readonly hint: string };

/** Why Kea cannot write its configuration; undefined where nothing speaks against it. */
export async function unwritable(file: KeaFile): Promise<Unwritable | undefined> {
  const { mode, uid, gid } = await stat(file.path);
  const bits = file.user === uid ? mode >> 6 : file.groups.includes(gid) ? mode >> 3 : mode;
  if (file.user !== 0 && (bits & 0o2) === 0)
    return {
      problem: `Kea runs as user ${file.user} and may not write ${file.path}`,
      hint: `chown ${file.user} ${file.path}`,
    };
  if (file.profile === undefined) return undefined;
  // Debian's profile lets it read there only.
  const rules = await readFile(`/etc/apparmor.d/usr.sbin.${file.profile}`, 'utf8').catch(() => undefined);
  if (rules === undefined || permits(rules, file.path)) return undefined;
  return {
    problem: `AppArmor keeps Kea from writing ${file.path}`,
    hint: `add the line "${file.path} rw," to /etc/apparmor.d/usr.sbin.${file.profile}, then apparmor_parser -r that file`,
  };
}

/** `rules`: of a profile. */
export function permits(rules: string, path: string): boolean {
  const places = [path, `${dirname(path)}/*`, `${dirname(path)}/**`];
  return rules.split('\n').some((line) => {
    const [place = '', rights = ''] = line
      .trim()
      .replace(/^owner\s+/, '')
      .split(/\s+/);
    return places.includes(place) && /^\w*w\w*,/.test(rights);
  });
}

/** Files carry the time of their end of writing, and Kea tells whole seconds. */
const SLACK_MS = 3000;

/** Somebody has changed the file since, so that writing it would lose that. */
export async function isUnread(file: KeaFile, running: JsonMap): Promise<boolean> {
  const { mtimeMs } = await stat(file.path);
  if (mtimeMs <= file.configured + SLACK_MS) return false;
  try {
    const written = JSON.parse(await readFile(file.path, 'utf8')) as { readonly Dhcp4?: unknown };
    return !isDeepStrictEqual(written.Dhcp4, JSON.parse(JSON.stringify(running)));
  } catch {
    // With comments, so it was not Kea who wrote it.
    return true;
  }
}
