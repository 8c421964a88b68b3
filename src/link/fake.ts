/**
 * A wire in memory: one segment, on which datagrams get lost, doubled and overtaken as the seed will have it.
 * Every turn of the event loop delivers what the turn before sent, one batch a port.
 */

import { ChainbootError } from '../errors.ts';
import { equalBytes } from '../net/bytes.ts';
import { maskOf } from '../net/cidr.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import { datagramsOf } from './segments.ts';
import type { Datagram, Link, Outgoing, UdpPort, Wire } from './types.ts';

export type FakeOptions = {
  readonly seed?: number;
  /** Probabilities, 0 to 1, for each datagram. */
  readonly loss?: number;
  readonly duplicate?: number;
  /** Delivered a turn late. */
  readonly reorder?: number;
};

export type FakeWire = Wire & {
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
};

const LIMITED_BROADCAST = 0xffffffff;
const FIRST_EPHEMERAL = 49_152;

/** Links of one name are one segment; between segments, unicasts are routed. */
export function createFakeWire({
  seed = 1,
  loss = 0,
  duplicate = 0,
  reorder = 0,
}: FakeOptions = {}): FakeWire {
  const random = mulberry32(seed);
  const ports = new Set<FakePort>();
  let due = new Map<FakePort, Datagram[]>();
  let late: (() => void)[] = [];
  let scheduled = false;
  let ephemeral = FIRST_EPHEMERAL;
  const idlers: (() => void)[] = [];

  const schedule = () => {
    if (!scheduled) setImmediate(deliver);
    scheduled = true;
  };
  const enqueue = (port: FakePort, datagram: Datagram) => {
    const waiting = due.get(port);
    if (waiting === undefined) due.set(port, [datagram]);
    else waiting.push(datagram);
    schedule();
  };
  function deliver(): void {
    scheduled = false;
    const now = due;
    const arriving = late;
    due = new Map();
    late = [];
    for (const [port, batch] of now) if (ports.has(port)) port.deliver(batch);
    for (const arrive of arriving) arrive();
    if (due.size > 0 || late.length > 0) schedule();
    else for (const resolve of idlers.splice(0)) resolve();
  }
  const carry = (from: FakePort, item: Outgoing) => {
    const copies = random() < loss ? 0 : random() < duplicate ? 2 : 1;
    const datagram = { bytes: item.bytes.slice(), address: from.link.address, port: from.port };
    for (const to of receivers(from, item, ports)) {
      for (let copy = 0; copy < copies; copy++) {
        if (random() >= reorder) enqueue(to, datagram);
        else {
          late.push(() => enqueue(to, datagram));
          schedule();
        }
      }
    }
  };
  const open = async (link: Link, port: number): Promise<UdpPort> => {
    const taken = [...ports].some((other) => other.port === port && equalLinks(other.link, link));
    if (taken) {
      const address = formatIpv4(link.address);
      throw new ChainbootError('PORT_TAKEN', { what: 'UDP', port, address });
    }
    const opened = new FakePort(link, port === 0 ? ephemeral++ : port, carry, () => ports.delete(opened));
    ports.add(opened);
    return opened;
  };
  const idle = () =>
    new Promise<void>((resolve) => {
      idlers.push(resolve);
      schedule();
    });
  return { open, idle };
}

class FakePort implements UdpPort {
  readonly link: Link;
  readonly port: number;
  private readonly carry: (from: FakePort, item: Outgoing) => void;
  private readonly leave: () => void;
  private handler: (batch: readonly Datagram[]) => void = () => {};

  constructor(link: Link, port: number, carry: (from: FakePort, item: Outgoing) => void, leave: () => void) {
    this.link = link;
    this.port = port;
    this.carry = carry;
    this.leave = leave;
  }

  onBatch(handler: (batch: readonly Datagram[]) => void): void {
    this.handler = handler;
  }

  /** Nothing fails here. */
  onError(): void {}

  send(batch: readonly Outgoing[]): void {
    for (const item of batch) for (const datagram of datagramsOf(item)) this.carry(this, datagram);
  }

  async close(): Promise<void> {
    this.leave();
  }

  deliver(batch: readonly Datagram[]): void {
    this.handler(batch);
  }
}

function receivers(from: FakePort, item: Outgoing, ports: ReadonlySet<FakePort>): readonly FakePort[] {
  const listening = [...ports].filter((port) => port !== from && port.port === item.port);
  const near = listening.filter(({ link }) => link.name === from.link.name);
  const { mac } = item;
  if (mac !== undefined) return near.filter(({ link }) => equalBytes(link.mac, mac));
  if (isBroadcast(from.link, item.address)) return near;
  return listening.filter(({ link }) => link.address === item.address);
}

function isBroadcast({ address, prefix }: Link, to: Ipv4): boolean {
  return to === LIMITED_BROADCAST || to === (address | ~maskOf(prefix)) >>> 0;
}

function equalLinks(a: Link, b: Link): boolean {
  return a.name === b.name && a.address === b.address && equalBytes(a.mac, b.mac);
}

/** A small seeded generator (mulberry32): numbers from 0 to 1. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
