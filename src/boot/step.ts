/** One exchange of a machine: the unit of the trace. */

import type { Arch } from '../net/arch.ts';
import type { Mac } from '../net/mac.ts';
import type { Uuid } from '../net/uuid.ts';
import type { Stage, Via } from './facts.ts';
import type { Reason } from './reason.ts';

/** What happened, named `<protocol>.<message>`. */
export type StepKind =
  | 'dhcp.offer'
  | 'dhcp.ack'
  | 'dhcp.nak'
  | 'dhcp.ignore'
  | 'dhcp.release'
  | 'dhcp.decline'
  | 'dhcp.inform'
  | 'tftp.file'
  | 'tftp.error'
  | 'http.script'
  | 'http.answers'
  | 'http.file'
  | 'http.built'
  | 'http.failed'
  | 'http.error'
  /** Another server's OFFER or ACK to the machine was heard; `detail` has `server`, `server_mac`, `message`. */
  | 'dhcp.foreign'
  /** A script of ours said how far it has come (`what`: kernel, initrd, boot …). */
  | 'http.beacon'
  /** An installer said how far it has come, over HTTP. */
  | 'http.progress'
  /** A line of iPXE, a kernel or an installer to our syslog receiver; `detail` has `program`, `severity`, `text`. */
  | 'syslog.line';

export type Step = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: StepKind;
  readonly via: Via;
  readonly because: Reason;
  /** Why this address, in the steps of DHCP. */
  readonly lease?: Reason;
  readonly mac?: Mac;
  readonly uuid?: Uuid;
  /** Address of the machine, dotted or IPv6. */
  readonly address?: string;
  readonly host?: string;
  readonly stage?: Stage;
  /** See `Facts`. */
  readonly disguised?: true;
  readonly arch?: Arch['name'];
  readonly link?: string;
  /** DHCP transaction; tells retransmissions from a new power-on. */
  readonly xid?: number;
  /** File, path or loader that was asked for or handed out. */
  readonly what?: string;
  readonly bytes?: number;
  /** Milliseconds from request to last byte. */
  readonly took?: number;
  /** Numbers and words of one protocol only: retransmits, status, blksize, error code … */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
  /** Id of the rehearsal that it belongs to; no machine asked, and nothing was changed. */
  readonly rehearsal?: string;
};

/** Where steps go. Recording never throws, never blocks and never waits. */
export type Recorder = (step: Step) => void;
