/**
 * Hears the DHCP answers that others send on a link, and asks as a machine that has no address would. Both take frames,
 * and so CAP_NET_RAW. A switch passes on what is broadcast; an OFFER by unicast to somebody else is not heard.
 */

import type { Ipv4 } from '../net/ip.ts';
import { formatMac, isZeroMac, type Mac } from '../net/mac.ts';
import { encodeUdpPacket } from './frame.ts';
import { isLoopback } from './links.ts';
import { loadNative, type Native, type Poll } from './native.ts';
import type { Link } from './types.ts';

const ETH_P_IP = 0x0800;
const EVERYONE = new Uint8Array(6).fill(0xff);
const BUFFER = 1 << 20;

/** `payload` is valid during the call only. */
export type OtherAnswer = {
  readonly link: Link;
  readonly mac: Mac;
  readonly source: Ipv4;
  readonly payload: Uint8Array;
};

export type DhcpWatch = {
  /** Broadcasts a DHCP message from 0.0.0.0 port 68. Throws what the system says: ENETDOWN. */
  ask(message: Uint8Array): void;
  close(): void;
};

/** Undefined where there are no frames: loopback, a tunnel, no Linux, no koffi. Rejects with EPERM, ENODEV. */
export async function openDhcpWatch(
  link: Link,
  onAnswer: (answer: OtherAnswer) => void,
): Promise<DhcpWatch | undefined> {
  if (isLoopback(link) || isZeroMac(link.mac)) return undefined;
  const native = await loadNative();
  return native === undefined ? undefined : new LinkWatch(native, link, onAnswer);
}

class LinkWatch implements DhcpWatch {
  readonly #native: Native;
  readonly #link: Link;
  readonly #onAnswer: (answer: OtherAnswer) => void;
  readonly #fd: number;
  readonly #poll: Poll;
  #receiving: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(native: Native, link: Link, onAnswer: (answer: OtherAnswer) => void) {
    this.#native = native;
    this.#link = link;
    this.#onAnswer = onAnswer;
    this.#fd = native.openFrames(native.interfaceIndex(link.name), answersOfOthers(link.mac), BUFFER);
    try {
      this.#poll = native.poll(this.#fd);
    } catch (error) {
      native.close(this.#fd);
      throw error;
    }
    // As in native-port.ts: the callback runs where no JavaScript is expected.
    this.#poll.start({ readable: true, writable: false }, () => {
      this.#receiving ??= setImmediate(() => {
        this.#receiving = undefined;
        this.#receive();
      });
    });
  }

  ask(payload: Uint8Array): void {
    const fd = this.#native.openPacket();
    try {
      const ports = { sourcePort: 68, destinationPort: 67 };
      const packet = encodeUdpPacket({ source: 0, destination: 0xffffffff, ...ports, payload });
      const index = this.#native.interfaceIndex(this.#link.name);
      this.#native.outgoing.putFrame(0, packet, EVERYONE, index, ETH_P_IP);
      this.#native.send(fd, 1);
    } finally {
      this.#native.close(fd);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearImmediate(this.#receiving);
    this.#poll.close();
    this.#native.close(this.#fd);
  }

  #receive(): void {
    if (this.#closed) return;
    try {
      for (const { bytes } of this.#native.receive(this.#fd)) {
        const answer = answerIn(bytes, this.#link);
        if (answer !== undefined) this.#onAnswer(answer);
      }
    } catch {
      // ENETDOWN, once, when the interface goes down; it is heard again when it comes up.
    }
  }
}

const ETHERNET = 14;
const UDP_HEADER = 8;

/** The filter has seen to it that this is UDP over IPv4 and no later fragment. */
function answerIn(frame: Uint8Array, link: Link): OtherAnswer | undefined {
  const udp = ETHERNET + (frame[ETHERNET]! & 15) * 4;
  if (frame.length < udp + UDP_HEADER) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const end = Math.min(frame.length, udp + view.getUint16(udp + 4));
  return {
    link,
    mac: formatMac(frame.subarray(6, 12)),
    source: view.getUint32(ETHERNET + 12),
    payload: frame.subarray(udp + UDP_HEADER, end),
  };
}

/**
 * `struct sock_filter[]`: UDP from port 67 or 4011 that is a BOOTREPLY and not our own; in a boot storm of our making
 * nobody is woken.
 */
function answersOfOthers(own: Uint8Array): BigUint64Array {
  const view = new DataView(own.buffer, own.byteOffset, 6);
  const step = (code: number, ifTrue: number, ifFalse: number, value: number) =>
    BigInt(code) | (BigInt(ifTrue) << 16n) | (BigInt(ifFalse) << 24n) | (BigInt(value) << 32n);
  const [load32, load16, load8, equal, anyBit, give] = [0x20, 0x28, 0x30, 0x15, 0x45, 0x06] as const;
  const [headerLength, load16Past, load8Past] = [0xb1, 0x48, 0x50] as const;
  return BigUint64Array.of(
    step(load32, 0, 0, 8),
    step(equal, 0, 2, view.getUint32(2)),
    step(load16, 0, 0, 6),
    step(equal, 12, 0, view.getUint16(0)),
    step(load16, 0, 0, 12),
    step(equal, 0, 10, ETH_P_IP),
    step(load8, 0, 0, 23),
    step(equal, 0, 8, 17),
    step(load16, 0, 0, 20),
    step(anyBit, 6, 0, 0x1fff),
    step(headerLength, 0, 0, ETHERNET),
    step(load16Past, 0, 0, ETHERNET),
    step(equal, 1, 0, 67),
    step(equal, 0, 2, 4011),
    step(load8Past, 0, 0, ETHERNET + UDP_HEADER),
    step(equal, 1, 0, 2),
    step(give, 0, 0, 0),
    step(give, 0, 0, 0x40000),
  );
}
