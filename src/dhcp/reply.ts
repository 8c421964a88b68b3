/** The answer to a request: OFFER, ACK or NAK (RFC 2131 §4.3), from what was decided and leased. */

import type { Decision } from '../boot/decide.ts';
import type { Lease } from '../boot/lease.ts';
import { type DhcpOptions, encodedOptions } from '../inventory/dhcp-options.ts';
import type { SubnetRange } from '../inventory/site.ts';
import { broadcast, netmask } from '../net/cidr.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import { NO_PXEDHCP } from './ipxe.ts';
import {
  ipv4Values,
  MESSAGE,
  maxMessageSize,
  messageType,
  OPTION,
  paramRequestList,
  textValue,
  u8Value,
  u16Value,
  u32Value,
} from './options.ts';
import { type DhcpPacket, MAX_SIZE, type Options } from './packet.ts';
import { type BootInfo, proxyBootInfo, serverBootInfo } from './pxe.ts';
import type { Form } from './refusals.ts';

/** `pxe`: the boot server on port 4011. */
export type Role = 'server' | 'proxy' | 'pxe';

/** Who answers. */
export type Me = {
  readonly role: Role;
  /** Server identifier: our address on the link. */
  readonly address: Ipv4;
  /** Where loaders are fetched from (`siaddr`). */
  readonly server: Ipv4;
  /** Of a proxy's offer, where it is not the first one. */
  readonly form?: Form;
  /** What the client's subnet has to tell; undefined in proxy roles. */
  readonly subnet?: Options;
  /** We take logs, too; a log server that the subnet tells of goes first. */
  readonly logs?: boolean;
};

const TYPES = {
  offer: u8Value(MESSAGE.offer),
  ack: u8Value(MESSAGE.ack),
  nak: u8Value(MESSAGE.nak),
} as const;

/** Sent to a client that gives no list of what it wants. */
const UNASKED = Uint8Array.of(OPTION.router, OPTION.dns, OPTION.domain);
const BROADCAST_FLAG = 0x8000;
const IPXE_DIRECT: readonly [number, Uint8Array] = [OPTION.ipxe, NO_PXEDHCP];

/**
 * The values of a subnet's options, with those of one host before its own; made once and shared by all answers.
 */
export function subnetOptions({ subnet, cidr }: SubnetRange, ofHost?: DhcpOptions): Options {
  const options = new Map<number, Uint8Array>();
  const addresses = (...texts: (string | undefined)[]) =>
    texts.flatMap((text) => (text === undefined ? [] : (parseIpv4(text) ?? [])));
  const routers = addresses(subnet.gateway);
  const servers = addresses(subnet.dns_primary, subnet.dns_secondary);
  options.set(OPTION.leaseTime, u32Value(subnet.lease_time));
  options.set(OPTION.renewalTime, u32Value(Math.floor(subnet.lease_time / 2)));
  options.set(OPTION.rebindingTime, u32Value(Math.floor((subnet.lease_time * 7) / 8)));
  options.set(OPTION.subnetMask, u32Value(netmask(cidr)));
  options.set(OPTION.broadcast, u32Value(broadcast(cidr)));
  if (routers.length > 0) options.set(OPTION.router, ipv4Values(routers));
  if (servers.length > 0) options.set(OPTION.dns, ipv4Values(servers));
  if (subnet.domain !== undefined) options.set(OPTION.domain, textValue(subnet.domain));
  if (subnet.mtu !== undefined) options.set(OPTION.mtu, u16Value(subnet.mtu));
  for (const { code, value } of encodedOptions({ ...subnet.dhcp_options, ...ofHost }))
    options.set(code, value);
  addDefaultRoute(options);
  return options;
}

/** RFC 3442: a client that understands option 121 takes no notice of the router in option 3, so 121 repeats it. */
function addDefaultRoute(options: Map<number, Uint8Array>): void {
  const routes = options.get(OPTION.classlessRoutes);
  const router = options.get(OPTION.router);
  if (routes === undefined || router === undefined || hasDefaultRoute(routes)) return;
  options.set(OPTION.classlessRoutes, Uint8Array.of(0, ...router.subarray(0, 4), ...routes));
}

function hasDefaultRoute(routes: Uint8Array): boolean {
  for (let at = 0; at < routes.length; at += 5 + Math.ceil(routes[at]! / 8))
    if (routes[at] === 0) return true;
  return false;
}

/**
 * Undefined where silence is the answer: a DISCOVER without a lease, nothing to boot from a proxy, a message
 * that wants no answer. A REQUEST without a lease gets a NAK. `lease` need not be committed yet.
 */
export function reply(
  request: DhcpPacket,
  decision: Decision,
  lease: Lease | undefined,
  me: Me,
): DhcpPacket | undefined {
  const type = messageType(request);
  if (me.role !== 'server') return proxyReply(request, type, decision, me);
  const boot = serverBootInfo(request, decision, me.server);
  if (type === MESSAGE.inform) return informed(request, decision, boot, me);
  if (type === MESSAGE.discover && lease) return leased(request, TYPES.offer, decision, boot, lease, me);
  if (type !== MESSAGE.request) return undefined;
  return lease ? leased(request, TYPES.ack, decision, boot, lease, me) : refusal(request, me);
}

