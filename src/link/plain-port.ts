/**
 * A UDP port of node:dgram alone, for machines without koffi. Its limits: one system call a datagram; broadcasts
 * are heard, but not on which link, so only one link can have them; a client that has no address yet is answered
 * by broadcast, as no frame can be made for it.
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatIpv4, parseIpv4 } from '../net/ip.ts';
import { isLoopback } from './links.ts';
import type { Datagram, Link, OpenOptions, Outgoing, UdpPort } from './types.ts';

const LIMITED_BROADCAST = '255.255.255.255';

/** Rejects with an Error that has the `code` of the system call that failed. */
export async function openPlainPort(
  link: Link,
  port: number,
  { unicastOnly = port === 0 }: OpenOptions,
): Promise<UdpPort> {
  const sockets = [await bound(formatIpv4(link.address), port)];
  try {
    // On Linux a socket bound to the broadcast address hears broadcasts, which one bound to ours does not.
    if (!unicastOnly && !isLoopback(link)) sockets.push(await bound(LIMITED_BROADCAST, port));
  } catch (error) {
    sockets[0]!.close();
    throw error;
  }
  return new PlainPort(link, sockets);
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, address);
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.setBroadcast(true);
  return socket;
}

class PlainPort implements UdpPort {
  readonly link: Link;
  readonly port: number;
  private readonly sockets: readonly Socket[];
  private batch: Datagram[] = [];
  private closed = false;
  private handler: (batch: readonly Datagram[]) => void = () => {};
  private report: (error: Error) => void = () => {};

  constructor(link: Link, sockets: readonly Socket[]) {
    this.link = link;
    this.sockets = sockets;
    this.port = sockets[0]!.address().port;
    for (const socket of sockets) {
      socket.on('message', (bytes, from) => this.gather(bytes, from));
      socket.on('error', (error) => this.report(error));
    }
  }

  onBatch(handler: (batch: readonly Datagram[]) => void): void {
    this.handler = handler;
  }

  onError(handler: (error: Error) => void): void {
    this.report = handler;
  }

  send(batch: readonly Outgoing[]): void {
    if (this.closed) return;
    for (const { bytes, address, port, mac } of batch) {
      const broadcast = mac !== undefined && !isLoopback(this.link);
      const to = broadcast ? LIMITED_BROADCAST : formatIpv4(address);
      // dgram sends when it can, so it must have bytes that stay.
      this.sockets[0]!.send(bytes.slice(), port, to, (error) => {
        if (error !== null && !this.closed) this.report(error);
      });
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all(
      this.sockets.map(async (socket) => {
        const done = once(socket, 'close');
        socket.close();
        await done;
      }),
    );
  }

  private gather(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (this.batch.length === 0) setImmediate(() => this.deliver());
    this.batch.push({ bytes, address: parseIpv4(address)!, port });
  }

  private deliver(): void {
    const { batch } = this;
    this.batch = [];
    if (!this.closed) this.handler(batch);
  }
}
