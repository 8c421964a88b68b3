/**
 * The DHCP server of all links: decode → facts → decide → lease → reply for every packet of a batch, one commit
 * for all leases of the batch, and no ACK before it. Everything it knows comes in through its constructor.
 */

import { type Decision, decide, type Policy, type Verdict } from '../boot/decide.ts';
import type { Facts } from '../boot/facts.ts';
import type { Lease } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import { because, type Reason, sentence } from '../boot/reason.ts';
import type { Recorder, Step, StepKind } from '../boot/step.ts';
import { reasonOf } from '../errors.ts';
import type { HostInterface, Site, SubnetRange } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import type { AddressProbe, Datagram, Outgoing, UdpPort } from '../link/types.ts';
import { DecodeError } from '../net/bytes.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { LeaseStore } from '../store/types.ts';
import { Conflicts, MOST_TRIES, type Waiting } from './conflicts.ts';
import { isReachedByFrame } from './destination.ts';
import {
  claimOf,
  clientOf,
  type Door,
  type Exchange,
  isForProxy,
  isOnLink,
  isOrdinary,
  keptExchange,
  meOf,
  outgoing,
  stepOf,
} from './exchange.ts';
import { factsOf } from './facts.ts';
import { Inherited } from './inherited.ts';
import { LeaseTable, type Offer } from './lease.ts';
import { MESSAGE, messageType, requestedIp, serverId } from './options.ts';
import { type DhcpPacket, decodePacket } from './packet.ts';
import { proxyForms } from './pxe.ts';
import { FORMS, Refusals, type Turn } from './refusals.ts';
import { type Me, type Role, reply } from './reply.ts';
import { subnetsFor, subnetWith } from './subnets.ts';

/** `server`: port 67, handing out addresses. `proxy`: port 67 beside another DHCP server. `pxe`: port 4011. */
export type DhcpPort = { readonly port: UdpPort; readonly role: Role; readonly policy: Policy };

export type DhcpServerDeps = {
  readonly ports: readonly DhcpPort[];
  readonly site: Site;
  readonly leases: LeaseStore;
  readonly record: Recorder;
  /** What earlier boots say about a machine that asks for a loader or a script; nothing unless given. */
  readonly verdict?: (facts: Facts, host: Host | undefined) => Verdict;
  /** What a Foreman ordered for a machine of its own; such a machine is not decided about here. */
  readonly ordered?: (facts: Facts, policy: Policy) => Decision | undefined;
  /** The address a machine asks another server for: its own word, good enough to see who goes in circles. */
  readonly overheard?: (address: string, mac: Mac) => void;
  /** Looks whether somebody has an address before it is first offered; nobody looks unless given. */
  readonly probe?: Pick<AddressProbe, 'ask'>;
  /** Whether this server takes logs (syslog, port 514) on a link; who asks where to log to is then told so. */
  readonly takesLogs?: (link: string) => boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
};

/** Since the start; for metrics. */
export type DhcpCounters = {
  received: number;
  malformed: number;
  offered: number;
  acknowledged: number;
  refused: number;
  /** Leases that could not be written, so that their clients got no ACK. */
  unwritten: number;
  /** Looks whether an address is in use, those that found somebody, and offers without one: too many at once. */
  probed: number;
  inUse: number;
  unprobed: number;
};

/** What waits for the commit before it is sent or said. */
type Pending = {
  readonly lease: Lease;
  readonly outgoing?: Outgoing;
  readonly exchange: Exchange;
  readonly step: Step;
};

/** What one batch leads to. */
type Batch = { readonly out: Outgoing[]; readonly commit: Lease[]; readonly pending: Pending[] };

const COMPLAINT_MS = 10_000;

