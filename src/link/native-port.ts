/**
 * A UDP port through the system calls of native.ts: one `recvmmsg` and one `sendmmsg` a turn of the event loop
 * for up to 64 datagrams.
 */

import { ChainbootError } from '../errors.ts';
import { isZeroMac } from '../net/mac.ts';
import { encodeUdpPacket } from './frame.ts';
import { isLoopback } from './links.ts';
import { SLOTS, SMALL_BATCH } from './messages.ts';
import type { BoundSocket, Native, Poll } from './native.ts';
import { datagramsOf, messagesOf } from './segments.ts';
import type { Datagram, Link, OpenOptions, Outgoing, UdpPort } from './types.ts';

const ETH_P_IP = 0x0800;
const LIMITED_BROADCAST = 0xffffffff;
/** Some 4000 DISCOVERs can wait in it, or the windows of 30 TFTP clients. */
const BUFFER = 4 << 20;
/** Messages that may wait while the kernel's send buffer is full; more are dropped and reported. */
const BACKLOG = 4096;
/** How long a refusal to cut is believed: the next path may be a wider one. */
const SEGMENTS_FORGET_MS = 60_000;
const CANNOT_CUT = ['EIO', 'EINVAL', 'EMSGSIZE'];

/** Throws an Error with the `code` of the system call that failed. */
export function openNativePort(
  native: Native,
  link: Link,
  port: number,
  { unicastOnly = port === 0, turnMs }: OpenOptions,
): UdpPort {
  // An address hears no broadcasts and the wildcard hears all links; the wildcard on one device hears what we
  // want. Loopback has no broadcasts, and the servers of many tests share it.
  const alone = unicastOnly || isLoopback(link);
  const bound = native.bindUdp(
    alone
      ? { address: link.address, port, buffer: BUFFER }
      : { address: 0, port, device: link.name, buffer: BUFFER },
  );
  try {
    const poll = native.poll(bound.fd);
    // A point-to-point link has no hardware addresses: the IP address has to do.
    const frames = alone || isZeroMac(link.mac) ? undefined : new FrameSender(native, link, bound.port);
    return new NativePort(native, link, bound, poll, frames, turnMs);
  } catch (error) {
    native.close(bound.fd);
    throw error;
  }
}

class NativePort implements UdpPort {
  readonly link: Link;
  readonly port: number;
  private readonly native: Native;
  private readonly fd: number;
  private readonly poll: Poll;
  private readonly frames: FrameSender | undefined;
  private readonly turnMs: number | undefined;
  private readonly backlog: Outgoing[] = [];
  private readonly segments: boolean;
  /** The kernel would not cut such segments, at that time. */
  private refusedSegment: { readonly size: number; readonly at: number } | undefined;
  private receiving: NodeJS.Immediate | undefined;
  private closed = false;
  private handler: (batch: readonly Datagram[]) => void = () => {};
  private report: (error: Error, refused?: Outgoing) => void = () => {};

  constructor(
    native: Native,
    link: Link,
    { fd, port, segments }: BoundSocket,
    poll: Poll,
    frames: FrameSender | undefined,
    turnMs: number | undefined,
  ) {
    this.native = native;
    this.link = link;
    this.fd = fd;
    this.port = port;
    this.segments = segments;
    this.poll = poll;
    this.frames = frames;
    this.turnMs = turnMs;
    this.watch();
  }

  onBatch(handler: (batch: readonly Datagram[]) => void): void {
    this.handler = handler;
  }

  onError(handler: (error: Error, refused?: Outgoing) => void): void {
    this.report = handler;
  }

  send(batch: readonly Outgoing[]): void {
    if (this.closed) return;
    const { frames } = this;
    if (frames === undefined || !batch.some(hasMac)) {
      this.transmit(batch);
      return;
    }
    const { unsent, error } = frames.send(batch.filter(hasMac));
    if (error !== undefined) this.report(error);
    this.transmit([...batch.filter((item) => item.mac === undefined), ...unsent]);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearImmediate(this.receiving);
    this.poll.close();
    this.native.close(this.fd);
    this.frames?.close();
  }

  /** The callback runs inside libuv's poll phase, where Node expects no JavaScript: the work is for the next. */
  private watch(): void {
    const writable = this.backlog.length > 0;
    this.poll.start({ readable: true, writable }, () => {
      this.receiving ??= setImmediate(() => {
        this.receiving = undefined;
        if (this.backlog.length > 0) this.flush();
        this.receive();
      });
    });
  }

  private receive(): void {
    const { turnMs } = this;
    if (turnMs === undefined) {
      this.receiveBatch(SLOTS);
      return;
    }
    const end = performance.now() + turnMs;
    while (this.receiveBatch(SMALL_BATCH) && performance.now() < end);
  }

  /** Says whether there was anything. */
  private receiveBatch(most: number): boolean {
    if (this.closed) return false;
    let batch: readonly Datagram[];
    try {
      batch = this.native.receive(this.fd, most);
    } catch (error) {
      this.report(error as Error);
      return false;
    }
    if (batch.length > 0) this.handler(batch);
    return batch.length > 0;
  }

  private transmit(batch: readonly Outgoing[]): void {
    if (this.backlog.length > 0) {
      this.keep(batch);
      return;
    }
    const unsent = this.trySend(batch);
    if (unsent.length === 0) return;
    this.keep(unsent);
    this.watch();
  }

