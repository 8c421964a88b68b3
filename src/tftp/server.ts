/**
 * The TFTP server: on each link, one port for requests and a few that all transfers share. A request goes through the same moves as
 * everywhere: decode, name, resolve, negotiate, send; whatever becomes of it is recorded as one step.
 */

import type { Content, ContentResolver } from '../boot/files.ts';
import type { Log } from '../boot/log.ts';
import type { Reason } from '../boot/reason.ts';
import { REHEARSAL_MARK, type RehearsalDoor } from '../boot/rehearsal.ts';
import type { Recorder } from '../boot/step.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Datagram, Link, Wire } from '../link/types.ts';
import { latin1 } from '../net/bytes.ts';
import { formatIpv4, parseIpv4 } from '../net/ip.ts';
import { type Asked, errorPacket, refusalStep, tftpErrorOf, transferStep } from './answers.ts';
import { normaliseName, printable } from './names.ts';
import { type Bounds, blksizeOfMtu, MAX_BLKSIZE } from './negotiate.ts';
import { type Request, tryDecode } from './packet.ts';
import { FileImages, type FileLimits } from './server-files.ts';
import type { SharedPort } from './server-port.ts';
import { LinkPorts } from './server-ports.ts';
import { type Prepared, prepare, type Served, type Wanted } from './server-prepare.ts';
import { Running } from './server-running.ts';
import { type Peer, Session } from './server-session.ts';

export type TftpLimits = FileLimits & {
  /** Simultaneous transfers, in all and to one address; beyond, clients are told to try again. */
  readonly transfers: number;
  readonly perClient: number;
  /** Blocks and bytes in one window (RFC 7440). */
  readonly windowsize: number;
  readonly windowBytes: number;
};

const DEFAULT_LIMITS: TftpLimits = {
  transfers: 1000,
  perClient: 100,
  windowsize: 64,
  // A Linux receiver has 208 KiB by default, of which overhead is counted too: this much always fits.
  windowBytes: 128 * 1024,
  cacheBytes: 64 * 1024 * 1024,
  netasciiBytes: 4 * 1024 * 1024,
};

/** What is behind the names, and where it is told what became of a request. */
export type TftpRoom = { readonly resolve: ContentResolver; readonly record: Recorder };

export type TftpDeps = {
  readonly wire: Wire;
  readonly links: readonly Link[];
  /** 69 unless given. */
  readonly port?: number;
  /** Everything over that port; see {@link LinkPorts}. */
  readonly singlePort?: boolean;
  readonly resolve: ContentResolver;
  readonly record: Recorder;
  /** Answers what carries the mark of a rehearsal. */
  readonly rehearsals?: RehearsalDoor<TftpRoom>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly limits?: Partial<TftpLimits>;
};

/** A read request on its way: where it came from and how to tell it from others. */
type Incoming = {
  readonly listener: SharedPort;
  readonly peer: Peer;
  /** The same bytes from the same port are the same request, sent again. */
  readonly key: string;
  /** On the monotonic clock. */
  readonly requested: number;
  readonly room: TftpRoom;
  /** Whom the request is from: a rehearsed machine is taken for the one that it plays. */
  readonly client: string;
};

const TICK_MS = 50;
const ETHERNET_MTU = 1500;

export class TftpServer {
  private readonly deps: TftpDeps;
  private readonly limits: TftpLimits;
  private readonly images: FileImages;
  private readonly running = new Running();
  private links: ReadonlyMap<SharedPort, LinkPorts> = new Map();
  private timer: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  constructor(deps: TftpDeps) {
    this.deps = deps;
    this.limits = { ...DEFAULT_LIMITS, ...deps.limits };
    this.images = new FileImages(this.limits);
  }

  /** Rejects with a ChainbootError when a port cannot be opened; none stays open then. */
  async start(): Promise<void> {
    const results = await Promise.allSettled(this.deps.links.map((link) => this.open(link)));
    const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    this.links = new Map(opened.map((ports) => [ports.listener, ports]));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    await this.close();
    throw failed.reason;
  }

  /** Where it listens: the port number differs from the one asked for when that was 0. */
  get addresses(): readonly { readonly address: string; readonly port: number }[] {
    return [...this.links.keys()].map(({ link, number }) => ({
      address: formatIpv4(link.address),
      port: number,
    }));
  }

