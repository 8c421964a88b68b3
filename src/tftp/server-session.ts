/** One transfer: what its packets do to the state machine, and what that sends. */

import { reasonOf } from '../errors.ts';
import type { Outgoing } from '../link/types.ts';
import { errorPacket } from './answers.ts';
import { packetBytes } from './image.ts';
import { ackedBlock, type Packet, tryDecode } from './packet.ts';
import type { Packets, Source } from './server-files.ts';
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

/** Address and port: together with our port, what tells one transfer from another. */
export type Peer = { readonly address: number; readonly port: number };

export type SessionDeps = {
  readonly peer: Peer;
  readonly plan: Plan;
  /** The encoded OACK, when the plan says to offer one. */
  readonly offer: Uint8Array;
  readonly source: Source;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  /** When the request came, on that clock. */
  readonly requested: number;
  /** For what is sent without a packet or a tick that asked for it. */
  readonly send: (out: readonly Outgoing[]) => void;
  /** Called once. */
  readonly ended: (outcome: Outcome, numbers: Statistics, sendError: string | undefined) => void;
};

export class Session {
  readonly peer: Peer;
  private readonly deps: SessionDeps;
  private readonly segment: number;
  private transfer: Transfer;
  private readonly opening: readonly Action[];
  private sendError: string | undefined;
  /** Counts windows, so that a slow read does not send one that is no longer wanted. */
  private window = 0;
  private reading = false;

  constructor(deps: SessionDeps) {
    this.deps = deps;
    this.peer = deps.peer;
    this.segment = packetBytes(deps.plan.blksize);
    [this.transfer, this.opening] = begin(deps.plan, deps.clock(), deps.requested);
  }

  /** Sends the OACK or the first window. */
  start(): void {
    const out: Outgoing[] = [];
    this.perform(this.opening, out);
    this.deps.send(out);
  }

  /** A packet of the client; answers are appended to `out`. */
  receive(bytes: Uint8Array, out: Outgoing[]): void {
    const block = ackedBlock(bytes);
    if (block !== undefined) {
      this.advance({ kind: 'ack', block }, out);
      return;
    }
    const packet = tryDecode(bytes);
    if (packet !== undefined) this.advance(eventOf(packet), out);
  }

  /** Sends again what has gone unanswered for too long. */
  tick(now: number, out: Outgoing[]): void {
    if (now >= this.transfer.deadline && !this.reading) this.advance({ kind: 'tick' }, out);
  }

  /** The kernel would not send; the trace of the transfer says so. */
  refused(error: Error): void {
    this.sendError = error.message;
  }

  /** The client asked anew. */
  restart(): void {
    this.handle({ kind: 'restart' });
  }

  breakOff(message: string): void {
    this.handle({ kind: 'fail', message });
  }

  /** See {@link isRestart}. */
  isRestart(): boolean {
    return isRestart(this.transfer, this.deps.clock());
  }

  private handle(event: Event): void {
    const out: Outgoing[] = [];
    this.advance(event, out);
    this.deps.send(out);
  }

  private advance(event: Event, out: Outgoing[]): void {
    const [transfer, actions] = step(this.transfer, event, this.deps.clock());
    this.transfer = transfer;
    this.perform(actions, out);
  }

  private perform(actions: readonly Action[], out: Outgoing[]): void {
    for (const action of actions) this.act(action, out);
  }

  private act(action: Action, out: Outgoing[]): void {
    switch (action.kind) {
      case 'offer':
        out.push(this.toPeer(this.deps.offer));
        break;
      case 'data':
        this.data(action.first, action.count, out);
        break;
      case 'error':
        out.push(this.toPeer(errorPacket(action.code, action.message)));
        break;
      case 'end':
        this.deps.source.close();
        this.deps.ended(action.outcome, statistics(this.transfer, this.deps.clock()), this.sendError);
        break;
    }
  }

  private data(first: number, count: number, out: Outgoing[]): void {
    const window = ++this.window;
    const packets = this.deps.source.packets(first, count);
    this.reading = packets instanceof Promise;
    if (!(packets instanceof Promise)) {
      this.packetsToPeer(packets, out);
      return;
    }
    packets.then(
      (read) => this.dataRead(window, read),
      (error: unknown) => this.breakOff(reasonOf(error)),
    );
  }

  private dataRead(window: number, packets: Packets): void {
    if (window !== this.window || this.transfer.phase === 'ended') return;
    this.reading = false;
    const out: Outgoing[] = [];
    this.packetsToPeer(packets, out);
    this.deps.send(out);
  }

  private packetsToPeer(packets: Packets, out: Outgoing[]): void {
    const { address, port } = this.peer;
    for (const bytes of packets) out.push({ bytes, address, port, segment: this.segment });
  }

  private toPeer(bytes: Uint8Array): Outgoing {
    const { address, port } = this.peer;
    return { bytes, address, port };
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
