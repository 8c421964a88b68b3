/**
 * Shows what the server's own sockets carry to and from one machine, as frames, to whoever records it. Costs nothing while
 * nobody does.
 */

import { MESSAGE, messageType, requestedIp } from '../dhcp/options.ts';
import { type DhcpPacket, decodePacket } from '../dhcp/packet.ts';
import type { Datagram, Link, Outgoing } from '../link/types.ts';
import { DecodeError } from '../net/bytes.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import { formatMac, type Mac, macBytes } from '../net/mac.ts';
import { MadeConnection, type MadeFrame, udpFrame } from './synthesize.ts';

export type TappedFrame = MadeFrame & { readonly at: number; readonly link: string };
export type Listen = (frame: TappedFrame) => void;

/** A connection of HTTP as the server sees it. */
export type HttpEnds = {
  readonly link: Link;
  readonly remote: { readonly address: string; readonly port: number };
  readonly port: number;
};

/** Of one request and its answer, in the order of calls. */
export interface HttpTapped {
  request(head: Uint8Array, bodyLength: number): void;
  response(bytes: Uint8Array): void;
  /** Of the body; only the first of it is kept. */
  body(bytes: Uint8Array): void;
}

const EVERYONE: Ipv4 = 0xffffffff;
const BROADCAST = new Uint8Array(6).fill(0xff);
const NOBODY = new Uint8Array(6);
const COOKIE_AT = 236;
/** Scripts and answer files are kept whole, of kernels the length. */
const KEPT_BODY = 64 * 1024;
const MOST_CONNECTIONS = 1024;

type Listener = {
  readonly mac: Mac;
  readonly listen: Listen;
  readonly addresses: Set<string>;
  readonly connections: Map<string, MadeConnection>;
};

export class Tap {
  readonly #listeners = new Set<Listener>();
  readonly #now: () => number;

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get isActive(): boolean {
    return this.#listeners.size > 0;
  }

  /** Until the function it answers with is called. `listen` must not throw. */
  open(mac: Mac, listen: Listen): () => void {
    const listener: Listener = { mac, listen, addresses: new Set(), connections: new Map() };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  received(link: Link, port: number, { bytes, address, port: from }: Datagram): void {
    const isNew = address === 0;
    this.#datagram(link, bytes, address, (machine) =>
      udpFrame(
        { source: machine, target: isNew ? BROADCAST : link.mac },
        {
          source: address,
          sourcePort: from,
          destination: isNew ? EVERYONE : link.address,
          destinationPort: port,
          payload: bytes,
        },
      ),
    );
  }

  sent(link: Link, port: number, { bytes, address, port: to }: Outgoing): void {
    this.#datagram(link, bytes, address, (machine) =>
      udpFrame(
        { source: link.mac, target: address === EVERYONE ? BROADCAST : machine },
        { source: link.address, sourcePort: port, destination: address, destinationPort: to, payload: bytes },
      ),
    );
  }

  /** Undefined: nobody wants to see this one. */
  http({ link, remote, port }: HttpEnds): HttpTapped | undefined {
    for (const listener of this.#listeners) {
      if (!listener.addresses.has(remote.address)) continue;
      const show = (frames: readonly MadeFrame[]) => this.#show(listener, link, frames);
      const client = {
        mac: macBytes(listener.mac),
        address: parseIpv4(remote.address) ?? 0,
        port: remote.port,
      };
      return tapped(
        connectionOf(listener, client, { mac: link.mac, address: link.address, port }, show),
        show,
      );
    }
    return undefined;
  }

  #datagram(link: Link, bytes: Uint8Array, remote: Ipv4, frame: (machine: Uint8Array) => MadeFrame): void {
    const packet = dhcpPacket(bytes);
    for (const listener of this.#listeners) {
      const isIts =
        packet === undefined ? listener.addresses.has(formatIpv4(remote)) : isOf(packet, listener);
      if (!isIts) continue;
      // A relay's frame comes from the relay, of which nothing is known here.
      const machine = packet !== undefined && packet.giaddr !== 0 ? NOBODY : macBytes(listener.mac);
      this.#show(listener, link, [frame(machine)]);
    }
  }

  #show({ listen }: Listener, { name }: Link, frames: readonly MadeFrame[]): void {
    const at = this.#now();
    for (const frame of frames) listen({ ...frame, at, link: name });
  }
}

function dhcpPacket(bytes: Uint8Array): DhcpPacket | undefined {
  if (bytes.length < COOKIE_AT + 4 || bytes[COOKIE_AT] !== 0x63 || bytes[COOKIE_AT + 1] !== 0x82)
    return undefined;
  try {
    return decodePacket(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** What the machine is given, or asks another server for, is where it fetches from. */
function isOf(packet: DhcpPacket, { mac, addresses }: Listener): boolean {
  if (formatMac(packet.chaddr) !== mac) return false;
  const type = messageType(packet);
  const wanted = packet.op === 1 && type === MESSAGE.request ? requestedIp(packet) : undefined;
  for (const address of [packet.yiaddr, packet.ciaddr, wanted ?? 0])
    if (address !== 0) addresses.add(formatIpv4(address));
  return true;
}

type Ends = ConstructorParameters<typeof MadeConnection>;

function connectionOf(
  { connections }: Listener,
  client: Ends[0],
  server: Ends[1],
  show: (frames: readonly MadeFrame[]) => void,
): MadeConnection {
  const key = `${client.address}:${client.port} ${server.port}`;
  const known = connections.get(key);
  if (known !== undefined) return known;
  const connection = new MadeConnection(client, server);
  if (connections.size >= MOST_CONNECTIONS) connections.clear();
  connections.set(key, connection);
  show(connection.open());
  return connection;
}

function tapped(connection: MadeConnection, show: (frames: readonly MadeFrame[]) => void): HttpTapped {
  let kept = 0;
  return {
    request: (head, bodyLength) => show(connection.send('client', head, bodyLength)),
    response: (bytes) => show(connection.send('server', bytes)),
    body(bytes) {
      const part = bytes.subarray(0, KEPT_BODY - kept);
      kept += part.length;
      show(connection.send('server', part, bytes.length - part.length));
    },
  };
}
