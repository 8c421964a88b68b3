/**
 * IPv4 packets made by hand, for a client that has an address but cannot answer ARP for it yet (RFC 2131 §4.1).
 * iPXE's own drivers ask this way (broadcast flag 0); undionly and OVMF set the flag and do without.
 *
 *     | IPv4 header 20 | UDP header 8 | payload |
 */

import type { Ipv4 } from '../net/ip.ts';
import { checksumOf, sumWords } from './checksum.ts';

const IP_HEADER = 20;
const UDP_HEADER = 8;
const PROTOCOL_UDP = 17;
const TTL = 64;

export type UdpPacket = {
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
};

/** IPv4 (RFC 791) and UDP (RFC 768) headers with their checksums, and the payload; no Ethernet header. */
export function encodeUdpPacket({
  source,
  sourcePort,
  destination,
  destinationPort,
  payload,
}: UdpPacket): Uint8Array {
  const packet = new Uint8Array(IP_HEADER + UDP_HEADER + payload.length);
  const view = new DataView(packet.buffer);
  const udpLength = UDP_HEADER + payload.length;

  view.setUint16(0, 0x4500);
  view.setUint16(2, packet.length);
  view.setUint16(6, 0x4000); // Never fragmented, so the identification may stay zero (RFC 6864 §4.1).
  view.setUint8(8, TTL);
  view.setUint8(9, PROTOCOL_UDP);
  view.setUint32(12, source);
  view.setUint32(16, destination);
  view.setUint16(10, checksumOf(sumWords(packet.subarray(0, IP_HEADER))));

  view.setUint16(20, sourcePort);
  view.setUint16(22, destinationPort);
  view.setUint16(24, udpLength);
  packet.set(payload, IP_HEADER + UDP_HEADER);
  const pseudoHeader = sumWords(packet.subarray(12, 20)) + PROTOCOL_UDP + udpLength;
  // Zero means "no checksum" (RFC 768); its other form in one's complement takes its place.
  view.setUint16(26, checksumOf(sumWords(packet.subarray(IP_HEADER), pseudoHeader)) || 0xffff);
  return packet;
}
