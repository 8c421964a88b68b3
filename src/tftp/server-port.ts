/**
 * A UDP port shared by many transfers, told apart by their clients' addresses and ports: RFC 1350 §4 wants the
 * pair of both ports to stay the same, not a port of our own for each. So what has arrived for any of them is
 * read by one system call, and all answers go out by another.
 */

import type { Datagram, Link, Outgoing, UdpPort } from '../link/types.ts';
import { errorPacket } from './answers.ts';
import { isErrorPacket, isRequestPacket, TFTP_ERROR } from './packet.ts';
import type { Peer, Session } from './server-session.ts';

export type SharedPortDeps = {
  readonly port: UdpPort;
  /** Takes requests, and what belongs to no transfer; without it, the port is for transfers only. */
  readonly request?: (datagram: Datagram) => void;
  /** The kernel would not send to somebody who has no transfer here. */
  readonly unsent: (error: Error) => void;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
};

const UNKNOWN_TRANSFER = errorPacket(TFTP_ERROR.unknownTransfer, 'this port serves other transfers');
/**
 * How long after a transfer its client hears nothing here. Its last ACK may come twice, and a ROM that asks for
 * the next file from the same port would take an ERROR for the answer to that.
 */
const SILENCE_MS = 5000;
const MAX_SILENT = 4096;
/** Windows that one tick sends again; a window may have 128 KiB. */
const TICK_WINDOWS = 32;

export class SharedPort {
  private readonly deps: SharedPortDeps;
  private readonly sessions = new Map<number, Session>();
  /** When the last transfer of a client ended, in that order. */
  private readonly ended = new Map<number, number>();

  constructor(deps: SharedPortDeps) {
    this.deps = deps;
    deps.port.onBatch((batch) => this.receive(batch));
    deps.port.onError((error, refused) => {
      const session = refused && this.sessions.get(keyOf(refused));
      if (session === undefined) deps.unsent(error);
      else session.refused(error);
    });
  }

  get link(): Link {
    return this.deps.port.link;
  }

  get number(): number {
    return this.deps.port.port;
  }

  sessionOf(peer: Peer): Session | undefined {
    return this.sessions.get(keyOf(peer));
  }

  /** A transfer of that client ended here a moment ago; packets of it may still be on their way. */
  hadJust(peer: Peer): boolean {
    return this.isSilent(keyOf(peer));
  }

  enter(session: Session): void {
    this.sessions.set(keyOf(session.peer), session);
  }

  leave(session: Session): void {
    const key = keyOf(session.peer);
    if (this.sessions.get(key) !== session) return;
    this.sessions.delete(key);
    this.ended.delete(key);
    this.ended.set(key, this.deps.clock());
    this.forgetEnded();
  }

  send(out: readonly Outgoing[]): void {
    if (out.length > 0) this.deps.port.send(out);
  }

  tick(now: number): void {
    const out: Outgoing[] = [];
    for (const session of this.sessions.values()) {
      // What is left is still due at the next tick: after a break of the network, all are due at once.
      if (out.length >= TICK_WINDOWS) break;
      session.tick(now, out);
    }
    this.send(out);
  }

  breakOff(message: string): void {
    for (const session of [...this.sessions.values()]) session.breakOff(message);
  }

  close(): Promise<void> {
    return this.deps.port.close();
  }

  private receive(batch: readonly Datagram[]): void {
    const out: Outgoing[] = [];
    // Port 0 says that no answer is expected (RFC 768), and there is no way to send one.
    for (const datagram of batch) if (datagram.port !== 0) this.dispatch(datagram, out);
    this.send(out);
  }

  private dispatch(datagram: Datagram, out: Outgoing[]): void {
    const { request } = this.deps;
    if (request !== undefined && isRequestPacket(datagram.bytes)) {
      request(datagram);
      return;
    }
    const key = keyOf(datagram);
    const session = this.sessions.get(key);
    if (session !== undefined) session.receive(datagram.bytes, out);
    else if (isErrorPacket(datagram.bytes) || this.isSilent(key)) return;
    else if (request !== undefined) request(datagram);
    else out.push({ bytes: UNKNOWN_TRANSFER, address: datagram.address, port: datagram.port });
  }

  private isSilent(key: number): boolean {
    const at = this.ended.get(key);
    return at !== undefined && this.deps.clock() - at < SILENCE_MS;
  }

  private forgetEnded(): void {
    const now = this.deps.clock();
    for (const [key, at] of this.ended) {
      if (this.ended.size <= MAX_SILENT && now - at < SILENCE_MS) return;
      this.ended.delete(key);
    }
  }
}

/** Below 2^48, so exact. */
function keyOf({ address, port }: Peer): number {
  return address * 0x1_0000 + port;
}
