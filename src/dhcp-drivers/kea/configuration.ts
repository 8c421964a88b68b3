/** The configuration of a Kea: what of it is ours, and how it is with changes made. Pure; all else stays as it is. */

import { contains, parseCidr } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { parseMac } from '../../net/mac.ts';
import type { DriverChange, Reservation } from '../types.ts';
import { withClasses } from './classes.ts';
import { type Json, type JsonMap, listOf, mapOf, textOf } from './exact-json.ts';
import { isOurs, tagged } from './tag.ts';

export type KeaSubnet = {
  readonly id: number;
  /** `192.0.2.0/24` */
  readonly cidr: string;
};

export type Found = {
  readonly subnets: readonly KeaSubnet[];
  readonly ours: readonly Reservation[];
  readonly foreign: readonly Reservation[];
  readonly classes: readonly JsonMap[];
};

/** Lists of subnets, those of shared networks too, replaced one by one. */
function mapSubnets(dhcp4: JsonMap, change: (subnet: JsonMap) => JsonMap): JsonMap {
  const changed = (scope: JsonMap): JsonMap =>
    scope.subnet4 === undefined
      ? scope
      : { ...scope, subnet4: listOf(scope.subnet4).map((subnet) => change(mapOf(subnet))) };
  const top = changed(dhcp4);
  return top['shared-networks'] === undefined
    ? top
    : { ...top, 'shared-networks': listOf(top['shared-networks']).map((network) => changed(mapOf(network))) };
}

export function subnetsOf(dhcp4: JsonMap): readonly JsonMap[] {
  const inNetworks = listOf(dhcp4['shared-networks']).flatMap((network) => listOf(mapOf(network).subnet4));
  return [...listOf(dhcp4.subnet4), ...inNetworks].map(mapOf);
}

/** `dhcp4`: below "Dhcp4" of what `config-get` answers. */
export function found(dhcp4: JsonMap): Found {
  const subnets = subnetsOf(dhcp4);
  const reservations = [dhcp4, ...subnets].flatMap((scope) => listOf(scope.reservations).map(mapOf));
  return {
    subnets: subnets.map(({ id, subnet }) => ({ id: Number(id ?? 0), cidr: textOf(subnet) })),
    ours: reservations.filter(isOurs).map(reservationOf),
    foreign: reservations.filter((each) => !isOurs(each)).map(reservationOf),
    classes: listOf(dhcp4['client-classes']).map(mapOf),
  };
}

/** As it is for everybody else. */
export function withoutOurs(dhcp4: JsonMap): JsonMap {
  const without = (scope: JsonMap, key: string): JsonMap =>
    scope[key] === undefined
      ? scope
      : { ...scope, [key]: listOf(scope[key]).filter((each) => !isOurs(mapOf(each))) };
  const scoped = without(without(dhcp4, 'reservations'), 'client-classes');
  return mapSubnets(scoped, (subnet) => without(subnet, 'reservations'));
}

const IDENTIFIERS = ['duid', 'client-id', 'circuit-id', 'flex-id'];

export function reservationOf(entry: JsonMap): Reservation {
  const ip = textOf(entry['ip-address']);
  const mac = parseMac(textOf(entry['hw-address']));
  // One that is told by something else is in the way by its address only.
  const other = IDENTIFIERS.find((key) => entry[key] !== undefined);
  return {
    mac: mac ?? (other === undefined ? textOf(entry['hw-address']) : `${other} ${textOf(entry[other])}`),
    ...(ip !== '' && ip !== '0.0.0.0' && { ip }),
    name: textOf(entry.hostname),
  };
}

/** The narrowest subnet that has the address. */
export function subnetFor(subnets: readonly KeaSubnet[], ip: string | undefined): KeaSubnet | undefined {
  const address = parseIpv4(ip ?? '');
  if (address === undefined) return undefined;
  const prefix = ({ cidr }: KeaSubnet) => parseCidr(cidr)?.prefix ?? 0;
  const holding = subnets.filter(({ cidr }) => {
    const network = parseCidr(cidr);
    return network !== undefined && contains(network, address);
  });
  return holding.sort((one, other) => prefix(other) - prefix(one))[0];
}

type Placed = { readonly reservation: Reservation; readonly cidr: string | undefined };

/** With our reservations changed as planned; those without a subnet here are left out. */
export function withReservations(dhcp4: JsonMap, changes: readonly DriverChange[]): JsonMap {
  const affected = changes.filter(({ what }) => what === 'reservation');
  if (affected.length === 0) return dhcp4;
  const { subnets } = found(dhcp4);
  const names = new Set(affected.map(({ name }) => name));
  const placed = affected.flatMap(({ op, reservation }): readonly Placed[] =>
    op === 'remove' || reservation === undefined
      ? []
      : [{ reservation, cidr: subnetFor(subnets, reservation.ip)?.cidr }],
  );
  const change = (scope: JsonMap, cidr: string): JsonMap => {
    const before = listOf(scope.reservations);
    const here = placed.filter((each) => each.cidr === cidr).map(({ reservation }) => reservation);
    const after = changedList(before, names, here);
    return after === before ? scope : { ...scope, reservations: after };
  };
  return change(
    mapSubnets(dhcp4, (subnet) => change(subnet, textOf(subnet.subnet))),
    '',
  );
}

/** One list of reservations: ours that stay here keep their place and what else they say. */
function changedList(
  before: readonly Json[],
  names: ReadonlySet<string>,
  wanted: readonly Reservation[],
): readonly Json[] {
  const here = new Map(wanted.map((reservation) => [reservation.name, reservation]));
  const kept = before.flatMap((each): readonly Json[] => {
    const entry = mapOf(each);
    const name = textOf(entry.hostname);
    if (!isOurs(entry) || !names.has(name)) return [each];
    const reservation = here.get(name);
    here.delete(name);
    return reservation === undefined ? [] : [reservationEntry(reservation, entry)];
  });
  const untouched =
    here.size === 0 && kept.length === before.length && kept.every((each, i) => each === before[i]);
  return untouched ? before : [...kept, ...[...here.values()].map((each) => reservationEntry(each))];
}

/** `present`: what it says besides is kept. */
export function reservationEntry({ mac, ip, name }: Reservation, present: JsonMap = {}): JsonMap {
  return {
    ...present,
    hostname: name,
    'hw-address': mac,
    ...(ip !== undefined && { 'ip-address': ip }),
    'user-context': { ...mapOf(present['user-context']), ...tagged({ host: name }) },
  };
}

/** All of a plan at once; `classes` are ours, all of them. */
export function withChanges(
  dhcp4: JsonMap,
  changes: readonly DriverChange[],
  classes: readonly JsonMap[],
): JsonMap {
  const reserved = withReservations(dhcp4, changes);
  if (!changes.some(({ what }) => what === 'part')) return reserved;
  return { ...reserved, 'client-classes': withClasses(listOf(dhcp4['client-classes']), classes) };
}
