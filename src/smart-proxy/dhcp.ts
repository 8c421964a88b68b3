/**
 * `/dhcp/*`: a Foreman looks at subnets, reservations and leases, and makes reservations of its own. Hosts of our own
 * inventory are shown among them and are never changed from there.
 */

import type { Lease } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import { ChainbootError } from '../errors.ts';
import type { Answer, Params, Route } from '../http/answer.ts';
import type { BootRequest } from '../http/request.ts';
import type { HostInterface, Site, SubnetRange } from '../inventory/site.ts';
import { parseIpv4 } from '../net/ip.ts';
import { type Mac, parseMac } from '../net/mac.ts';
import { DONE, json, paramsOf } from './asked.ts';
import {
  declaredRecord,
  declaredRecords,
  type LeaseJson,
  leasesIn,
  networkOf,
  type RecordJson,
  rangesOf,
  reservationJson,
  subnetJson,
} from './dhcp-records.ts';
import type { Reservation, Reservations } from './reservations.ts';
import { sentReservation } from './sent-reservation.ts';
import type { UnusedIps } from './unused-ip.ts';

export type DhcpModule = {
  /** Of our own inventory. */
  readonly site: () => Site;
  readonly reservations: Reservations;
  readonly leases: () => Promise<readonly Lease[]>;
  readonly unused: UnusedIps;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
};

export function dhcpRoutes(deps: DhcpModule): readonly Route[] {
  const get = (pattern: string, handle: Route['handle']): Route => ({ methods: ['GET'], pattern, handle });
  return [
    get('/dhcp', async () => json(rangesOf(deps.site()).map(subnetJson))),
    get('/dhcp/:network', async (_request, params) => {
      const range = rangeOf(deps, params);
      const reservations = [...declaredRecords(deps.site(), range), ...sentRecords(deps, range)];
      return json({ reservations, leases: leasesIn(range, await deps.leases(), deps.now()) });
    }),
    get('/dhcp/:network/unused_ip', async (request, params) => {
      const asked = await paramsOf(request);
      const ip = await deps.unused.find(rangeOf(deps, params), {
        mac: parseMac(asked.get('mac') ?? ''),
        from: asked.get('from') ?? undefined,
        to: asked.get('to') ?? undefined,
      });
      return json({ ip });
    }),
    get('/dhcp/:network/mac/:mac', async (_request, params) => {
      const mac = macOf(params);
      const [record] = await recordsOf(deps, params, ownOf(deps, { mac }), (lease) => lease.mac === mac);
      return json(record);
    }),
    get('/dhcp/:network/ip/:ip', async (_request, params) => {
      const ip = ipOf(params);
      return json(await recordsOf(deps, params, ownOf(deps, { ip }), (lease) => lease.ip === ip));
    }),
    {
      methods: ['POST'],
      pattern: '/dhcp/:network',
      handle: (request, params) => put(deps, request, rangeOf(deps, params)),
    },
    {
      methods: ['DELETE'],
      pattern: '/dhcp/:network/mac/:mac',
      handle: (request, params) =>
        remove(deps, request, rangeOf(deps, params), () => ownOf(deps, { mac: macOf(params) })),
    },
    {
      methods: ['DELETE'],
      pattern: '/dhcp/:network/ip/:ip',
      handle: (request, params) =>
        remove(deps, request, rangeOf(deps, params), () => ownOf(deps, { ip: ipOf(params) })),
    },
  ];
}

/** Throws DHCP_SUBNET_UNKNOWN. */
function rangeOf({ site }: DhcpModule, { network = '' }: Params): SubnetRange {
  const range = rangesOf(site()).find((one) => networkOf(one) === network);
  if (range === undefined) throw new ChainbootError('DHCP_SUBNET_UNKNOWN', { network });
  return range;
}

function macOf({ mac: text = '' }: Params): Mac {
  const mac = parseMac(text);
  if (mac === undefined) throw invalid('mac', `"${text}" is no MAC address`);
  return mac;
}

function ipOf({ ip = '' }: Params): string {
  if (parseIpv4(ip) === undefined) throw invalid('ip', `"${ip}" is no IPv4 address`);
  return ip;
}

function invalid(parameter: string, reason: string): ChainbootError {
  return new ChainbootError('PROXY_PARAMETER_INVALID', { parameter, reason });
}

function sentRecords({ reservations }: DhcpModule, range: SubnetRange): readonly RecordJson[] {
  const network = networkOf(range);
  return [...reservations.list()]
    .filter((reservation) => reservation.network === network)
    .map((reservation) => reservationJson(reservation, range));
}

