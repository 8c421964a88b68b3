/** What a machine of a Foreman gets from DHCP: the address and the boot file that Foreman reserved, without the loop. */

import type { Decision, Policy } from '../boot/decide.ts';
import { driverOfFile } from '../boot/drivers.ts';
import type { Facts } from '../boot/facts.ts';
import { because } from '../boot/reason.ts';
import { loaderUrl, unattendedUrl } from '../boot/urls.ts';
import type { HostInterface, Site } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import { type Ipv4, parseIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { Reservation, Reservations } from './reservations.ts';
import { namesFor } from './variants.ts';

export type OrderedDeps = {
  /** Of our own inventory, whose hosts are never a Foreman's. */
  readonly site: Site;
  readonly reservations: Reservations;
  /** Whether it is an address of this server, any of which Foreman may have been told. */
  readonly isOwn: (address: string) => boolean;
  /** Where scripts of a Foreman's hosts are, on a link; undefined where its templates are not served. */
  readonly templates: (policy: Policy) => string | undefined;
};

/**
 * Undefined for machines that are none of a Foreman's. Foreman names one file for a machine, whoever asks: an iPXE that
 * would be handed an iPXE again gets its script instead.
 */
export function orderedDecision(deps: OrderedDeps, facts: Facts, policy: Policy): Decision | undefined {
  const { site, reservations } = deps;
  if (facts.stage === 'os' || facts.stage === 'installer') return undefined;
  const reserved = reservations.byMac(facts.mac);
  if (reserved === undefined || site.hostByMac(facts.mac) !== undefined) return undefined;
  const { filename: file, hostname: host } = reserved;
  if (file === undefined)
    return { kind: 'ignore', because: because('foreman-reservation', { file: 'no boot file', host }) };
  const reason = because('foreman-reservation', { file, host });
  const asksForScript = facts.stage === 'ipxe' || facts.stage === 'gpxe';
  if (/^https?:/i.test(file)) {
    if (asksForScript) return { kind: 'script', url: file, because: reason };
    if (facts.arch.http) return { kind: 'loader', over: 'http', url: file, because: reason };
    // A script in a ROM's place: iPXE comes first, which then asks for it.
    return undefined;
  }
  if (asksForScript && driverOfFile(file) !== undefined)
    return {
      kind: 'script',
      url: scriptUrl(deps, facts.mac, policy),
      because: because('foreman-script', { host }),
    };
  if (facts.arch.http)
    return { kind: 'loader', over: 'http', url: loaderUrl(policy.base, file), because: reason };
  const server = serverOf(deps, reserved);
  return { kind: 'loader', over: 'tftp', file, because: reason, ...(server !== undefined && { server }) };
}

/** From Foreman's templates, else the script that was sent for TFTP. */
function scriptUrl({ templates }: OrderedDeps, mac: Mac, policy: Policy): string {
  const base = templates(policy);
  return base === undefined
    ? loaderUrl(policy.base, namesFor('ipxe', mac)[0])
    : unattendedUrl(base, 'iPXE', { mac });
}

/** Undefined where it is us: under an address, or under a name, which Foreman sends where no address is configured. */
function serverOf({ isOwn }: OrderedDeps, { nextServer = '' }: Reservation): Ipv4 | undefined {
  return isOwn(nextServer) ? undefined : parseIpv4(nextServer);
}

/** Our own inventory, and behind it the machines that a Foreman has reserved addresses for. */
export function reservedSite(site: Site, reservations: Reservations): Site {
  return {
    list: (collection) => site.list(collection),
    get: (collection, name) => site.get(collection, name),
    byId: (collection, id) => site.byId(collection, id),
    hostByMac: (mac) => site.hostByMac(mac) ?? reservedHost(site, reservations.byMac(mac)),
    hostByIp: (ip) => site.hostByIp(ip) ?? hostOf(reservations.byIp(ip)[0]),
    hostByToken: (token) => site.hostByToken(token),
    accessToken: (hash) => site.accessToken(hash),
    subnetOf: (address) => site.subnetOf(address),
    sharing: (range) => site.sharing(range),
    subnetOf6: (address) => site.subnetOf6(address),
    addressesInUse: (family) => site.addressesInUse(family),
  };
}

/** Undefined while a host of ours, declared since, has its address. */
function reservedHost(site: Site, reservation: Reservation | undefined): HostInterface | undefined {
  if (reservation === undefined || site.hostByIp(reservation.ip) !== undefined) return undefined;
  return hostOf(reservation);
}

/** Of each reservation one, so that what is worked out for it is kept. */
const hosts = new WeakMap<Reservation, HostInterface>();

function hostOf(reservation: Reservation | undefined): HostInterface | undefined {
  if (reservation === undefined) return undefined;
  const known = hosts.get(reservation);
  if (known !== undefined) return known;
  const { mac, ip, hostname: name } = reservation;
  const nic = {
    mac,
    ip,
    type: 'interface',
    primary: true,
    provision: true,
    managed: true,
    virtual: false,
  } as const;
  const host: Host = { id: 0, name, enabled: true, build: false, parameters: {}, interfaces: [nic] };
  const made = { host, nic };
  hosts.set(reservation, made);
  return made;
}
