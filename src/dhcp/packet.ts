/**
 * The DHCP message (RFC 2131 §2): bytes to a packet and back.
 *
 *     0      1      2      3      4          8          12     28     44     108    236     240
 *     | op | htype | hlen | hops | xid | secs flags | ci yi si gi | chaddr | sname | file | cookie | options…
 *
 * Law: `decodePacket(encodePacket(p))` equals `p` as long as `p` fits into the size and into its fields.
 */

import { DecodeError } from '../net/bytes.ts';
import type { Ipv4 } from '../net/ip.ts';

export type Options = ReadonlyMap<number, Uint8Array>;

export type DhcpPacket = {
  /** 1: from a client. 2: from a server. */
  readonly op: number;
  readonly htype: number;
  readonly hlen: number;
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  /** Only the top bit (broadcast) has a meaning. */
  readonly flags: number;
  readonly ciaddr: Ipv4;
  readonly yiaddr: Ipv4;
  readonly siaddr: Ipv4;
  readonly giaddr: Ipv4;
  /** Always 16 bytes, of which `hlen` count. */
  readonly chaddr: Uint8Array;
  /** One character per byte. */
  readonly sname: string;
  readonly file: string;
  /** Raw values in wire order, those sent in pieces joined (RFC 3396), those overloaded into sname and file included. */
  readonly options: Options;
};

const SNAME = 44;
const FILE = 108;
const COOKIE = 236;
const OPTIONS = 240;
const MAGIC = 0x63825363;

const PAD = 0;
const OVERLOAD = 52;
const TFTP_SERVER_NAME = 66;
const BOOT_FILE = 67;
const RELAY_AGENT = 82;
const END = 255;

/** BOOTP's 300 bytes: ROMs of the nineties drop anything shorter (RFC 1542 §2.1). */
const MIN_SIZE = 300;
/** Longest names that fit into their fields with a NUL behind. */
const MAX_SNAME = 63;
const MAX_FILE = 127;
/** Payload of an Ethernet frame. Larger answers would be fragmented, and no ROM puts fragments together. */
export const MAX_SIZE = 1472;
/** Nothing legitimate comes near; it bounds the work one datagram can cause. */
const MAX_RECEIVED = 4096;

/**
 * The values are views into `bytes`: copy what must outlive them.
 * @throws {DecodeError} for anything that is no DHCP message, plain BOOTP included.
 */
