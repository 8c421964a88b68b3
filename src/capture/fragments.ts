/** Puts fragments of IPv4 packets together again (RFC 791 §3.2), with bounds on what waits. */

import type { Ipv4Packet } from './ipv4.ts';

/** Packets of which pieces are missing; the oldest is given up for a new one. */
const MOST_WAITING = 64;
const MOST_BYTES = 65_535;
/** A packet of 64 KiB in pieces for the smallest MTU anybody has (576) is 119 of them. */
const MOST_PIECES = 256;
/** RFC 791 lets receivers wait for 15 s. */
const PATIENCE_MS = 30_000;

type Waiting = { readonly began: number; readonly pieces: Ipv4Packet[] };

export class Fragments {
  private readonly waiting = new Map<string, Waiting>();
  /** Packets of which a piece never came. */
  lost = 0;

  /** The whole packet once its last piece is there; undefined before. `at` in milliseconds. */
  add(piece: Ipv4Packet, at: number): Ipv4Packet | undefined {
    if (piece.offset === 0 && !piece.more) return piece;
    const key = `${piece.source} ${piece.target} ${piece.protocol} ${piece.id}`;
    const known = this.waiting.get(key);
    const entry = known === undefined || at - known.began > PATIENCE_MS ? this.begin(key, at) : known;
    if (entry.pieces.length < MOST_PIECES) entry.pieces.push(piece);
    const whole = assembled(entry.pieces);
    if (whole !== undefined) this.waiting.delete(key);
    return whole;
  }

  private begin(key: string, at: number): Waiting {
    if (this.waiting.delete(key)) this.lost++;
    const [oldest] = this.waiting.keys();
    if (this.waiting.size >= MOST_WAITING && oldest !== undefined) {
      this.waiting.delete(oldest);
      this.lost++;
    }
    const entry: Waiting = { began: at, pieces: [] };
    this.waiting.set(key, entry);
    return entry;
  }
}

/** What is sent twice is taken as it came first. */
function assembled(pieces: readonly Ipv4Packet[]): Ipv4Packet | undefined {
  const last = pieces.find(({ more }) => !more);
  if (last === undefined) return undefined;
  const length = last.offset + last.length;
  if (length > MOST_BYTES) return undefined;
  const sorted = [...pieces].sort((a, b) => a.offset - b.offset);
  let covered = 0;
  // Where the capture cut a piece, nothing behind that is known.
  let known = length;
  for (const piece of sorted) {
    if (piece.offset > covered) return undefined;
    covered = Math.max(covered, piece.offset + piece.length);
    if (piece.payload.length < piece.length) known = Math.min(known, piece.offset + piece.payload.length);
  }
  if (covered < length) return undefined;
  const payload = new Uint8Array(length);
  for (const piece of sorted.reverse())
    payload.set(piece.payload.subarray(0, length - piece.offset), piece.offset);
  return { ...last, offset: 0, payload: payload.subarray(0, known), length };
}
