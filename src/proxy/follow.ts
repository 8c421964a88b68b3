/**
 * Keeps a proxy in step with its server: tells what installers reported, takes over the records, asks ahead for hosts in build
 * mode, tells what machines did. A round a second; while the server is away, only the asking goes on.
 */

import type { Log } from '../boot/log.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import type { Inventory } from '../service/inventory.ts';
import type { KeptAnswers } from './kept.ts';
import { mirrorChanges } from './mirror.ts';
import type { Reports } from './reports.ts';
import type { StepForwarder } from './steps.ts';
import type { Upstream } from './upstream.ts';
import type { SiteSlice } from './wire.ts';

export type FollowDeps = {
  readonly upstream: Upstream;
  readonly inventory: Inventory;
  readonly reports: Reports;
  readonly kept: KeptAnswers;
  readonly steps: StepForwarder;
  /** Asks for everything that a host in build mode may be given. */
  readonly askAhead: (host: Host) => Promise<void>;
  readonly log: Log;
};

const ROUND_MS = 1000;
/** What is kept for hosts in build mode is asked for anew after so long: templates may have changed. */
const AHEAD_MS = 600_000;
const AT_ONCE = 4;

export class Follower {
  readonly #deps: FollowDeps;
  #etag: string | undefined;
  #slice: SiteSlice | undefined;
  /** The state of our inventory that was found to be like that of the server. */
  #version: number | undefined;
  #away = false;
  #warned = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  readonly #asked = new Map<number, number>();

  constructor(deps: FollowDeps) {
    this.#deps = deps;
  }

  /** Resolves when the records are here, or the server is away: machines need not wait for what is asked ahead. */
  async start(): Promise<void> {
    this.#round = this.#once(async () => {});
    await this.#round;
    this.hurry();
  }

  /** Now, and not in a second: a report waits. */
  hurry(): void {
    clearTimeout(this.#timer);
    void this.#next();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #next(): Promise<void> {
    this.#round = this.#round.then(() => this.#once(() => this.#ahead()));
    return this.#round.then(() => {
      clearTimeout(this.#timer);
      if (!this.#stopped) this.#timer = setTimeout(() => void this.#next(), ROUND_MS);
    });
  }

  /** Never rejects. */
  async #once(ahead: () => Promise<void>): Promise<void> {
    const { log, upstream, steps } = this.#deps;
    if (this.#stopped) return;
    try {
      await this.#takeOver();
      if (this.#away) log('info', 'the server answers again', { url: upstream.url });
      this.#away = false;
      await steps.forward();
      await ahead();
    } catch (error) {
      if (!this.#away) {
        log('error', 'machines are served from what is kept here until the server answers', {
          reason: reasonOf(error),
        });
      }
      this.#away = true;
    }
  }

  /** What was reported is told first: the server would say that the host is still to be installed. */
  async #takeOver(): Promise<void> {
    const { upstream, inventory, reports } = this.#deps;
    await reports.deliver();
    const { taken } = reports;
    const known = this.#etag;
    const { value, etag } = await upstream.ask<SiteSlice | { readonly same: true }>('/site', {
      ...(known !== undefined && { headers: { 'If-None-Match': known } }),
      patience: 15_000,
    });
    const isNews = 'records' in value;
    if (isNews) {
      this.#slice = value;
      this.#etag = etag;
    }
    if (this.#slice === undefined || (!isNews && this.#version === inventory.site.version)) return;
    await this.#mirror(this.#slice, taken);
  }

  /** @param taken how many reports there were when the server was asked */
  async #mirror({ proxy, records }: SiteSlice, taken: number): Promise<void> {
    const { inventory, reports, log } = this.#deps;
    const isLate = () => reports.waiting > 0 || reports.taken !== taken;
    if (isLate()) return;
    const count = await inventory.change((site) => {
      const changes = isLate() ? [] : mirrorChanges(site, records);
      return { changes, result: changes.length };
    });
    if (isLate()) {
      // Asked before a machine reported: asked again.
      this.#etag = undefined;
      return;
    }
    this.#version = inventory.site.version;
    if (count > 0) log('info', 'took over what the server has changed', { records: count });
    if (!records.some(({ collection }) => collection === 'subnets') && !this.#warned) {
      this.#warned = true;
      log('warn', 'no subnet of the server names this proxy, so it serves no host', {
        proxy,
        hint: 'set tftp_proxy, httpboot_proxy, template_proxy or dhcp_proxy of its subnets',
      });
    }
  }

  /** Of hosts that nothing is kept for, and of the others now and then. Ends at the first that is not answered. */
  async #ahead(): Promise<void> {
    const { inventory, kept } = this.#deps;
    const { site } = inventory;
    kept.retain((id) => site.byId('hosts', id)?.build === true);
    const now = Date.now();
    const due = site
      .list('hosts')
      .filter((host) => host.build && (!kept.has(host) || now - (this.#asked.get(host.id) ?? 0) > AHEAD_MS));
    for (let at = 0; at < due.length && !this.#stopped; at += AT_ONCE) {
      const some = due.slice(at, at + AT_ONCE);
      await Promise.all(some.map((host) => this.#askAhead(host)));
      for (const { id } of some) this.#asked.set(id, now);
      // Installers that are done do not wait for those that begin.
      await this.#deps.reports.deliver();
    }
  }

  /** What one host is refused keeps no other from being asked for. */
  async #askAhead(host: Host): Promise<void> {
    const { askAhead, log } = this.#deps;
    try {
      await askAhead(host);
    } catch (error) {
      const isAway = error instanceof ChainbootError && /^UPSTREAM_(UNREACHABLE|REFUSED)$/.test(error.code);
      if (isAway) throw error;
      log('warn', 'what a host is to be given cannot be asked ahead', {
        host: host.name,
        reason: reasonOf(error),
      });
    }
  }
}
