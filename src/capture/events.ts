/** What a capture tells: the messages of booting machines and of those who answer them. */

import type { DhcpPacket } from '../dhcp/packet.ts';
import type { Mac } from '../net/mac.ts';
import type { Option } from '../tftp/packet.ts';
import type { BodyEnd } from './http-reader.ts';

/** One end of an exchange, dotted. `mac` is that of its frame, which a router's may stand for. */
export type End = { readonly address: string; readonly port: number; readonly mac?: Mac };

type Common = {
  /** Number of the frame with which it began. */
  readonly frame: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly from: End;
  readonly to: End;
  /** The machine that it is about, as far as that is known. */
  readonly mac?: Mac;
  readonly vlans: readonly number[];
};

export type DhcpEvent = Common & {
  readonly kind: 'dhcp';
  /** Port 4011, where PXE clients ask boot servers. */
  readonly pxe: boolean;
  readonly packet: DhcpPacket;
};

export type TransferOutcome =
  /** The client has confirmed the last block. */
  | 'complete'
  /** Only the size was asked for (UEFI). */
  | 'probe'
  /** The server refused, with an ERROR. */
  | 'refused'
  /** The client stopped, with an ERROR. */
  | 'aborted'
  /** Nobody answered the request. */
  | 'unanswered'
  /** One of both stopped talking; the server sent its last block again and again. */
  | 'silence'
  /** The transfer was agreed on, and the capture has none of its blocks: its filter left them out. */
  | 'not-captured'
  /** The capture ended before. */
  | 'open';

export type TftpEvent = Common & {
  readonly kind: 'tftp';
  readonly op: 'rrq' | 'wrq';
  readonly filename: string;
  readonly mode: string;
  readonly asked: readonly Option[];
  /** What the server agreed to (OACK). */
  readonly agreed: readonly Option[] | undefined;
  readonly blksize: number;
  readonly windowsize: number;
  /** Number of the last block that was seen, and bytes of all of them. */
  readonly blocks: number;
  readonly bytes: number;
  /** Last block that the reader confirmed. */
  readonly confirmed: number;
  /** Packets that came again, requests included. */
  readonly retransmits: number;
  /** Milliseconds. */
  readonly took: number;
  readonly outcome: TransferOutcome;
  readonly error?: { readonly code: number; readonly message: string };
};

export type HttpRequestEvent = Common & {
  readonly kind: 'http-request';
  readonly method: string;
  /** As it was written. */
  readonly target: string;
  readonly version: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Of its body. */
  readonly bytes: number;
  /** The first of its body. */
  readonly body: Uint8Array;
};

export type HttpResponseEvent = Common & {
  readonly kind: 'http-response';
  /** What it answers; undefined when that is not in the capture. */
  readonly request: HttpRequestEvent | undefined;
  readonly status: number;
  readonly reason: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Of its body, those that the capture does not have included. */
  readonly bytes: number;
  readonly promised: number | undefined;
  readonly end: BodyEnd;
  readonly body: Uint8Array;
  /** The body that is kept is all of it. */
  readonly isWhole: boolean;
  /** Milliseconds from the request to the end. */
  readonly took: number;
};

export type TlsEvent = Common & { readonly kind: 'tls'; readonly server: string | undefined };

/** What claims to be a message of one of the protocols and cannot be read. */
export type BrokenEvent = Common & {
  readonly kind: 'broken';
  readonly protocol: 'dhcp' | 'tftp';
  readonly reason: string;
};

export type CaptureEvent =
  | DhcpEvent
  | TftpEvent
  | HttpRequestEvent
  | HttpResponseEvent
  | TlsEvent
  | BrokenEvent;

export type Conversation = {
  /** In the order of their beginning. */
  readonly events: readonly CaptureEvent[];
  /** Frames that are not told of, by what they are: `ARP`, `ICMPv6`, `UDP port 5353` … */
  readonly others: ReadonlyMap<string, number>;
  /** Epoch milliseconds of the first and the last frame; 0 when there is none. */
  readonly began: number;
  readonly ended: number;
};
