/** The ports of one link: the one that takes requests, and those that transfers share. */

import type { Datagram, Link, UdpPort, Wire } from '../link/types.ts';
import { SharedPort } from './server-port.ts';
import type { Peer } from './server-session.ts';

/**
 * The first is for everybody, so that as many packets as possible are read at once. The second is for a client that
 * asks again from the same port: packets of the attempt before must not be taken for the new one's (RFC 1350 §4).
 */
const TRANSFER_PORTS = 2;

/** A hundred windows of 64 blocks at once would hold DHCP up for 10 ms. */
const TURN_MS = 1;

export type LinkPortsDeps = {
  readonly wire: Wire;
  readonly link: Link;
  /** 0: any. */
  readonly port: number;
  /** Transfers go over the port of the requests too: for firewalls that let nothing else pass. */
  readonly single: boolean;
  readonly request: (listener: SharedPort, datagram: Datagram) => void;
  readonly unsent: (error: Error) => void;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
};

export class LinkPorts {
  readonly listener: SharedPort;
  private readonly transfers: readonly SharedPort[];

  /** Rejects with a ChainbootError when a port cannot be opened; none stays open then. */
  static async open(deps: LinkPortsDeps): Promise<LinkPorts> {
    const { wire, link, port, single } = deps;
    const wanted = [port, ...Array<number>(single ? 0 : TRANSFER_PORTS).fill(0)];
    const results = await Promise.allSettled(
      wanted.map((number) => wire.open(link, number, { unicastOnly: true, turnMs: TURN_MS })),
    );
    const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return new LinkPorts(deps, opened);
    await Promise.all(opened.map((udp) => udp.close()));
    throw failed.reason;
  }

  private constructor({ request, unsent, clock }: LinkPortsDeps, [first, ...others]: UdpPort[]) {
    const common = { clock, unsent };
    this.listener = new SharedPort({
      ...common,
      port: first!,
      request: (datagram) => request(this.listener, datagram),
    });
    const shared = others.map((port) => new SharedPort({ ...common, port }));
    this.transfers = shared.length > 0 ? shared : [this.listener];
  }

  /**
   * The port for a new transfer to `peer`. A client that has one running on each of them, or on the only one in
   * single-port mode, has forgotten it: it ends.
   */
  portFor(peer: Peer): SharedPort {
    const free = this.transfers.filter((shared) => shared.sessionOf(peer) === undefined);
    const port = free.find((shared) => !shared.hadJust(peer)) ?? free[0] ?? this.transfers[0]!;
    port.sessionOf(peer)?.restart();
    return port;
  }

  tick(now: number): void {
    for (const port of this.all) port.tick(now);
  }

  /** An ERROR to every client, then the ports close: what was handed to send has to leave first. */
  async close(): Promise<void> {
    for (const port of this.all) port.breakOff('the server is shutting down');
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([...this.all].map((port) => port.close()));
  }

  private get all(): ReadonlySet<SharedPort> {
    return new Set([this.listener, ...this.transfers]);
  }
}
