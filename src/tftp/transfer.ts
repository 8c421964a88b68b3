/**
 * One file going to one client, as a pure state machine: `step(transfer, event, now)` gives the next state and
 * what to do. It knows nothing of sockets and files; blocks are counted from 1 without roll-over, only the
 * wire sees them modulo 65536.
 *
 *     begin ──▶ offered ──ACK 0──▶ sending ──ACK last──▶ ended (complete)
 *                  │                  │
 *                  └─ ERROR: probe    └─ ERROR: aborted · silence: timeout
 */

import type { Terms } from './negotiate.ts';
import { TFTP_ERROR } from './packet.ts';

export type Plan = Pick<Terms, 'blksize' | 'windowsize' | 'timeout' | 'tsize'> & {
  /** Bytes. */
  readonly size: number;
  /** Options were accepted, so an OACK goes out first. */
  readonly offer: boolean;
};

export type Transfer = {
  readonly plan: Plan;
  readonly phase: 'offered' | 'sending' | 'ended';
  /** When the request came; milliseconds on the clock of `now`. */
  readonly started: number;
  /** Last block the client confirmed, and last one it was sent. */
  readonly acked: number;
  readonly sent: number;
  /** How often the offer or the current window went out. */
  readonly tries: number;
  readonly sentAt: number;
  /** When it goes out again. */
  readonly deadline: number;
  /** When the client last made progress; undefined until it answers at all. */
  readonly heardAt: number | undefined;
  /** Smoothed time from a window to its ACK, milliseconds. */
  readonly roundTrip: number | undefined;
  /** Packets that were sent again. */
  readonly retransmits: number;
};

export type Event =
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** A packet that a reader has no business to send. */
  | { readonly kind: 'illegal' }
  | { readonly kind: 'tick' }
  /** The same client asked for the same file anew. */
  | { readonly kind: 'restart' }
  /** Our own side cannot go on. */
  | { readonly kind: 'fail'; readonly message: string };

export type Outcome =
  | { readonly kind: 'complete' }
  | { readonly kind: 'probe' }
  | { readonly kind: 'aborted'; readonly message: string }
  | { readonly kind: 'restarted' }
  | { readonly kind: 'timeout'; readonly block: number; readonly tries: number }
  | { readonly kind: 'failed'; readonly message: string };

export type Action =
  | { readonly kind: 'offer' }
  | { readonly kind: 'data'; readonly first: number; readonly count: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'end'; readonly outcome: Outcome };

type Next = readonly [Transfer, readonly Action[]];

/** The next state while it is being made. */
type Draft = { -readonly [Key in keyof Transfer]: Transfer[Key] };

/** Until the first ACK tells the round trip: long enough for ARP and a ROM that is busy starting. */
const FIRST_TIMEOUT_MS = 1000;
const MIN_TIMEOUT_MS = 200;
const MAX_TIMEOUT_MS = 8000;
/** With the doubling time-outs above, half a minute: UNDI drivers are known to stall for many seconds. */
const MAX_TRIES = 8;
/** A machine silent for this long that asks anew was restarted; a running client acknowledges all the time. */
const RESTART_AFTER_MS = 1000;
/** However long the interval that a client negotiated, its silence is given up on after about this long. */
const MAX_SILENCE_S = 60;
const NOTHING: readonly Action[] = [];

/** A file that is a multiple of the block size ends in an empty block (RFC 1350 §6). */
export function lastBlock(plan: Pick<Plan, 'size' | 'blksize'>): number {
  return Math.floor(plan.size / plan.blksize) + 1;
}

export function begin(plan: Plan, now: number, started = now): Next {
  return send(
    {
      plan,
      phase: plan.offer ? 'offered' : 'sending',
      started,
      acked: 0,
      sent: 0,
      tries: 0,
      sentAt: now,
      deadline: now,
      heardAt: undefined,
      roundTrip: undefined,
      retransmits: 0,
    },
    now,
  );
}

export function step(transfer: Transfer, event: Event, now: number): Next {
  if (transfer.phase === 'ended') return [transfer, NOTHING];
  switch (event.kind) {
    case 'ack':
      return acknowledge(transfer, event.block, now);
    case 'tick':
      return now < transfer.deadline ? [transfer, NOTHING] : sendAgain(transfer, now);
    case 'error':
      return end(transfer, abortion(transfer, event.code, event.message));
    case 'illegal':
      return refuse(transfer, TFTP_ERROR.illegalOperation, 'only ACK is expected here', {
        kind: 'aborted',
        message: 'it sent a packet that is not part of a read',
      });
    case 'restart':
      return end(transfer, { kind: 'restarted' });
    case 'fail':
      return refuse(transfer, TFTP_ERROR.notDefined, event.message, {
        kind: 'failed',
        message: event.message,
      });
  }
}

/** Is the same request, coming again, a new attempt rather than a retransmission of the running one's? */
export function isRestart(transfer: Transfer, now: number): boolean {
  return transfer.heardAt !== undefined && now - transfer.heardAt >= RESTART_AFTER_MS;
}

export type Statistics = {
  /** Confirmed by the client. */
  readonly bytes: number;
  readonly blocks: number;
  readonly retransmits: number;
  /** Milliseconds. */
  readonly took: number;
  readonly blksize: number;
  readonly windowsize: number;
};

