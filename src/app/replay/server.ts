/**
 * This server, asked what a capture holds: the same rooms as on the wire, without sockets. Nothing is stored: leases
 * last as long as the replay, and no report of an installer changes a host.
 */

import { stat } from 'node:fs/promises';
import type { Facts } from '../../boot/facts.ts';
import type { Requester } from '../../boot/files.ts';
import type { Lease } from '../../boot/lease.ts';
import type { Step } from '../../boot/step.ts';
import type { HttpRequestEvent } from '../../capture/events.ts';
import { loaderDirectories } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { MESSAGE, messageType, OPTION, serverId, u32Value } from '../../dhcp/options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from '../../dhcp/packet.ts';
import { type DhcpPort, DhcpServer } from '../../dhcp/server.ts';
import { ChainbootError } from '../../errors.ts';
import type { Answer } from '../../http/answer.ts';
import { errorAnswer } from '../../http/errors.ts';
import { agentOf, type BootRequest, type Method, parseTarget, returnUrl } from '../../http/request.ts';
import { router } from '../../http/router.ts';
import type { Host } from '../../inventory/types.ts';
import { isInstalled } from '../../media/loader-files.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../net/ip.ts';
import { formatMac, type Mac } from '../../net/mac.ts';
import type { Inventory } from '../../service/inventory.ts';
import { LoopGuard } from '../../service/loop-guard.ts';
import { memoryLeases } from '../../store/leases/memory.ts';
import type { RenderPool } from '../../template/pool.ts';
import { normaliseName } from '../../tftp/names.ts';
import { type BootRoom, bootRoom } from '../boot-room.ts';
import type { ServedLink } from '../links.ts';
import { ReplayPort } from './port.ts';

export type ReplayDeps = {
  readonly config: Config;
  readonly served: ServedLink;
  readonly inventory: Inventory;
  readonly pool: Pick<RenderPool, 'render'>;
  /** Those that are there now. */
  readonly leases: readonly Lease[];
};

/** What was answered to one request, and what the trace would say of it. */
export type DhcpOutcome = { readonly answer: DhcpPacket | undefined; readonly step: Step | undefined };

export type Served =
  | {
      readonly kind: 'content';
      readonly size: number;
      readonly text?: string;
      readonly because: Step['because'];
    }
  | { readonly kind: 'error'; readonly code: string; readonly because: Step['because'] };

export type HttpOutcome = {
  readonly status: number;
  /** Of its body. */
  readonly size: number;
  readonly text?: string;
  /** Code of the catalogue, of what went wrong. */
  readonly error?: string;
  readonly step: Step | undefined;
};

const SERVER_PORT = 67;
const PXE_PORT = 4011;

export class ReplayServer {
  readonly #deps: ReplayDeps;
  readonly #ports = new Map<number, ReplayPort>();
  readonly #dhcp: DhcpServer;
  readonly #room: BootRoom;
  #steps: Step[] = [];
  /** What we offered to whom; a machine of the capture takes it, whatever it was given there. */
  readonly #offered = new Map<Mac, Ipv4>();

