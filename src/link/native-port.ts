/**
 * A UDP port through the system calls of native.ts: one `recvmmsg` and one `sendmmsg` a turn of the event loop
 * for up to 64 datagrams.
 */

import { ChainbootError, reasonOf } from '../errors.ts';
import { isZeroMac } from '../net/mac.ts';
import { encodeUdpPacket } from './frame.ts';
import { isLoopback } from './links.ts';
import { SLOTS } from './messages.ts';
import type { BindOptions, Native, Poll } from './native.ts';
import type { Datagram, Link, OpenOptions, Outgoing, UdpPort } from './types.ts';

const ETH_P_IP = 0x0800;
const LIMITED_BROADCAST = 0xffffffff;
/** Some 4000 DISCOVERs can wait in it. */
const RECEIVE_BUFFER = 4 << 20;
/** Datagrams that may wait while the kernel's send buffer is full; more are dropped and reported. */
const BACKLOG = 1024;

/** Throws an Error with the `code` of the system call that failed. */
export function openNativePort(native: Native, link: Link, port: number, options: OpenOptions): UdpPort {
  const bound = native.bindUdp(bindOptions(link, port, options));
  try {
    return new NativePort(native, link, bound.fd, bound.port);
  } catch (error) {
    native.close(bound.fd);
    throw error;
  }
}

/**
 * An address hears no broadcasts and the wildcard hears all links; the wildcard on one device hears what we want.
 * Loopback has no broadcasts, and the servers of many tests share it.
 */
function bindOptions(link: Link, port: number, { unicastOnly = port === 0 }: OpenOptions): BindOptions {
  if (unicastOnly || isLoopback(link)) return { address: link.address, port };
  return { address: 0, port, device: link.name, receiveBuffer: RECEIVE_BUFFER };
}

class NativePort implements UdpPort {
  readonly link: Link;
  readonly port: number;
  private readonly native: Native;
  private readonly fd: number;
  private readonly poll: Poll;
  private readonly frames: FrameSender;
  private readonly backlog: Outgoing[] = [];
  private receiving: NodeJS.Immediate | undefined;
  private closed = false;
  private handler: (batch: readonly Datagram[]) => void = () => {};
  private report: (error: Error) => void = () => {};

  constructor(native: Native, link: Link, fd: number, port: number) {
    this.native = native;
    this.link = link;
    this.fd = fd;
    this.port = port;
    this.poll = native.poll(fd);
    this.frames = new FrameSender(native, link, port);
    this.watch();
  }

  onBatch(handler: (batch: readonly Datagram[]) => void): void {
    this.handler = handler;
  }

  onError(handler: (error: Error) => void): void {
    this.report = handler;
  }

  send(batch: readonly Outgoing[]): void {
    if (this.closed) return;
    const framed = batch.filter(({ mac }) => mac !== undefined);
    if (framed.length === 0) this.transmit(batch);
    else {
      const { unsent, error } = this.frames.send(framed);
      if (error !== undefined) this.report(error);
      this.transmit([...batch.filter(({ mac }) => mac === undefined), ...unsent]);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearImmediate(this.receiving);
    this.poll.close();
    this.native.close(this.fd);
    this.frames.close();
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
    let batch: readonly Datagram[];
    try {
      batch = this.native.receive(this.fd);
    } catch (error) {
      this.report(error as Error);
      return;
    }
    if (batch.length > 0) this.handler(batch);
  }

  private transmit(batch: readonly Outgoing[]): void {
    if (this.backlog.length > 0) {
      this.keep(batch);
      return;
    }
    const sent = this.trySend(batch);
    if (sent === batch.length) return;
    this.keep(batch.slice(sent));
    this.watch();
  }

  /** How many are done with, sent or refused for good; fewer than all when the kernel's buffer is full. */
  private trySend(batch: readonly Outgoing[]): number {
    const { outgoing } = this.native;
    outgoing.setSource(this.link.address);
    for (let done = 0; done < batch.length; ) {
      const count = Math.min(SLOTS, batch.length - done);
      for (let slot = 0; slot < count; slot++) {
        const { bytes, address, port } = batch[done + slot]!;
        outgoing.putDatagram(slot, bytes, address, port);
      }
      try {
        done += this.native.send(this.fd, count);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return done;
        this.report(error as Error);
        done += 1;
      }
    }
    return batch.length;
  }

  private keep(batch: readonly Outgoing[]): void {
    const room = BACKLOG - this.backlog.length;
    for (const item of batch.slice(0, room)) this.backlog.push({ ...item, bytes: item.bytes.slice() });
    if (batch.length > room)
      this.report(new Error(`${batch.length - room} datagrams dropped: the link is busy`));
  }

  private flush(): void {
    this.backlog.splice(0, this.trySend(this.backlog));
    if (this.backlog.length === 0) this.watch();
  }
}

/** Ethernet frames to clients that have no address yet; its socket is opened when the first is to be sent. */
class FrameSender {
  private readonly native: Native;
  private readonly link: Link;
  private readonly port: number;
  private readonly possible: boolean;
  private socket: { readonly fd: number; readonly index: number } | undefined;
  private refused = false;

  constructor(native: Native, link: Link, port: number) {
    this.native = native;
    this.link = link;
    this.port = port;
    this.possible = !isLoopback(link) && !isZeroMac(link.mac);
  }

  /** What cannot go out as a frame is in `unsent`, addressed so that it arrives all the same. */
  send(batch: readonly Outgoing[]): { readonly unsent: readonly Outgoing[]; readonly error?: Error } {
    // A point-to-point link or loopback has no hardware addresses: the IP address will do.
    if (!this.possible) return { unsent: batch };
    const unsent = () => batch.map((item) => ({ ...item, address: LIMITED_BROADCAST }));
    if (this.refused) return { unsent: unsent() };
    try {
      this.socket ??= this.open();
    } catch (error) {
      this.refused = true;
      const values = { link: this.link.name, reason: reasonOf(error) };
      return { unsent: unsent(), error: new ChainbootError('FRAMES_DENIED', values, [], error) };
    }
    return this.transmit(batch, this.socket);
  }

  close(): void {
    if (this.socket !== undefined) this.native.close(this.socket.fd);
  }

  private open(): { readonly fd: number; readonly index: number } {
    return { index: this.native.interfaceIndex(this.link.name), fd: this.native.openPacket() };
  }

  private transmit(
    batch: readonly Outgoing[],
    { fd, index }: { readonly fd: number; readonly index: number },
  ): { readonly unsent: readonly Outgoing[]; readonly error?: Error } {
    const { outgoing } = this.native;
    let failed: Error | undefined;
    for (let done = 0; done < batch.length; ) {
      const count = Math.min(SLOTS, batch.length - done);
      for (let slot = 0; slot < count; slot++) {
        const { bytes, address, port, mac } = batch[done + slot]!;
        const packet = encodeUdpPacket({
          source: this.link.address,
          sourcePort: this.port,
          destination: address,
          destinationPort: port,
          payload: bytes,
        });
        outgoing.putFrame(slot, packet, mac!, index, ETH_P_IP);
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
}