/** What is reserved for a MAC, or an address, in whatever subnet. */
type Own = { readonly declared: HostInterface | undefined; readonly sent: readonly Reservation[] };

function ownOf({ site, reservations }: DhcpModule, by: { readonly mac: Mac } | { readonly ip: string }): Own {
  return 'mac' in by
    ? { declared: site().hostByMac(by.mac), sent: reservations.allOfMac(by.mac) }
    : { declared: site().hostByIp(by.ip), sent: reservations.byIp(by.ip) };
}

/** Reservations before leases. Rejects with DHCP_RECORD_UNKNOWN when there is none. */
async function recordsOf(
  deps: DhcpModule,
  params: Params,
  { declared, sent }: Own,
  isIt: (lease: LeaseJson) => boolean,
): Promise<readonly RecordJson[]> {
  const range = rangeOf(deps, params);
  const ours = declared && declaredRecord(declared.host.name, declared.nic, range);
  const theirs = sent
    .filter(({ network }) => network === networkOf(range))
    .map((reservation) => reservationJson(reservation, range));
  const leased = leasesIn(range, await deps.leases(), deps.now()).filter(isIt);
  const found = [...(ours === undefined ? [] : [ours]), ...theirs, ...leased];
  if (found.length > 0) return found;
  const record = params.mac ?? params.ip;
  throw new ChainbootError('DHCP_RECORD_UNKNOWN', { network: params.network, record });
}

async function put(deps: DhcpModule, request: BootRequest, range: SubnetRange): Promise<Answer> {
  const wanted = sentReservation(await paramsOf(request), range);
  const { reservations, log } = deps;
  return reservations.exclusively(async () => {
    if (isThere(deps, range, wanted)) return DONE;
    await reservations.put(wanted);
    const { network, mac, ip, hostname, filename, nextServer } = wanted;
    log('info', 'a reservation was made', {
      network,
      mac,
      ip,
      hostname,
      filename,
      nextServer,
      ...by(request),
    });
    return DONE;
  });
}

/** Throws DHCP_RECORD_COLLISION where the address or the MAC is in another record. */
function isThere({ site, reservations }: DhcpModule, range: SubnetRange, wanted: Reservation): boolean {
  const { ip, mac, network, related } = wanted;
  const collision = (other: { readonly mac?: string | undefined; readonly ip?: string | undefined }) =>
    new ChainbootError('DHCP_RECORD_COLLISION', {
      network,
      ip,
      mac: other.mac ?? '?',
      taken: other.ip ?? ip,
    });
  const declared = [site().hostByMac(mac), site().hostByIp(ip)].filter((found) => found !== undefined);
  for (const { host, nic } of declared) {
    const known = declaredRecord(host.name, nic, range);
    if (known?.mac !== mac || known.ip !== ip) throw collision(nic);
  }
  if (declared.length > 0) return true;
  const known = reservations.allOfMac(mac).find((other) => other.network === network);
  if (known !== undefined && !isSame(known, wanted)) throw collision(known);
  const other = reservations.byIp(ip).find((one) => one.mac !== mac && !related.includes(one.mac));
  if (other !== undefined) throw collision(other);
  return known !== undefined;
}

/** In all that was sent, whatever the order of the parameters. */
function isSame(a: Reservation, b: Reservation): boolean {
  const text = ({ more, related, ...rest }: Reservation) =>
    JSON.stringify([Object.entries(rest).toSorted(), Object.entries(more).toSorted(), related.toSorted()]);
  return text(a) === text(b);
}

async function remove(
  { reservations, log }: DhcpModule,
  request: BootRequest,
  range: SubnetRange,
  named: () => Own,
): Promise<Answer> {
  return reservations.exclusively(async () => {
    const { declared, sent } = named();
    if (declared !== undefined && declaredRecord(declared.host.name, declared.nic, range) !== undefined)
      throw new ChainbootError('DHCP_RECORD_DECLARED', { mac: declared.nic.mac, host: declared.host.name });
    for (const reservation of sent.filter(({ network }) => network === networkOf(range))) {
      await reservations.remove(reservation);
      const { network, mac, ip } = reservation;
      log('info', 'a reservation was taken back', { network, mac, ip, ...by(request) });
    }
    return DONE;
  });
}

function by({ certificate, remote }: BootRequest) {
  return { by: certificate?.name ?? remote.address };
}
