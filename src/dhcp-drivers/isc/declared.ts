/** Hosts and leases in dhcpd.conf and dhcpd.leases. Pure. */

import { isDeleted, nameOf } from '../../moving/dhcpd/host.ts';
import { parseDhcpd, type Statement } from '../../moving/dhcpd/parser.ts';
import type { Files } from '../../moving/files.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { parseMac } from '../../net/mac.ts';
import type { OutsideLease, Reservation } from '../types.ts';

/** `host` declarations wherever they stand. In dhcpd.leases the last of a name counts, and may say that it is deleted. */
export function hostsIn(text: string, file: string, files: Files): readonly Reservation[] {
  const hosts = new Map<string, Reservation>();
  const visit = (statements: readonly Statement[]) => {
    for (const statement of statements) {
      const { words, block } = statement;
      if (block === undefined) continue;
      if (words[0]?.text !== 'host') visit(block);
      else if (isDeleted(statement)) hosts.delete(nameOf(statement));
      else {
        const host = hostOf(statement, block);
        if (host !== undefined) hosts.set(host.name, host);
      }
    }
  };
  visit(parseDhcpd(text, file, files));
  return [...hosts.values()];
}

function hostOf(statement: Statement, block: readonly Statement[]): Reservation | undefined {
  const words = (name: string) => block.find((each) => each.words[0]?.text === name)?.words ?? [];
  const mac = parseMac(words('hardware')[2]?.text ?? '');
  if (mac === undefined) return undefined;
  const ip = words('fixed-address')[1]?.text;
  return { name: nameOf(statement), mac, ...(ip !== undefined && parseIpv4(ip) !== undefined && { ip }) };
}

/** The last word on each address; those that are given now. */
export function leasesIn(text: string, file: string, files: Files, now: number): readonly OutsideLease[] {
  const leases = new Map<string, OutsideLease | undefined>();
  for (const { words, block } of parseDhcpd(text, file, files)) {
    const ip = words[1]?.text ?? '';
    if (words[0]?.text !== 'lease' || block === undefined || parseIpv4(ip) === undefined) continue;
    leases.set(ip, leaseOf(ip, block, now));
  }
  return [...leases.values()].filter((lease) => lease !== undefined);
}

function leaseOf(ip: string, block: readonly Statement[], now: number): OutsideLease | undefined {
  const words = (name: string) =>
    block.find((each) => each.words[0]?.text === name)?.words.map((word) => word.text);
  const mac = parseMac(words('hardware')?.[2] ?? '');
  if (mac === undefined || words('binding')?.[2] !== 'active') return undefined;
  // `ends 4 2026/11/26 12:00:00`, in UTC; `ends never`.
  const [, , day = '', time = ''] = words('ends') ?? [];
  const ends = Date.parse(`${day.replaceAll('/', '-')}T${time}Z`);
  if (!Number.isNaN(ends) && ends < now) return undefined;
  const hostname = words('client-hostname')?.[1];
  return { mac, ip, ...(hostname !== undefined && { hostname }), ...(!Number.isNaN(ends) && { ends }) };
}
