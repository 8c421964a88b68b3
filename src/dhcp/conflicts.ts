/**
 * Which clients wait for a look whether somebody else has their address (RFC 2131 §2.2, §4.4.1), and what was found
 * lately. The look itself is an `AddressProbe`'s; who sends the offer is server.ts.
 */

import type { Link } from '../link/types.ts';
import type { Ipv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';

/** Looks at the same time; in a storm of machines the others are offered addresses without one. */
export const MOST_LOOKS = 64;
/** Addresses in use one after the other, after which a client is left to ask again. */
export const MOST_TRIES = 8;
/** How long an address counts as free after nobody answered there. */
export const REMEMBER_MS = 60_000;

/** `packet` is the newest DISCOVER of the client: it may have been switched off and on meanwhile. */
export type Waiting<T> = {
  readonly address: Ipv4;
  /** Addresses found in use before this one. */
  readonly tries: number;
  latest: T;
};

export class Conflicts<T> {
  private readonly waiting = new Map<string, Waiting<T>>();
  /** In the order of time, so that the oldest is the first. */
  private readonly free = new Map<Ipv4, number>();

  /** The look that a client waits for. A client is told apart by its MAC, on each link for itself. */
  of(link: Link, mac: Mac): Waiting<T> | undefined {
    return this.waiting.size === 0 ? undefined : this.waiting.get(keyOf(link, mac));
  }

  hasRoom(): boolean {
    return this.waiting.size < MOST_LOOKS;
  }

  begin(link: Link, mac: Mac, waiting: Waiting<T>): void {
    this.waiting.set(keyOf(link, mac), waiting);
  }

  /** False: it is not waited for any more. */
  end(link: Link, mac: Mac, waiting: Waiting<T>): boolean {
    return this.of(link, mac) === waiting && this.waiting.delete(keyOf(link, mac));
  }

  /** The client wants nothing of us any more. */
  forget(link: Link, mac: Mac): void {
    if (this.waiting.size > 0) this.waiting.delete(keyOf(link, mac));
  }

  clear(): void {
    this.waiting.clear();
  }

  foundFree(address: Ipv4, now: number): void {
    for (const [other, at] of this.free) {
      if (now - at < REMEMBER_MS) break;
      this.free.delete(other);
    }
    this.free.delete(address);
    this.free.set(address, now);
  }

  isKnownFree(address: Ipv4, now: number): boolean {
    const at = this.free.get(address);
    return at !== undefined && now - at < REMEMBER_MS;
  }
}

function keyOf(link: Link, mac: Mac): string {
  return `${link.name} ${mac}`;
}
