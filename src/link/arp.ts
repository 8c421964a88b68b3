/**
 * ARP packets (RFC 826) as RFC 5227 wants them: who asks for an address only to see whether it is taken says no
 * address of its own, so that nobody learns one from the question.
 *
 *     0 hardware type │ 2 protocol │ 4 lengths 6, 4 │ 6 operation │ 8 sender MAC, IP │ 18 target MAC, IP │ 28
 */

import type { Ipv4 } from '../net/ip.ts';
import { formatMac, type Mac } from '../net/mac.ts';

const LENGTH = 28;
const ETHERNET = 1;
const IPV4 = 0x0800;
const LENGTHS = 0x0604;
const REQUEST = 1;
export const ARP_REPLY = 2;

/** RFC 5227 §2.1.1: an ARP probe. No Ethernet header. */
export function encodeArpProbe(sender: Uint8Array, target: Ipv4): Uint8Array {
  const packet = new Uint8Array(LENGTH);
  const view = new DataView(packet.buffer);
  view.setUint16(0, ETHERNET);
  view.setUint16(2, IPV4);
  view.setUint16(4, LENGTHS);
  view.setUint16(6, REQUEST);
  packet.set(sender.subarray(0, 6), 8);
  view.setUint32(24, target);
  return packet;
}

export type ArpReply = { readonly mac: Mac; readonly address: Ipv4 };

/** Who has which address; undefined for everything that is no reply. Frames may be padded (Ethernet's 46 bytes). */
export function decodeArpReply(packet: Uint8Array): ArpReply | undefined {
  if (packet.length < LENGTH) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, LENGTH);
  const isReply =
    view.getUint16(0) === ETHERNET &&
    view.getUint16(2) === IPV4 &&
    view.getUint16(4) === LENGTHS &&
    view.getUint16(6) === ARP_REPLY;
  return isReply ? { mac: formatMac(packet.subarray(8, 14)), address: view.getUint32(14) } : undefined;
}