export class DhcpServer {
  readonly counters: DhcpCounters = {
    received: 0,
    malformed: 0,
    offered: 0,
    acknowledged: 0,
    refused: 0,
    unwritten: 0,
    probed: 0,
    inUse: 0,
    unprobed: 0,
  };
  private readonly deps: DhcpServerDeps;
  private readonly table: LeaseTable;
  private readonly refusals = new Refusals();
  private readonly conflicts = new Conflicts<Exchange>();
  private readonly inherited: Inherited;
  private readonly commits = new Set<Promise<void>>();
  private readonly complaints = new Map<string, { at: number; count: number }>();
  private doors: Door[] = [];

  constructor(deps: DhcpServerDeps) {
    this.deps = deps;
    this.inherited = new Inherited(deps.site);
    this.table = new LeaseTable((ip) => this.isReserved(ip));
  }

  /** Loads the leases, then listens. Rejects when they cannot be read. */
  async start(): Promise<void> {
    this.table.load(await this.deps.leases.load(), this.deps.now());
    this.replacePorts(this.deps.ports);
  }

  /** Closes the ports and waits for what is being written. */
  async close(): Promise<void> {
    const doors = this.doors;
    this.doors = [];
    this.conflicts.clear();
    await Promise.all(doors.map((door) => door.port.close()));
    await Promise.all(this.commits);
  }

  /** Listens on exactly these ports from now on; ports already open stay open, those left out are closed. */
  replacePorts(ports: readonly DhcpPort[]): void {
    const before = this.doors;
    this.doors = ports.map((wanted) => {
      const door = before.find(({ port, role }) => port === wanted.port && role === wanted.role);
      if (door === undefined) return this.open(wanted);
      door.policy = wanted.policy;
      return door;
    });
    for (const { port } of before) {
      if (!this.doors.some((door) => door.port === port))
        port.close().catch((error) => this.complain('error', 'a DHCP port did not close', reasonOf(error)));
    }
  }

  /** A new policy for all ports of a link. */
  setPolicy(link: string, policy: Policy): void {
    for (const door of this.doors) if (door.port.link.name === link) door.policy = policy;
  }

  /** Which MAC holds an address by a lease of ours; a `LeaseLookup`. */
  macOf(address: string): Mac | undefined {
    return this.table.macOf(address, this.deps.now());
  }

  private open({ port, role, policy }: DhcpPort): Door {
    const door: Door = { port, role, policy };
    port.onBatch((batch) => {
      if (this.doors.includes(door)) this.receive(door, batch);
    });
    port.onError((error) => this.complain('warn', 'a DHCP answer could not be sent', reasonOf(error)));
    return door;
  }

  private isReserved(ip: Ipv4): boolean {
    for (const door of this.doors) if (door.port.link.address === ip) return true;
    return this.deps.site.hostByIp(formatIpv4(ip)) !== undefined;
  }

  private receive(door: Door, datagrams: readonly Datagram[]): void {
    const now = this.deps.now();
    const batch = emptyBatch();
    this.counters.received += datagrams.length;
    for (const datagram of datagrams) {
      try {
        this.handle(door, datagram, now, batch);
      } catch (error) {
        this.failed(door, datagram, error);
      }
    }
    this.finish(door, batch);
  }

  private finish(door: Door, batch: Batch): void {
    if (batch.out.length > 0) door.port.send(batch.out);
    if (batch.commit.length > 0) this.commit(door, batch);
  }

  private failed(door: Door, datagram: Datagram, error: unknown): void {
    const values = { link: door.port.link.name, from: formatIpv4(datagram.address) };
    this.counters.malformed++;
    if (error instanceof DecodeError) this.complain('warn', 'a malformed DHCP packet', error.message, values);
    else this.complain('error', 'a DHCP packet could not be answered', reasonOf(error), values);
  }

  private handle(door: Door, source: Datagram, now: number, batch: Batch): void {
    const request = decodePacket(source.bytes);
    if (request.op !== 1) return;
    if (request.hlen !== 6 || isZero(request.chaddr)) throw new DecodeError('no 6-byte hardware address', 28);
    const facts = factsOf(request, door.role === 'server' ? 'dhcp' : 'proxy-dhcp', door.port.link.name);
    if (door.role !== 'server' && !isForProxy(request, facts, door)) {
      this.overhear(request, facts);
      return;
    }
    const exchange = this.exchangeOf(door, source, request, facts, now);
    if (door.role === 'server') this.serve(exchange, batch);
    else this.proxy(exchange, batch);
  }

