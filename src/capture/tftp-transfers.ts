/** TFTP transfers out of their datagrams: which request, what was agreed on, how far it came, what went twice. */

import { MAX_BLKSIZE } from '../tftp/negotiate.ts';
import { decode, type Option, type Packet, type Request, TFTP_ERROR } from '../tftp/packet.ts';
import type { End, TftpEvent, TransferOutcome } from './events.ts';

export type Datagram = {
  readonly frame: number;
  readonly at: number;
  readonly from: End;
  readonly to: End;
  readonly vlans: readonly number[];
  readonly bytes: Uint8Array;
  /** Bytes that the payload had on the wire. */
  readonly length: number;
};

const DEFAULT_BLKSIZE = 512;
const MOST_TRANSFERS = 100_000;
/** A server that sends the same block this often, and nothing after it, has lost its client. */
const SILENT_TRIES = 3;
/** A capture that goes on for so long after the last packet would have shown the next one. */
const SILENT_MS = 10_000;

type Draft = {
  readonly begun: Datagram;
  readonly request: Request;
  /** Port from which the server answers; undefined before it does. */
  serverPort: number | undefined;
  agreed: readonly Option[] | undefined;
  blksize: number;
  windowsize: number;
  seen: number;
  bytes: number;
  confirmed: number;
  isLastSeen: boolean;
  retransmits: number;
  /** How often the last thing was sent again, with no answer between. */
  tries: number;
  last: number;
  outcome: TransferOutcome | undefined;
  error: { readonly code: number; readonly message: string } | undefined;
};

/** Whether a payload is a read or write request, whatever the port. */
export function isTransferRequest(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 9 &&
    bytes[0] === 0 &&
    (bytes[1] === 1 || bytes[1] === 2) &&
    /^[^\0]{1,512}\0(octet|netascii)\0/i.test(textOf(bytes))
  );
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + 2, Math.min(bytes.length - 2, 600)).toString('latin1');
}

export class Transfers {
  private readonly done: Draft[] = [];
  /** By the client's address and port and the server's address. */
  private readonly running = new Map<string, Draft>();
  /** Requests beyond those that are kept. */
  left = 0;

  /** Whether it belongs to a transfer. @throws {DecodeError} for a request that cannot be read. */
  take(datagram: Datagram): boolean {
    const { from, to, bytes } = datagram;
    if (to.port === 69 || isTransferRequest(bytes)) {
      const packet = decode(bytes);
      if (packet.op === 'rrq' || packet.op === 'wrq') {
        this.request(datagram, packet);
        return true;
      }
      // With a single port the server hears everything there.
    }
    const toServer = this.running.get(keyOf(from, to));
    const toClient = this.running.get(keyOf(to, from));
    const draft = toServer ?? toClient;
    if (draft === undefined) return false;
    const packet = decodeData(bytes);
    if (packet === undefined) return true;
    draft.last = datagram.at;
    if (toServer === undefined) draft.serverPort ??= from.port;
    hear(draft, packet, datagram, toServer !== undefined);
    return true;
  }

  /** Everything, in the order of the requests. `ended`: milliseconds, when the capture ended. */
  finish(ended: number): readonly TftpEvent[] {
    return [...this.done, ...this.running.values()]
      .sort((a, b) => a.begun.frame - b.begun.frame)
      .map((draft) => eventOf(draft, ended));
  }

  private request(datagram: Datagram, request: Request): void {
    const key = keyOf(datagram.from, datagram.to);
    const known = this.running.get(key);
    if (known !== undefined && isSame(known, request)) {
      known.retransmits++;
      known.tries++;
      known.last = datagram.at;
      return;
    }
    if (known !== undefined) this.done.push(known);
    this.running.delete(key);
    if (this.done.length + this.running.size >= MOST_TRANSFERS) {
      this.left++;
      return;
    }
    this.running.set(key, begin(datagram, request));
  }
}

/** The same request again, before anything came of it. */
function isSame({ request, outcome, confirmed, seen }: Draft, other: Request): boolean {
  return (
    outcome === undefined &&
    confirmed < 0 &&
    seen === 0 &&
    request.filename === other.filename &&
    request.op === other.op &&
    request.options.length === other.options.length
  );
}

function begin(begun: Datagram, request: Request): Draft {
  return {
    begun,
    request,
    serverPort: undefined,
    agreed: undefined,
    blksize: DEFAULT_BLKSIZE,
    windowsize: 1,
    seen: 0,
    bytes: 0,
    confirmed: -1,
    isLastSeen: false,
    retransmits: 0,
    tries: 0,
    last: begun.at,
    outcome: undefined,
    error: undefined,
  };
}

