/** What DHCP messages tell about who else answers, and the question that makes others tell it. Pure. */

import type { Sighting } from '../boot/neighbour.ts';
import { DecodeError } from '../net/bytes.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import { formatMac, type Mac } from '../net/mac.ts';
import {
  MESSAGE,
  messageName,
  messageType,
  OPTION,
  serverId,
  startsWith,
  subOptions,
  textOf,
} from './options.ts';
import { type DhcpPacket, decodePacket, encodePacket, type Options } from './packet.ts';

/** An answer that somebody else sent, with what is known of its frame. */
export type HeardAnswer = {
  readonly link: string;
  /** Of the IP packet. */
  readonly source: Ipv4;
  /** Of the frame; unknown where only datagrams are heard. */
  readonly mac?: Mac;
  readonly payload: Uint8Array;
};

export type Heard = {
  readonly sightings: readonly Sighting[];
  readonly client: Mac;
  readonly server: Ipv4;
  readonly message: 'OFFER' | 'ACK' | 'NAK';
  readonly xid: number;
  /** It is for a machine that is booting: it says PXEClient or HTTPClient, as only answers to firmware do. */
  readonly isBoot: boolean;
};

/** Undefined for whatever is no answer of a DHCP server, damaged ones included. */
export function hearAnswer({ link, source, mac, payload }: HeardAnswer): Heard | undefined {
  const packet = decoded(payload);
  if (packet === undefined || packet.op !== 2 || packet.hlen !== 6) return undefined;
  const type = messageType(packet);
  if (type !== MESSAGE.offer && type !== MESSAGE.ack && type !== MESSAGE.nak) return undefined;
  const server = serverId(packet) ?? (packet.giaddr === 0 ? source : packet.siaddr);
  if (server === 0) return undefined;
  const client = formatMac(packet.chaddr.subarray(0, 6));
  const offers = offersOf(packet);
  const isProxy = packet.yiaddr === 0 && (offers.bootFile !== undefined || isForFirmware(packet));
  const role = isProxy ? 'proxy-dhcp' : 'dhcp';
  // What comes through a relay has the relay's frame.
  const isRelayed = packet.giaddr !== 0 && packet.giaddr === source;
  const isDirect = !isRelayed && source === server;
  const sightings: Sighting[] = [
    {
      link,
      address: formatIpv4(server),
      role,
      offers,
      client,
      ...(isDirect && mac !== undefined && { mac }),
    },
  ];
  if (isRelayed) sightings.push({ ...relayAt(link, source, client), ...(mac !== undefined && { mac }) });
  const message = messageName(packet) as Heard['message'];
  return { sightings, client, server, message, xid: packet.xid, isBoot: isForFirmware(packet) };
}

/** What a question to us tells: the relay that passed it on, and the server that the machine chose instead of us. */
export type AskedOf = {
  readonly client: Mac;
  readonly relay?: Ipv4;
  readonly chosen?: Ipv4;
  /** Firmware or a boot loader asks. */
  readonly isBoot: boolean;
};

const CHADDR = 28;
const GIADDR = 24;
const OPTIONS = 240;

/** Looks at the bytes without taking the packet apart: it is done for every one that comes in. */
export function hearQuestion(bytes: Uint8Array): AskedOf | undefined {
  if (bytes.length < OPTIONS || bytes[0] !== 1 || bytes[2] !== 6) return undefined;
  let type = 0;
  let chosen: Ipv4 | undefined;
  let isBoot = false;
  for (let at = OPTIONS; at + 1 < bytes.length && bytes[at] !== 255; ) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    const [code, from, to] = [bytes[at]!, at + 2, at + 2 + bytes[at + 1]!];
    if (to > bytes.length) break;
    if (code === OPTION.messageType) type = bytes[from]!;
    else if (code === OPTION.serverId && to - from === 4) chosen = u32(bytes, from);
    else if (code === OPTION.arch || code === OPTION.ipxe) isBoot = true;
    at = to;
  }
  const relay = u32(bytes, GIADDR);
  return {
    client: formatMac(bytes.subarray(CHADDR, CHADDR + 6)),
    isBoot,
    ...(relay !== 0 && { relay }),
    ...(type === MESSAGE.request && chosen !== undefined && { chosen }),
  };
}

