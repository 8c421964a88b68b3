/**
 * dnsmasq kept in step: a file of ours in the directory of its `dhcp-hostsdir`, and one of lines that choose loaders. It takes
 * up what is added to the first by itself, forgets what was there at SIGHUP only, and reads the second when it starts.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dnsmasqClasses } from '../../dhcp-config/dnsmasq.ts';
import type { Outline } from '../../dhcp-config/outline.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { moveDnsmasq } from '../../moving/dnsmasq/move.ts';
import type { Cidr } from '../../net/cidr.ts';
import { filesBeside } from '../../ops/files-below.ts';
import { writeWhole } from '../../ops/write-whole.ts';
import { planOf } from '../plan.ts';
import type { DhcpDriver, DriverChange, DriverNeed, DriverPlan, OutsideLease, Present } from '../types.ts';
import { declaredByOthers, hostEntries, hostsFile, linesInOwn, ofOthers } from './hosts-file.ts';
import { leasesOf } from './leases.ts';
import { dnsmasqNeeds } from './needs.ts';
import { signalDnsmasq } from './process.ts';

export type DnsmasqOptions = {
  readonly name: string;
  readonly hostsDirectory: string;
  readonly configFile?: string;
  readonly mainConfig: string;
  readonly pidFile?: string;
  readonly leases: string;
};

/** In `dhcp-hostsdir`. */
const OWN_FILE = 'chainboot';
/** The part that chooses loaders. */
const LOADERS = 'loaders';
const HOST_PART = 'host ';
/** A line in our file that is not ours. */
const STRAY_PART = 'stray line ';

export function dnsmasqDriver(options: DnsmasqOptions): DhcpDriver {
  const own = join(options.hostsDirectory, OWN_FILE);
  return {
    name: options.name,
    needs: (): Promise<readonly DriverNeed[]> => dnsmasqNeeds({ ...options, own }),
    present: () => present(options, own),
    plan: (wanted, now) => plan(options, wanted, now),
    apply: (todo, wanted, applied) => apply(options, own, todo, wanted, applied),
    leases: async (): Promise<readonly OutsideLease[]> => leasesOf(await reading(options, options.leases)),
    existing: (here) => existing(options, own, here),
    close: async () => {},
  };
}

async function present(options: DnsmasqOptions, own: string): Promise<Present> {
  await alive(options);
  const { entries, reservations, strays } = linesInOwn(await unlessMissing(reading(options, own), ''));
  const text = await reading(options, options.mainConfig);
  const files = ofOthers(filesBeside(options.mainConfig, undefined), [own]);
  const foreign = declaredByOthers(text, options.mainConfig, files);
  const { configFile } = options;
  const loaders = configFile && (await unlessMissing(reading(options, configFile), undefined));
  return {
    ours: reservations,
    foreign,
    // The tags of a line count, too.
    parts: {
      ...Object.fromEntries([...entries].map(([name, line]) => [HOST_PART + name, line])),
      ...Object.fromEntries(strays.map((line, i) => [`${STRAY_PART}${i + 1}`, line])),
      ...(loaders !== undefined && { [LOADERS]: loaders }),
    },
  };
}

async function existing(
  options: DnsmasqOptions,
  own: string,
  links: readonly Cidr[],
): ReturnType<DhcpDriver['existing']> {
  const { mainConfig, configFile } = options;
  const text = await reading(options, mainConfig);
  const files = ofOthers(filesBeside(mainConfig, undefined), [own, configFile]);
  return moveDnsmasq(text, mainConfig, files, { links });
}

/** A line is a reservation and text at once: it is told as the first unless only its tags differ. */
function plan(options: DnsmasqOptions, wanted: Outline, now: Present): DriverPlan {
  const reservations = wanted.hosts.map(({ name, mac, ip }) => ({ name, mac, ip }));
  const loaders: Readonly<Record<string, string>> =
    options.configFile === undefined ? {} : { [LOADERS]: dnsmasqClasses(wanted) };
  const { changes, conflicts } = planOf({ reservations, parts: {} }, { ...now, parts: {} });
  const told = new Set(changes.map(({ name }) => name));
  const blocked = new Set(conflicts.map(({ host }) => host));
  const lines = [...hostEntries(wanted)].filter(([name]) => !told.has(name) && !blocked.has(name));
  const parts = { ...Object.fromEntries(lines.map(([name, line]) => [HOST_PART + name, line])), ...loaders };
  const names = new Set(Object.keys(parts));
  const present = Object.fromEntries(
    Object.entries(now.parts).filter(([name]) => names.has(name) || name.startsWith(STRAY_PART)),
  );
  const retagged = planOf({ reservations: [], parts }, { ours: [], foreign: [], parts: present });
  const more = retagged.changes.map(
    (change): DriverChange => (change.name.startsWith(STRAY_PART) ? { ...change, drift: true } : change),
  );
  return { changes: [...changes, ...more], conflicts };
}

async function apply(
  options: DnsmasqOptions,
  own: string,
  { changes, conflicts }: DriverPlan,
  wanted: Outline,
  applied: (change: DriverChange) => void,
): Promise<void> {
  const { configFile } = options;
  const ofHosts = changes.filter(({ what, name }) => what === 'reservation' || name !== LOADERS);
  if (ofHosts.length > 0) {
    const blocked = new Set(conflicts.map(({ host }) => host));
    const entries = [...hostEntries(wanted)].filter(([name]) => !blocked.has(name));
    await writing(own, hostsFile(entries.map(([, line]) => line)));
    await tell(options);
    for (const change of ofHosts) applied(change);
  }
  for (const change of changes.filter(({ name, what }) => what === 'part' && name === LOADERS)) {
    if (configFile !== undefined) await writing(configFile, dnsmasqClasses(wanted));
    applied(change);
  }
}

/** It forgets what is no longer in a file only when it is told to read all of them anew. */
function tell(options: DnsmasqOptions): Promise<void> {
  return signal(options, 'SIGHUP');
}

/** One that is down is told to be down, not in step: it has no part in what is in the files. */
function alive(options: DnsmasqOptions): Promise<void> {
  return signal(options, 0);
}

async function signal({ pidFile, name }: DnsmasqOptions, which: 'SIGHUP' | 0): Promise<void> {
  if (pidFile === undefined) return;
  try {
    await signalDnsmasq(pidFile, which);
  } catch (error) {
    throw new ChainbootError('DHCP_SERVER_UNREACHABLE', { server: name, reason: reasonOf(error) }, [], error);
  }
}

async function reading({ name }: DnsmasqOptions, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = `${path}: ${reasonOf(error)}`;
    throw new ChainbootError('DHCP_SERVER_UNREACHABLE', { server: name, reason }, [], error);
  }
}

function unlessMissing<T>(read: Promise<string>, missing: T): Promise<string | T> {
  return read.catch((error: ChainbootError) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return missing;
    throw error;
  });
}

async function writing(path: string, text: string): Promise<void> {
  try {
    // dnsmasq runs as a user of its own.
    await writeWhole(path, text, 0o644);
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: path, reason: reasonOf(error) }, [], error);
  }
}
