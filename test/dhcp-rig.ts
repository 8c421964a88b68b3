/** A DHCP server in memory: one link 10.77.0.0/24, a port that keeps what is sent, leases that can fail. */

import type { Policy } from '../src/boot/decide.ts';
import type { Lease } from '../src/boot/lease.ts';
import type { Step } from '../src/boot/step.ts';
import { OPTION, textValue, u8Value, u32Value } from '../src/dhcp/options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from '../src/dhcp/packet.ts';
import { DhcpServer, type DhcpServerDeps } from '../src/dhcp/server.ts';
import { SiteIndex } from '../src/inventory/site.ts';
import type { Host, Subnet } from '../src/inventory/types.ts';
import type { Datagram, Link, Outgoing, UdpPort } from '../src/link/types.ts';
import { type Ipv4, parseIpv4 } from '../src/net/ip.ts';
import { readCapture } from './pcap.ts';

export const ip = (text: string): Ipv4 => parseIpv4(text)!;

export const LINK: Link = {
  name: 'eth0',
  address: ip('10.77.0.1'),
  prefix: 24,
  mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
};

export const POLICY: Policy = {
  mode: 'server',
  unknownHosts: 'menu',
  base: 'http://10.77.0.1',
  server: LINK.address,
};

export const SUBNET: Subnet = {
  id: 1,
  name: 'lan',
  network: '10.77.0.0/24',
  gateway: '10.77.0.1',
  dns_primary: '10.77.0.1',
  domain: 'rig.test',
  from: '10.77.0.100',
  to: '10.77.0.199',
  boot_mode: 'DHCP',
  lease_time: 600,
  parameters: {},
};

/** The machine of the captures. */
export const MAC = '52:54:00:77:00:10';

export function host(changes: Partial<Host> = {}): Host {
  return {
    id: 1,
    name: 'vm10.rig.test',
    enabled: true,
    build: true,
    architecture: 'x86_64',
    parameters: {},
    interfaces: [
      {
        mac: MAC,
        ip: '10.77.0.50',
        type: 'interface',
        primary: true,
        provision: true,
        managed: true,
        virtual: false,
      },
    ],
    ...changes,
  };
}

/** Keeps what is sent; `deliver` is what arrives. */
export class MemoryPort implements UdpPort {
  readonly link = LINK;
  readonly port: number;
  readonly sent: Outgoing[] = [];
  closed = false;
  private handler: (batch: readonly Datagram[]) => void = () => undefined;
  constructor(port: number) {
    this.port = port;
  }

  onBatch(handler: (batch: readonly Datagram[]) => void): void {
    this.handler = handler;
  }

  onError(): void {}

  send(batch: readonly Outgoing[]): void {
    this.sent.push(...batch);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  deliver(packets: readonly (DhcpPacket | Uint8Array)[], from: Partial<Datagram> = {}): void {
    const bytes = packets.map((packet) => (packet instanceof Uint8Array ? packet : encodePacket(packet)));
    this.handler(bytes.map((datagram) => ({ address: 0, port: 68, ...from, bytes: datagram })));
    // Datagrams are only valid during the call: whoever kept one sees this.
    for (const datagram of bytes) datagram.fill(0xee);
  }
}

export type Answer = { readonly packet: DhcpPacket; readonly to: Outgoing };

export class Rig {
  readonly site = new SiteIndex();
  readonly steps: Step[] = [];
  readonly logged: string[] = [];
  readonly overheard: string[] = [];
  readonly committed: Lease[][] = [];
  readonly port: MemoryPort;
  readonly server: DhcpServer;
  stored: readonly Lease[] = [];
  /** Set to make the next commits wait, or fail. */
  commitFails = false;
  gate: Promise<void> = Promise.resolve();
  now = 1_000_000;

  constructor(
    role: 'server' | 'proxy' | 'pxe' = 'server',
    policy: Partial<Policy> = {},
    verdict: DhcpServerDeps['verdict'] = () => ({}),
    probe?: DhcpServerDeps['probe'],
  ) {
    this.port = new MemoryPort(role === 'pxe' ? 4011 : 67);
    this.site.put('subnets', SUBNET);
    const mode = role === 'server' ? 'server' : 'proxy';
    this.server = new DhcpServer({
      ports: [{ port: this.port, role, policy: { ...POLICY, mode, ...policy } }],
      site: this.site,
      leases: {
        load: async () => this.stored,
        commit: async (leases) => {
          await this.gate;
          if (this.commitFails) throw new Error('disk full');
          this.committed.push([...leases]);
        },
        close: async () => undefined,
      },
      record: (step) => this.steps.push(step),
      verdict,
      ...(probe && { probe }),
      overheard: (address, mac) => this.overheard.push(`${address} ${mac}`),
      now: () => this.now,
      log: (level, message) => this.logged.push(`${level} ${message}`),
    });
  }

  /** Everything answered to these packets, delivered as one batch, once all leases are written. */
  async ask(packets: DhcpPacket | readonly DhcpPacket[], from: Partial<Datagram> = {}): Promise<Answer[]> {
    this.port.sent.length = 0;
    this.port.deliver(Array.isArray(packets) ? packets : [packets as DhcpPacket], from);
    await settled();
    return this.port.sent.map((to) => ({ packet: decodePacket(to.bytes), to }));
  }

  /** DISCOVER and REQUEST as the client would, from a DISCOVER of it; the OFFER and the ACK. */
  async dora(discover: DhcpPacket): Promise<readonly [offer: Answer, ack: Answer]> {
    const [offer] = await this.ask(discover);
    if (offer === undefined) throw new Error('no OFFER');
    const [ack] = await this.ask(requesting(discover, offer.packet));
    if (ack === undefined) throw new Error('no ACK');
    return [offer, ack];
  }
}

/** After the microtasks and timers of a commit. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A request of a capture, on memory of its own. */
export function captured(name: string, frame: number): DhcpPacket {
  const found = readCapture(`${name}.pcap`).find((datagram) => datagram.frame === frame);
  if (found === undefined) throw new Error(`${name} has no datagram #${frame}`);
  return decodePacket(found.bytes);
}

/** The REQUEST (SELECTING) that follows an OFFER. */
export function requesting(discover: DhcpPacket, offer: DhcpPacket): DhcpPacket {
  return withOptions(discover, {
    [OPTION.messageType]: u8Value(3),
    [OPTION.serverId]: offer.options.get(OPTION.serverId)!,
    [OPTION.requestedIp]: u32Value(offer.yiaddr),
  });
}

export function withOptions(packet: DhcpPacket, changes: Readonly<Record<number, Uint8Array>>): DhcpPacket {
  const changed = Object.entries(changes).map(([code, value]) => [Number(code), value] as const);
  return { ...packet, options: new Map([...packet.options, ...changed]) };
}

/** A DISCOVER as BusyBox' udhcpc sends it. */
export function udhcpc(mac: number, changes: Partial<DhcpPacket> = {}): DhcpPacket {
  const chaddr = new Uint8Array(16);
  chaddr.set([2, 0, mac >>> 24, mac >>> 16, mac >>> 8, mac]);
  return {
    op: 1,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: mac,
    secs: 0,
    flags: 0,
    ciaddr: 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: 0,
    chaddr,
    sname: '',
    file: '',
    options: new Map([
      [OPTION.messageType, u8Value(1)],
      [OPTION.paramRequestList, Uint8Array.of(1, 3, 6, 12, 15, 28, 42)],
      [OPTION.vendorClass, textValue('udhcp 1.35.0')],
    ]),
    ...changes,
  };
}
