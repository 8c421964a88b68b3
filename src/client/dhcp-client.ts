/** DISCOVER, OFFER, REQUEST, ACK as boot firmware does it, proxyDHCP and the PXE boot server included. */

import { MESSAGE, messageName, messageType, OPTION, serverId, startsWith } from '../dhcp/options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from '../dhcp/packet.ts';
import { decodePxeOptions, encodePxeOptions } from '../dhcp/pxe.ts';
import { DecodeError, latin1 } from '../net/bytes.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import { formatMac } from '../net/mac.ts';
import { type DhcpIdentity, DISCOVER, type Machine, message, REQUEST, type Wish } from './dhcp-identity.ts';
import { type DhcpPath, DhcpSocket, type Received } from './dhcp-socket.ts';
import type { Tell } from './events.ts';
import { BootFailure } from './failure.ts';
import type { Configured } from './ipxe/machine.ts';

export type DhcpContext = {
  readonly path: DhcpPath;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Random 32 bits. */
  readonly xid: () => number;
};

export type Lease = Configured & {
  readonly server: Ipv4;
  readonly netmask: Ipv4;
};

type Offer = { readonly packet: DhcpPacket; readonly from: string };

/** Milliseconds after which a message is sent again; iPXE gives up after about 16 s. */
const RETRY_AFTER = [1000, 2000, 4000, 8000] as const;
/** How long an address without boot information waits for a proxy to add some (iPXE: 2 s). */
const PROXY_WAIT = 2000;

/** Gets an address and boot information. Rejects with a BootFailure, or with the signal's reason. */
export async function runDhcp(
  identity: DhcpIdentity,
  machine: Machine,
  context: DhcpContext,
): Promise<Lease> {
  const socket = await DhcpSocket.open(context.path);
  try {
    return await new Exchange(identity, machine, context, socket).run();
  } finally {
    socket.close();
  }
}

class Exchange {
  private readonly identity: DhcpIdentity;
  private readonly machine: Machine;
  private readonly context: DhcpContext;
  private readonly socket: DhcpSocket;
  private xid: number;
  private sent = 0;

  constructor(identity: DhcpIdentity, machine: Machine, context: DhcpContext, socket: DhcpSocket) {
    this.identity = identity;
    this.machine = machine;
    this.context = context;
    this.socket = socket;
    this.xid = context.xid();
  }

  async run(): Promise<Lease> {
    const { offer, proxy } = await this.discover();
    const ack = await this.request(offer);
    const boot = bootInformation(ack) ?? (await this.proxyInformation(proxy, ack.yiaddr));
    return {
      ip: ack.yiaddr,
      server: serverId(ack) ?? 0,
      netmask: u32(ack.options.get(OPTION.subnetMask)),
      nextServer: boot?.siaddr ?? ack.siaddr,
      filename: boot === undefined ? '' : bootFile(boot),
      options: new Map([...ack.options].map(([code, value]) => [code, Uint8Array.from(value)])),
    };
  }

  private async discover(): Promise<{ readonly offer: Offer; readonly proxy?: Offer }> {
    let offer: Offer | undefined;
    let proxy: Offer | undefined;
    let since = 0;
    await this.exchange(
      () => this.wish({ type: DISCOVER }),
      'dhcp.discover',
      (packet, from) => {
        if (messageType(packet) !== MESSAGE.offer || !this.echoes(packet)) return false;
        const isProxy = packet.yiaddr === 0;
        this.context.tell({
          kind: 'dhcp.offer',
          text: `${isProxy ? 'proxy ' : ''}${describe(packet)} from ${from}`,
        });
        const kept = { packet: { ...packet, options: copied(packet) }, from };
        if (isProxy) proxy ??= this.usableProxy(kept);
        else if (offer === undefined) {
          offer = kept;
          since = performance.now();
        }
        return offer !== undefined && (proxy !== undefined || bootInformation(offer.packet) !== undefined);
      },
      () => offer !== undefined && performance.now() - since >= PROXY_WAIT,
    );
    if (offer === undefined) throw this.silent('no server offers an address');
    return { offer, proxy };
  }

