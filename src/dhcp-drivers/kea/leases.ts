/** Leases of a Kea: from its hook libdhcp_lease_cmds.so, or else from the files of its memfile database. Pure. */

import { parseMac } from '../../net/mac.ts';
import type { OutsideLease } from '../types.ts';
import { type Json, type JsonMap, mapOf, textOf } from './exact-json.ts';

/** 0xffffffff seconds are for ever. */
const INFINITE = 0xffffffff;
/** Neither declined nor expired and reclaimed. */
const IN_USE = 0;

/** One of `lease4-get-page`; undefined where it is not in use, or not told by a MAC address. */
export function answeredLease(lease: JsonMap): OutsideLease | undefined {
  const lifetime = Number(lease['valid-lft']);
  return leaseOf({
    ip: textOf(lease['ip-address']),
    mac: textOf(lease['hw-address']),
    hostname: textOf(lease.hostname),
    state: Number(lease.state),
    ...(lifetime !== INFINITE && { ends: (Number(lease.cltt) + lifetime) * 1000 }),
  });
}

/**
 * The files of a memfile database, oldest first: later lines count, a lifetime of 0 takes a lease away. A line that is
 * being written, or is none, is passed over.
 */
export function memfileLeases(texts: readonly string[]): readonly OutsideLease[] {
  const leases = new Map<string, OutsideLease | undefined>();
  for (const text of texts) {
    const [head = '', ...lines] = text.split('\n');
    const columns = head.split(',');
    // What is behind the last newline is not whole yet.
    for (const line of lines.slice(0, -1)) {
      const values = line.split(',');
      if (values.length < columns.length - 1) continue;
      const row = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? '']));
      if (row.address) leases.set(row.address, rowLease(row));
    }
  }
  return [...leases.values()].filter((lease) => lease !== undefined);
}

function rowLease(row: Readonly<Record<string, string>>): OutsideLease | undefined {
  const lifetime = Number(row.valid_lifetime);
  if (lifetime === 0) return undefined;
  return leaseOf({
    ip: row.address ?? '',
    mac: row.hwaddr ?? '',
    // A comma in it would end the column.
    hostname: (row.hostname ?? '').replaceAll('&#x2c', ','),
    state: Number(row.state),
    ...(lifetime !== INFINITE && { ends: Number(row.expire) * 1000 }),
  });
}

type Said = {
  readonly ip: string;
  readonly mac: string;
  readonly hostname: string;
  readonly state: number;
  readonly ends?: number;
};

function leaseOf({ ip, mac: said, hostname, state, ends }: Said): OutsideLease | undefined {
  const mac = parseMac(said);
  if (mac === undefined || state !== IN_USE) return undefined;
  return { mac, ip, ...(hostname !== '' && { hostname }), ...(ends !== undefined && { ends }) };
}

/** Where Debian's and ISC's packages keep leases that no name is given for. */
const DEFAULT_FILE = '/var/lib/kea/kea-leases4.csv';

/** The file that leases are written to; undefined where they are in no file. */
export function leaseFile(dhcp4: JsonMap): string | undefined {
  const database = mapOf(dhcp4['lease-database'] as Json | undefined);
  if ((database.type ?? 'memfile') !== 'memfile' || database.persist === false) return undefined;
  return textOf(database.name) || DEFAULT_FILE;
}
