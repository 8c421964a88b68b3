/** Looks by ARP whether somebody has an address, on links of this machine (RFC 5227 §2.1, in a hurry). */

import type { Log } from '../boot/log.ts';
import { reasonOf } from '../errors.ts';
import type { Ipv4 } from '../net/ip.ts';
import { isZeroMac, type Mac } from '../net/mac.ts';
import { decodeArpReply, encodeArpProbe } from './arp.ts';
import { isLoopback } from './links.ts';
import { loadNative, type Native, type Poll } from './native.ts';
import type { AddressProbe, Link } from './types.ts';

const ETH_P_ARP = 0x0806;
const EVERYONE = new Uint8Array(6).fill(0xff);
/** RFC 5227 takes seconds; who is on the link and awake answers within a few milliseconds. */
const WAIT_MS = 300;
/** The question is put a second time, in case the first was lost. */
const AGAIN_MS = 120;

/**
 * The probe for all links. Where ARP cannot be spoken (no koffi, not Linux, no CAP_NET_RAW) there is none, which
 * is said in the log once for each reason; the `links` given are tried at once.
 */
export async function openArpProbe(links: readonly Link[], log: Log): Promise<AddressProbe> {
  const probe = new ArpProbe(await loadNative(), log);
  for (const link of links) probe.prepare(link);
  return probe;
}

class ArpProbe implements AddressProbe {
  private readonly native: Native | undefined;
  private readonly log: Log;
  private readonly sockets = new Map<string, ArpSocket | undefined>();
  private readonly said = new Set<string>();
  private closed = false;

  constructor(native: Native | undefined, log: Log) {
    this.native = native;
    this.log = log;
  }

  prepare(link: Link): ArpSocket | undefined {
    if (this.closed || isLoopback(link) || isZeroMac(link.mac)) return undefined;
    if (this.sockets.has(link.name)) return this.sockets.get(link.name);
    const socket = this.open(link);
    this.sockets.set(link.name, socket);
    return socket;
  }

  ask(link: Link, address: Ipv4): Promise<Mac | undefined> | undefined {
    const socket = this.prepare(link);
    if (socket === undefined) return undefined;
    try {
      return socket.ask(link, address);
    } catch (error) {
      // The interface is down, or is another one by now that only has the name of the old.
      this.without(link, reasonOf(error));
      this.sockets.delete(link.name);
      socket.close();
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const socket of this.sockets.values()) socket?.close();
    this.sockets.clear();
  }

  private open(link: Link): ArpSocket | undefined {
    if (this.native === undefined) {
      this.without(link, 'it takes Linux and the package koffi');
      return undefined;
    }
    try {
      return new ArpSocket(this.native, link.name);
    } catch (error) {
      this.without(link, reasonOf(error));
      return undefined;
    }
  }

  private without(link: Link, reason: string): void {
    if (this.said.has(reason)) return;
    this.said.add(reason);
    this.log('info', 'addresses are offered without a look whether somebody has them', {
      link: link.name,
      reason,
    });
  }
}

type Question = {
  readonly answer: Promise<Mac | undefined>;
  readonly settle: (mac: Mac | undefined) => void;
};

/** One link's questions, and the socket that hears the replies; it costs nothing while nobody is asked. */
class ArpSocket {
  private readonly native: Native;
  private readonly fd: number;
  private readonly index: number;
  private readonly poll: Poll;
  private readonly questions = new Map<Ipv4, Question>();
  private receiving: NodeJS.Immediate | undefined;
  private closed = false;

  /** Throws EPERM without CAP_NET_RAW, ENODEV. */
  constructor(native: Native, name: string) {
    this.native = native;
    this.index = native.interfaceIndex(name);
    this.fd = native.openArp(this.index);
    try {
      this.poll = native.poll(this.fd);
    } catch (error) {
      native.close(this.fd);
      throw error;
    }
    // As in native-port.ts: the callback runs where no JavaScript is expected.
    this.poll.start({ readable: true, writable: false }, () => {
      this.receiving ??= setImmediate(() => {
        this.receiving = undefined;
        this.receive();
      });
    });
  }

  /** Throws what sending throws. */
  ask(link: Link, address: Ipv4): Promise<Mac | undefined> {
    const asked = this.questions.get(address);
    if (asked !== undefined) return asked.answer;
    this.send(link, address);
    const again = setTimeout(() => this.sendAgain(link, address), AGAIN_MS);
    const end = setTimeout(() => this.questions.get(address)?.settle(undefined), WAIT_MS);
    const { promise: answer, resolve } = withResolvers<Mac | undefined>();
    const settle = (mac: Mac | undefined) => {
      clearTimeout(again);
      clearTimeout(end);
      this.questions.delete(address);
      resolve(mac);
    };
    this.questions.set(address, { answer, settle });
    return answer;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearImmediate(this.receiving);
    for (const { settle } of [...this.questions.values()]) settle(undefined);
    this.poll.close();
    this.native.close(this.fd);
  }

  private send(link: Link, address: Ipv4): void {
    this.native.outgoing.putFrame(0, encodeArpProbe(link.mac, address), EVERYONE, this.index, ETH_P_ARP);
    this.native.send(this.fd, 1);
  }

  private sendAgain(link: Link, address: Ipv4): void {
    try {
      this.send(link, address);
    } catch {
      // The link went down after the first question; the next one finds out and says it.
      this.questions.get(address)?.settle(undefined);
    }
  }

  private receive(): void {
    if (this.closed) return;
    try {
      for (const { bytes } of this.native.receive(this.fd)) {
        const reply = decodeArpReply(bytes);
        if (reply !== undefined) this.questions.get(reply.address)?.settle(reply.mac);
      }
    } catch {
      // ENETDOWN, once, when the interface goes down; reading clears it, and sending says it again.
    }
  }
}

function withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
