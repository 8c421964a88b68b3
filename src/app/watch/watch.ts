/**
 * The neighbourhood watch of the served links: hears what others answer (frames, where CAP_NET_RAW allows it; REQUESTs that
 * name another server and relays, always), asks now and then, and tells log, trace, metrics and command line.
 */

import type { Log } from '../../boot/log.ts';
import type { Neighbour, Sighting } from '../../boot/neighbour.ts';
import { because, sentence } from '../../boot/reason.ts';
import type { Recorder } from '../../boot/step.ts';
import {
  chosenAt,
  type Heard,
  hearAnswer,
  hearQuestion,
  probeMac,
  probePacket,
  relayAt,
} from '../../dhcp/watch.ts';
import { reasonOf } from '../../errors.ts';
import { type DhcpWatch, type OtherAnswer, openDhcpWatch } from '../../link/dhcp-watch.ts';
import { ownAddresses } from '../../link/links.ts';
import type { Datagram, UdpPort } from '../../link/types.ts';
import { vendorOf } from '../../link/vendors.ts';
import { formatIpv4 } from '../../net/ip.ts';
import { formatMac, type Mac } from '../../net/mac.ts';
import type { Sample } from '../../ops/metrics.ts';
import { Neighbours } from '../../service/neighbours.ts';
import { loadNeighbours, saveNeighbours } from '../../store/neighbours.ts';
import type { ServedLink } from '../links.ts';
import { BootingMachines, stepOf } from './steps.ts';

export type WatchDeps = {
  /** A reload may change what they are. */
  readonly links: () => readonly ServedLink[];
  /** 0: nothing is ever asked. */
  readonly probeMinutes: () => number;
  /** Where the command line reads who is there; see `neighboursFile`. */
  readonly file: string;
  readonly record: Recorder;
  readonly log: Log;
};

/** Writes are rare: somebody new at once, all else that was heard with the next of these. */
const SAVE_MS = 5000;
/** The first question may be lost: a port of a switch takes a while to open. */
const AGAIN_MS = 3000;
const MINUTE = 60_000;

export class Watch {
  readonly #deps: WatchDeps;
  readonly #neighbours: Neighbours;
  readonly #sockets = new Map<string, DhcpWatch>();
  readonly #probes: ReadonlySet<Mac>;
  readonly #booting = new BootingMachines();
  readonly #own: ReadonlySet<string> = new Set(ownAddresses());
  readonly #timers: NodeJS.Timeout[] = [];
  #asked = 0;
  #dirty = false;
  #saving: Promise<void> = Promise.resolve();

  private constructor(deps: WatchDeps) {
    this.#deps = deps;
    const mode = (name: string) => this.#modeOf(name);
    const onNews = (neighbour: Neighbour) => this.#tell(neighbour);
    this.#neighbours = new Neighbours({ mode, vendorOf, onNews }, loadNeighbours(deps.file));
    this.#probes = new Set(deps.links().map(({ link }) => formatMac(probeMac(link.mac))));
  }

  /** Never rejects: without frames less is heard, and the log says so. */
  static async open(deps: WatchDeps): Promise<Watch> {
    const watch = new Watch(deps);
    for (const served of deps.links()) if (isWatched(served)) await watch.#listen(served);
    return watch;
  }

  /** Asks at once and from then on as often as configured. */
  start(): void {
    if (!this.#deps.links().some(isWatched)) return;
    this.#askAll();
    const tick = () => {
      const minutes = this.#deps.probeMinutes();
      if (minutes > 0 && Date.now() - this.#asked >= minutes * MINUTE) this.#askAll();
      this.#save();
    };
    this.#timers.push(setTimeout(() => this.#askAll(), AGAIN_MS).unref(), setInterval(tick, SAVE_MS).unref());
  }

  list(): readonly Neighbour[] {
    return this.#neighbours.list();
  }

  samples(): readonly Sample[] {
    const counts = new Map<string, { labels: Record<string, string>; value: number }>();
    for (const { link, role, conflicts } of this.list()) {
      const labels = { link, role, conflict: conflicts ?? 'none' };
      const key = Object.values(labels).join(' ');
      const sample = counts.get(key) ?? { labels, value: 0 };
      sample.value++;
      counts.set(key, sample);
    }
    return [...counts.values()];
  }

  /** A DHCP port whose questions are looked at on their way in; our own probes end here. */
  port(port: UdpPort): UdpPort {
    const onBatch = port.onBatch.bind(port);
    return Object.assign(port, {
      onBatch: (handler: Parameters<UdpPort['onBatch']>[0]) =>
        onBatch((batch) => {
          const others = batch.filter((datagram) => !this.#question(port, datagram));
          if (others.length > 0) handler(others);
        }),
    });
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    this.#save();
    await this.#saving;
  }

  #modeOf(name: string) {
    return this.#deps.links().find(({ link }) => link.name === name)?.config.mode;
  }

  async #listen({ link }: ServedLink): Promise<void> {
    try {
      const socket = await openDhcpWatch(link, (answer) => this.#answer(answer));
      if (socket !== undefined) this.#sockets.set(link.name, socket);
    } catch (error) {
      this.#deps.log('info', 'other DHCP servers are noticed only when a machine names them', {
        link: link.name,
        reason: reasonOf(error),
      });
    }
  }