  /** A booting machine asks the server it chose for an address, by broadcast: what it fetches comes from there. */
  private overhear(request: DhcpPacket, { stage, mac }: Facts): void {
    const ip = requestedIp(request);
    if (stage === 'os' || messageType(request) !== MESSAGE.request || ip === undefined) return;
    this.deps.overheard?.(formatIpv4(ip), mac);
  }

  private exchangeOf(door: Door, source: Datagram, request: DhcpPacket, facts: Facts, now: number): Exchange {
    const known = this.deps.site.hostByMac(facts.mac);
    return { door, source, request, facts, known, decision: this.decide(facts, known, door.policy), now };
  }

  private decide(facts: Facts, known: HostInterface | undefined, policy: Policy): Decision {
    const ordered = this.deps.ordered?.(facts, policy);
    if (ordered !== undefined) return ordered;
    const host = known && this.inherited.effectiveHost(known.host);
    const verdict = facts.stage === 'rom' ? this.deps.verdict?.(facts, host) : undefined;
    return decide(facts, host, policy, verdict);
  }

  private proxy(exchange: Exchange, batch: Batch): void {
    const turn = this.proxyTurn(exchange);
    const me = { ...meOf(exchange.door), ...(turn && { form: turn.form }) };
    const answer = reply(exchange.request, exchange.decision, undefined, me);
    if (answer === undefined) {
      this.record(exchange, 'dhcp.ignore', exchange.decision.because);
      return;
    }
    const offers = messageType(answer) === MESSAGE.offer;
    batch.out.push(outgoing(exchange, answer));
    if (offers) this.counters.offered++;
    else this.counters.acknowledged++;
    // On port 4011 the client has its address; so that what it then fetches by TFTP is known to be its.
    const address = exchange.request.giaddr === 0 ? exchange.source.address || undefined : undefined;
    this.record(
      exchange,
      offers ? 'dhcp.offer' : 'dhcp.ack',
      exchange.decision.because,
      address,
      undefined,
      changed(turn),
    );
  }

  /** The form of a proxy's offer to a ROM; what it asks port 4011 for, it has taken an offer for. */
  private proxyTurn({ request, decision, facts, door, now }: Exchange): Turn | undefined {
    if (facts.stage !== 'rom' || decision.kind !== 'loader') return undefined;
    if (door.role === 'pxe' || messageType(request) !== MESSAGE.discover) {
      this.refusals.taken(facts.mac);
      return undefined;
    }
    return this.refusals.next(facts.mac, proxyForms(request, decision), 'proxy', request.xid, now);
  }

  /** How a booting machine is reached that has no address yet and asked for no broadcast. */
  private serverTurn({ request, facts, now }: Exchange): Turn | undefined {
    if (!isBooting(facts) || !isReachedByFrame(request)) return undefined;
    return this.refusals.next(facts.mac, FORMS.server, 'server', request.xid, now);
  }

  /** The machine went on to fetch something: what it was offered was right. */
  took(mac: Mac): void {
    this.refusals.taken(mac);
  }

  private serve(exchange: Exchange, batch: Batch): void {
    const ranges = subnetsFor(this.deps.site, exchange.request, exchange.door.port.link.address);
    const range = subnetWith(ranges, requestedIp(exchange.request) ?? exchange.request.ciaddr);
    if (range === undefined) {
      const link =
        exchange.facts.relay === undefined ? exchange.facts.link : formatIpv4(exchange.facts.relay);
      this.record(exchange, 'dhcp.ignore', because('lease-none-here', { link }));
      return;
    }
    switch (messageType(exchange.request)) {
      case MESSAGE.discover:
        this.discover(exchange, ranges, batch);
        break;
      case MESSAGE.request:
        this.request(exchange, range, batch);
        break;
      case MESSAGE.decline:
        this.decline(exchange, range, batch);
        break;
      case MESSAGE.release:
        this.release(exchange, batch);
        break;
      case MESSAGE.inform:
        this.inform(exchange, range, batch);
        break;
    }
  }

