/** One transfer on its own UDP port: the port number is the server's transfer id (RFC 1350 §4). */

import { reasonOf } from '../errors.ts';
import type { Datagram, Outgoing, UdpPort } from '../link/types.ts';
import { errorPacket } from './answers.ts';
import { isErrorPacket, type Packet, TFTP_ERROR, tryDecode } from './packet.ts';
import type { Source } from './server-files.ts';
import {
  type Action,
  begin,
  type Event,
  isRestart,
  type Outcome,
  type Plan,
  type Statistics,
  statistics,
  step,
  type Transfer,
} from './transfer.ts';

export type SessionDeps = {
  readonly port: UdpPort;
  readonly peer: { readonly address: number; readonly port: number };
  readonly plan: Plan;
  /** The encoded OACK, when the plan says to offer one. */
  readonly offer: Uint8Array;
  readonly source: Source;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  /** When the request came, on that clock. */
  readonly requested: number;
  /** Called once. */
  readonly ended: (outcome: Outcome, numbers: Statistics, sendError: string | undefined) => void;
  /** The port could not be closed after that. */
  readonly stuck: (error: unknown) => void;
};

const UNKNOWN_TRANSFER = errorPacket(TFTP_ERROR.unknownTransfer, 'this port serves another transfer');

export class Session {
  private readonly deps: SessionDeps;
  private transfer: Transfer;
  private sendError: string | undefined;
  /** Counts windows, so that a slow read does not send one that is no longer wanted. */
  private window = 0;
  private reading = false;
  private closing: Promise<void> | undefined;

  constructor(deps: SessionDeps) {
    this.deps = deps;
    const [transfer, actions] = begin(deps.plan, deps.clock(), deps.requested);
    this.transfer = transfer;
    deps.port.onBatch((batch) => this.receive(batch));
    deps.port.onError((error) => {
      this.sendError = error.message;
    });
    this.flush(this.perform(actions));
  }

  /** Sends again what has gone unanswered for too long. */
  tick(now: number): void {
    if (now >= this.transfer.deadline && !this.reading) this.handle({ kind: 'tick' });
  }

  handle(event: Event): void {
    this.flush(this.advance(event));
  }

  /** See {@link isRestart}. */
  isRestart(): boolean {
    return isRestart(this.transfer, this.deps.clock());
  }

  private receive(batch: readonly Datagram[]): void {
    const out: Outgoing[] = [];
    for (const datagram of batch) {
      const { address, port } = datagram;
      if (address === this.deps.peer.address && port === this.deps.peer.port) {
        const packet = tryDecode(datagram.bytes);
        if (packet !== undefined) out.push(...this.advance(eventOf(packet)));
      } else if (!isErrorPacket(datagram.bytes)) {
        out.push({ bytes: UNKNOWN_TRANSFER, address, port });
      }
    }
    this.flush(out);
  }

  private advance(event: Event): Outgoing[] {
    const [transfer, actions] = step(this.transfer, event, this.deps.clock());
    this.transfer = transfer;
    return this.perform(actions);
  }

  private perform(actions: readonly Action[]): Outgoing[] {
    return actions.flatMap((action) => this.act(action));
  }

  private act(action: Action): Outgoing[] {
    switch (action.kind) {
      case 'offer':
        return [this.toPeer(this.deps.offer)];
      case 'data':
        return this.data(action.first, action.count);
      case 'error':
        return [this.toPeer(errorPacket(action.code, action.message))];
      case 'end':
        return this.end(action.outcome);
    }
  }

  private data(first: number, count: number): Outgoing[] {
    const window = ++this.window;
    const packets = this.deps.source.packets(first, count);
    this.reading = !Array.isArray(packets);
    if (Array.isArray(packets)) return packets.map((packet) => this.toPeer(packet));
    packets.then(
      (read) => this.dataRead(window, read),
      (error: unknown) => this.readFailed(error),
    );
    return [];
  }

  private dataRead(window: number, packets: readonly Uint8Array[]): void {
    if (window !== this.window || this.transfer.phase === 'ended') return;
    this.reading = false;
    this.flush(packets.map((packet) => this.toPeer(packet)));
  }

  private readFailed(error: unknown): void {
    this.handle({ kind: 'fail', message: reasonOf(error) });
  }

  private toPeer(bytes: Uint8Array): Outgoing {
    const { address, port } = this.deps.peer;
    return { bytes, address, port };
  }

  private flush(out: readonly Outgoing[]): void {
    if (this.closing !== undefined) return;
    if (out.length > 0) this.deps.port.send(out);
    if (this.transfer.phase === 'ended') this.close().catch(this.deps.stuck);
  }

  private end(outcome: Outcome): Outgoing[] {
    this.deps.source.close();
    this.deps.ended(outcome, statistics(this.transfer, this.deps.clock()), this.sendError);
    return [];
  }

  /** Resolves when the port is free. Breaks the transfer off if it is still running. */
  close(): Promise<void> {
    if (this.closing === undefined && this.transfer.phase !== 'ended') {
      this.handle({ kind: 'fail', message: 'the server is shutting down' });
    }
    // Not in the same turn: what was handed to send has to leave first.
    this.closing ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.deps.port.close());
    return this.closing;
  }
}

function eventOf(packet: Packet): Event {
  switch (packet.op) {
    case 'ack':
      return { kind: 'ack', block: packet.block };
    case 'error':
      return { kind: 'error', code: packet.code, message: packet.message };
    default:
      return { kind: 'illegal' };
  }
}
