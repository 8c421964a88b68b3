/**
 * Frames made of what sockets carried: the headers are ours, as a socket does not show those that were on the wire.
 * Checksums are right, so that no reader complains.
 */

import { checksumOf, sumWords } from '../link/checksum.ts';
import { encodeUdpPacket, type UdpPacket } from '../link/frame.ts';
import type { Ipv4 } from '../net/ip.ts';
import { PROTOCOL } from './ipv4.ts';
import { ETHERTYPE } from './link-layer.ts';

/** Hardware addresses of a frame. */
export type Ends = { readonly source: Uint8Array; readonly target: Uint8Array };
/** `length`: bytes on the wire, of which the frame holds the first. */
export type MadeFrame = { readonly bytes: Uint8Array; readonly length: number };

export function udpFrame(ends: Ends, packet: UdpPacket): MadeFrame {
  return ethernet(ends, encodeUdpPacket(packet));
}

function ethernet({ source, target }: Ends, packet: Uint8Array, missing = 0): MadeFrame {
  const bytes = new Uint8Array(14 + packet.length);
  bytes.set(target);
  bytes.set(source, 6);
  new DataView(bytes.buffer).setUint16(12, ETHERTYPE.ipv4);
  bytes.set(packet, 14);
  return { bytes, length: bytes.length + missing };
}

export type TcpEnd = { readonly mac: Uint8Array; readonly address: Ipv4; readonly port: number };

const FLAG = { syn: 2, psh: 8, ack: 16 } as const;
const SEGMENT = 1460;
/** One cut segment stands for so much of a body that is not kept; IPv4 has 16 bits for it. */
const CUT_SEGMENT = 60_000;

/** One connection: segments in order, each acknowledging all that came before. */
export class MadeConnection {
  readonly #client: TcpEnd;
  readonly #server: TcpEnd;
  #clientNext = 1;
  #serverNext = 1;

  constructor(client: TcpEnd, server: TcpEnd) {
    this.#client = client;
    this.#server = server;
  }

  open(): readonly MadeFrame[] {
    const frames = [
      this.#segment('client', FLAG.syn, -1, NOTHING),
      this.#segment('server', FLAG.syn | FLAG.ack, -1, NOTHING),
      this.#segment('client', FLAG.ack, 0, NOTHING),
    ];
    return frames;
  }

  /** `bytes` and then `cut` bytes of which only the number is kept. */
  send(from: 'client' | 'server', bytes: Uint8Array, cut = 0): readonly MadeFrame[] {
    const frames: MadeFrame[] = [];
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      const part = bytes.subarray(at, at + SEGMENT);
      frames.push(this.#segment(from, FLAG.psh | FLAG.ack, 0, part));
      this.#advance(from, part.length);
    }
    for (let left = cut; left > 0; left -= CUT_SEGMENT) {
      const length = Math.min(left, CUT_SEGMENT);
      frames.push(this.#segment(from, FLAG.ack, 0, NOTHING, length));
      this.#advance(from, length);
    }
    return frames;
  }

  #advance(from: 'client' | 'server', length: number): void {
    if (from === 'client') this.#clientNext = (this.#clientNext + length) >>> 0;
    else this.#serverNext = (this.#serverNext + length) >>> 0;
  }

  #segment(
    from: 'client' | 'server',
    flags: number,
    offset: number,
    payload: Uint8Array,
    cut = 0,
  ): MadeFrame {
    const isClient = from === 'client';
    const [source, target] = isClient ? [this.#client, this.#server] : [this.#server, this.#client];
    const sequence = (isClient ? this.#clientNext : this.#serverNext) + offset;
    const acknowledged = isClient ? this.#serverNext : this.#clientNext;
    const packet = tcpPacket(source, target, { sequence, acknowledged, flags }, payload, cut);
    return ethernet({ source: source.mac, target: target.mac }, packet, cut);
  }
}

const NOTHING = new Uint8Array(0);
const IP_HEADER = 20;
const TCP_HEADER = 20;

type Numbers = { readonly sequence: number; readonly acknowledged: number; readonly flags: number };

/** RFC 791 and RFC 9293 §3.1, without options. */
function tcpPacket(
  source: TcpEnd,
  target: TcpEnd,
  { sequence, acknowledged, flags }: Numbers,
  payload: Uint8Array,
  cut: number,
): Uint8Array {
  const packet = new Uint8Array(IP_HEADER + TCP_HEADER + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x4500);
  view.setUint16(2, packet.length + cut);
  view.setUint16(6, 0x4000);
  view.setUint8(8, 64);
  view.setUint8(9, PROTOCOL.tcp);
  view.setUint32(12, source.address);
  view.setUint32(16, target.address);
  view.setUint16(10, checksumOf(sumWords(packet.subarray(0, IP_HEADER))));
  view.setUint16(20, source.port);
  view.setUint16(22, target.port);
  view.setUint32(24, sequence >>> 0);
  view.setUint32(28, (flags & FLAG.ack) === 0 ? 0 : acknowledged >>> 0);
  view.setUint16(32, ((TCP_HEADER / 4) << 12) | flags);
  view.setUint16(34, 0xffff);
  packet.set(payload, IP_HEADER + TCP_HEADER);
  const pseudoHeader = sumWords(packet.subarray(12, 20)) + PROTOCOL.tcp + TCP_HEADER + payload.length + cut;
  view.setUint16(36, checksumOf(sumWords(packet.subarray(IP_HEADER), pseudoHeader)));
  return packet;
}