function keyOf(client: End, server: End): string {
  return `${client.address}:${client.port} ${server.address}`;
}

/** Undefined for what is no packet of a transfer; one that the capture cut still tells its block. */
function decodeData(bytes: Uint8Array): Packet | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

function hear(draft: Draft, packet: Packet, datagram: Datagram, fromClient: boolean): void {
  switch (packet.op) {
    case 'oack':
      agree(draft, packet.options);
      break;
    case 'data':
      block(draft, packet.block, datagram.length - 4);
      break;
    case 'ack':
      confirm(draft, packet.block);
      break;
    case 'error':
      fail(draft, packet.code, packet.message, fromClient);
      break;
  }
}

function agree(draft: Draft, options: readonly Option[]): void {
  if (draft.agreed !== undefined) {
    draft.retransmits++;
    draft.tries++;
    return;
  }
  draft.agreed = options;
  draft.blksize = numberOf(options, 'blksize', MAX_BLKSIZE) ?? DEFAULT_BLKSIZE;
  draft.windowsize = numberOf(options, 'windowsize', 65_535) ?? 1;
}

function numberOf(options: readonly Option[], name: string, most: number): number | undefined {
  const value = Number(options.find((option) => option.name.toLowerCase() === name)?.value);
  return Number.isInteger(value) && value > 0 && value <= most ? value : undefined;
}

/** Block numbers roll over after 65535. */
function block(draft: Draft, number: number, length: number): void {
  const ahead = (number - draft.seen) & 0xffff;
  if (ahead === 0 || ahead > 0x8000) {
    draft.retransmits++;
    draft.tries++;
    return;
  }
  // Blocks between that the capture dropped were full ones.
  draft.bytes += (ahead - 1) * draft.blksize + Math.max(0, length);
  draft.seen += ahead;
  draft.tries = 0;
  draft.isLastSeen = length < draft.blksize;
}

function confirm(draft: Draft, number: number): void {
  const before = Math.max(0, draft.confirmed);
  const ahead = (number - before) & 0xffff;
  if (ahead > 0x8000) return;
  if (before + ahead > draft.confirmed) draft.tries = 0;
  draft.confirmed = before + ahead;
  if (draft.isLastSeen && draft.confirmed >= draft.seen) draft.outcome ??= 'complete';
}

/** UEFI takes the size from the OACK and then says that it does not want the file: see tftp/transfer.ts. */
function fail(draft: Draft, code: number, message: string, fromClient: boolean): void {
  if (draft.outcome !== undefined) return;
  draft.error = { code, message };
  const asksSize = draft.agreed?.some(({ name }) => name.toLowerCase() === 'tsize') ?? false;
  const isProbe = fromClient && asksSize && draft.seen === 0 && code !== TFTP_ERROR.diskFull;
  draft.outcome = isProbe ? 'probe' : fromClient ? 'aborted' : 'refused';
}

function eventOf(draft: Draft, ended: number): TftpEvent {
  const { begun, request, error } = draft;
  return {
    kind: 'tftp',
    frame: begun.frame,
    at: begun.at,
    from: begun.from,
    to: begun.to,
    vlans: begun.vlans,
    op: request.op === 'wrq' ? 'wrq' : 'rrq',
    filename: request.filename,
    mode: request.mode,
    asked: request.options,
    agreed: draft.agreed,
    blksize: draft.blksize,
    windowsize: draft.windowsize,
    blocks: draft.seen,
    bytes: draft.bytes,
    confirmed: Math.max(0, draft.confirmed),
    retransmits: draft.retransmits,
    took: draft.last - begun.at,
    outcome: draft.outcome ?? unfinished(draft, ended),
    ...(error && { error }),
  };
}

function unfinished(draft: Draft, ended: number): TransferOutcome {
  const isSilent = draft.tries >= SILENT_TRIES || ended - draft.last > SILENT_MS;
  if (draft.serverPort === undefined) return isSilent || draft.retransmits > 0 ? 'unanswered' : 'open';
  if (draft.seen === 0 && draft.confirmed >= 0) return 'not-captured';
  // Its last block arrived, and what confirms it was not captured.
  if (draft.isLastSeen && !isSilent) return 'complete';
  return isSilent ? 'silence' : 'open';
}
