/** On which subnets a client may be given an address: that of the link or relay, and those that share its wire. */

import type { Site, SubnetRange } from '../inventory/site.ts';
import type { Subnet } from '../inventory/types.ts';
import { contains } from '../net/cidr.ts';
import type { Ipv4 } from '../net/ip.ts';
import { textOf } from './options.ts';
import type { DhcpPacket } from './packet.ts';
import { type Relay, relayOf } from './relay.ts';

const NONE: readonly SubnetRange[] = [];

/** Those for clients behind this port of the relay come first. `link` is our own address where it came in. */
export function subnetsFor(site: Site, request: DhcpPacket, link: Ipv4): readonly SubnetRange[] {
  const relay = relayOf(request);
  const here = site.subnetOf(relay?.subnet ?? link);
  if (here === undefined) return NONE;
  const sharing = site.sharing(here);
  if (sharing.length === 1 && here.subnet.relay === undefined) return sharing;
  const open = sharing.filter(({ subnet }) => isFor(subnet, relay));
  return open.toSorted((a, b) => rank(a, here) - rank(b, here));
}

function rank(range: SubnetRange, here: SubnetRange): number {
  if (range.subnet.relay !== undefined) return 0;
  return range === here ? 1 : 2;
}

/** The one that has the address; the first when none has it, whose server then says that it is wrong here. */
export function subnetWith(ranges: readonly SubnetRange[], address: Ipv4): SubnetRange | undefined {
  if (ranges.length === 1) return ranges[0];
  return ranges.find(({ cidr }) => contains(cidr, address)) ?? ranges[0];
}

function isFor({ relay: wanted }: Subnet, relay: Relay | undefined): boolean {
  if (wanted === undefined) return true;
  const matches = (text: string | undefined, value: Uint8Array | undefined): boolean =>
    text === undefined ||
    (value !== undefined && (readable(value) === text || hex(value) === text.toLowerCase()));
  return (
    relay !== undefined &&
    matches(wanted.circuit_id, relay.circuitId) &&
    matches(wanted.remote_id, relay.remoteId)
  );
}

/** As text where it is one, else in hex: `eth0/1`, `0x00040001`. */
export function readable(value: Uint8Array): string {
  const text = textOf(value);
  return /^[\x20-\x7e]+$/.test(text) ? text : hex(value);
}

function hex(value: Uint8Array): string {
  return `0x${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
