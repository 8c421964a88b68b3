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

/** Lines of our file by the name of the host. What is no such line of ours is somebody's, and is replaced. */
export function entriesIn(text: string, file: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const { place, text: line } of linesOf(text, file)) {
    const { name } = hostLine(place, line, fieldsOf(line, place));
    if (name !== undefined) entries.set(name, line);
  }
  return entries;
}

export function reservationIn(line: string): Reservation | undefined {
  const place = { file: '', line: 1, column: 1 };
  return reservationsOf(hostLine(place, line, fieldsOf(line, place)))[0];
}

/**
 * Fixed addresses that its configuration declares anywhere but in our own file.
 * @throws ChainbootError IMPORT_UNREADABLE for what is not dnsmasq's language
 */
export function declaredByOthers(
  text: string,
  file: string,
  files: Files,
  own: string,
): readonly Reservation[] {
  const lines = hostLinesOf(settingsOf(text, file, files), files, new Report());
  return lines.filter(({ place }) => place.file !== own).flatMap(reservationsOf);
}

function reservationsOf({ macs, ip, name, place, isIgnored }: HostLine): readonly Reservation[] {
  if (isIgnored) return [];
  const called = name ?? `${place.file}:${place.line}`;
  return macs.map((mac) => ({ mac, name: called, ...(ip !== undefined && { ip }) }));
}
