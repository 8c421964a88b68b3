/**
 * A UDP port of node:dgram alone, for machines without koffi. Its limits: one system call a datagram; broadcasts
 * are heard, but not on which link, so only one link can have them; a client that has no address yet is answered
 * by broadcast, as no frame can be made for it.
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import { isLoopback } from './links.ts';
import { datagramsOf } from './segments.ts';
import type { Datagram, Link, OpenOptions, Outgoing, UdpPort } from './types.ts';

const LIMITED_BROADCAST = '255.255.255.255';
/** Bytes of datagrams that may wait each way; Linux grants what net.core.rmem_max and wmem_max allow. */
const BUFFER = 1 << 20;
/** Datagrams taken at a time where turns are limited: eight answers of 64 packets take about 4 ms. */
const SMALL_BATCH = 8;
/** Peers whose address is kept as a number and as text. */
const PEERS = 4096;

/** Rejects with an Error that has the `code` of the system call that failed. */
export async function openPlainPort(
  link: Link,
  port: number,
  { unicastOnly = port === 0, turnMs }: OpenOptions,
): Promise<UdpPort> {
  const sockets = [await bound(formatIpv4(link.address), port)];
  try {
    // On Linux a socket bound to the broadcast address hears broadcasts, which one bound to ours does not.
    if (!unicastOnly && !isLoopback(link)) sockets.push(await bound(LIMITED_BROADCAST, port));
  } catch (error) {
    sockets[0]!.close();
    throw error;
  }
  return new PlainPort(link, sockets, turnMs);
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: BUFFER,
    sendBufferSize: BUFFER,
    // Addresses are never names: saves the turn that a look-up would take for every datagram (and makes
    // bind report at once, so whoever waits for that has to be there before).
    lookup: (host, _options, found) => found(null, host, 4),
  });
  const listening = once(socket, 'listening');
  try {
    socket.bind(port, address);
    await listening;
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
  private readonly texts = new Map<Ipv4, string>();
  private readonly numbers = new Map<string, Ipv4>();
  private readonly turnMs: number | undefined;
  private batch: Datagram[] = [];
  private closed = false;
  private handler: (batch: readonly Datagram[]) => void = () => {};
  private report: (error: Error, refused?: Outgoing) => void = () => {};

  constructor(link: Link, sockets: readonly Socket[], turnMs: number | undefined) {
    this.link = link;
    this.turnMs = turnMs;
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

  onError(handler: (error: Error, refused?: Outgoing) => void): void {
    this.report = handler;
  }

  send(batch: readonly Outgoing[]): void {
    if (this.closed) return;
    for (const item of batch) for (const datagram of datagramsOf(item)) this.sendOne(datagram);
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

  private sendOne(item: Outgoing): void {
    const { bytes, address, port, mac, segment } = item;
    const broadcast = mac !== undefined && !isLoopback(this.link);
    const to = broadcast ? LIMITED_BROADCAST : remembered(this.texts, address, formatIpv4);
    // dgram sends when it can, so it must have bytes that stay.
    this.sockets[0]!.send(segment === undefined ? bytes.slice() : bytes, port, to, (error) => {
      if (error !== null && !this.closed) this.report(error, item);
    });
  }

  private gather(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (this.batch.length === 0) setImmediate(() => this.deliver());
    this.batch.push({ bytes, address: remembered(this.numbers, address, numberOf), port });
  }

  private deliver(): void {
    if (this.closed) return;
    const { batch, turnMs } = this;
    this.batch = [];
    if (turnMs === undefined) {
      this.handler(batch);
      return;
    }
    const end = performance.now() + turnMs;
    let done = 0;
    do {
      this.handler(batch.slice(done, done + SMALL_BATCH));
      done += SMALL_BATCH;
    } while (!this.closed && done < batch.length && performance.now() < end);
    this.batch = batch.slice(done);
    if (this.batch.length > 0) setImmediate(() => this.deliver());
  }
}

function numberOf(text: string): Ipv4 {
  return parseIpv4(text)!;
}

function remembered<K, V>(known: Map<K, V>, key: K, make: (key: K) => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make(key);
  if (known.size >= PEERS) known.clear();
  known.set(key, made);
  return made;
}
