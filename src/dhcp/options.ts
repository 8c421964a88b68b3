/** Option numbers with their names (RFC 2132 and later), typed readers and value makers. */

import { hexLayout } from '../net/bytes.ts';
import type { Ipv4 } from '../net/ip.ts';
import { formatIpv4 } from '../net/ip.ts';
import { formatMac } from '../net/mac.ts';
import type { Uuid } from '../net/uuid.ts';
import type { DhcpPacket } from './packet.ts';

export const OPTION = {
  subnetMask: 1,
  router: 3,
  dns: 6,
  logServers: 7,
  hostname: 12,
  domain: 15,
  mtu: 26,
  broadcast: 28,
  vendorSpecific: 43,
  requestedIp: 50,
  leaseTime: 51,
  messageType: 53,
  serverId: 54,
  paramRequestList: 55,
  message: 56,
  maxMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientId: 61,
  tftpServerName: 66,
  bootFile: 67,
  userClass: 77,
  relayAgent: 82,
  arch: 93,
  ndi: 94,
  uuid: 97,
  classlessRoutes: 121,
  ipxe: 175,
} as const;

/** Option 53 (RFC 2132 §9.6). */
export const MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

const MESSAGE_NAMES = [
  'BOOTP',
  'DISCOVER',
  'OFFER',
  'REQUEST',
  'DECLINE',
  'ACK',
  'NAK',
  'RELEASE',
  'INFORM',
] as const;

/** `DISCOVER`, `ACK` …; `BOOTP` for a packet without a message type. */
export function messageName(packet: DhcpPacket): string {
  const type = messageType(packet) ?? 0;
  return MESSAGE_NAMES[type] ?? `TYPE ${type}`;
}

export function messageType(packet: DhcpPacket): number | undefined {
  return u8(packet, OPTION.messageType);
}

export function requestedIp(packet: DhcpPacket): Ipv4 | undefined {
  return u32(packet, OPTION.requestedIp);
}

export function serverId(packet: DhcpPacket): Ipv4 | undefined {
  return u32(packet, OPTION.serverId);
}

/** Seconds. */
export function leaseTime(packet: DhcpPacket): number | undefined {
  return u32(packet, OPTION.leaseTime);
}

/** In hex, type byte first: `01525400770010`. */
export function clientId(packet: DhcpPacket): string | undefined {
  const value = packet.options.get(OPTION.clientId);
  if (value === undefined || value.length === 0) return undefined;
  let hex = '';
  for (let i = 0; i < value.length; i++) hex += HEX[value[i]!];
  return hex;
}

export function vendorClass(packet: DhcpPacket): string | undefined {
  return text(packet, OPTION.vendorClass);
}

export function hostname(packet: DhcpPacket): string | undefined {
  return text(packet, OPTION.hostname);
}

/**
 * Option 77. RFC 3004 wants each class after its length; iPXE, gPXE and most others send the bare text, which
 * is then the only class.
 */
export function userClasses(packet: DhcpPacket): readonly string[] {
  const value = packet.options.get(OPTION.userClass);
  if (value === undefined || value.length === 0) return NO_CLASSES;
  const classes: string[] = [];
  let at = 0;
  while (at < value.length) {
    const length = value[at]!;
    const end = at + 1 + length;
    if (length === 0 || end > value.length) return [textOf(value)];
    classes.push(textOf(value.subarray(at + 1, end)));
    at = end;
  }
  return classes;
}

const NO_CLASSES: readonly string[] = [];

/** The first architecture of option 93 (RFC 4578 §2.1), the one the firmware prefers. */
export function archCode(packet: DhcpPacket): number | undefined {
  return u16(packet, OPTION.arch);
}

/** Option 93: every architecture the firmware can run. */
export function archCodes(packet: DhcpPacket): readonly number[] {
  const value = packet.options.get(OPTION.arch) ?? NOTHING;
  return Array.from({ length: value.length >> 1 }, (_, i) => (value[2 * i]! << 8) | value[2 * i + 1]!);
}

/** Option 94: the network interface the ROM offers, `1.2.1` is UNDI 2.1 (RFC 4578 §2.2). */
export function ndi(packet: DhcpPacket): string | undefined {
  return packet.options.get(OPTION.ndi)?.join('.');
}

/**
 * Option 97 in natural order, as iPXE prints it: BIOS and UEFI alike send SMBIOS' mixed-endian bytes after a
 * type byte 0 (RFC 4578 §2.3).
 */
