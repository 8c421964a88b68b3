/**
 * TCP streams out of segments, as far as a capture has them: what came twice is dropped, what came early waits, and what the
 * capture does not have becomes a gap. Bounded in connections and in what waits.
 */

import type { Ipv4 } from '../net/ip.ts';
import type { Tcp } from './ipv4.ts';

/** Where and when a segment was seen. */
export type Seen = { readonly frame: number; readonly at: number };

/** Takes one direction of a connection. */
export interface Sink {
  data(bytes: Uint8Array, seen: Seen): void;
  /** So many bytes went by that the capture does not have. */
  gap(length: number, seen: Seen): void;
  /** `open`: the capture ended, or the connection was forgotten, before it was closed. */
  end(how: 'fin' | 'rst' | 'open', seen: Seen): void;
}

export type Peer = { readonly address: Ipv4; readonly port: number };
/** `a` sent the first segment that was seen. */
export type Connection = { readonly a: Peer; readonly b: Peer; readonly syn: boolean };
export type Listener = (connection: Connection, seen: Seen) => { readonly fromA: Sink; readonly fromB: Sink };

const MOST_CONNECTIONS = 4096;
const MOST_WAITING = 512;
const MOST_WAITING_BYTES = 2 * 1024 * 1024;
/** Captures on several queues have a segment after its acknowledgement, by milliseconds. */
const LATE_MS = 1000;

type Entry = { readonly connection: Connection; readonly fromA: Half; readonly fromB: Half };

export class Streams {
  private readonly listener: Listener;
  private readonly entries = new Map<string, Entry>();

  constructor(listener: Listener) {
    this.listener = listener;
  }

  segment(source: Ipv4, target: Ipv4, tcp: Tcp, seen: Seen): void {
    const from = { address: source, port: tcp.sourcePort };
    const to = { address: target, port: tcp.targetPort };
    const entry = this.entryOf(from, to, tcp, seen);
    const isA = entry.connection.a.address === source && entry.connection.a.port === tcp.sourcePort;
    const [mine, other] = isA ? [entry.fromA, entry.fromB] : [entry.fromB, entry.fromA];
    mine.accept(tcp, seen);
    if (tcp.ack) other.acknowledged(tcp.acknowledged, seen);
    if (tcp.rst) this.close(keyOf(from, to), entry, 'rst', seen);
    else if (entry.fromA.ended && entry.fromB.ended) this.entries.delete(keyOf(from, to));
  }

  /** The capture is over. */
  finish(seen: Seen): void {
    for (const [key, entry] of this.entries) this.close(key, entry, 'open', seen);
  }

  private entryOf(from: Peer, to: Peer, tcp: Tcp, seen: Seen): Entry {
    const key = keyOf(from, to);
    const known = this.entries.get(key);
    if (known !== undefined && !isAnew(known, from, tcp)) return known;
    if (known !== undefined) this.close(key, known, 'open', seen);
    const [oldest] = this.entries;
    if (this.entries.size >= MOST_CONNECTIONS && oldest !== undefined) this.close(...oldest, 'open', seen);
    // The first segment of a capture that begins in the middle may be the server's; a SYN with ACK surely is.
    const answers = tcp.syn && tcp.ack;
    const connection = { a: answers ? to : from, b: answers ? from : to, syn: tcp.syn };
    const { fromA, fromB } = this.listener(connection, seen);
    const entry = { connection, fromA: new Half(fromA), fromB: new Half(fromB) };
    this.entries.set(key, entry);
    return entry;
  }

  private close(key: string, { fromA, fromB }: Entry, how: 'rst' | 'open', seen: Seen): void {
    this.entries.delete(key);
    fromA.finish(how, seen);
    fromB.finish(how, seen);
  }
}

