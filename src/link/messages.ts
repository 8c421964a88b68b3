/**
 * Memory for `recvmmsg` and `sendmmsg`: up to {@link SLOTS} datagrams a system call, laid out by hand as the
 * kernel's `struct mmsghdr[]` on 64-bit little-endian Linux and allocated once.
 *
 *     mmsghdr × 64 ──▶ iovec × 64 ──▶ slot × 64 (the datagrams)
 *             ├──────▶ socket address × 64
 *             └──────▶ one control message, IP_PKTINFO: the source address of everything sent
 */

import type { Ipv4 } from '../net/ip.ts';
import type { Datagram } from './types.ts';

export const SLOTS = 64;
/** A whole UDP datagram, and a few cache lines so that slots do not all fall into the same cache sets. */
const SLOT = 65_536 + 320;

const MMSGHDR = 64;
const IOVEC = 16;
const NAME = 32;
const CONTROL = 32;

const HEADERS_AT = 0;
const IOVECS_AT = HEADERS_AT + SLOTS * MMSGHDR;
const NAMES_AT = IOVECS_AT + SLOTS * IOVEC;
const CONTROL_AT = NAMES_AT + SLOTS * NAME;
const DATA_AT = CONTROL_AT + CONTROL;
const SIZE = DATA_AT + SLOTS * SLOT;

// Offsets in 32-bit words within one mmsghdr.
const NAME_LENGTH = 8 / 4;
const MESSAGE_LENGTH = 56 / 4;

const AF_INET = 2;
const SOCKADDR_IN = 16;
const AF_PACKET = 17;
const SOCKADDR_LL = 20;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;

export class Messages {
  readonly memory = new ArrayBuffer(SIZE);
  private readonly bytes = new Uint8Array(this.memory);
  private readonly words = new Uint32Array(this.memory);

  /** @param addressOf where the memory lies; it never moves */
  constructor(addressOf: (memory: ArrayBuffer) => bigint) {
    const base = addressOf(this.memory);
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
  withSource(base: bigint): this {
    const longs = new BigUint64Array(this.memory);
    longs[CONTROL_AT / 8] = 28n; // cmsghdr 16 + in_pktinfo 12
    this.words[CONTROL_AT / 4 + 2] = IPPROTO_IP;
    this.words[CONTROL_AT / 4 + 3] = IP_PKTINFO;
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = HEADERS_AT + slot * MMSGHDR;
      longs[(header + 32) / 8] = base + BigInt(CONTROL_AT);
      longs[(header + 40) / 8] = BigInt(CONTROL);
    }
    return this;
  }

  /** `in_pktinfo.ipi_spec_dst` of all messages to come. */
  setSource(address: Ipv4): void {
    this.putAddress(CONTROL_AT + 20, address);
  }

  /** What `recvmmsg` put into a slot; a view. */
  datagram(slot: number): Datagram {
    const name = NAMES_AT + slot * NAME;
    const b = this.bytes;
    const length = this.words[(HEADERS_AT + slot * MMSGHDR) / 4 + MESSAGE_LENGTH]!;
    return {
      bytes: new Uint8Array(this.memory, DATA_AT + slot * SLOT, length),
      address: ((b[name + 4]! << 24) | (b[name + 5]! << 16) | (b[name + 6]! << 8) | b[name + 7]!) >>> 0,
      port: (b[name + 2]! << 8) | b[name + 3]!,
    };
  }

  /** A datagram for an Internet address. */
  putDatagram(slot: number, payload: Uint8Array, address: Ipv4, port: number): void {
    const name = this.putPayload(slot, payload, AF_INET, SOCKADDR_IN);
    this.bytes[name + 2] = port >>> 8;
    this.bytes[name + 3] = port;
    this.putAddress(name + 4, address);
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
    const name = NAMES_AT + slot * NAME;
    this.bytes[name] = family;
    this.bytes[name + 1] = 0;
    this.words[(HEADERS_AT + slot * MMSGHDR) / 4 + NAME_LENGTH] = nameLength;
    this.words[(IOVECS_AT + slot * IOVEC + 8) / 4] = payload.length;
    this.bytes.set(payload, DATA_AT + slot * SLOT);
    return name;
  }

  private putAddress(at: number, address: Ipv4): void {
    this.bytes[at] = address >>> 24;
    this.bytes[at + 1] = address >>> 16;
    this.bytes[at + 2] = address >>> 8;
    this.bytes[at + 3] = address;
  }
}