export function uuid(packet: DhcpPacket): Uuid | undefined {
  const b = packet.options.get(OPTION.uuid);
  if (b === undefined || b.length !== 17 || b[0] !== 0) return undefined;
  const id = uuidText(b);
  return id === NIL ? undefined : id;
}

const uuidText = hexLayout([4, 3, 2, 1, '-', 6, 5, '-', 8, 7, '-', 9, 10, '-', 11, 12, 13, 14, 15, 16]);

/** QEMU without -uuid, and boards whose maker did not bother: this names no machine. */
const NIL = '00000000-0000-0000-0000-000000000000';

/** The codes the client wants (option 55), in its order; undefined when it sent none. */
export function paramRequestList(packet: DhcpPacket): Uint8Array | undefined {
  return packet.options.get(OPTION.paramRequestList);
}

/** As sent: OVMF claims 65280. */
export function maxMessageSize(packet: DhcpPacket): number | undefined {
  return u16(packet, OPTION.maxMessageSize);
}

/** Whether an option's value begins with this ASCII text. */
export function startsWith(value: Uint8Array | undefined, prefix: string): boolean {
  if (value === undefined || value.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (value[i] !== prefix.charCodeAt(i)) return false;
  return true;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const NOTHING = new Uint8Array(0);

function u8(packet: DhcpPacket, code: number): number | undefined {
  const value = packet.options.get(code);
  return value?.length === 1 ? value[0] : undefined;
}

function u16(packet: DhcpPacket, code: number): number | undefined {
  const value = packet.options.get(code);
  return value === undefined || value.length < 2 ? undefined : (value[0]! << 8) | value[1]!;
}

function u32(packet: DhcpPacket, code: number): number | undefined {
  const v = packet.options.get(code);
  if (v?.length !== 4) return undefined;
  return ((v[0]! << 24) | (v[1]! << 16) | (v[2]! << 8) | v[3]!) >>> 0;
}

/** Some firmware counts a trailing NUL in. */
function text(packet: DhcpPacket, code: number): string | undefined {
  const value = packet.options.get(code);
  return value === undefined ? undefined : textOf(value);
}

/** One character per byte, without trailing NULs. */
export function textOf(value: Uint8Array): string {
  let end = value.length;
  while (end > 0 && value[end - 1] === 0) end--;
  let result = '';
  for (let i = 0; i < end; i++) result += String.fromCharCode(value[i]!);
  return result;
}

/** Values to put into an options map. */
export function u8Value(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16Value(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

export function u32Value(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function ipv4Values(addresses: readonly Ipv4[]): Uint8Array {
  const value = new Uint8Array(addresses.length * 4);
  for (const [i, address] of addresses.entries()) value.set(u32Value(address), i * 4);
  return value;
}

export function textValue(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length);
  for (let i = 0; i < value.length; i++) bytes[i] = value.charCodeAt(i);
  return bytes;
}

/**
 * Options inside an option (43, 82, 175): code, length, value. Firmware is careless here, so reading stops
 * without complaint at the first one that is cut off.
 */
export function subOptions(value: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  let at = 0;
  while (at < value.length) {
    const code = value[at++]!;
    if (code === 0) continue;
    if (code === 255 || at >= value.length) break;
    const end = at + 1 + value[at]!;
    if (end > value.length) break;
    found.set(code, value.subarray(at + 1, end));
    at = end;
  }
  return found;
}

/** One line for logs: `DISCOVER 52:54:00:77:00:10 xid 36df001f PXEClient:Arch:00000:UNDI:002001 iPXE arch 0`. */
export function summary(packet: DhcpPacket): string {
  const words = [
    messageName(packet),
    formatMac(packet.chaddr),
    'xid',
    packet.xid.toString(16).padStart(8, '0'),
  ];
  const say = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') words.push(name === '' ? value : `${name} ${value}`);
  };
  const address = (value: Ipv4 | undefined) => (value ? formatIpv4(value) : undefined);
  say('', vendorClass(packet));
  say('', userClasses(packet).join(','));
  say('arch', archCodes(packet).join(','));
  say('wants', address(requestedIp(packet)));
  say('server', address(serverId(packet)));
  say('ciaddr', address(packet.ciaddr));
  say('yiaddr', address(packet.yiaddr));
  say('siaddr', address(packet.siaddr));
  say('giaddr', address(packet.giaddr));
  say('file', packet.file);
  say('lease', leaseTime(packet)?.toString());
  return words.map(printable).join(' ');
}

/** Names come from the wire: no control characters in a log line. */
function printable(word: string): string {
  return word.replace(/[^\x20-\x7e]/g, '?');
}
