/** Reservations in a database of Kea's, through its hook libdhcp_host_cmds.so. */

import type { DriverChange, Reservation } from '../types.ts';
import type { KeaChannel } from './channel.ts';
import { type KeaSubnet, reservationEntry, reservationOf, subnetFor } from './configuration.ts';
import { type JsonMap, listOf, mapOf } from './exact-json.ts';
import { isOurs } from './tag.ts';

/** The hook adds to a database, so there has to be one. */
export function usesHostCommands(commands: ReadonlySet<string>, dhcp4: JsonMap): boolean {
  const databases = dhcp4['hosts-database'] !== undefined || listOf(dhcp4['hosts-databases']).length > 0;
  return (
    databases &&
    ['reservation-add', 'reservation-del', 'reservation-get-all'].every((each) => commands.has(each))
  );
}

export type Stored = { readonly reservation: Reservation; readonly subnet: number; readonly ours: boolean };

/** All of these subnets in databases; `configured` are those of the configuration, which the hook tells as well. */
export async function storedReservations(
  channel: KeaChannel,
  subnets: readonly KeaSubnet[],
  configured: readonly Reservation[],
): Promise<readonly Stored[]> {
  const keyOf = ({ mac, ip, name }: Reservation) => `${mac} ${ip} ${name}`;
  const known = new Set(configured.map(keyOf));
  const stored: Stored[] = [];
  for (const { id } of subnets) {
    const { hosts } = await channel.ask('reservation-get-all', { 'subnet-id': id });
    for (const host of listOf(hosts).map(mapOf)) {
      const reservation = reservationOf(host);
      if (!known.has(keyOf(reservation))) stored.push({ reservation, subnet: id, ours: isOurs(host) });
    }
  }
  return stored;
}

export type HostStore = {
  readonly channel: KeaChannel;
  readonly subnets: readonly KeaSubnet[];
  readonly configured: readonly Reservation[];
};

/**
 * Carries the changes out in the database, one by one; each is there for good when it is answered. Changed ones are taken
 * out and put in again, as older hooks cannot update; where the second is refused, the first is put back.
 */
export async function changeStored(
  { channel, subnets, configured }: HostStore,
  changes: readonly DriverChange[],
  applied: (change: DriverChange) => void,
): Promise<void> {
  const stored = (await storedReservations(channel, subnets, configured)).filter(({ ours }) => ours);
  for (const change of changes) {
    const old = stored.filter(({ reservation }) => reservation.name === change.name);
    for (const each of old) await channel.ask('reservation-del', identified(each));
    const { reservation, op } = change;
    const subnet = subnetFor(subnets, reservation?.ip)?.id;
    if (op !== 'remove' && reservation !== undefined && subnet !== undefined) {
      try {
        await add(channel, reservation, subnet);
      } catch (error) {
        for (const each of old) await add(channel, each.reservation, each.subnet);
        throw error;
      }
    }
    applied(change);
  }
}

function add(channel: KeaChannel, reservation: Reservation, subnet: number): Promise<JsonMap> {
  return channel.ask('reservation-add', {
    reservation: { 'subnet-id': subnet, ...reservationEntry(reservation) },
  });
}

function identified({ reservation, subnet }: Stored): JsonMap {
  return { 'subnet-id': subnet, 'identifier-type': 'hw-address', identifier: reservation.mac };
}
