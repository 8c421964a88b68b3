/** Our file in `dhcp-hostsdir`, and what others have declared. Pure. */

import { dnsmasqHostEntry } from '../../dhcp-config/dnsmasq.ts';
import type { Outline } from '../../dhcp-config/outline.ts';
import { hostLinesOf } from '../../moving/dnsmasq/further.ts';
import { type HostLine, hostLine } from '../../moving/dnsmasq/host-line.ts';
import { fieldsOf, linesOf, settingsOf } from '../../moving/dnsmasq/lines.ts';
import type { Files } from '../../moving/files.ts';
import { Report } from '../../moving/report.ts';
import type { Reservation } from '../types.ts';

const HEAD = '# Written by Chainboot, which replaces it: fixed addresses of its hosts.';

/** One line for each host, by name. */
export function hostEntries({ hosts }: Pick<Outline, 'hosts'>): ReadonlyMap<string, string> {
  return new Map(hosts.map((host) => [host.name, dnsmasqHostEntry(host)]));
}

export function hostsFile(entries: Iterable<string>): string {
  return `${[HEAD, ...entries].join('\n')}\n`;
}

export type OwnLines = {
  /** By the name of the host. */
  readonly entries: ReadonlyMap<string, string>;
  /** What they reserve. */
  readonly reservations: readonly Reservation[];
  /** What is not one line for each host: somebody wrote it there. */
  readonly strays: readonly string[];
};

/** Lines of our file; nothing that may stand there makes it throw. */
export function linesInOwn(text: string): OwnLines {
  const entries = new Map<string, string>();
  const reservations: Reservation[] = [];
  const strays: string[] = [];
  for (const raw of text.split('\n')) {
    const found = ownLine(raw) ?? anyLine(raw);
    if (found === undefined) continue;
    const { name, line, reservation } = found;
    if (name === undefined || entries.has(name)) strays.push(line);
    else {
      entries.set(name, line);
      if (reservation !== undefined) reservations.push(reservation);
    }
  }
  return { entries, reservations, strays };
}

type OwnLine = { readonly line: string; readonly name?: string; readonly reservation?: Reservation };

const OWN =
  /^((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?:,set:[^,"#\s]+)*,(\d+\.\d+\.\d+\.\d+),([a-z0-9][a-z0-9.-]*)$/;

/**
 * As we write them, with the name at the end, even where it is one (`12h`) that dnsmasq takes for something else. Of
 * thousands of lines, each is looked at while machines wait for answers.
 */
function ownLine(line: string): OwnLine | undefined {
  const [, mac, ip, name] = OWN.exec(line) ?? [];
  if (mac === undefined || ip === undefined || name === undefined) return undefined;
  return { line, name, reservation: { mac, ip, name } };
}

/** Undefined for one that says nothing. */
function anyLine(raw: string): OwnLine | undefined {
  const line = linesOf(raw, '')[0]?.text;
  if (line === undefined) return undefined;
  const found = parsed(line);
  const name = found?.name;
  const reservation = found && reservationsOf(found)[0];
  return {
    line,
    ...(name !== undefined && { name }),
    ...(name !== undefined && reservation && { reservation }),
  };
}

function parsed(line: string): HostLine | undefined {
  const place = { file: '', line: 1, column: 1 };
  try {
    return hostLine(place, line, fieldsOf(line, place));
  } catch {
    // A quote that is never closed.
    return undefined;
  }
}

/**
 * Fixed addresses that its configuration declares.
 * @throws ChainbootError IMPORT_UNREADABLE for what is not dnsmasq's language
 */
export function declaredByOthers(text: string, file: string, files: Files): readonly Reservation[] {
  return hostLinesOf(settingsOf(text, file, files), files, new Report()).flatMap(reservationsOf);
}

/** Ours read as empty: whatever somebody wrote into them is put right, and no business of others. */
export function ofOthers(files: Files, ours: readonly (string | undefined)[]): Files {
  return { ...files, read: (path) => (ours.includes(path) ? '' : files.read(path)) };
}

function reservationsOf({ macs, ip, name, place, isIgnored }: HostLine): readonly Reservation[] {
  if (isIgnored) return [];
  const called = name ?? `${place.file}:${place.line}`;
  return macs.map((mac) => ({ mac, name: called, ...(ip !== undefined && { ip }) }));
}