  private echoes(packet: DhcpPacket): boolean {
    const wanted = this.identity.wantsEcho;
    if (wanted === undefined || startsWith(packet.options.get(OPTION.vendorClass), wanted)) return true;
    this.context.tell({
      kind: 'warning',
      text: `this firmware ignores an answer without option 60 "${wanted}": ${describe(packet)}`,
    });
    return false;
  }

  /** iPXE takes a proxy's answer only with siaddr and file, or with a menu. */
  private usableProxy(offer: Offer): Offer | undefined {
    const { packet } = offer;
    const isIpxe = this.identity.userClass !== undefined;
    if (
      !isIpxe ||
      (packet.siaddr !== 0 && bootFile(packet) !== '') ||
      packet.options.has(OPTION.vendorSpecific)
    ) {
      return offer;
    }
    this.context.tell({
      kind: 'warning',
      text: 'iPXE ignores a proxy answer without siaddr or without a file name',
    });
    return undefined;
  }

  private async request({ packet: offer }: Offer): Promise<DhcpPacket> {
    let answer: DhcpPacket | undefined;
    await this.exchange(
      () => this.wish({ type: REQUEST, server: serverId(offer), address: offer.yiaddr }),
      'dhcp.request',
      (packet, from) => {
        const type = messageType(packet);
        if (type !== MESSAGE.ack && type !== MESSAGE.nak) return false;
        // An ACK of another server is passed over (iPXE: src/net/udp/dhcp.c).
        if (type === MESSAGE.ack && serverId(packet) !== serverId(offer)) return false;
        this.context.tell({
          kind: type === MESSAGE.ack ? 'dhcp.ack' : 'dhcp.nak',
          text: `${describe(packet)} from ${from}`,
        });
        answer = { ...packet, options: copied(packet) };
        return true;
      },
    );
    if (answer === undefined)
      throw this.silent(`the server offered ${formatIpv4(offer.yiaddr)} but never acknowledged it`);
    if (messageType(answer) === MESSAGE.nak) {
      const why = answer.options.get(OPTION.message);
      throw new BootFailure(
        'dhcp-refused',
        `the server refused ${formatIpv4(offer.yiaddr)}: NAK ${why === undefined ? '' : latin1(why)}`,
      );
    }
    return answer;
  }

  /** What a proxy offered, or says on the PXE port when its offer was only an invitation to ask there. */
  private async proxyInformation(proxy: Offer | undefined, address: Ipv4): Promise<DhcpPacket | undefined> {
    if (proxy === undefined) return undefined;
    const { packet } = proxy;
    if (packet.siaddr !== 0 && bootFile(packet) !== '') return packet;
    const server = formatIpv4(serverId(packet) ?? (packet.siaddr || 0));
    return this.askBootServer(server === '0.0.0.0' ? proxy.from : server, packet, address);
  }

  private async askBootServer(
    server: string,
    offer: DhcpPacket,
    address: Ipv4,
  ): Promise<DhcpPacket | undefined> {
    this.xid = this.context.xid();
    const vendor = chosenItem(offer);
    let answer: DhcpPacket | undefined;
    await this.exchange(
      () => this.wish({ type: REQUEST, ciaddr: address, vendor }),
      'proxy.request',
      (packet, from) => {
        if (messageType(packet) !== MESSAGE.ack) return false;
        this.context.tell({ kind: 'proxy.ack', text: `${describe(packet)} from ${from}` });
        answer = { ...packet, options: copied(packet) };
        return true;
      },
      () => false,
      server,
    );
    if (answer === undefined) throw this.silent(`the PXE boot server ${server} does not answer`);
    return answer;
  }

  private wish(wish: Omit<Wish, 'xid' | 'nth' | 'giaddr' | 'broadcast'>): Uint8Array {
    // Without raw sockets only broadcasts reach a client that has no address yet, so all of them ask for it.
    const common = {
      xid: this.xid,
      nth: this.sent,
      giaddr: this.socket.relay,
      broadcast: wish.ciaddr === undefined,
    };
    const packet = message(this.identity, this.machine, { ...common, ...wish });
    return encodePacket(packet);
  }

  private silent(text: string): BootFailure {
    return new BootFailure(
      'dhcp-silent',
      `${text} (iPXE would say: No configuration methods succeeded, 040ee119)`,
    );
  }

