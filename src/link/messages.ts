/**
 * Memory for `recvmmsg` and `sendmmsg`: up to {@link SLOTS} datagrams a system call, laid out by hand as the
 * kernel's `struct mmsghdr[]` on 64-bit little-endian Linux and allocated once.
 *
 *     mmsghdr × 64 ──▶ iovec × 64 ──▶ slot × 64 (the datagrams), or memory that others own
 *             ├──────▶ socket address × 64
 *             └──────▶ control × 64: IP_PKTINFO, our address; UDP_SEGMENT, where the kernel cuts the bytes
 */

import type { Ipv4 } from '../net/ip.ts';
import type { Datagram } from './types.ts';

export const SLOTS = 64;
/** Datagrams taken at a time where turns are limited: sixteen answers of 64 packets take 1 to 2 ms. */
export const SMALL_BATCH = 16;
/** A whole UDP datagram, and a few cache lines so that slots do not all fall into the same cache sets. */
const SLOT = 65_536 + 320;

const MMSGHDR = 64;
const IOVEC = 16;
const NAME = 32;
const CONTROL = 64;

const HEADERS_AT = 0;
const IOVECS_AT = HEADERS_AT + SLOTS * MMSGHDR;
const NAMES_AT = IOVECS_AT + SLOTS * IOVEC;
const CONTROLS_AT = NAMES_AT + SLOTS * NAME;
const DATA_AT = CONTROLS_AT + SLOTS * CONTROL;
const SIZE = DATA_AT + SLOTS * SLOT;

// Offsets in 32-bit words within one mmsghdr.
const NAME_LENGTH = 8 / 4;
const CONTROL_LENGTH = 40 / 4;
const MESSAGE_LENGTH = 56 / 4;

const AF_INET = 2;
const SOCKADDR_IN = 16;
const AF_PACKET = 17;
const SOCKADDR_LL = 20;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

// Within one control: cmsghdr 16 and in_pktinfo 12, padded to 32; cmsghdr 16 and a 16-bit size, padded to 24.
const SOURCE = 20;
const SEGMENT_AT = 32;
const SEGMENT = 48;
const CONTROL_PLAIN = 32;
const CONTROL_SEGMENTED = 56;

export class Messages {
  readonly memory = new ArrayBuffer(SIZE);
  private readonly bytes = new Uint8Array(this.memory);
  private readonly words = new Uint32Array(this.memory);
  private readonly addressOf: (memory: ArrayBufferLike) => number;
  private readonly base: number;
  /** What a slot held last; acknowledgements all have one length. */
  private readonly views: Uint8Array[] = [];
  private source: Ipv4 | undefined;

