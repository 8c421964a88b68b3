/** From frames to messages: the whole way through a capture, once, front to back. */

import { MESSAGE, messageType } from '../dhcp/options.ts';
import { type DhcpPacket, decodePacket } from '../dhcp/packet.ts';
import { DecodeError } from '../net/bytes.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import { formatMac, type Mac } from '../net/mac.ts';
import type { CaptureEvent, Conversation, End } from './events.ts';
import { Fragments } from './fragments.ts';
import { endOfPeer, httpConversation } from './http-conversation.ts';
import { decodeIpv4, decodeTcp, decodeUdp, type Ipv4Packet, PROTOCOL, type Udp } from './ipv4.ts';
import { ETHERTYPE, type Unframed, unframe } from './link-layer.ts';
import { type Peer, type Seen, Streams } from './streams.ts';
import { type Datagram, Transfers } from './tftp-transfers.ts';
import type { Frame } from './types.ts';

const DHCP_PORTS: ReadonlySet<number> = new Set([67, 68, 4011]);
const PXE_PORT = 4011;
const COOKIE_AT = 236;
const COOKIE = [0x63, 0x82, 0x53, 0x63] as const;
/** Kinds of other frames that are counted apart. */
const MOST_KINDS = 30;
/** Addresses whose machine is remembered. */
const MOST_ADDRESSES = 100_000;

/** Never throws: frames that cannot be read are counted. */
export function readConversation(frames: readonly Frame[]): Conversation {
  const reader = new ConversationReader();
  for (const frame of frames) reader.take(frame);
  return reader.finish(frames);
}

class ConversationReader {
  private readonly events: CaptureEvent[] = [];
  private readonly others = new Map<string, number>();
  private readonly fragments = new Fragments();
  private readonly transfers = new Transfers();
  private readonly machines = new Machines();
  private vlans: readonly number[] = [];
  private readonly streams = new Streams((connection) =>
    httpConversation(
      connection,
      this.vlans,
      (peer) => this.machines.endOf(peer),
      (event) => this.events.push(event),
    ),
  );

  take(frame: Frame): void {
    try {
      const unframed = unframe(frame);
      if (unframed === undefined) this.count(`link type ${frame.linkType}`);
      else if (unframed.etherType === ETHERTYPE.ipv4) this.ip(frame, unframed);
      else
        this.count(
          NAMES[unframed.etherType] ?? `EtherType 0x${unframed.etherType.toString(16).padStart(4, '0')}`,
        );
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.count('cut short or damaged');
    }
  }

  finish(frames: readonly Frame[]): Conversation {
    const last = frames.at(-1);
    const times = { began: frames[0]?.at ?? 0, ended: last?.at ?? 0 };
    this.streams.finish({ frame: last?.number ?? 0, at: times.ended });
    const transfers = this.transfers.finish(times.ended);
    if (this.fragments.lost > 0) this.others.set('IPv4 packets with pieces missing', this.fragments.lost);
    if (this.transfers.left > 0) this.others.set('TFTP transfers too many', this.transfers.left);
    const events = [...this.events, ...transfers]
      .map((event) => this.machines.named(event))
      .sort((a, b) => a.frame - b.frame);
    return { events, others: this.others, ...times };
  }

  private ip(frame: Frame, unframed: Unframed): void {
    const piece = decodeIpv4(unframed.payload, unframed.length);
    const seen = { frame: frame.number, at: frame.at };
    if (unframed.source !== undefined) this.machines.saw(piece.source, unframed.source);
    const packet = this.fragments.add(piece, frame.at);
    if (packet === undefined) return;
    this.vlans = unframed.vlans;
    if (packet.protocol === PROTOCOL.udp) this.udp(packet, unframed, seen);
    else if (packet.protocol === PROTOCOL.tcp)
      this.streams.segment(packet.source, packet.target, decodeTcp(packet), seen);
    else this.count(packet.protocol === PROTOCOL.icmp ? 'ICMP' : `IP protocol ${packet.protocol}`);
  }