  /** Breaks running transfers off, with an ERROR to each client. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    await Promise.all([...this.links.values()].map((ports) => ports.close()));
    this.stopTimer();
  }

  private open(link: Link): Promise<LinkPorts> {
    return LinkPorts.open({
      wire: this.deps.wire,
      link,
      port: this.deps.port ?? 69,
      single: this.deps.singlePort ?? false,
      request: (listener, datagram) => this.receive(listener, datagram),
      unsent: (error) => {
        this.deps.log('warn', 'a TFTP answer could not be sent', { link: link.name, reason: error.message });
      },
      clock: monotonic,
    });
  }

  private receive(listener: SharedPort, { address, port, bytes }: Datagram): void {
    if (this.closing !== undefined) return;
    const packet = tryDecode(bytes);
    const key = `${listener.link.name} ${address} ${port} ${latin1(bytes)}`;
    const peer = { address, port };
    const client = formatIpv4(address);
    const incoming: Incoming = { listener, peer, key, requested: monotonic(), room: this.deps, client };
    if (packet?.op === 'rrq') this.admitted(incoming, packet);
    else if (packet?.op === 'wrq') {
      const name = printable(packet.filename);
      this.refuse(incoming, this.asked(incoming, name), new ChainbootError('TFTP_READ_ONLY', { name }));
    } else {
      const reason =
        packet === undefined ? 'it is no TFTP packet' : `${packet.op} belongs to no transfer here`;
      this.refuse(incoming, this.asked(incoming), new ChainbootError('TFTP_MALFORMED', { reason }));
    }
  }

  private asked({ client, listener }: Incoming, what?: string) {
    return {
      address: client,
      link: listener.link.name,
      ...(what !== undefined && { what }),
    };
  }

  private admitted(incoming: Incoming, request: Request): void {
    const mark = request.options.find(({ name }) => name.toLowerCase() === REHEARSAL_MARK);
    const guest = mark && this.deps.rehearsals?.(mark.value);
    if (mark === undefined) this.admit(incoming, request);
    else if (guest !== undefined)
      this.admit({ ...incoming, room: guest.room, client: guest.address }, request);
    else {
      const asked = this.asked(incoming, printable(request.filename));
      this.refuse(incoming, asked, new ChainbootError('REHEARSAL_UNKNOWN', {}));
    }
  }

  private admit(incoming: Incoming, request: Request): void {
    const { key, client } = incoming;
    const address = parseIpv4(client)!;
    const what = printable(request.filename);
    if (this.running.has(key)) {
      const session = this.running.sessionOf(key);
      if (!session?.isRestart()) return;
      session.restart();
    }
    const busy = this.busy(address, what);
    if (busy !== undefined) {
      this.refuse(incoming, this.asked(incoming, what), busy);
      return;
    }
    this.running.enter(key, address);
    this.serve(incoming, request)
      .catch((error: unknown) => this.refuse(incoming, this.asked(incoming, what), asChainbootError(error)))
      .finally(() => this.forget(key, undefined));
  }

  private busy(address: number, name: string): ChainbootError | undefined {
    const { transfers, perClient } = this.limits;
    const count = this.running.size;
    if (count >= transfers) return new ChainbootError('TFTP_BUSY', { count, name });
    const own = this.running.countOf(address);
    return own < perClient ? undefined : new ChainbootError('TFTP_CLIENT_BUSY', { count: own, name });
  }

  /** Rejects with a ChainbootError when the request itself is wrong. */
  private async serve(incoming: Incoming, request: Request): Promise<void> {
    const mode = modeOf(request);
    const name = nameOf(request);
    const { address, link } = this.asked(incoming);
    const content = await incoming.room.resolve(name, { address, port: incoming.peer.port, link });
    if (this.closing !== undefined) return;
    const asked = { ...this.asked(incoming, name), ...idsOf(content) };
    if (content.kind === 'error') {
      const error = new ChainbootError(content.code, content.values);
      this.refuse(incoming, asked, error, content.because);
      return;
    }
    const wanted = { name, mode, options: request.options, bounds: this.boundsOf(incoming.listener.link) };
    try {
      this.run(incoming, asked, content, await prepare(content, wanted, this.images));
    } catch (error) {
      this.refuse(incoming, asked, asChainbootError(error));
    }
  }

  private run(incoming: Incoming, asked: Asked, content: Served, prepared: Prepared): void {
    const { key, requested, peer, listener, room } = incoming;
    const { plan, offer, source } = prepared;
    if (this.closing !== undefined) {
      source.close();
      return;
    }
    const port = this.links.get(listener)!.portFor(peer);
    const session: Session = new Session({
      peer,
      plan,
      offer,
      source,
      clock: monotonic,
      requested,
      send: (out) => port.send(out),
      ended: (outcome, numbers, sendError) => {
        port.leave(session);
        this.forget(key, session);
        const at = this.deps.now();
        room.record(transferStep({ at, asked, content, plan, outcome, numbers, sendError }));
      },
    });
    port.enter(session);
    this.running.begin(key, session);
    this.timer ??= setInterval(() => this.tick(), TICK_MS);
    session.start();
  }

  private boundsOf(link: Link): Bounds {
    const loopback = link.address >>> 24 === 127;
    const blksize = loopback ? MAX_BLKSIZE : blksizeOfMtu(link.mtu ?? ETHERNET_MTU);
    return { blksize, windowsize: this.limits.windowsize, windowBytes: this.limits.windowBytes };
  }

  private tick(): void {
    const now = monotonic();
    for (const ports of this.links.values()) ports.tick(now);
  }

  private forget(key: string, session: Session | undefined): void {
    this.running.leave(key, session);
    if (this.running.size === 0) this.stopTimer();
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private refuse(incoming: Incoming, asked: Asked, error: ChainbootError, reason?: Reason): void {
    if (this.closing !== undefined) return;
    const { listener, peer, room } = incoming;
    listener.send([{ bytes: errorPacket(tftpErrorOf(error), error.message), ...peer }]);
    room.record(refusalStep(this.deps.now(), asked, error, reason));
    if (error.code === 'INTERNAL')
      this.deps.log('error', 'a TFTP request failed', { ...asked, reason: error.message });
  }
}

/** Milliseconds; never jumps when the clock of the machine is set. */
function monotonic(): number {
  return performance.now();
}

function modeOf({ mode }: Request): Wanted['mode'] {
  const lower = mode.toLowerCase();
  if (lower === 'octet' || lower === 'netascii') return lower;
  throw new ChainbootError('TFTP_MALFORMED', { reason: `mode ${printable(mode)} is not served` });
}

function nameOf({ filename }: Request): string {
  const name = normaliseName(filename);
  if (!name.ok) throw new ChainbootError(name.code, name.values);
  return name.name;
}

function idsOf({ mac, host }: Content): Pick<Asked, 'mac' | 'host'> {
  return { ...(mac !== undefined && { mac }), ...(host !== undefined && { host }) };
}

function asChainbootError(error: unknown): ChainbootError {
  if (error instanceof ChainbootError) return error;
  return new ChainbootError('INTERNAL', { reason: reasonOf(error) }, [], error);
}
