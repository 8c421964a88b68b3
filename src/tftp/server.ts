/**
 * The TFTP server: one listening port a link, one port a transfer. A request goes through the same moves as
 * everywhere: decode, name, resolve, negotiate, send; whatever becomes of it is recorded as one step.
 */

import type { Content, ContentResolver } from '../boot/files.ts';
import type { Log } from '../boot/log.ts';
import type { Reason } from '../boot/reason.ts';
import type { Recorder } from '../boot/step.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Datagram, Link, UdpPort, Wire } from '../link/types.ts';
import { latin1 } from '../net/bytes.ts';
import { formatIpv4 } from '../net/ip.ts';
import { type Asked, errorPacket, refusalStep, tftpErrorOf, transferStep } from './answers.ts';
import { normaliseName, printable } from './names.ts';
import { type Bounds, blksizeOfMtu, MAX_BLKSIZE } from './negotiate.ts';
import { isErrorPacket, type Request, tryDecode } from './packet.ts';
import { FileImages, type FileLimits } from './server-files.ts';
import { type Prepared, prepare, type Served, type Wanted } from './server-prepare.ts';
import { Session } from './server-session.ts';

export type TftpLimits = FileLimits & {
  /** Simultaneous transfers; beyond, clients are told to try again. */
  readonly transfers: number;
  /** Blocks and bytes in one window (RFC 7440). */
  readonly windowsize: number;
  readonly windowBytes: number;
};

const DEFAULT_LIMITS: TftpLimits = {
  transfers: 1000,
  windowsize: 64,
  // A Linux receiver has 208 KiB by default, of which overhead is counted too: this much always fits.
  windowBytes: 128 * 1024,
  cacheBytes: 64 * 1024 * 1024,
  // All loaders are smaller. Cutting a file into packets holds everything else up, 2 ms for each MiB.
  cacheFileBytes: 4 * 1024 * 1024,
};

export type TftpDeps = {
  readonly wire: Wire;
  readonly links: readonly Link[];
  /** 69 unless given. */
  readonly port?: number;
  readonly resolve: ContentResolver;
  readonly record: Recorder;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly limits?: Partial<TftpLimits>;
};

/** A read request on its way: where it came from and how to tell it from others. */
type Incoming = {
  readonly port: UdpPort;
  readonly address: number;
  readonly remotePort: number;
  /** The same bytes from the same port are the same request, sent again. */
  readonly key: string;
  /** On the monotonic clock. */
  readonly requested: number;
};

const TICK_MS = 50;
const ETHERNET_MTU = 1500;

export class TftpServer {
  private readonly deps: TftpDeps;
  private readonly limits: TftpLimits;
  private readonly images: FileImages;
  /** Requests being resolved (undefined) and running transfers. */
  private readonly running = new Map<string, Session | undefined>();
  private ports: UdpPort[] = [];
  private timer: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  constructor(deps: TftpDeps) {
    this.deps = deps;
    this.limits = { ...DEFAULT_LIMITS, ...deps.limits };
    this.images = new FileImages(this.limits);
  }