  private discover(exchange: Exchange, ranges: readonly SubnetRange[], batch: Batch): void {
    const { request, door, facts, now } = exchange;
    const waiting = isOnLink(exchange) ? this.conflicts.of(door.port.link, facts.mac) : undefined;
    if (waiting !== undefined) {
      waiting.latest = keptExchange(exchange);
      return;
    }
    const offer = this.table.offerAmong(clientOf(exchange), ranges, requestedIp(request), now);
    if (!this.looksFirst(exchange, offer, 0)) this.offer(exchange, offer, batch);
  }

  private offer(exchange: Exchange, offer: Offer, batch: Batch): void {
    const { request, decision } = exchange;
    const answer = reply(request, decision, offer.lease, this.meIn(exchange, offer.range));
    if (answer === undefined) {
      this.record(exchange, 'dhcp.ignore', offer.because);
      return;
    }
    this.counters.offered++;
    const turn = this.serverTurn(exchange);
    batch.out.push(outgoing(exchange, answer, turn?.form));
    this.record(exchange, 'dhcp.offer', decision.because, offer.lease?.ip, offer.because, changed(turn));
  }

  /**
   * RFC 2131 §2.2: whether somebody has the address already that this client is to be offered for the first time.
   * True: that is being found out, and the offer comes when it is known. Behind a relay nobody hears us ask.
   */
  private looksFirst(exchange: Exchange, { lease, because }: Offer, tries: number): boolean {
    const { probe } = this.deps;
    const { door, facts, now } = exchange;
    if (probe === undefined || lease === undefined || !isOnLink(exchange)) return false;
    if (because.code !== 'lease-free' || this.conflicts.isKnownFree(lease.ip, now)) return false;
    if (!this.conflicts.hasRoom()) {
      this.counters.unprobed++;
      return false;
    }
    const { link } = door.port;
    const look = probe.ask(link, lease.ip);
    if (look === undefined) return false;
    const waiting: Waiting<Exchange> = { address: lease.ip, tries, latest: keptExchange(exchange) };
    this.counters.probed++;
    this.conflicts.begin(link, facts.mac, waiting);
    look.then((mac) => this.looked(waiting, mac)).catch((error) => this.failedLook(waiting, error));
    return true;
  }

  /** `found`: the MAC that answers at the address. */
  private looked(waiting: Waiting<Exchange>, found: Mac | undefined): void {
    const { door, facts, request, source } = waiting.latest;
    const now = this.deps.now();
    if (!this.conflicts.end(door.port.link, facts.mac, waiting) || !this.doors.includes(door)) return;
    const ranges = subnetsFor(this.deps.site, request, door.port.link.address);
    if (ranges.length === 0) return;
    // The inventory may have changed meanwhile.
    const exchange = this.exchangeOf(door, source, request, facts, now);
    const batch = emptyBatch();
    // The client may have kept the address from its last boot.
    const isFree = found === undefined || found === facts.mac;
    if (isFree) this.conflicts.foundFree(waiting.address, now);
    else this.inUse(exchange, subnetWith(ranges, waiting.address)!, waiting.address, found, batch);
    const tries = isFree ? waiting.tries : waiting.tries + 1;
    if (tries < MOST_TRIES) this.offerAfterLook(exchange, ranges, waiting.address, tries, batch);
    this.finish(door, batch);
  }

  /** The address that was looked at, or another one by now, which is looked at too. */
  private offerAfterLook(
    exchange: Exchange,
    ranges: readonly SubnetRange[],
    address: Ipv4,
    tries: number,
    batch: Batch,
  ): void {
    const { request, now } = exchange;
    const offer = this.table.offerAmong(clientOf(exchange), ranges, requestedIp(request), now);
    const isHeld = offer.lease?.ip === address && offer.because.code === 'lease-renewed';
    // Held for this client since the look began, not leased to it.
    const first = isHeld ? { ...offer, because: freeIn(offer.range, address) } : offer;
    if (!this.looksFirst(exchange, first, tries)) this.offer(exchange, first, batch);
  }