export function statistics(transfer: Transfer, now: number): Statistics {
  const { plan, acked, retransmits, started } = transfer;
  return {
    bytes: Math.min(plan.size, acked * plan.blksize),
    blocks: acked,
    retransmits,
    took: now - started,
    blksize: plan.blksize,
    windowsize: plan.windowsize,
  };
}

function acknowledge(transfer: Transfer, block: number, now: number): Next {
  if (transfer.phase === 'offered') {
    if (block !== 0) return [transfer, NOTHING];
    const begun = heard(transfer, now);
    begun.phase = 'sending';
    return send(begun, now);
  }
  const ahead = (block - transfer.acked) & 0xffff;
  if (ahead === 0) return [hurry(transfer, now), NOTHING];
  const acked = transfer.acked + ahead;
  if (acked > transfer.sent) return [transfer, NOTHING];
  const next = heard(transfer, now);
  next.acked = acked;
  if (acked === lastBlock(transfer.plan)) return end(next, { kind: 'complete' });
  // In the middle of a window: the client missed the block after this one and wants to go on from there
  // (RFC 7440 §4).
  return send(next, now);
}

/** With every field named, in one order: a spread costs as much as sending a packet does otherwise. */
function draft(transfer: Transfer): Draft {
  const { plan, phase, started, acked, sent, tries, sentAt, deadline, heardAt, roundTrip, retransmits } =
    transfer;
  return { plan, phase, started, acked, sent, tries, sentAt, deadline, heardAt, roundTrip, retransmits };
}

/**
 * A duplicate ACK is never answered by data: every duplicate block would earn another duplicate ACK, and the
 * rest of the file would be sent twice (Sorcerer's Apprentice Syndrome, RFC 1123 §4.2.3.1). With windows it
 * may mean that the first block of one was lost, so the wait for the true ACK becomes short instead.
 */
function hurry(transfer: Transfer, now: number): Transfer {
  const { plan, roundTrip, tries, deadline } = transfer;
  if (plan.windowsize === 1 || plan.timeout !== undefined || roundTrip === undefined || tries > 1) {
    return transfer;
  }
  return { ...transfer, deadline: Math.min(deadline, now + 2 * roundTrip + 10) };
}

/** Progress: the round trip is learned, unless the window went out twice and the ACK may be for either (Karn). */
function heard(transfer: Transfer, now: number): Draft {
  const next = draft(transfer);
  const sample = now - transfer.sentAt;
  if (transfer.tries <= 1) next.roundTrip = ((transfer.roundTrip ?? sample) * 7 + sample) / 8;
  next.heardAt = now;
  next.tries = 0;
  return next;
}

function sendAgain(transfer: Transfer, now: number): Next {
  const { plan, phase, acked, tries } = transfer;
  if (tries < triesOf(plan)) return send(draft(transfer), now);
  const block = phase === 'offered' ? 0 : acked + 1;
  return end(transfer, { kind: 'timeout', block, tries });
}

function send(next: Draft, now: number): Next {
  next.deadline = now + patience(next);
  next.sentAt = now;
  next.tries++;
  if (next.phase === 'offered') {
    if (next.tries > 1) next.retransmits++;
    return [next, [{ kind: 'offer' }]];
  }
  const first = next.acked + 1;
  const count = Math.min(next.plan.windowsize, lastBlock(next.plan) - next.acked);
  next.retransmits += Math.max(0, next.sent - next.acked);
  next.sent = next.acked + count;
  return [next, [{ kind: 'data', first, count }]];
}

function triesOf({ timeout = 1 }: Plan): number {
  return Math.max(2, Math.min(MAX_TRIES, Math.floor(MAX_SILENCE_S / timeout)));
}

/** The negotiated interval as it is (RFC 2349), else a few round trips, doubled with every try. */
function patience({ plan, roundTrip, tries }: Transfer): number {
  if (plan.timeout !== undefined) return plan.timeout * 1000;
  const first = roundTrip === undefined ? FIRST_TIMEOUT_MS : Math.max(MIN_TIMEOUT_MS, 4 * roundTrip);
  return Math.min(MAX_TIMEOUT_MS, first * 2 ** tries);
}

/**
 * UEFI asks with tsize, takes the size from the OACK, sends ERROR 8 "User aborted the transfer" and asks again
 * without: a probe, and no failure (OVMF 2022.11; Intel's boot agent says ERROR 0). Only a client for which the
 * file is too large says 3 at this point (RFC 2349).
 */
function abortion(transfer: Transfer, code: number, message: string): Outcome {
  const sized = transfer.phase === 'offered' && transfer.plan.tsize;
  if (sized && code !== TFTP_ERROR.diskFull) return { kind: 'probe' };
  return { kind: 'aborted', message: message === '' ? `error ${code}` : message };
}

function refuse(transfer: Transfer, code: number, message: string, outcome: Outcome): Next {
  const [ended, actions] = end(transfer, outcome);
  return [ended, [{ kind: 'error', code, message }, ...actions]];
}

function end(transfer: Transfer, outcome: Outcome): Next {
  return [{ ...transfer, phase: 'ended' }, [{ kind: 'end', outcome }]];
}