  #askAll(): void {
    if (this.#deps.probeMinutes() === 0) return;
    this.#asked = Date.now();
    for (const { link } of this.#deps.links().filter(isWatched)) {
      try {
        const xid = Math.floor(Math.random() * 2 ** 32);
        this.#sockets.get(link.name)?.ask(probePacket(probeMac(link.mac), xid));
      } catch (error) {
        const values = { link: link.name, reason: reasonOf(error) };
        this.#deps.log('info', 'nobody could be asked who else answers DHCP', values);
      }
    }
  }

  #answer({ link, mac, source, payload }: OtherAnswer): void {
    const heard = hearAnswer({ link: link.name, source, mac, payload });
    if (heard === undefined || this.#own.has(formatIpv4(heard.server))) return;
    const known = heard.sightings.map((sighting) => this.#hear(sighting))[0]!;
    if (!this.#probes.has(heard.client)) this.#trace(heard, known);
  }

  #trace(heard: Heard, neighbour: Neighbour): void {
    const step = stepOf(heard, neighbour, Date.now());
    if (heard.isBoot) this.#deps.record(step);
    else this.#booting.answered(step, this.#deps.record);
  }

  /** True: it is a question of ours. */
  #question({ link }: UdpPort, { bytes }: Datagram): boolean {
    const asked = hearQuestion(bytes);
    if (asked === undefined) return false;
    const { client, relay, chosen, isBoot } = asked;
    if (this.#probes.has(client)) return true;
    if (isBoot) this.#booting.asked(client, Date.now(), this.#deps.record);
    if (relay !== undefined) this.#hear(relayAt(link.name, relay, client));
    const isOther = chosen !== undefined && chosen !== link.address && !this.#own.has(formatIpv4(chosen));
    // Behind a relay it is no neighbour of this link.
    if (isOther && relay === undefined) this.#hear(chosenAt(link.name, chosen, client, undefined));
    return false;
  }

  #hear(sighting: Sighting): Neighbour {
    this.#dirty = true;
    return this.#neighbours.hear(sighting, Date.now());
  }

  #tell(neighbour: Neighbour): void {
    const { link, address, mac, vendor, role, conflicts, offers } = neighbour;
    const values = { link, address, role, ...(mac && { mac }), ...(vendor && { vendor }), ...offers };
    const named = { server: serverName(neighbour), link };
    if (conflicts === 'addresses')
      this.#deps.log('warn', sentence(because('neighbour-addresses', named)), { ...values, conflicts });
    else if (conflicts === 'boot-files')
      this.#deps.log('warn', sentence(because('neighbour-boot-files', named)), { ...values, conflicts });
    else this.#deps.log('info', 'somebody else answers DHCP', values);
    // Not in the middle of its entry: it is in the list when this turn is over.
    setImmediate(() => this.#save());
  }

  #save(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#saving = this.#saving
      .then(() => saveNeighbours(this.#deps.file, this.list()))
      .catch((error) =>
        this.#deps.log('warn', 'who else answers DHCP could not be written down', {
          reason: reasonOf(error),
        }),
      );
  }
}

/** `10.0.0.9 (52:54:00:00:00:09)`. */
export function serverName({ address, mac }: Pick<Neighbour, 'address' | 'mac'>): string {
  return mac === undefined ? address : `${address} (${mac})`;
}

/** Where we answer no DHCP, nobody is in our way; and nobody is heard on a stand-in. */
function isWatched({ policy, rehearsalOf }: ServedLink): boolean {
  return policy !== undefined && rehearsalOf === undefined;
}