export function relayAt(link: string, relay: Ipv4, client: Mac): Sighting {
  return { link, address: formatIpv4(relay), role: 'relay', offers: {}, client };
}

/** Of what it is not known what it offers: only that a machine asked it for its address. */
export function chosenAt(link: string, server: Ipv4, client: Mac, wanted: Ipv4 | undefined): Sighting {
  const offers = wanted === undefined ? {} : { address: formatIpv4(wanted) };
  return { link, address: formatIpv4(server), role: 'dhcp', offers, client };
}

/**
 * The MAC address of our questions on a link: locally administered, the same each time, so that others set aside one
 * address for it and not one for each question, and never that of the link itself.
 */
export function probeMac(link: Uint8Array): Uint8Array {
  const mac = Uint8Array.from(link.subarray(0, 6));
  mac[0] = mac[0] === 0x06 ? 0x0a : 0x06;
  return mac;
}

/**
 * A DISCOVER as the firmware of a PC sends it (RFC 4578), to which proxies answer too. It is never followed by a
 * REQUEST: nobody binds a lease, and what was offered falls back within a minute or so. Answers are asked for by
 * broadcast, since no one has the MAC address.
 */
export function probePacket(mac: Uint8Array, xid: number): Uint8Array {
  const chaddr = new Uint8Array(16);
  chaddr.set(mac);
  const options: Options = new Map([
    [OPTION.messageType, Uint8Array.of(MESSAGE.discover)],
    [OPTION.maxMessageSize, Uint8Array.of(0x05, 0xc0)],
    [OPTION.paramRequestList, Uint8Array.of(1, 3, 6, 12, 15, 43, 54, 60, 66, 67)],
    [OPTION.vendorClass, new TextEncoder().encode('PXEClient:Arch:00007:UNDI:003016')],
    [OPTION.arch, Uint8Array.of(0, 7)],
    [OPTION.ndi, Uint8Array.of(1, 3, 16)],
    [OPTION.uuid, Uint8Array.of(0, ...mac, ...mac, ...mac.subarray(0, 4))],
  ]);
  const none = { ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: 0, sname: '', file: '' };
  const head = { op: 1, htype: 1, hlen: 6, hops: 0, xid, secs: 0, flags: 0x8000 };
  return encodePacket({ ...head, ...none, chaddr, options });
}

function decoded(payload: Uint8Array): DhcpPacket | undefined {
  try {
    return decodePacket(payload);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function offersOf(packet: DhcpPacket): Sighting['offers'] {
  const address = packet.yiaddr === 0 ? undefined : formatIpv4(packet.yiaddr);
  const option = packet.options.get(OPTION.bootFile);
  const bootFile = printable(packet.file || (option === undefined ? '' : textOf(option)));
  const nextServer = packet.siaddr === 0 ? undefined : formatIpv4(packet.siaddr);
  const router = packet.options.get(OPTION.router);
  return {
    ...(address !== undefined && { address }),
    ...((bootFile !== '' || hasBootMenu(packet)) && { bootFile: bootFile || 'boot menu (option 43)' }),
    ...(nextServer !== undefined && { nextServer }),
    ...(router !== undefined && router.length >= 4 && { router: formatIpv4(u32(router, 0)) }),
  };
}

/** Boot servers and a menu of them instead of a file (PXE 2.1 §2.4). */
function hasBootMenu({ options }: DhcpPacket): boolean {
  const vendor = options.get(OPTION.vendorSpecific);
  if (vendor === undefined || !startsWith(options.get(OPTION.vendorClass), 'PXEClient')) return false;
  const inside = subOptions(vendor);
  return inside.has(8) && inside.has(9);
}

function isForFirmware({ options }: DhcpPacket): boolean {
  const vendor = options.get(OPTION.vendorClass);
  return startsWith(vendor, 'PXEClient') || startsWith(vendor, 'HTTPClient');
}

/** It ends up in logs and on terminals, and came from the wire. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 255);
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
