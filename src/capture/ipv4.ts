/** IPv4 packets (RFC 791), UDP datagrams (RFC 768) and TCP segments (RFC 9293) as captures show them: maybe cut short. */

import { DecodeError, Reader } from '../net/bytes.ts';
import type { Ipv4 } from '../net/ip.ts';

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

export type Ipv4Packet = {
  readonly source: Ipv4;
  readonly target: Ipv4;
  readonly protocol: number;
  readonly id: number;
  /** Bytes; of a fragment. */
  readonly offset: number;
  /** More fragments follow. */
  readonly more: boolean;
  readonly payload: Uint8Array;
  /** Bytes that the payload had on the wire. */
  readonly length: number;
};

const MORE_FRAGMENTS = 0x2000;

/**
 * @param onWire bytes that the packet had on the wire, what Ethernet pads behind it included
 * @throws {DecodeError}
 */
export function decodeIpv4(bytes: Uint8Array, onWire: number): Ipv4Packet {
  const reader = new Reader(bytes);
  const first = reader.u8();
  const header = (first & 15) * 4;
  if (first >> 4 !== 4 || header < 20) throw new DecodeError('no IPv4 header', 0);
  reader.u8();
  // The network card cuts such a packet later: 0 stands for all that there is.
  const total = reader.u16() || onWire;
  if (total < header) throw new DecodeError('shorter than its IPv4 header', 2);
  const id = reader.u16();
  const fragment = reader.u16();
  reader.u8();
  const protocol = reader.u8();
  reader.u16();
  const [source, target] = [reader.u32(), reader.u32()];
  reader.take(header - 20);
  const length = total - header;
  return {
    source,
    target,
    protocol,
    id,
    offset: (fragment & 0x1fff) * 8,
    more: (fragment & MORE_FRAGMENTS) !== 0,
    payload: reader.take(Math.min(length, reader.remaining)),
    length,
  };
}

export type Udp = {
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly payload: Uint8Array;
  /** Bytes that the payload had on the wire. */
  readonly length: number;
};

/** @throws {DecodeError} */
export function decodeUdp({ payload, length: onWire }: Pick<Ipv4Packet, 'payload' | 'length'>): Udp {
  const reader = new Reader(payload);
  const [sourcePort, targetPort] = [reader.u16(), reader.u16()];
  const claimed = reader.u16();
  reader.u16();
  const length = (claimed === 0 ? onWire : Math.min(claimed, onWire)) - 8;
  if (length < 0) throw new DecodeError('shorter than its UDP header', 4);
  return { sourcePort, targetPort, payload: reader.take(Math.min(length, reader.remaining)), length };
}

export type Tcp = {
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly payload: Uint8Array;
  /** Bytes that the payload had on the wire. */
  readonly length: number;
};

/** @throws {DecodeError} */
export function decodeTcp({ payload, length: onWire }: Pick<Ipv4Packet, 'payload' | 'length'>): Tcp {
  const reader = new Reader(payload);
  const [sourcePort, targetPort] = [reader.u16(), reader.u16()];
  const [sequence, acknowledged] = [reader.u32(), reader.u32()];
  const header = (reader.u8() >> 4) * 4;
  const flags = reader.u8();
  if (header < 20 || header > onWire) throw new DecodeError('no TCP header', 12);
  // Checksum, window and urgent pointer; then the options, which a short snaplen may have cut.
  reader.take(Math.min(header - 14, reader.remaining));
  const length = onWire - header;
  return {
    sourcePort,
    targetPort,
    sequence,
    acknowledged,
    fin: (flags & 1) !== 0,
    syn: (flags & 2) !== 0,
    rst: (flags & 4) !== 0,
    ack: (flags & 16) !== 0,
    payload: reader.take(Math.min(length, reader.remaining)),
    length,
  };
}