export function decodePacket(bytes: Uint8Array): DhcpPacket {
  if (bytes.length < OPTIONS) throw new DecodeError('shorter than a DHCP header', bytes.length);
  if (bytes.length > MAX_RECEIVED) throw new DecodeError('longer than any DHCP message', MAX_RECEIVED);
  if (u32(bytes, COOKIE) !== MAGIC) throw new DecodeError('no DHCP magic cookie', COOKIE);
  const options = new Map<number, Uint8Array>();
  readOptions(bytes, OPTIONS, bytes.length, options);
  const overload = options.get(OVERLOAD)?.[0] ?? 0;
  // RFC 3396 §5: the options field first, then file, then sname.
  if ((overload & 1) !== 0) readOptions(bytes, FILE, COOKIE, options);
  if ((overload & 2) !== 0) readOptions(bytes, SNAME, FILE, options);
  options.delete(OVERLOAD);
  return {
    op: bytes[0]!,
    htype: bytes[1]!,
    hlen: bytes[2]!,
    hops: bytes[3]!,
    xid: u32(bytes, 4),
    secs: (bytes[8]! << 8) | bytes[9]!,
    flags: (bytes[10]! << 8) | bytes[11]!,
    ciaddr: u32(bytes, 12),
    yiaddr: u32(bytes, 16),
    siaddr: u32(bytes, 20),
    giaddr: u32(bytes, 24),
    chaddr: bytes.subarray(28, SNAME),
    sname: (overload & 2) !== 0 ? '' : cstring(bytes, SNAME, FILE),
    file: (overload & 1) !== 0 ? '' : cstring(bytes, FILE, COOKIE),
    options,
  };
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function cstring(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to && bytes[at] !== 0; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** The end option may be missing: some ROMs fill the field to its last byte. */
function readOptions(bytes: Uint8Array, from: number, to: number, into: Map<number, Uint8Array>): void {
  let at = from;
  while (at < to) {
    const code = bytes[at++]!;
    if (code === PAD) continue;
    if (code === END) return;
    if (at >= to) throw new DecodeError(`option ${code} without length`, at);
    const start = at + 1;
    at = start + bytes[at]!;
    if (at > to) throw new DecodeError(`option ${code} is cut off`, start);
    const value = bytes.subarray(start, at);
    const earlier = into.get(code);
    into.set(code, earlier === undefined ? value : joined(earlier, value));
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/**
 * Writes the options in their order, the relay agent's (82) last (RFC 3046 §2.2). A name too long for its field
 * goes into option 66 or 67 instead. Options that no longer fit into `maxSize` (bytes of UDP payload, 300 to
 * 1472) go into fields of the header that are not in use (option 52, RFC 2132 §9.3), and are left out when those are full
 * too, so put what matters first. Codes 0, 52 and 255 are the codec's own and ignored.
 */
export function encodePacket(packet: DhcpPacket, limits: { readonly maxSize?: number } = {}): Uint8Array {
  const size = Math.min(MAX_SIZE, Math.max(MIN_SIZE, limits.maxSize ?? MAX_SIZE));
  const bytes = blank(size);
  writeHeader(packet, bytes);
  const relay = packet.options.get(RELAY_AGENT);
  // Room for the relay's option, for option 52 and for the end.
  const limit = size - 4 - (relay === undefined ? 0 : wireLength(relay));
  let at = OPTIONS;
  let left: Wanted[] | undefined;
  for (const [code, value] of packet.options) {
    if (code === RELAY_AGENT || OWN.has(code) || isInHeader(packet, code)) continue;
    const next = writeOption(bytes, at, limit, code, value);
    if (next === at) (left ??= []).push([code, value]);
    at = next;
  }
  if (packet.file.length > MAX_FILE) at = writeOption(bytes, at, limit, BOOT_FILE, fromText(packet.file));
  if (packet.sname.length > MAX_SNAME)
    at = writeOption(bytes, at, limit, TFTP_SERVER_NAME, fromText(packet.sname));
  if (left !== undefined) at = overload(packet, bytes, at, left);
  if (relay !== undefined) at = writeOption(bytes, at, size - 1, RELAY_AGENT, relay);
  bytes[at++] = END;
  const length = Math.max(at, MIN_SIZE);
  slabUsed += length;
  return bytes.subarray(0, length);
}

/** The codec's own. */
const OWN: ReadonlySet<number> = new Set([PAD, OVERLOAD, END]);

type Wanted = readonly [code: number, value: Uint8Array];

/** A name that is too long for its field is the option, whatever the options say. */
function isInHeader({ file, sname }: DhcpPacket, code: number): boolean {
  return (
    (code === BOOT_FILE && file.length > MAX_FILE) || (code === TFTP_SERVER_NAME && sname.length > MAX_SNAME)
  );
}

/** Only fields without a name of their own are used: ROMs read `file` and `sname` where they are. */
function overload(packet: DhcpPacket, bytes: Uint8Array, at: number, left: Wanted[]): number {
  let used = 0;
  if (packet.file === '') used |= fill(bytes, FILE, COOKIE, left) ? 1 : 0;
  if (packet.sname === '') used |= fill(bytes, SNAME, FILE, left) ? 2 : 0;
  return used === 0 ? at : writeOption(bytes, at, at + 3, OVERLOAD, Uint8Array.of(used));
}

/** Takes out of `left` what it writes; the field ends with its own end option. */
function fill(bytes: Uint8Array, from: number, to: number, left: Wanted[]): boolean {
  let at = from;
  for (const option of [...left]) {
    const next = writeOption(bytes, at, to - 1, ...option);
    if (next > at) left.splice(left.indexOf(option), 1);
    at = next;
  }
  if (at > from) bytes[at] = END;
  return at > from;
}

/**
 * Zeroed memory for one packet, cut from a larger piece that is never used twice: in a boot storm an allocation
 * a packet costs more than all of the encoding.
 */
function blank(size: number): Uint8Array {
  if (slabUsed + size > slab.length) {
    slab = new Uint8Array(SLAB_SIZE);
    slabUsed = 0;
  }
  return slab.subarray(slabUsed, slabUsed + size);
}

const SLAB_SIZE = 65_536;
let slab = new Uint8Array(0);
let slabUsed = 0;

function writeHeader(packet: DhcpPacket, bytes: Uint8Array): void {
  bytes[0] = packet.op;
  bytes[1] = packet.htype;
  bytes[2] = packet.hlen;
  bytes[3] = packet.hops;
  put32(bytes, 4, packet.xid);
  bytes[8] = packet.secs >>> 8;
  bytes[9] = packet.secs;
  bytes[10] = packet.flags >>> 8;
  bytes[11] = packet.flags;
  put32(bytes, 12, packet.ciaddr);
  put32(bytes, 16, packet.yiaddr);
  put32(bytes, 20, packet.siaddr);
  put32(bytes, 24, packet.giaddr);
  bytes.set(packet.chaddr, 28);
  if (packet.sname.length <= MAX_SNAME) putText(bytes, SNAME, packet.sname);
  if (packet.file.length <= MAX_FILE) putText(bytes, FILE, packet.file);
  put32(bytes, COOKIE, MAGIC);
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function putText(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

function fromText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  putText(bytes, 0, text);
  return bytes;
}

/** A value of more than 255 bytes goes out in pieces (RFC 3396). */
function wireLength(value: Uint8Array): number {
  return value.length + 2 * Math.max(1, Math.ceil(value.length / 255));
}

/** Answers the offset after the option; the same offset if it does not fit below `limit`. */
function writeOption(bytes: Uint8Array, at: number, limit: number, code: number, value: Uint8Array): number {
  if (at + wireLength(value) > limit) return at;
  let to = at;
  let from = 0;
  do {
    const length = Math.min(255, value.length - from);
    bytes[to] = code;
    bytes[to + 1] = length;
    bytes.set(length === value.length ? value : value.subarray(from, from + length), to + 2);
    to += 2 + length;
    from += length;
  } while (from < value.length);
  // Old Intel boot agents read the name in place as a C string and ask TFTP for "pxelinux.0\xff", and EDK II
  // writes a NUL over the byte after it: a pad is zero and nobody's.
  return code === BOOT_FILE || code === TFTP_SERVER_NAME ? Math.min(to + 1, limit) : to;
}
