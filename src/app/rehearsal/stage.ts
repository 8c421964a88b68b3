/**
 * The DHCP of a rehearsal: the same server as on the wire, with the same policy and what is leased now, on a port of
 * loopback for the time of the rehearsal. What it leases is forgotten with it.
 */

import type { Policy, Verdict } from '../../boot/decide.ts';
import type { Facts } from '../../boot/facts.ts';
import type { Log } from '../../boot/log.ts';
import type { Recorder } from '../../boot/step.ts';
import type { DhcpPath } from '../../client/dhcp-socket.ts';
import { type DhcpPort, DhcpServer } from '../../dhcp/server.ts';
import { ChainbootError } from '../../errors.ts';
import type { Site } from '../../inventory/site.ts';
import type { Host } from '../../inventory/types.ts';
import { isLoopback, listLinks } from '../../link/links.ts';
import type { Link, UdpPort, Wire } from '../../link/types.ts';
import type { Ipv4 } from '../../net/ip.ts';
import type { Mac } from '../../net/mac.ts';
import type { LeaseStore } from '../../store/types.ts';
import { type ServedLink, unknownHosts } from '../links.ts';
import { playOtherServer } from './other-server.ts';

export type StageDeps = {
  readonly wire: Wire;
  readonly site: Site;
  /** Read once, and never written. */
  readonly leases: Pick<LeaseStore, 'load'>;
  readonly verdict: (facts: Facts, host: Host | undefined) => Verdict;
  readonly log: Log;
};

/** A machine that is played here. */
export type Actor = { readonly mac: Mac; readonly address: Ipv4; readonly record: Recorder };

export class Stage {
  readonly #actors = new Map<string, Actor>();
  readonly #dhcp: DhcpServer;
  readonly #path: Extract<DhcpPath, { via: 'server' }>;
  readonly #close: () => Promise<void>;
  /** What is played beside the machines. */
  readonly note: string | undefined;

  private constructor(
    dhcp: (record: Recorder) => DhcpServer,
    path: Extract<DhcpPath, { via: 'server' }>,
    other: UdpPort | undefined,
    note: string | undefined,
  ) {
    this.#dhcp = dhcp((step) => this.#actors.get(step.mac ?? '')?.record(step));
    this.#path = path;
    this.note = note;
    if (other !== undefined) playOtherServer(other, (mac) => this.#actors.get(mac)?.address ?? NOWHERE);
    this.#close = async () => {
      await Promise.all([this.#dhcp.close(), other?.close()]);
    };
  }

  /** Rejects with a ChainbootError where loopback has no port for it. */
  static async open(deps: StageDeps, served: ServedLink): Promise<Stage> {
    const { link, policy: own } = served;
    const opened: UdpPort[] = [];
    try {
      const policy = own ?? proxyPolicy(served);
      const open = async () => {
        const port = await deps.wire.open(loopback(), 0, { unicastOnly: true });
        opened.push(port);
        return port;
      };
      const ports: DhcpPort[] = [{ port: answeringFor(await open(), link), role: policy.mode, policy }];
      const beside = policy.mode === 'proxy' ? await open() : undefined;
      if (beside !== undefined) ports.push({ port: answeringFor(await open(), link), role: 'pxe', policy });
      const leases = { load: () => deps.leases.load(), commit: async () => {}, close: async () => {} };
      const server = (record: Recorder) => new DhcpServer({ ...deps, ports, leases, record, now: Date.now });
      const stage = new Stage(server, pathTo(ports, beside), beside, noteOf(own, policy));
      await stage.#dhcp.start();
      return stage;
    } catch (error) {
      await Promise.all(opened.map((port) => port.close()));
      throw error;
    }
  }

  /** How a machine reaches DHCP here; `relay`: the address of the relay that it is behind. */
  enter(actor: Actor, relay: string | undefined): DhcpPath {
    this.#actors.set(actor.mac, actor);
    return relay === undefined ? this.#path : this.pathBehind(relay);
  }

  pathBehind(relay: string): DhcpPath {
    return { ...this.#path, giaddr: relay };
  }

  leave({ mac }: Actor): void {
    this.#actors.delete(mac);
  }

  /** Leases that were given here, or before; a `LeaseLookup`. */
  readonly macOf = (address: string): Mac | undefined => this.#dhcp.macOf(address);

  close(): Promise<void> {
    return this.#close();
  }
}

/** For a machine that nobody asked for: no address of anybody's. */
const NOWHERE: Ipv4 = 0xc6336402;

function loopback(): Link {
  const found = listLinks().find(isLoopback);
  if (found === undefined)
    throw new ChainbootError('REHEARSAL_REFUSED', {
      reason: 'this machine has no loopback interface that is up',
    });
  return found;
}

/** A port of loopback that is taken for one of the link: what is decided depends on the link. */
function answeringFor(port: UdpPort, link: Link): UdpPort {
  return {
    link,
    port: port.port,
    onBatch: (handler) => port.onBatch(handler),
    send: (batch) => port.send(batch),
    onError: (handler) => port.onError(handler),
    close: () => port.close(),
  };
}

function pathTo(
  ports: readonly DhcpPort[],
  other: UdpPort | undefined,
): Extract<DhcpPath, { via: 'server' }> {
  const address = '127.0.0.1';
  const [main, pxe] = ports;
  return {
    via: 'server',
    address,
    port: main!.port.port,
    ...(other !== undefined && { others: [{ address, port: other.port }] }),
    ...(pxe !== undefined && { pxePort: pxe.port.port, pxeAddress: address }),
  };
}

/** Where we answer no DHCP, another server names what we would. */
function proxyPolicy(served: ServedLink): Policy {
  const { base, link } = served;
  return { mode: 'proxy', base, server: link.address, unknownHosts: unknownHosts(served.config) };
}

function noteOf(own: Policy | undefined, { mode }: Policy): string | undefined {
  if (mode === 'server') return undefined;
  const played = 'the DHCP server that gives the addresses was played; it is not asked';
  return own === undefined
    ? `${played}, and is taken to name the loader that this server would name, as it answers no DHCP on the link`
    : played;
}