  /** @param addressOf where memory lies; it never moves, and no address has more than 53 bits */
  constructor(addressOf: (memory: ArrayBufferLike) => number) {
    this.addressOf = addressOf;
    this.base = addressOf(this.memory);
    const base = BigInt(this.base);
    const longs = new BigUint64Array(this.memory);
    const pointer = (at: number, offset: number) => {
      longs[at / 8] = base + BigInt(offset);
    };
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = HEADERS_AT + slot * MMSGHDR;
      const iovec = IOVECS_AT + slot * IOVEC;
      pointer(header, NAMES_AT + slot * NAME);
      this.words[header / 4 + NAME_LENGTH] = SOCKADDR_IN;
      pointer(header + 16, iovec);
      longs[(header + 24) / 8] = 1n;
      pointer(iovec, DATA_AT + slot * SLOT);
      longs[(iovec + 8) / 8] = BigInt(SLOT);
    }
  }

  /** For sending: every message carries a source address, zero meaning "the usual one". */
  withSource(): this {
    const longs = new BigUint64Array(this.memory);
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = HEADERS_AT + slot * MMSGHDR;
      const control = CONTROLS_AT + slot * CONTROL;
      longs[(header + 32) / 8] = BigInt(this.base + control);
      longs[(header + 40) / 8] = BigInt(CONTROL_PLAIN);
      longs[control / 8] = 28n;
      this.words[control / 4 + 2] = IPPROTO_IP;
      this.words[control / 4 + 3] = IP_PKTINFO;
      longs[(control + SEGMENT_AT) / 8] = 18n;
      this.words[(control + SEGMENT_AT) / 4 + 2] = SOL_UDP;
      this.words[(control + SEGMENT_AT) / 4 + 3] = UDP_SEGMENT;
    }
    return this;
  }

  /** `in_pktinfo.ipi_spec_dst` of all messages to come. */
  setSource(address: Ipv4): void {
    if (address === this.source) return;
    this.source = address;
    for (let slot = 0; slot < SLOTS; slot++) this.putAddress(CONTROLS_AT + slot * CONTROL + SOURCE, address);
  }

  /** What `recvmmsg` put into a slot; a view. */
  datagram(slot: number): Datagram {
    const name = NAMES_AT + slot * NAME;
    const b = this.bytes;
    const length = this.words[(HEADERS_AT + slot * MMSGHDR) / 4 + MESSAGE_LENGTH]!;
    let view = this.views[slot];
    if (view?.length !== length)
      this.views[slot] = view = new Uint8Array(this.memory, DATA_AT + slot * SLOT, length);
    return {
      bytes: view,
      address: ((b[name + 4]! << 24) | (b[name + 5]! << 16) | (b[name + 6]! << 8) | b[name + 7]!) >>> 0,
      port: (b[name + 2]! << 8) | b[name + 3]!,
    };
  }

  /** A datagram for an Internet address; `payload` is copied. */
  putDatagram(slot: number, payload: Uint8Array, address: Ipv4, port: number): void {
    this.putInternet(this.putPayload(slot, payload, AF_INET, SOCKADDR_IN), address, port);
  }

  /** Datagrams of `segment` bytes, the last may be shorter, sent from where they lie. */
  putSegments(slot: number, payload: Uint8Array, segment: number, address: Ipv4, port: number): void {
    const at = this.addressOf(payload.buffer) + payload.byteOffset;
    const name = this.putMessage(slot, at, payload.length, AF_INET, SOCKADDR_IN);
    this.putInternet(name, address, port);
    if (payload.length <= segment) return;
    this.words[(HEADERS_AT + slot * MMSGHDR) / 4 + CONTROL_LENGTH] = CONTROL_SEGMENTED;
    const control = CONTROLS_AT + slot * CONTROL;
    this.bytes[control + SEGMENT] = segment;
    this.bytes[control + SEGMENT + 1] = segment >>> 8;
  }

  /** A network packet in an Ethernet frame to `mac`: `struct sockaddr_ll`. */
  putFrame(
    slot: number,
    packet: Uint8Array,
    mac: Uint8Array,
    interfaceIndex: number,
    etherType: number,
  ): void {
    const name = this.putPayload(slot, packet, AF_PACKET, SOCKADDR_LL);
    this.bytes[name + 2] = etherType >>> 8;
    this.bytes[name + 3] = etherType;
    this.words[name / 4 + 1] = interfaceIndex;
    this.words[name / 4 + 2] = 0;
    this.bytes[name + 11] = mac.length;
    this.bytes.set(mac.subarray(0, 8), name + 12);
  }

  private putPayload(slot: number, payload: Uint8Array, family: number, nameLength: number): number {
    const at = DATA_AT + slot * SLOT;
    this.bytes.set(payload, at);
    return this.putMessage(slot, this.base + at, payload.length, family, nameLength);
  }

  /** @returns where the socket address of the message goes */
  private putMessage(slot: number, at: number, length: number, family: number, nameLength: number): number {
    const name = NAMES_AT + slot * NAME;
    const header = (HEADERS_AT + slot * MMSGHDR) / 4;
    const iovec = (IOVECS_AT + slot * IOVEC) / 4;
    this.bytes[name] = family;
    this.bytes[name + 1] = 0;
    this.words[header + NAME_LENGTH] = nameLength;
    this.words[header + CONTROL_LENGTH] = CONTROL_PLAIN;
    this.words[iovec] = at;
    this.words[iovec + 1] = at / 2 ** 32;
    this.words[iovec + 2] = length;
    return name;
  }

  private putInternet(name: number, address: Ipv4, port: number): void {
    this.bytes[name + 2] = port >>> 8;
    this.bytes[name + 3] = port;
    this.putAddress(name + 4, address);
  }

  private putAddress(at: number, address: Ipv4): void {
    this.bytes[at] = address >>> 24;
    this.bytes[at + 1] = address >>> 16;
    this.bytes[at + 2] = address >>> 8;
    this.bytes[at + 3] = address;
  }
}
