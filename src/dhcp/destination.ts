/** Where an answer goes (RFC 2131 §4.1). */

import type { Ipv4 } from '../net/ip.ts';
import { MESSAGE, messageType } from './options.ts';
import type { DhcpPacket } from './packet.ts';

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const EVERYONE: Ipv4 = 0xffffffff;
const BROADCAST_FLAG = 0x8000;

export type Destination =
  | { readonly kind: 'relay' | 'client' | 'broadcast'; readonly address: Ipv4; readonly port: number }
  /** The client has no address yet and cannot answer ARP: a layer-2 frame straight to its card. */
  | { readonly kind: 'hardware'; readonly address: Ipv4; readonly port: number; readonly mac: Uint8Array };

/** `deaf`: the client hears only broadcasts before it has its address, although it does not say so. */
export function destination(request: DhcpPacket, reply: DhcpPacket, deaf = false): Destination {
  if (request.giaddr !== 0) return { kind: 'relay', address: request.giaddr, port: SERVER_PORT };
  // A NAK may tell the client that its address is wrong here, so it cannot be sent to that address.
  if (messageType(reply) === MESSAGE.nak) return broadcast();
  if (request.ciaddr !== 0) return { kind: 'client', address: request.ciaddr, port: CLIENT_PORT };
  // A proxy gives no address: there is nothing to unicast to.
  if (deaf || (request.flags & BROADCAST_FLAG) !== 0 || reply.yiaddr === 0) return broadcast();
  // A copy: an ACK waits for its lease to be written. (A Buffer's slice() would be a view.)
  const mac = new Uint8Array(reply.chaddr.subarray(0, 6));
  return { kind: 'hardware', address: reply.yiaddr, port: CLIENT_PORT, mac };
}

/** Whether only a frame to its card reaches the client before it has an address, as long as nothing says that it is deaf. */
export function isReachedByFrame({ giaddr, ciaddr, flags }: DhcpPacket): boolean {
  return giaddr === 0 && ciaddr === 0 && (flags & BROADCAST_FLAG) === 0;
}

function broadcast(): Destination {
  return { kind: 'broadcast', address: EVERYONE, port: CLIENT_PORT };
}

/** A program on this machine that plays a client, on whatever port it could open (127.0.0.0/8, RFC 1122 §3.2.1.3). */
export function isLocalClient(source: { readonly address: Ipv4 }): boolean {
  return source.address >>> 24 === 127;
}

/** Port 4011 answers whoever asked, at the port it asked from: ROMs use 68, UEFI uses 4011. */
export function sourceDestination(source: { readonly address: Ipv4; readonly port: number }): Destination {
  return { kind: 'client', address: source.address, port: source.port };
}
