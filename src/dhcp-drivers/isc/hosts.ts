/** `host` declarations and leases, as dhcpd.conf(5) and dhcpd.leases(5) have them. Pure. */

import { createHash } from 'node:crypto';
import type { LoaderRule, OutlinedHost } from '../../dhcp-config/outline.ts';
import { isDeleted, nameOf } from '../../moving/dhcpd/host.ts';
import type { Statement } from '../../moving/dhcpd/parser.ts';
import { type Cidr, maskOf, prefixOf } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import type { OutsideLease, Reservation } from '../types.ts';

/** One `host`; `name` is what dhcpd calls it. */
export type Declared = { readonly name: string; readonly reservations: readonly Reservation[] };

/** Those of ours begin with this, a mark of what they boot, and a dash. */
const OURS = /^chainboot-(0|[0-9a-f]{8})-(.+)$/;
const PLAIN = '0';

/** What dhcpd calls a host of ours: with its loader changes its name, as OMAPI does not tell statements. */
export function declaredName(host: OutlinedHost): string {
  return `chainboot-${markOf(host)}-${host.name}`;
}

export function markOf(host: OutlinedHost): string {
  if (host.own === undefined) return PLAIN;
  return createHash('sha256').update(ownLoader(host.own)).digest('hex').slice(0, 8);
}

/** Undefined for a host of somebody else. */
export function ownName(declared: string): { readonly mark: string; readonly name: string } | undefined {
  const [, mark, name] = OURS.exec(declared) ?? [];
  return mark === undefined || name === undefined ? undefined : { mark, name };
}

export function statementsFor({ name, own }: OutlinedHost): string {
  const hostName = `option host-name "${name}";`;
  return own === undefined ? hostName : `${hostName} ${ownLoader(own)}`;
}

/**
 * dhcpd 4.4.3 writes conditions into its leases without their parentheses, and reads them back so: each of these is a
 * single test. An iPXE is left with the script that the class has given it.
 */
function ownLoader({ loader, rules }: NonNullable<OutlinedHost['own']>): string {
  if (loader === 'None') return 'filename "";';
  const branches = [
    'exists chainboot-ipxe { }',
    'option user-class = "iPXE" { }',
    ...rules.flatMap(branchesOf),
  ];
  return `if ${branches.join(' elsif ')}`;
}

/** Old ROMs send no option 93: they are BIOS. */
function branchesOf({ arches, file, http }: LoaderRule): readonly string[] {
  // OVMF ignores an answer that does not say so.
  const given = `{ filename "${file}"; ${http ? 'option vendor-class-identifier "HTTPClient"; ' : ''}}`;
  const tests = arches.map(({ code }) => `option chainboot-arch = ${hex(code)}`);
  const old = arches.some(({ code }) => code === 0) ? ['not exists chainboot-arch'] : [];
  return [...tests, ...old].map((test) => `${test} ${given}`);
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0').replace(/^../, '$&:');
}

/** Wherever they stand; of a name that comes twice, the last. Deleted ones have no reservations. */
export function hostsIn(statements: readonly Statement[]): ReadonlyMap<string, Declared> {
  const found = new Map<string, Declared>();
  for (const statement of withInner(statements)) {
    if (statement.words[0]?.text !== 'host') continue;
    const name = nameOf(statement);
    found.delete(name);
    found.set(name, { name, reservations: isDeleted(statement) ? [] : reservationsOf(statement, name) });
  }
  return found;
}

export function subnetsIn(statements: readonly Statement[]): readonly Cidr[] {
  return withInner(statements).flatMap(({ words: [word, address, , mask] }) => {
    if (word?.text !== 'subnet') return [];
    const [network, bits] = [parseIpv4(address?.text ?? ''), parseIpv4(mask?.text ?? '')];
    const prefix = bits === undefined ? undefined : prefixOf(bits);
    return network === undefined || prefix === undefined
      ? []
      : [{ network: (network & maskOf(prefix)) >>> 0, prefix }];
  });
}

/** Those in use; of an address that comes twice, the last. */
export function leasesIn(statements: readonly Statement[]): readonly OutsideLease[] {
  const found = new Map<string, OutsideLease | undefined>();
  for (const statement of statements)
    if (statement.words[0]?.text === 'lease') found.set(nameOf(statement), leaseOf(statement));
  return [...found.values()].filter((lease) => lease !== undefined);
}

/** As much of a file that is being written as is whole. */
export function wholePart(text: string): string {
  const end = text.lastIndexOf('\n}\n');
  return end < 0 ? '' : text.slice(0, end + 3);
}

function withInner(statements: readonly Statement[]): readonly Statement[] {
  const all: Statement[] = [];
  const add = (these: readonly Statement[]) => {
    for (const statement of these) {
      all.push(statement);
      if (statement.block !== undefined && statement.words[0]?.text !== 'host') add(statement.block);
    }
  };
  add(statements);
  return all;
}

/** One for each of its addresses; a name in the place of an address is not looked up. */
function reservationsOf({ block = [] }: Statement, name: string): readonly Reservation[] {
  const mac = macIn(block);
  if (mac === undefined) return [];
  const ips = valuesOf(block, 'fixed-address').filter((value) => parseIpv4(value) !== undefined);
  return ips.length === 0 ? [{ name, mac }] : ips.map((ip) => ({ name, mac, ip }));
}

function leaseOf(statement: Statement): OutsideLease | undefined {
  const { block = [] } = statement;
  const [mac, state] = [macIn(block), valuesOf(block, 'binding')[1]];
  if (mac === undefined || state !== 'active') return undefined;
  const hostname = valuesOf(block, 'client-hostname')[0];
  const ends = endOf(valuesOf(block, 'ends'));
  return {
    mac,
    ip: nameOf(statement),
    ...(hostname && { hostname }),
    ...(ends !== undefined && { ends }),
  };
}

/** `4 2026/11/26 12:00:00` in UTC, `epoch 1795867200`, `never`. */
function endOf([first = '', date = '', time = '']: readonly string[]): number | undefined {
  if (first === 'never') return undefined;
  const ends = first === 'epoch' ? Number(date) * 1000 : Date.parse(`${date.replaceAll('/', '-')}T${time}Z`);
  return Number.isNaN(ends) ? undefined : ends;
}

/** Leading zeros may be left out. */
function macIn(block: readonly Statement[]): string | undefined {
  const [type, address = ''] = valuesOf(block, 'hardware');
  const bytes = address.toLowerCase().split(':');
  if (type !== 'ethernet' || bytes.length !== 6) return undefined;
  const mac = bytes.map((byte) => byte.padStart(2, '0')).join(':');
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? mac : undefined;
}

function valuesOf(block: readonly Statement[], word: string): readonly string[] {
  const found = block.find(({ words }) => words[0]?.text === word);
  return (found?.words ?? []).slice(1).flatMap(({ kind, text }) => (kind === 'mark' ? [] : [text]));
}