  /** @returns what neither was sent nor refused for good: the kernel's buffer is full */
  private trySend(batch: readonly Outgoing[]): readonly Outgoing[] {
    this.native.outgoing.setSource(this.link.address);
    const messages = messagesOf(batch, this.largestSegment());
    for (let done = 0; done < messages.length; ) {
      const count = this.fill(messages, done);
      try {
        done += this.native.send(this.fd, count);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return messages.slice(done);
        const refused = messages[done]!;
        done += 1;
        if (this.learnSegments(error, refused))
          return this.trySend([...datagramsOf(refused), ...messages.slice(done)]);
        this.report(error as Error, refused);
      }
    }
    return [];
  }

  /** Fills slots with messages from the one with index `from`; says how many. */
  private fill(messages: readonly Outgoing[], from: number): number {
    const { outgoing } = this.native;
    const count = Math.min(SLOTS, messages.length - from);
    for (let slot = 0; slot < count; slot++) {
      const { bytes, address, port, segment } = messages[from + slot]!;
      if (segment === undefined) outgoing.putDatagram(slot, bytes, address, port);
      else outgoing.putSegments(slot, bytes, segment, address, port);
    }
    return count;
  }

  /**
   * EIO: the interface computes no checksums, so older kernels would not cut. EINVAL, newer kernels EMSGSIZE: a
   * segment does not fit the packets of the path. In any case such segments go one by one for a while.
   */
  private learnSegments(error: unknown, { bytes, segment }: Outgoing): boolean {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (segment === undefined || bytes.length <= segment || !CANNOT_CUT.includes(code)) return false;
    this.refusedSegment = { size: segment, at: performance.now() };
    return true;
  }

  /** Segments up to this size are left to the kernel to cut. */
  private largestSegment(): number {
    if (!this.segments) return 0;
    const { refusedSegment } = this;
    if (refusedSegment === undefined) return Number.POSITIVE_INFINITY;
    if (performance.now() - refusedSegment.at < SEGMENTS_FORGET_MS) return refusedSegment.size - 1;
    this.refusedSegment = undefined;
    return Number.POSITIVE_INFINITY;
  }

  private keep(batch: readonly Outgoing[]): void {
    const room = BACKLOG - this.backlog.length;
    for (const item of batch.slice(0, room))
      this.backlog.push(item.segment === undefined ? { ...item, bytes: item.bytes.slice() } : item);
    if (batch.length > room)
      this.report(new Error(`${batch.length - room} datagrams dropped: the link is busy`));
  }

  private flush(): void {
    const unsent = this.trySend(this.backlog);
    this.backlog.splice(0, this.backlog.length, ...unsent);
    if (this.backlog.length === 0) this.watch();
  }
}

function hasMac(item: Outgoing): item is Outgoing & { readonly mac: Uint8Array } {
  return item.mac !== undefined;
}

type Sent = { readonly unsent: readonly Outgoing[]; readonly error?: Error };

/** Ethernet frames to clients that have no address yet. */
class FrameSender {
  private readonly native: Native;
  private readonly link: Link;
  private readonly port: number;
  private readonly socket: { readonly fd: number; readonly index: number } | { readonly refused: Error };
  private complained = false;

  constructor(native: Native, link: Link, port: number) {
    this.native = native;
    this.link = link;
    this.port = port;
    this.socket = this.open();
  }

  /** What cannot go out as a frame is in `unsent`, as broadcasts: all clients seen take those too. */
  send(batch: readonly (Outgoing & { readonly mac: Uint8Array })[]): Sent {
    if ('fd' in this.socket) return this.transmit(batch, this.socket);
    const unsent = batch.map((item) => ({ ...item, address: LIMITED_BROADCAST }));
    if (this.complained) return { unsent };
    this.complained = true;
    const { refused } = this.socket;
    const values = { link: this.link.name, reason: refused.message };
    return { unsent, error: new ChainbootError('FRAMES_DENIED', values, [], refused) };
  }

  close(): void {
    if ('fd' in this.socket) this.native.close(this.socket.fd);
  }

  private open(): FrameSender['socket'] {
    try {
      return { index: this.native.interfaceIndex(this.link.name), fd: this.native.openPacket() };
    } catch (error) {
      return { refused: error as Error };
    }
  }

  private transmit(
    batch: readonly (Outgoing & { readonly mac: Uint8Array })[],
    { fd, index }: { readonly fd: number; readonly index: number },
  ): Sent {
    const { outgoing } = this.native;
    let failed: Error | undefined;
    for (let done = 0; done < batch.length; ) {
      const count = Math.min(SLOTS, batch.length - done);
      for (let slot = 0; slot < count; slot++) {
        const item = batch[done + slot]!;
        outgoing.putFrame(slot, this.packet(item), item.mac, index, ETH_P_IP);
      }
      try {
        done += this.native.send(fd, count);
      } catch (error) {
        failed = error as Error;
        done += 1;
      }
    }
    return failed === undefined ? { unsent: [] } : { unsent: [], error: failed };
  }

  private packet({ bytes, address, port }: Outgoing): Uint8Array {
    return encodeUdpPacket({
      source: this.link.address,
      sourcePort: this.port,
      destination: address,
      destinationPort: port,
      payload: bytes,
    });
  }
}