  private udp(packet: Ipv4Packet, unframed: Unframed, seen: Seen): void {
    const udp = decodeUdp(packet);
    const datagram: Datagram = {
      ...seen,
      from: endOf(packet.source, udp.sourcePort, unframed.source),
      to: endOf(packet.target, udp.targetPort, unframed.target),
      vlans: unframed.vlans,
      bytes: udp.payload,
      length: udp.length,
    };
    if (isDhcp(udp)) this.dhcp(datagram, udp);
    else this.tftp(datagram);
  }

  private dhcp(datagram: Datagram, udp: Udp): void {
    const common = commonOf(datagram);
    try {
      const packet = decodePacket(udp.payload);
      const mac = formatMac(packet.chaddr);
      this.machines.heard(packet, mac);
      const pxe = udp.sourcePort === PXE_PORT || udp.targetPort === PXE_PORT;
      this.events.push({ ...common, kind: 'dhcp', mac, pxe, packet });
    } catch (error) {
      this.broken(datagram, 'dhcp', error);
    }
  }

  private tftp(datagram: Datagram): void {
    try {
      if (!this.transfers.take(datagram))
        this.count(`UDP port ${Math.min(datagram.from.port, datagram.to.port)}`);
    } catch (error) {
      this.broken(datagram, 'tftp', error);
    }
  }

  private broken(datagram: Datagram, protocol: 'dhcp' | 'tftp', error: unknown): void {
    if (!(error instanceof DecodeError)) throw error;
    const cut = datagram.bytes.length < datagram.length ? '; the capture cut the packet (snaplen)' : '';
    this.events.push({ ...commonOf(datagram), kind: 'broken', protocol, reason: `${error.message}${cut}` });
  }

  private count(what: string): void {
    const name = this.others.has(what) || this.others.size < MOST_KINDS ? what : 'other';
    this.others.set(name, (this.others.get(name) ?? 0) + 1);
  }
}

const NAMES: Readonly<Record<number, string>> = { [ETHERTYPE.arp]: 'ARP', [ETHERTYPE.ipv6]: 'IPv6' };

function isDhcp({ sourcePort, targetPort, payload }: Udp): boolean {
  if (DHCP_PORTS.has(sourcePort) || DHCP_PORTS.has(targetPort)) return true;
  return COOKIE.every((byte, i) => payload[COOKIE_AT + i] === byte);
}

function commonOf({ frame, at, from, to, vlans }: Datagram) {
  return { frame, at, from, to, vlans };
}

function endOf(address: Ipv4, port: number, mac: Mac | undefined): End {
  return { address: formatIpv4(address), port, ...(mac !== undefined && { mac }) };
}

/** Which machine is behind an address: by what DHCP gave it, else by the frames that come from it. */
class Machines {
  private readonly given = new Map<string, Mac>();
  private readonly framed = new Map<string, Mac>();

  saw(address: Ipv4, mac: Mac): void {
    if (address !== 0) remember(this.framed, formatIpv4(address), mac);
  }

  heard(packet: DhcpPacket, mac: Mac): void {
    if (packet.op === 2 && messageType(packet) === MESSAGE.ack && packet.yiaddr !== 0)
      remember(this.given, formatIpv4(packet.yiaddr), mac);
    if (packet.op === 1 && packet.ciaddr !== 0) remember(this.given, formatIpv4(packet.ciaddr), mac);
  }

  endOf(peer: Peer): End {
    const end = endOfPeer(peer);
    const mac = this.framed.get(end.address);
    return mac === undefined ? end : { ...end, mac };
  }

  /** The machine is who asks: the sender, except in answers. */
  named(event: CaptureEvent): CaptureEvent {
    if (event.mac !== undefined) return event;
    const machine = event.kind === 'http-response' ? event.to : event.from;
    const mac = this.given.get(machine.address) ?? machine.mac;
    if (mac === undefined) return event;
    if (event.kind !== 'http-response' || event.request === undefined) return { ...event, mac };
    return { ...event, mac, request: { ...event.request, mac } };
  }
}

function remember(map: Map<string, Mac>, address: string, mac: Mac): void {
  if (map.size < MOST_ADDRESSES || map.has(address)) map.set(address, mac);
}