  private constructor(deps: ReplayDeps) {
    this.#deps = deps;
    const { config, served, inventory, pool, leases } = deps;
    const record = (step: Step) => void this.#steps.push(step);
    const guard = readOnlyGuard(deps);
    const verdict = (facts: Facts, host: Host | undefined) =>
      guard.verdict(facts, host, inventory.site.subnetOf(facts.relay ?? served.link.address)?.subnet);
    const common = { site: inventory.site, record, log: () => {} };
    this.#dhcp = new DhcpServer({
      ...common,
      ports: this.#dhcpPorts(served),
      leases: memoryLeases(leases),
      verdict,
      now: Date.now,
    });
    this.#room = bootRoom({
      ...common,
      config: () => config,
      links: () => [served],
      refresh: async () => {},
      pool,
      root: () => undefined,
      trust: () => undefined,
      site: () => inventory.site,
      leases: (address) => this.#dhcp.macOf(address),
      guard: {
        holdOf: (who) => guard.holdOf(who),
        driverOfChain: (who, first) => guard.driverOfChain(who, first),
        cameBack: (host) => guard.backFromDisk(host),
      },
      kept: (answer) => answer,
      reports: { built: async (host) => this.#report(host), failed: async (host) => this.#report(host) },
    });
  }

  static async open(deps: ReplayDeps): Promise<ReplayServer> {
    const server = new ReplayServer(deps);
    await server.#dhcp.start();
    return server;
  }

  close(): Promise<void> {
    return this.#dhcp.close();
  }

  /** As if the machine had heard us: it names us where it named the server of the capture, and takes what we offered. */
  async dhcp(
    request: DhcpPacket,
    pxe: boolean,
    source: { readonly address: string; readonly port: number },
  ): Promise<DhcpOutcome> {
    const port = this.#ports.get(pxe ? PXE_PORT : SERVER_PORT);
    if (port === undefined) return { answer: undefined, step: undefined };
    this.#steps = [];
    const bytes = encodePacket(this.#addressedToUs(request));
    port.deliver({ bytes, address: parseIpv4(source.address) ?? 0, port: source.port });
    await committed();
    const [sent] = port.answers();
    const answer = sent && decodePacket(sent.bytes);
    if (answer !== undefined && answer.yiaddr !== 0)
      this.#offered.set(formatMac(answer.chaddr), answer.yiaddr);
    return { answer, step: this.#steps.at(-1) };
  }

  /** Of a read request. */
  async tftp(filename: string, address: string, mac: Mac | undefined): Promise<Served> {
    const name = normaliseName(filename);
    if (!name.ok) return refused(new ChainbootError(name.code, name.values));
    const content = await this.#room.content(name.name, this.#requester(address, mac));
    if (content.kind === 'error') return { kind: 'error', code: content.code, because: content.because };
    if (content.kind === 'file')
      return { kind: 'content', size: (await stat(content.path)).size, because: content.because };
    const text = new TextDecoder().decode(content.bytes);
    return { kind: 'content', size: content.bytes.length, text, because: content.because };
  }

  async http(event: HttpRequestEvent): Promise<HttpOutcome> {
    this.#steps = [];
    const answer = await this.#handle(event);
    const { status, size, text } = await bodyOf(answer);
    answer.onFinished?.({ status, bytes: size, size, took: 0, aborted: false });
    const error = answer.headers?.['X-Chainboot-Error'];
    return {
      status,
      size,
      ...(text !== undefined && { text }),
      ...(error !== undefined && { error }),
      step: this.#steps.at(-1),
    };
  }

  async #handle(event: HttpRequestEvent): Promise<Answer> {
    const request = this.#request(event);
    if (request === undefined)
      return {
        kind: 'text',
        status: 400,
        text: new ChainbootError('REQUEST_MALFORMED', { reason: 'its path' }).message,
      };
    const match = router(this.#room.routes)(request.method, request.segments);
    if (match.kind !== 'found') {
      const { path, method } = request;
      const error =
        match.kind === 'nothing'
          ? new ChainbootError('FILE_NOT_FOUND', { name: path })
          : new ChainbootError('METHOD_NOT_ALLOWED', { method, path, allowed: match.allowed.join(', ') });
      return errorAnswer(request, error, false);
    }
    try {
      return await match.route.handle(request, match.params);
    } catch (error) {
      return errorAnswer(request, error, match.route.isScript?.(match.params) ?? false);
    }
  }

  #request({ method, target, headers: given, from, mac, body }: HttpRequestEvent): BootRequest | undefined {
    const parsed = parseTarget(target);
    if (parsed === undefined) return undefined;
    const headers = Object.fromEntries(given);
    const agent = agentOf(headers);
    return {
      ...parsed,
      id: 'replay',
      method: method as Method,
      headers,
      remote: this.#requester(from.address, mac),
      agent,
      ifIpxe: agent === 'ipxe',
      url: returnUrl(headers.host, this.#deps.served.base, target),
      readBody: async (limit) => body.subarray(0, limit),
    };
  }

  /** The machine has the address that we gave it. */
  #requester(address: string, mac: Mac | undefined): Requester {
    const given = mac === undefined ? undefined : this.#offered.get(mac);
    const { name } = this.#deps.served.link;
    return { address: given === undefined ? address : formatIpv4(given), port: 0, link: name };
  }

  #addressedToUs(request: DhcpPacket): DhcpPacket {
    const { served } = this.#deps;
    if (served.policy?.mode !== 'server' || messageType(request) !== MESSAGE.request) return request;
    const given = this.#offered.get(formatMac(request.chaddr));
    const options = new Map(request.options);
    if (serverId(request) !== undefined) options.set(OPTION.serverId, u32Value(served.link.address));
    if (given === undefined) return { ...request, options };
    if (options.has(OPTION.requestedIp)) options.set(OPTION.requestedIp, u32Value(given));
    return { ...request, options, ciaddr: request.ciaddr === 0 ? 0 : given };
  }

  #dhcpPorts({ link, policy }: ServedLink): readonly DhcpPort[] {
    if (policy === undefined) return [];
    const open = (number: number, role: DhcpPort['role']): DhcpPort => {
      const port = new ReplayPort(link, number);
      this.#ports.set(number, port);
      return { port, role, policy };
    };
    return policy.mode === 'proxy'
      ? [open(SERVER_PORT, 'proxy'), open(PXE_PORT, 'pxe')]
      : [open(SERVER_PORT, 'server')];
  }

  async #report(host: string): Promise<{ readonly changed: boolean }> {
    return { changed: this.#deps.inventory.site.get('hosts', host)?.build === true };
  }
}

/** It knows of holds and of configured drivers, and is told of nothing. */
function readOnlyGuard({ config, inventory }: ReplayDeps): LoopGuard {
  const guard = new LoopGuard({ inventory, bootOf: () => undefined, now: Date.now, log: () => {} });
  const { enabled, chains, minutes, installs, install_minutes } = config.loop_guard;
  const limits = { chains, chainMs: minutes * 60_000, installs, installMs: install_minutes * 60_000 };
  guard.configure({
    limits: enabled ? limits : undefined,
    hasLoader: (file) => isInstalled(loaderDirectories(config), file),
  });
  return guard;
}

/** An ACK waits for the commit of its lease, which in memory takes a few turns of the microtask queue. */
function committed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function refused(error: ChainbootError): Served {
  return { kind: 'error', code: error.code, because: { code: 'refused', sentence: error.message } };
}

async function bodyOf(
  answer: Answer,
): Promise<{ readonly status: number; readonly size: number; readonly text?: string }> {
  switch (answer.kind) {
    case 'text':
      return { status: answer.status, size: Buffer.byteLength(answer.text), text: answer.text };
    case 'bytes':
      return { status: answer.status, size: answer.bytes.length };
    case 'file':
      return { status: 200, size: (await stat(answer.path)).size };
    case 'empty':
      return { status: answer.status, size: 0 };
  }
}