function leased(
  request: DhcpPacket,
  type: Uint8Array,
  decision: Decision,
  boot: BootInfo,
  lease: Lease,
  me: Me,
): DhcpPacket {
  const options = begin(type, me);
  const time = me.subnet?.get(OPTION.leaseTime);
  if (time !== undefined) options.set(OPTION.leaseTime, time);
  addSubnet(options, request, me, lease.hostname, true);
  addBoot(options, request, decision, boot);
  addEchoes(options, request);
  const ciaddr = type === TYPES.ack ? request.ciaddr : 0;
  return answer(request, ciaddr, lease.ip, boot, options);
}

/** RFC 2131 §4.3.5: no address, no lease time. */
function informed(request: DhcpPacket, decision: Decision, boot: BootInfo, me: Me): DhcpPacket {
  const options = begin(TYPES.ack, me);
  addSubnet(options, request, me, undefined, false);
  addBoot(options, request, decision, boot);
  addEchoes(options, request);
  return answer(request, request.ciaddr, 0, boot, options);
}

function proxyReply(
  request: DhcpPacket,
  type: number | undefined,
  decision: Decision,
  me: Me,
): DhcpPacket | undefined {
  if (type !== MESSAGE.discover && type !== MESSAGE.request) return undefined;
  const boot = proxyBootInfo(request, decision, me.server, me.role === 'pxe', me.form);
  if (boot === undefined) return undefined;
  const offers = type === MESSAGE.discover && me.role === 'proxy';
  const options = begin(offers ? TYPES.offer : TYPES.ack, me);
  for (const [code, value] of boot.options) options.set(code, value);
  addEchoes(options, request);
  return answer(request, offers ? 0 : request.ciaddr, 0, boot, options);
}

/** RFC 2131 table 3: nothing but the type, the server and the echoes; through a relay it is broadcast there. */
function refusal(request: DhcpPacket, me: Me): DhcpPacket {
  const options = begin(TYPES.nak, me);
  addEchoes(options, request);
  const flags = request.giaddr === 0 ? request.flags : request.flags | BROADCAST_FLAG;
  return { ...answer(request, 0, 0, NOTHING, options), flags };
}

const NOTHING: BootInfo = { siaddr: 0, sname: '', file: '', options: [] };

function begin(type: Uint8Array, me: Me): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  options.set(OPTION.messageType, type);
  options.set(OPTION.serverId, u32Value(me.address));
  return options;
}

/** The mask always and before the router (RFC 2132 §3.3), the rest in the order the client asks. */
function addSubnet(
  options: Map<number, Uint8Array>,
  request: DhcpPacket,
  { subnet, logs, address }: Me,
  hostname: string | undefined,
  times: boolean,
): void {
  if (subnet === undefined) return;
  options.set(OPTION.subnetMask, subnet.get(OPTION.subnetMask)!);
  const asked = paramRequestList(request) ?? UNASKED;
  for (let i = 0; i < asked.length; i++) {
    const code = asked[i]!;
    if (!times && (code === OPTION.leaseTime || code === OPTION.renewalTime || code === OPTION.rebindingTime))
      continue;
    const value = subnet.get(code);
    if (value !== undefined) options.set(code, value);
    else if (code === OPTION.hostname && hostname !== undefined) options.set(code, textValue(hostname));
    else if (code === OPTION.logServers && logs === true) options.set(code, u32Value(address));
  }
}

/** File and server also as options 66 and 67 for who asks for them; no ROM seen needs it, some switches do. */
function addBoot(
  options: Map<number, Uint8Array>,
  request: DhcpPacket,
  decision: Decision,
  boot: BootInfo,
): void {
  if (boot.file === '') return;
  for (const [code, value] of boot.options) options.set(code, value);
  if (decision.kind === 'script' && request.options.has(OPTION.ipxe)) options.set(...IPXE_DIRECT);
  const asked = paramRequestList(request);
  if (asked === undefined) return;
  const tftp = decision.kind === 'loader' && decision.over === 'tftp';
  if (tftp && asked.includes(OPTION.tftpServerName))
    options.set(OPTION.tftpServerName, textValue(formatIpv4(boot.siaddr)));
  if (asked.includes(OPTION.bootFile)) options.set(OPTION.bootFile, textValue(boot.file));
}

/** RFC 6842: the client id comes back. RFC 3046 §2.2: so does the relay's information (encoded last). */
function addEchoes(options: Map<number, Uint8Array>, request: DhcpPacket): void {
  const id = request.options.get(OPTION.clientId);
  if (id !== undefined) options.set(OPTION.clientId, id);
  const relay = request.options.get(OPTION.relayAgent);
  if (relay !== undefined) options.set(OPTION.relayAgent, relay);
}

function answer(
  request: DhcpPacket,
  ciaddr: Ipv4,
  yiaddr: Ipv4,
  boot: BootInfo,
  options: Options,
): DhcpPacket {
  return {
    op: 2,
    htype: request.htype,
    hlen: request.hlen,
    hops: 0,
    xid: request.xid,
    secs: 0,
    flags: request.flags,
    ciaddr,
    yiaddr,
    siaddr: boot.siaddr,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: boot.sname,
    file: boot.file,
    options,
  };
}

const HEADERS = 28;
/** RFC 2132 §9.10: what everybody must take, an IP datagram of 576 bytes. */
const LEAST = 576;

/**
 * Bytes of UDP payload the client takes. Option 57 counts the IP and UDP headers for some and not for others,
 * so they are taken off; claims beyond an Ethernet frame (OVMF: 65280) are not believed.
 */
export function sizeLimit(request: DhcpPacket): number {
  const claimed = Math.max(LEAST, maxMessageSize(request) ?? LEAST);
  return Math.min(MAX_SIZE, claimed - HEADERS);
}