  private inUse(exchange: Exchange, range: SubnetRange, ip: Ipv4, found: Mac, batch: Batch): void {
    const { facts, now } = exchange;
    const lease = this.table.decline(facts.mac, range, ip, now);
    if (lease === undefined) return;
    this.counters.inUse++;
    const reason = because('lease-in-use', { address: formatIpv4(ip), mac: found });
    this.deps.log('warn', sentence(reason), { client: facts.mac, link: facts.link });
    this.commitQuietly(exchange, batch, lease, stepOf(exchange, 'dhcp.decline', reason, ip));
  }

  private failedLook(waiting: Waiting<Exchange>, error: unknown): void {
    const { door, facts } = waiting.latest;
    this.conflicts.end(door.port.link, facts.mac, waiting);
    const values = { link: door.port.link.name, mac: facts.mac };
    this.complain('error', 'a DHCP packet could not be answered', reasonOf(error), values);
  }

  private request(exchange: Exchange, range: SubnetRange, batch: Batch): void {
    const { request, decision, door, facts, now } = exchange;
    const chosen = serverId(request);
    if (chosen !== undefined && chosen !== door.port.link.address) {
      this.table.forget(facts.mac, range, now);
      this.conflicts.forget(door.port.link, facts.mac);
      this.record(exchange, 'dhcp.ignore', because('other-server', { server: formatIpv4(chosen) }));
      return;
    }
    const ip = requestedIp(request) ?? request.ciaddr;
    const grant = this.table.request(clientOf(exchange), range, ip, claimOf(request), now);
    // A client that chose us is told the truth in any case.
    const contradicts = grant.kind === 'refused' && chosen === undefined;
    if (grant.kind === 'silent' || (contradicts && range.subnet.authoritative === false)) {
      this.record(exchange, 'dhcp.ignore', grant.because, ip);
      return;
    }
    const lease = grant.kind === 'lease' ? grant.lease : undefined;
    const answer = reply(request, decision, lease, this.meIn(exchange, range))!;
    if (lease === undefined) {
      this.counters.refused++;
      batch.out.push(outgoing(exchange, answer));
      this.record(exchange, 'dhcp.nak', grant.because, ip);
      return;
    }
    batch.commit.push(lease);
    this.refusals.taken(facts.mac);
    const hasForm = isBooting(facts) && isReachedByFrame(request);
    const form = hasForm ? this.refusals.current(facts.mac, FORMS.server) : undefined;
    const step = stepOf(exchange, 'dhcp.ack', decision.because, ip, grant.because);
    batch.pending.push({ lease, outgoing: outgoing(exchange, answer, form), exchange, step });
  }

  private inform(exchange: Exchange, range: SubnetRange, batch: Batch): void {
    const answer = reply(exchange.request, exchange.decision, undefined, this.meIn(exchange, range));
    if (answer === undefined) return;
    this.counters.acknowledged++;
    batch.out.push(outgoing(exchange, answer));
    this.record(exchange, 'dhcp.inform', exchange.decision.because, exchange.request.ciaddr || undefined);
  }

  private release(exchange: Exchange, batch: Batch): void {
    const { request, facts, now } = exchange;
    const lease = this.table.release(facts.mac, request.ciaddr, now);
    if (lease === undefined) return;
    const reason = because('lease-released', { address: formatIpv4(lease.ip) });
    this.commitQuietly(exchange, batch, lease, stepOf(exchange, 'dhcp.release', reason, lease.ip));
  }

  private decline(exchange: Exchange, range: SubnetRange, batch: Batch): void {
    const { request, facts, now } = exchange;
    const ip = requestedIp(request);
    const lease = ip === undefined ? undefined : this.table.decline(facts.mac, range, ip, now);
    if (lease === undefined) return;
    const reason = because('lease-declined', { address: formatIpv4(lease.ip) });
    this.deps.log('warn', sentence(reason), { mac: facts.mac, link: facts.link });
    this.commitQuietly(exchange, batch, lease, stepOf(exchange, 'dhcp.decline', reason, lease.ip));
  }

