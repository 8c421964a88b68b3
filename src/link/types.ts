/** The sockets the protocol rooms are given; real ones and the fake wire of tests look the same. */

import type { Ipv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';

/** One received datagram. `bytes` is only valid during the call: copy what must outlive it. */
export type Datagram = {
  readonly bytes: Uint8Array;
  readonly address: Ipv4;
  readonly port: number;
};

/** One datagram to send. With `mac` and no ARP entry possible, it goes out as a layer-2 frame (RFC 2131 §4.1). */
export type Outgoing = {
  readonly bytes: Uint8Array;
  readonly address: Ipv4;
  readonly port: number;
  /** Hardware address of the receiver, which has no IP address yet. */
  readonly mac?: Uint8Array;
  /**
   * `bytes` are datagrams of this size one behind the other, the last may be shorter. They lie in memory that
   * stays as it is, however long sending takes, so that nobody has to copy them; they go out in as few system
   * calls as the kernel allows.
   */
  readonly segment?: number;
};

export type Link = {
  /** Interface name, `eth0`. */
  readonly name: string;
  /** Our own address on it. */
  readonly address: Ipv4;
  readonly prefix: number;
  readonly mac: Uint8Array;
  /** Largest IP packet, bytes; undefined: 1500 is assumed. */
  readonly mtu?: number;
};

/** A UDP port on one link. All datagrams read in one event-loop turn come in one batch, unless `turnMs` is given. */
export interface UdpPort {
  readonly link: Link;
  readonly port: number;
  onBatch(handler: (batch: readonly Datagram[]) => void): void;
  /** Sends all; what the kernel refuses is reported to `onError`, never thrown. */
  send(batch: readonly Outgoing[]): void;
  onError(handler: (error: Error, refused?: Outgoing) => void): void;
  close(): Promise<void>;
}

export type OpenOptions = {
  /**
   * No broadcasts; in exchange the port is bound to the link's address and hears whoever reaches that address,
   * over other links and from this machine too. What TFTP wants; always so for port 0.
   */
  readonly unicastOnly?: boolean;
  /**
   * For answers that are costly: milliseconds after which others have their turn. Until then, small batches follow
   * each other as long as there is anything to read. Without it, one batch a turn is all that waits.
   */
  readonly turnMs?: number;
};

/** Opens UDP ports; the only door to the network for dhcp/ and tftp/. */
export interface Wire {
  /**
   * Broadcasts and unicasts arriving on this link only. Port 0 is one that is free on the link's address.
   * Rejects with a ChainbootError.
   */
  open(link: Link, port: number, options?: OpenOptions): Promise<UdpPort>;
}

/** Looks whether somebody has an address before it is given to somebody else (RFC 2131 §2.2). */
export interface AddressProbe {
  /**
   * The MAC that answers at an address of the link, undefined when none did within a third of a second. No promise
   * at all where nobody can be asked. Neither throws nor rejects; closing settles what is under way.
   */
  ask(link: Link, address: Ipv4): Promise<Mac | undefined> | undefined;
  close(): Promise<void>;
}
