/** One request on its way to an answer, and what can be told from it alone. */

import type { Decision, Policy } from '../boot/decide.ts';
import type { Facts } from '../boot/facts.ts';
import type { Reason } from '../boot/reason.ts';
import type { Step, StepKind } from '../boot/step.ts';
import type { HostInterface } from '../inventory/site.ts';
import type { Datagram, Outgoing, UdpPort } from '../link/types.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import { destination, isLocalClient, sourceDestination } from './destination.ts';
import type { Claim, Client } from './lease.ts';
import { clientId, hostname, MESSAGE, messageType, serverId } from './options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from './packet.ts';
import { bootFile } from './pxe.ts';
import type { Form } from './refusals.ts';
import { relayOf } from './relay.ts';
import { type Me, type Role, sizeLimit } from './reply.ts';
import { readable } from './subnets.ts';

/** A port in use; the policy changes on reload. */
export type Door = { readonly port: UdpPort; readonly role: Role; policy: Policy };

/** One request on its way to an answer. */
export type Exchange = {
  readonly door: Door;
  readonly source: Datagram;
  readonly request: DhcpPacket;
  readonly facts: Facts;
  readonly known: HostInterface | undefined;
  readonly decision: Decision;
  readonly now: number;
};

/** Laptops and printers are nobody's boot, and would only bury those of others. */
export function isOrdinary({ facts, known }: Exchange): boolean {
  return facts.stage === 'os' && known === undefined;
}

/** A copy on memory of its own: what was received is only valid while it is handled. */
export function keptExchange(exchange: Exchange): Exchange {
  // A Buffer's slice() would be a view.
  const bytes = new Uint8Array(exchange.source.bytes);
  return { ...exchange, source: { ...exchange.source, bytes }, request: decodePacket(bytes) };
}

/** From a client on the link itself, which our questions reach too. */
export function isOnLink({ request, source }: Exchange): boolean {
  return request.giaddr === 0 && !isLocalClient(source);
}

/**
 * On port 67 a proxy answers DISCOVERs of booting machines, and a REQUEST only if it names us; REQUESTs are for
 * the server that has the addresses. Port 4011 is ours alone.
 */
export function isForProxy(request: DhcpPacket, facts: Facts, door: Door): boolean {
  if (facts.stage === 'os' || facts.stage === 'installer') return false;
  const type = messageType(request);
  if (type === MESSAGE.request) return door.role === 'pxe' || serverId(request) === door.port.link.address;
  return type === MESSAGE.discover;
}

export function meOf({ role, port, policy }: Door): Me {
  return { role, address: port.link.address, server: policy.server };
}

export function clientOf({ request, facts, known }: Exchange): Client {
  const reserved = known?.nic.ip === undefined ? undefined : parseIpv4(known.nic.ip);
  const name = known === undefined ? hostLabel(hostname(request)) : hostLabel(known.host.name);
  return {
    mac: facts.mac,
    clientId: clientId(request),
    hostname: name,
    reserved,
    host: known?.host.name,
  };
}

/** First label of a name, if it is one: what a client sends is kept, shown and sent back. */
function hostLabel(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,62}/.exec(name)?.[0];
}

/** RFC 2131 table 4. */
export function claimOf(request: DhcpPacket): Claim {
  if (serverId(request) !== undefined) return 'selecting';
  return request.ciaddr === 0 ? 'init-reboot' : 'renewing';
}

/** `form` `broadcast`: the machine does not hear what is sent to it alone. */
export function outgoing({ door, source, request }: Exchange, answer: DhcpPacket, form?: Form): Outgoing {
  const bytes = encodePacket(answer, { maxSize: sizeLimit(request) });
  const toSource = door.role === 'pxe' || isLocalClient(source);
  const to = toSource ? sourceDestination(source) : destination(request, answer, form === 'broadcast');
  return to.kind === 'hardware'
    ? { bytes, address: to.address, port: to.port, mac: to.mac }
    : { bytes, address: to.address, port: to.port };
}

export function stepOf(exchange: Exchange, kind: StepKind, reason: Reason, ip?: Ipv4, lease?: Reason): Step {
  const { facts, known, decision, request, now } = exchange;
  const what = kind === 'dhcp.offer' || kind === 'dhcp.ack' ? bootFile(decision) : undefined;
  // One shape for all steps, with undefined for what is not known: this runs for every packet.
  return {
    at: now,
    kind,
    via: facts.via,
    because: reason,
    lease,
    mac: facts.mac,
    stage: facts.stage,
    disguised: facts.disguised,
    xid: request.xid,
    // An installed system does not say on which firmware it runs.
    arch: facts.stage === 'os' || facts.stage === 'installer' ? undefined : facts.arch.name,
    uuid: facts.uuid,
    link: facts.link,
    address: ip === undefined ? undefined : formatIpv4(ip),
    host: known?.host.name,
    what,
    detail: request.giaddr === 0 ? undefined : relayDetail(request),
  };
}

/** Which relay passed it on, and behind which of its ports the client is. */
function relayDetail(request: DhcpPacket): NonNullable<Step['detail']> {
  const { address, circuitId, remoteId } = relayOf(request)!;
  if (circuitId === undefined && remoteId === undefined) return plainRelayDetail(address);
  return {
    relay: formatIpv4(address),
    ...(circuitId && { circuit: readable(circuitId) }),
    ...(remoteId && { remote: readable(remoteId) }),
  };
}

/** In a storm one relay passes on thousands, and they share what is kept of it. */
let lastRelay = { address: 0, detail: { relay: '' } };

function plainRelayDetail(address: Ipv4): { readonly relay: string } {
  if (lastRelay.address !== address) lastRelay = { address, detail: { relay: formatIpv4(address) } };
  return lastRelay.detail;
}