  /** Rejects with a ChainbootError when a port cannot be opened; none stays open then. */
  async start(): Promise<void> {
    const opened = await Promise.allSettled(
      this.deps.links.map((link) => this.deps.wire.open(link, this.deps.port ?? 69, { unicastOnly: true })),
    );
    this.ports = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await this.close();
      throw failed.reason;
    }
    for (const port of this.ports) this.listen(port);
  }

  /** Where it listens: the port number differs from the one asked for when that was 0. */
  get addresses(): readonly { readonly address: string; readonly port: number }[] {
    return this.ports.map(({ link, port }) => ({ address: formatIpv4(link.address), port }));
  }

  /** Breaks running transfers off, with an ERROR to each client. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const sessions = [...this.running.values()].filter((session) => session !== undefined);
    await Promise.all([...this.ports, ...sessions].map((port) => port.close()));
    this.stopTimer();
  }

  private listen(port: UdpPort): void {
    port.onBatch((batch) => {
      for (const datagram of batch) this.receive(port, datagram);
    });
    port.onError((error) => {
      this.deps.log('warn', 'a TFTP answer could not be sent', {
        link: port.link.name,
        reason: error.message,
      });
    });
  }

  private receive(port: UdpPort, datagram: Datagram): void {
    if (this.closing !== undefined || isErrorPacket(datagram.bytes)) return;
    const packet = tryDecode(datagram.bytes);
    const incoming = this.incomingOf(port, datagram);
    if (packet?.op === 'rrq') this.admit(incoming, packet);
    else if (packet?.op === 'wrq') {
      const name = printable(packet.filename);
      this.refuse(incoming, this.asked(incoming, name), new ChainbootError('TFTP_READ_ONLY', { name }));
    } else {
      const reason =
        packet === undefined ? 'it is no TFTP packet' : `${packet.op} belongs to no transfer here`;
      this.refuse(incoming, this.asked(incoming), new ChainbootError('TFTP_MALFORMED', { reason }));
    }
  }

  private incomingOf(port: UdpPort, { address, port: remotePort, bytes }: Datagram): Incoming {
    const key = `${port.link.name} ${address} ${remotePort} ${latin1(bytes)}`;
    return { port, address, remotePort, key, requested: monotonic() };
  }

  private asked(incoming: Incoming, what?: string) {
    return {
      address: formatIpv4(incoming.address),
      link: incoming.port.link.name,
      ...(what !== undefined && { what }),
    };
  }

  private admit(incoming: Incoming, request: Request): void {
    const { key } = incoming;
    const what = printable(request.filename);
    if (this.running.has(key)) {
      const session = this.running.get(key);
      if (!session?.isRestart()) return;
      session.handle({ kind: 'restart' });
    }
    if (this.running.size >= this.limits.transfers) {
      const values = { count: this.running.size, name: what };
      this.refuse(incoming, this.asked(incoming, what), new ChainbootError('TFTP_BUSY', values));
      return;
    }
    this.running.set(key, undefined);
    this.serve(incoming, request)
      .catch((error: unknown) => this.refuse(incoming, this.asked(incoming, what), asChainbootError(error)))
      .finally(() => this.forget(key, undefined));
  }

  /** Rejects with a ChainbootError when the request itself is wrong. */
  private async serve(incoming: Incoming, request: Request): Promise<void> {
    const mode = modeOf(request);
    const name = nameOf(request);
    const { address, link } = this.asked(incoming);
    const content = await this.deps.resolve(name, { address, port: incoming.remotePort, link });
    if (this.closing !== undefined) return;
    const asked = { ...this.asked(incoming, name), ...idsOf(content) };
    if (content.kind === 'error') {
      const error = new ChainbootError(content.code, content.values);
      this.refuse(incoming, asked, error, content.because);
      return;
    }
    const wanted = { name, mode, options: request.options, bounds: this.boundsOf(incoming.port.link) };
    try {
      await this.run(incoming, asked, content, await prepare(content, wanted, this.images));
    } catch (error) {
      this.refuse(incoming, asked, asChainbootError(error));
    }
  }

  private async run(incoming: Incoming, asked: Asked, content: Served, prepared: Prepared): Promise<void> {
    const { key, requested, address, remotePort } = incoming;
    const { plan, offer, source } = prepared;
    const port = await this.deps.wire.open(incoming.port.link, 0).catch((error: unknown) => {
      source.close();
      throw error;
    });
    if (this.closing !== undefined) {
      source.close();
      await port.close();
      return;
    }
    const session: Session = new Session({
      port,
      peer: { address, port: remotePort },
      plan,
      offer,
      source,
      clock: monotonic,
      requested,
      ended: (outcome, numbers, sendError) => {
        this.forget(key, session);
        const at = this.deps.now();
        this.deps.record(transferStep({ at, asked, content, plan, outcome, numbers, sendError }));
      },
      stuck: (error) => {
        this.deps.log('warn', 'the port of a transfer could not be closed', {
          ...asked,
          reason: reasonOf(error),
        });
      },
    });
    this.running.set(key, session);
    this.timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  private boundsOf(link: Link): Bounds {
    const loopback = link.address >>> 24 === 127;
    const blksize = loopback ? MAX_BLKSIZE : blksizeOfMtu(link.mtu ?? ETHERNET_MTU);
    return { blksize, windowsize: this.limits.windowsize, windowBytes: this.limits.windowBytes };
  }

  private tick(): void {
    const now = monotonic();
    for (const session of this.running.values()) session?.tick(now);
  }

  /** Only if `session` is still what this key stands for: the client may have asked anew. */
  private forget(key: string, session: Session | undefined): void {
    if (this.running.get(key) === session) this.running.delete(key);
    if (this.running.size === 0) this.stopTimer();
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private refuse(incoming: Incoming, asked: Asked, error: ChainbootError, reason?: Reason): void {
    if (this.closing !== undefined) return;
    const { port, address, remotePort } = incoming;
    port.send([{ bytes: errorPacket(tftpErrorOf(error), error.message), address, port: remotePort }]);
    this.deps.record(refusalStep(this.deps.now(), asked, error, reason));
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
