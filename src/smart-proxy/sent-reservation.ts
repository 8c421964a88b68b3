/** A reservation as a Foreman sends it, checked. Pure. */

import { ChainbootError } from '../errors.ts';
import type { SubnetRange } from '../inventory/site.ts';
import { broadcast, contains } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import { type Mac, parseMac } from '../net/mac.ts';
import { networkOf } from './dhcp-records.ts';
import type { Reservation } from './reservations.ts';

/** What DHCP's header and a domain name hold; more is nonsense. */
const MOST = { name: 255, hostname: 255, nextServer: 255, filename: 1024, more: 1024 } as const;
/** Parameters beside those that are understood. */
const MOST_OTHERS = 32;

const UNDERSTOOD = new Set(['network', 'subnet', 'mac', 'ip', 'name', 'hostname', 'nextServer', 'filename']);
const RELATED = /^related_macs(\[\d*\])?$/;

/** Throws PROXY_PARAMETER_INVALID. */
export function sentReservation(params: URLSearchParams, range: SubnetRange): Reservation {
  const name = text(params, 'name', MOST.name);
  const hostname = text(params, 'hostname', MOST.hostname) ?? name;
  if (hostname === undefined) throw invalid('hostname', 'it is missing');
  const nextServer = text(params, 'nextServer', MOST.nextServer);
  const filename = text(params, 'filename', MOST.filename);
  return {
    network: networkOf(range),
    mac: macIn(params.get('mac'), 'mac'),
    ip: ipIn(params.get('ip'), range),
    name: name ?? hostname,
    hostname,
    ...(nextServer !== undefined && { nextServer }),
    ...(filename !== undefined && { filename }),
    related: [...params]
      .filter(([key, value]) => RELATED.test(key) && value !== '')
      .map(([, value]) => macIn(value, 'related_macs')),
    more: others(params),
  };
}

function others(params: URLSearchParams): Readonly<Record<string, string>> {
  const found = [...params.keys()].filter((key) => !UNDERSTOOD.has(key) && !RELATED.test(key));
  if (found.length > MOST_OTHERS) throw invalid(found[0]!, 'there are too many parameters');
  return Object.fromEntries(found.map((key) => [key.slice(0, 100), text(params, key, MOST.more) ?? '']));
}

function text(params: URLSearchParams, parameter: string, most: number): string | undefined {
  const value = params.get(parameter);
  if (value === null || value === '') return undefined;
  if (value.length > most) throw invalid(parameter, `it is longer than ${most} characters`);
  if (/\p{Cc}/u.test(value)) throw invalid(parameter, 'it has control characters');
  return value;
}

function macIn(value: string | null, parameter: string): Mac {
  const mac = parseMac(value ?? '');
  if (mac === undefined) throw invalid(parameter, `"${(value ?? '').slice(0, 64)}" is no MAC address`);
  return mac;
}

function ipIn(value: string | null, { cidr, subnet }: SubnetRange): string {
  const ip = parseIpv4(value ?? '');
  if (value === null || ip === undefined)
    throw invalid('ip', `"${(value ?? '').slice(0, 64)}" is no IPv4 address`);
  if (!contains(cidr, ip)) throw invalid('ip', `${value} is not in ${subnet.network}`);
  if (cidr.prefix < 31 && (ip === cidr.network || ip === broadcast(cidr)))
    throw invalid('ip', `${value} is no address of a machine in ${subnet.network}`);
  return value;
}

function invalid(parameter: string, reason: string): ChainbootError {
  return new ChainbootError('PROXY_PARAMETER_INVALID', { parameter, reason });
}