  private commitQuietly(exchange: Exchange, batch: Batch, lease: Lease, step: Step): void {
    batch.commit.push(lease);
    batch.pending.push({ lease, exchange, step });
  }

  /** In the background: the next batch need not wait for the disk. */
  private commit(door: Door, batch: Batch): void {
    const written = this.write(door, batch).finally(() => this.commits.delete(written));
    this.commits.add(written);
  }

  /** RFC 2131 §3.1: the lease is on stable storage before its ACK goes out. Without an ACK the client asks again. */
  private async write(door: Door, batch: Batch): Promise<void> {
    try {
      await this.deps.leases.commit(batch.commit);
    } catch (error) {
      this.counters.unwritten += batch.commit.length;
      this.complain('error', 'leases were not written, so they are not acknowledged', reasonOf(error));
      return;
    }
    this.committed(door, batch.pending);
  }

  private committed(door: Door, pending: readonly Pending[]): void {
    const out: Outgoing[] = [];
    const said: Pending[] = [];
    for (const entry of pending) {
      if (entry.outgoing === undefined) said.push(entry);
      else if (this.table.confirm(entry.lease)) {
        out.push(entry.outgoing);
        said.push(entry);
        this.counters.acknowledged++;
      }
    }
    // Closed meanwhile: the leases are safe, and the clients will ask again.
    if (out.length > 0 && this.doors.includes(door)) door.port.send(out);
    for (const { exchange, step } of said) this.say(exchange, step);
  }

  private meIn({ door, known }: Exchange, range: SubnetRange): Me {
    const subnet = this.inherited.optionsFor(range, known?.host);
    const { address, name } = door.port.link;
    const logs = this.deps.takesLogs?.(name) === true;
    return { role: 'server', address, server: door.policy.server, subnet, logs };
  }

  private record(
    exchange: Exchange,
    kind: StepKind,
    reason: Reason,
    ip?: Ipv4,
    lease?: Reason,
    form?: Reason,
  ): void {
    if (isOrdinary(exchange)) return;
    const step = stepOf(exchange, kind, reason, ip, lease);
    this.deps.record(
      form === undefined ? step : { ...step, detail: { ...step.detail, form: sentence(form) } },
    );
  }

  private say(exchange: Exchange, step: Step): void {
    if (!isOrdinary(exchange)) this.deps.record(step);
  }

  /** The same complaint is made once in ten seconds, with how often it came up. */
  private complain(
    level: 'warn' | 'error',
    message: string,
    reason: string,
    values: Readonly<Record<string, string>> = {},
  ): void {
    const now = this.deps.now();
    const last = this.complaints.get(message);
    if (last !== undefined && now - last.at < COMPLAINT_MS) {
      last.count++;
      return;
    }
    this.complaints.set(message, { at: now, count: 0 });
    this.deps.log(level, message, { ...values, reason, ...(last?.count && { unsaid: last.count }) });
  }
}

function emptyBatch(): Batch {
  return { out: [], commit: [], pending: [] };
}

function freeIn({ subnet }: SubnetRange, ip: Ipv4): Reason {
  return because('lease-free', { address: formatIpv4(ip), subnet: subnet.name });
}

function isBooting({ stage }: Facts): boolean {
  return stage === 'rom' || stage === 'ipxe' || stage === 'gpxe';
}

/** Said with every offer that is not in the first form. */
function changed(turn: Turn | undefined): Reason | undefined {
  if (turn === undefined || turn.refused === 0 || turn.form === 'unicast') return undefined;
  return because(`form-${turn.form}`, { count: turn.refused });
}

function isZero(chaddr: Uint8Array): boolean {
  for (let i = 0; i < 6; i++) if (chaddr[i] !== 0) return false;
  return true;
}