function keyOf(one: Peer, two: Peer): string {
  const [a, b] = [`${one.address}:${one.port}`, `${two.address}:${two.port}`];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** A port that is used again: ROMs begin at the same one after every start. */
function isAnew({ connection, fromA, fromB }: Entry, from: Peer, tcp: Tcp): boolean {
  if (!tcp.syn || tcp.ack) return false;
  const half = connection.a.address === from.address && connection.a.port === from.port ? fromA : fromB;
  return half.began !== undefined && half.began !== tcp.sequence;
}

type Piece = {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly seen: Seen;
};

/** One direction. Sequence numbers are modulo 2^32. */
class Half {
  /** Sequence number of the SYN, if it was seen. */
  began: number | undefined;
  ended = false;
  private readonly sink: Sink;
  private next: number | undefined;
  private fin: number | undefined;
  private waiting: Piece[] = [];
  private waitingBytes = 0;
  private ackedTo: number | undefined;

  constructor(sink: Sink) {
    this.sink = sink;
  }

  accept({ sequence, syn, fin, payload, length }: Tcp, seen: Seen): void {
    if (this.ended) return;
    if (syn) this.began = sequence;
    const from = syn ? (sequence + 1) >>> 0 : sequence;
    this.next ??= from;
    if (fin) this.fin = (from + length) >>> 0;
    if (length > 0) this.take({ sequence: from, bytes: payload, length, seen });
    this.endIfOver(seen);
  }

  /** The receiver has everything before this: what is missing now was never captured. */
  acknowledged(to: number, seen: Seen): void {
    if (this.ended || this.next === undefined) return;
    this.ackedTo = this.ackedTo === undefined || distance(this.ackedTo, to) > 0 ? to : this.ackedTo;
    const first = this.waiting[0];
    if (first !== undefined && seen.at - first.seen.at > LATE_MS && distance(first.sequence, to) >= 0)
      this.skipTo(first.sequence, first.seen);
    this.endIfOver(seen);
  }

  finish(how: 'rst' | 'open', seen: Seen): void {
    if (this.ended) return;
    this.giveUpWaiting();
    this.skipWhatWasAcknowledged(seen);
    this.endIfOver(seen);
    if (!this.ended) this.end(how, seen);
  }

  private take(piece: Piece): void {
    const early = distance(this.next!, piece.sequence);
    if (early > 0) {
      this.keep(piece);
      return;
    }
    const known = -early;
    if (known >= piece.length) return;
    this.deliver(piece.bytes.subarray(known), piece.length - known, piece.seen);
    this.drain();
  }

  private keep(piece: Piece): void {
    const at = this.waiting.findIndex(({ sequence }) => distance(sequence, piece.sequence) < 0);
    this.waiting.splice(at < 0 ? this.waiting.length : at, 0, piece);
    this.waitingBytes += piece.bytes.length;
    const first = this.waiting[0]!;
    if (this.waiting.length > MOST_WAITING || this.waitingBytes > MOST_WAITING_BYTES)
      this.skipTo(first.sequence, first.seen);
  }

  private deliver(bytes: Uint8Array, length: number, seen: Seen): void {
    if (bytes.length > 0) this.sink.data(bytes, seen);
    if (length > bytes.length) this.sink.gap(length - bytes.length, seen);
    this.next = (this.next! + length) >>> 0;
  }

  private drain(): void {
    for (;;) {
      const first = this.waiting[0];
      if (first === undefined || distance(this.next!, first.sequence) > 0) return;
      this.waiting.shift();
      this.waitingBytes -= first.bytes.length;
      const known = distance(first.sequence, this.next!);
      if (known < first.length) this.deliver(first.bytes.subarray(known), first.length - known, first.seen);
    }
  }

  private skipTo(sequence: number, seen: Seen): void {
    const missing = distance(this.next!, sequence);
    if (missing > 0) this.sink.gap(missing, seen);
    this.next = sequence;
    this.drain();
  }

  private giveUpWaiting(): void {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0])
      this.skipTo(first.sequence, first.seen);
  }

  private skipWhatWasAcknowledged(seen: Seen): void {
    if (this.next === undefined || this.ackedTo === undefined) return;
    const to = this.fin !== undefined && distance(this.fin, this.ackedTo) > 0 ? this.fin : this.ackedTo;
    if (distance(this.next, to) > 0) this.skipTo(to, seen);
  }

  private endIfOver(seen: Seen): void {
    if (this.ended || this.fin === undefined) return;
    // The acknowledgement of a FIN says that all before it arrived, seen here or not.
    if (this.ackedTo !== undefined && distance(this.fin, this.ackedTo) > 0) {
      this.giveUpWaiting();
      if (distance(this.next!, this.fin) > 0) this.skipTo(this.fin, seen);
    }
    if (this.next === this.fin) this.end('fin', seen);
  }

  private end(how: 'fin' | 'rst' | 'open', seen: Seen): void {
    this.ended = true;
    this.waiting = [];
    this.sink.end(how, seen);
  }
}

/** How far `to` is ahead of `from`; negative if it is behind. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