  /** Sends, and sends again, until `take` is content, `enough` says so at a tick, or there are no tries left. */
  private exchange(
    make: () => Uint8Array,
    kind: 'dhcp.discover' | 'dhcp.request' | 'proxy.request',
    take: (packet: DhcpPacket, from: string) => boolean,
    enough: () => boolean = () => false,
    bootServer?: string,
  ): Promise<void> {
    const { signal, tell } = this.context;
    return new Promise((resolve, reject) => {
      let tries = 0;
      let due = 0;
      const finish = (settle: () => void): void => {
        clearInterval(ticker);
        signal.removeEventListener('abort', onAbort);
        this.socket.onMessage(() => {});
        this.socket.onError(() => {});
        settle();
      };
      const onAbort = (): void => finish(() => reject(signal.reason));
      const transmit = (): void => {
        const bytes = make();
        tell({
          kind,
          text: `${this.machine.mac} ${this.identity.vendorClass}${tries === 0 ? '' : ` (try ${tries + 1})`}`,
        });
        if (bootServer === undefined) this.socket.send(bytes);
        else this.socket.sendToBootServer(bytes, bootServer);
        due = performance.now() + RETRY_AFTER[tries]!;
        tries++;
        this.sent++;
      };
      const tick = (): void => {
        if (enough() || (performance.now() >= due && tries >= RETRY_AFTER.length)) finish(resolve);
        else if (performance.now() >= due) transmit();
      };
      const ticker = setInterval(tick, 50);
      signal.addEventListener('abort', onAbort, { once: true });
      this.socket.onError((error) =>
        finish(() => reject(new BootFailure('socket', `DHCP: ${error.message}`, error))),
      );
      this.socket.onMessage((received) => {
        const packet = this.decoded(received);
        if (packet !== undefined && take(packet, received.address)) finish(resolve);
      });
      if (signal.aborted) onAbort();
      else transmit();
    });
  }

  /** Answers to others are passed over in silence, rubbish is not. */
  private decoded(received: Received): DhcpPacket | undefined {
    try {
      const packet = decodePacket(received.bytes);
      const isOurs =
        packet.op === 2 && packet.xid === this.xid && formatMac(packet.chaddr) === this.machine.mac;
      return isOurs ? packet : undefined;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.context.tell({
        kind: 'warning',
        text: `${received.address} sent what is no DHCP message: ${error.message}`,
      });
      return undefined;
    }
  }
}

/** The boot item of the first menu entry, which a person would confirm with Enter. */
function chosenItem(offer: DhcpPacket): Uint8Array | undefined {
  const vendor = offer.options.get(OPTION.vendorSpecific);
  if (vendor === undefined) return undefined;
  try {
    const entry = decodePxeOptions(vendor).menu?.[0];
    return entry === undefined ? undefined : encodePxeOptions({ bootItem: { type: entry.type, layer: 0 } });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new BootFailure('dhcp-refused', `the PXE menu of the proxy is damaged: ${error.message}`, error);
  }
}

function bootInformation(packet: DhcpPacket): DhcpPacket | undefined {
  return bootFile(packet) === '' ? undefined : packet;
}

/** Option 67, which carries names too long for the field, or the field. */
function bootFile(packet: DhcpPacket): string {
  const option = packet.options.get(OPTION.bootFile);
  return option === undefined ? packet.file : latin1(option).replace(/\0+$/, '');
}

/** The values are views into the datagram. */
function copied(packet: DhcpPacket): ReadonlyMap<number, Uint8Array> {
  return new Map([...packet.options].map(([code, value]) => [code, Uint8Array.from(value)]));
}

function u32(bytes: Uint8Array | undefined): number {
  if (bytes?.length !== 4) return 0;
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}

function describe(packet: DhcpPacket): string {
  const words = [messageName(packet)];
  if (packet.yiaddr !== 0) words.push(formatIpv4(packet.yiaddr));
  if (packet.siaddr !== 0) words.push(`next-server ${formatIpv4(packet.siaddr)}`);
  const file = bootFile(packet);
  if (file !== '') words.push(`file ${file}`);
  return words.join(' ');
}
