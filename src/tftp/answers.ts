/** What a client is told, and what the trace is told, when a request is refused or a transfer ends. */

import type { Content } from '../boot/files.ts';
import { because, type Reason, sentence } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import type { ChainbootError } from '../errors.ts';
import { printable } from './names.ts';
import { encode, TFTP_ERROR } from './packet.ts';
import type { Outcome, Plan, Statistics } from './transfer.ts';

/** Keeps every ERROR within the 512 bytes that all clients can take. */
const MAX_MESSAGE = 480;

export function errorPacket(code: number, message: string): Uint8Array {
  return encode({ op: 'error', code, message: printable(message).slice(0, MAX_MESSAGE) });
}

/** PXELINUX goes on to its next configuration name after 1, so everything that is merely absent is that. */
export function tftpErrorOf(error: ChainbootError): number {
  if (error.code === 'TFTP_MALFORMED') return TFTP_ERROR.illegalOperation;
  if (error.status === 404) return TFTP_ERROR.notFound;
  return error.status === 401 || error.status === 403 || error.status === 405
    ? TFTP_ERROR.accessViolation
    : TFTP_ERROR.notDefined;
}

/** Who asked for what: the fields that every step of a request has. */
export type Asked = Pick<Step, 'address' | 'link' | 'what' | 'mac' | 'host'>;

export function refusalStep(
  at: number,
  asked: Asked,
  error: ChainbootError,
  reason: Reason = because('refused', { sentence: error.message }),
): Step {
  const detail = { code: error.code, error: tftpErrorOf(error) };
  return { ...asked, at, kind: 'tftp.error', via: 'tftp', because: reason, bytes: 0, detail };
}

export type Ended = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly asked: Asked;
  /** What was sent; why it was chosen stands in `detail.content`, its code in `detail.served`. */
  readonly content: Content;
  readonly plan: Plan;
  readonly outcome: Outcome;
  readonly numbers: Statistics;
  /** What the kernel said when it refused to send, if it did. */
  readonly sendError: string | undefined;
};

export function transferStep({ at, asked, content, plan, outcome, numbers, sendError }: Ended): Step {
  return {
    ...asked,
    at,
    kind: isNormal(outcome, numbers) ? 'tftp.file' : 'tftp.error',
    via: 'tftp',
    because: reasonOfOutcome(outcome, numbers, plan.size),
    bytes: numbers.bytes,
    took: Math.round(numbers.took),
    detail: {
      blksize: numbers.blksize,
      windowsize: numbers.windowsize,
      retransmits: numbers.retransmits,
      ...(plan.tsize && { tsize: plan.size }),
      content: sentence(content.because),
      served: content.because.code,
      ...(sendError !== undefined && { sendError }),
    },
  };
}

function isNormal(outcome: Outcome, numbers: Statistics): boolean {
  return outcome.kind === 'complete' || outcome.kind === 'probe' || isPeek(outcome, numbers);
}

/** What GRUB may have read ahead when it closes a file that it only looked for (one block seen). */
const PEEK_BLOCKS = 8;

/** GRUB opens a file to see whether it is there, and closes it (seen with 2.06, looking for its configuration). */
function isPeek(outcome: Outcome, { bytes, blksize }: Statistics): boolean {
  return outcome.kind === 'aborted' && outcome.message === 'closed' && bytes <= PEEK_BLOCKS * blksize;
}

function reasonOfOutcome(outcome: Outcome, numbers: Statistics, size: number): Reason {
  const { bytes } = numbers;
  if (isPeek(outcome, numbers)) return because('transfer-peek');
  switch (outcome.kind) {
    case 'complete':
      return because('transfer-complete', { bytes });
    case 'probe':
      return because('transfer-probe');
    case 'aborted':
      return because('transfer-aborted', { bytes, size, message: printable(outcome.message) });
    case 'restarted':
      return because('transfer-restarted', { bytes, size });
    case 'timeout':
      return because('transfer-timeout', { block: outcome.block, tries: outcome.tries });
    case 'failed':
      return because('transfer-failed', { bytes, size, message: outcome.message });
  }
}
