/**
 * The orders for one smart proxy: one request at a time, from what is kept of earlier ones to what is wanted now. A proxy
 * that is away is asked again and again, with pauses; one that refuses an order of a host goes on with the others.
 */

import type { Log } from '../../boot/log.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import type { SmartProxy } from '../../inventory/types.ts';
import type { Deployed, Deployments, ProxyFacts } from '../../store/deployments.ts';
import { type AgentFor, factsOf } from './client.ts';
import { isAwaited } from './deployment.ts';
import { fetched } from './fetched.ts';
import { deploy, featureOf, type Target, takeBack } from './orders.ts';
import type { ConfigItem, Feature, FileItem, Item } from './wanted.ts';

/** What one host should have here; faults by feature. */
export type HostWants = {
  readonly items: readonly Item[];
  readonly faults: ReadonlyMap<Feature, ChainbootError>;
};

export type QueueDeps = {
  /** As it is declared now. */
  readonly proxy: () => SmartProxy;
  readonly agentFor: AgentFor;
  readonly kept: Deployments;
  /** Of a host, or of nobody (0): the menus. */
  readonly wants: (host: number) => HostWants;
  /** Text of a configuration or a menu. Rejects with a ChainbootError. */
  readonly text: (item: Item) => Promise<string>;
  /** Length of a file at its origin; undefined where that does not tell. Never rejects. */
  readonly sizeOf: (url: string) => Promise<number | undefined>;
  /** For the log. */
  readonly named: (host: number) => { readonly host?: string };
  /** It says something else of itself than before. */
  readonly onFacts: () => void;
  /** Milliseconds until the next try; `tries` counts from 0. */
  readonly pauses: Pauses;
  readonly now: () => number;
  readonly log: Log;
};

export type Pauses = {
  readonly proxy: (tries: number) => number;
  readonly host: (tries: number) => number;
  /** Where nothing but boot files is waited for. */
  readonly files: (tries: number) => number;
};

export const PAUSES: Pauses = {
  proxy: (tries) => Math.min(1000 * 2 ** tries, 30_000),
  host: (tries) => Math.min(10_000 * 2 ** tries, 600_000),
  files: (tries) => Math.min(2_000 * 2 ** tries, 120_000),
};

type Failing = {
  readonly tries: number;
  readonly until: number;
  readonly errors: ReadonlyMap<Feature, ChainbootError>;
};
export type Down = { readonly error: ChainbootError; readonly since: number; readonly tries: number };

/** So often it is asked what it does, while there is nothing else to ask. */
const FACTS_MS = 600_000;
/** Hosts that are looked at before others get their turn; most of them need nothing. */
const AT_ONCE = 50;

export class ProxyQueue {
  readonly #deps: QueueDeps;
  readonly #dirty = new Set<number>();
  readonly #failing = new Map<number, Failing>();
  /** The last time it was asked what it does, where its HTTP boot could not be looked into since. */
  #blind: number | undefined;
  /** Boot files that were seen to be there, by key and digest. */
  readonly #seen = new Set<string>();
  readonly #waiting = new Map<number, (() => void)[]>();
  #current: number | undefined;
  #down: (Down & { readonly until: number }) | undefined;
  #askedAt: number | undefined;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer runs out. */
  #wakes = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  /** What it last said of itself, where it is now. */
  get facts(): ProxyFacts | undefined {
    const { kept, proxy } = this.#deps;
    return kept.facts?.url === proxy().url ? kept.facts : undefined;
  }

  get down(): Down | undefined {
    return this.#down;
  }

  keptOf(host: number): readonly Deployed[] {
    return this.#deps.kept.of(host);
  }

  keptHosts(): readonly number[] {
    return this.#deps.kept.hosts();
  }

  /** Hosts that have, or should have, something here. */
  counts(): { readonly deployed: number; readonly pending: number; readonly failed: number } {
    const own = new Set([...this.keptHosts(), ...this.#failing.keys()]);
    own.delete(0);
    let [deployed, pending, failed] = [0, 0, 0];
    for (const host of own)
      if ([...(this.errorsOf(host)?.values() ?? [])].some((error) => !isAwaited(error))) failed++;
      else if (this.isPending(host) || this.#failing.has(host)) pending++;
      else deployed++;
    return { deployed, pending, failed };
  }

  errorsOf(host: number): ReadonlyMap<Feature, ChainbootError> | undefined {
    return this.#failing.get(host)?.errors;
  }

  isPending(host: number): boolean {
    return this.#dirty.has(host) || this.#current === host;
  }

  /** To be looked at; cheap. */
  look(hosts: Iterable<number>): void {
    for (const host of hosts) this.#dirty.add(host);
    this.#wake(50);
  }

  /** Asks what it does, before anything else. */
  askAgain(): void {
    this.#askedAt = undefined;
    if (this.#down !== undefined) this.#down = { ...this.#down, until: 0 };
    this.#wake(0);
  }

  /** Everything of these hosts is sent anew. Rejects with FILE_UNWRITABLE. */
  async forget(hosts: readonly number[]): Promise<void> {
    const { kept } = this.#deps;
    this.#seen.clear();
    for (const host of hosts) {
      this.#failing.delete(host);
      for (const one of kept.of(host)) await kept.put({ ...one, digest: null });
    }
    this.look(hosts);
    this.askAgain();
  }

  /** Resolves when the host was looked at, or when the proxy turns out to be away. */
  settled(host: number): Promise<void> {
    if (!this.isPending(host) || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(host, [...(this.#waiting.get(host) ?? []), resolve]);
    });
  }

  async close(): Promise<void> {
    await this.#end();
    await this.#deps.kept.close();
  }

  /** And forgets what was sent. */
  async discard(): Promise<void> {
    await this.#end();
    await this.#deps.kept.discard();
  }

  async #end(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
    for (const host of [...this.#waiting.keys()]) this.#tell(host);
  }

  /** Changes come in crowds: the first of one counts. */
  #wake(delay: number): void {
    const at = this.#deps.now() + delay;
    if (this.#closed || this.#running !== undefined || at >= this.#wakes) return;
    clearTimeout(this.#timer);
    this.#wakes = at;
    this.#timer = setTimeout(() => {
      this.#wakes = Number.POSITIVE_INFINITY;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        this.#sleep();
      });
    }, delay);
  }

  /** Until there is something to do. */
  #sleep(): void {
    const { now } = this.#deps;
    const due = [
      this.#down?.until ?? (this.#askedAt ?? 0) + FACTS_MS,
      ...(this.#down === undefined ? [...this.#failing.values()].map(({ until }) => until) : []),
    ];
    const isWaiting = this.#down === undefined && this.#dirty.size > 0;
    this.#wake(isWaiting ? 0 : Math.max(Math.min(...due) - now(), 0));
    this.#timer?.unref();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { now, log } = this.#deps;
    try {
      if (this.#down !== undefined && now() < this.#down.until) return;
      if (this.#askedAt === undefined || this.#down !== undefined || now() - this.#askedAt >= FACTS_MS)
        await this.#ask();
      for (const [host, { until }] of this.#failing) if (until <= now()) this.#dirty.add(host);
      for (let looked = 0; !this.#closed; looked++) {
        const [host] = this.#dirty;
        if (host === undefined || this.#askedAt === undefined) return;
        if (looked % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
        await this.#lookAt(host);
      }
    } catch (error) {
      if (!(error instanceof ChainbootError))
        log('error', 'the orders for a smart proxy failed', { reason: reasonOf(error) });
      this.#goDown(
        error instanceof ChainbootError ? error : new ChainbootError('INTERNAL', { reason: reasonOf(error) }),
      );
    }
  }

  /** Rejects with PROXY_UNREACHABLE, PROXY_DISTRUSTED or FILE_UNWRITABLE. */
  async #ask(): Promise<void> {
    const { proxy, agentFor, kept, now, log, onFacts } = this.#deps;
    const { url, name } = proxy();
    const facts: ProxyFacts = { url, ...(await factsOf(url, agentFor)) };
    const known = this.facts;
    if (this.#down !== undefined) log('info', 'a smart proxy is back', { proxy: name, url });
    this.#down = undefined;
    this.#askedAt = now();
    if (JSON.stringify(known) === JSON.stringify(facts)) return;
    // Nothing that another one has is here.
    if (kept.facts !== undefined && kept.facts.url !== url)
      for (const host of kept.hosts())
        for (const one of kept.of(host)) await kept.put({ ...one, digest: null });
    await kept.setFacts(facts);
    log('info', 'a smart proxy says what it does', { proxy: name, url, features: facts.features.join(', ') });
    onFacts();
  }

  async #lookAt(host: number): Promise<void> {
    this.#dirty.delete(host);
    this.#current = host;
    try {
      const errors = await this.#reconcile(host);
      this.#note(host, errors);
    } catch (error) {
      this.#dirty.add(host);
      throw error;
    } finally {
      this.#current = undefined;
    }
    this.#tell(host);
  }

  /** What was refused. Rejects with what keeps the proxy from all orders. */
  async #reconcile(host: number): Promise<ReadonlyMap<Feature, ChainbootError>> {
    const { kept, wants, text } = this.#deps;
    const { items, faults } = wants(host);
    const errors = new Map(faults);
    const target = this.#target();
    const attempt = async (feature: Feature, work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        const refusal = await this.#refusal(error);
        if (!errors.has(feature)) errors.set(feature, refusal);
      }
    };
    const keys = new Set(items.map(({ key }) => key));
    for (const one of kept.of(host)) {
      const feature = featureOf(one.key);
      if (!keys.has(one.key) && !faults.has(feature))
        await attempt(feature, () => this.#takeBack(target, one));
    }
    for (const item of items)
      await attempt(featureOf(item.key), async () => {
        const sent = await deploy(target, host, item, await text(item));
        if (sent && item.kind === 'reservation') this.#tryTaken();
      });
    const config = items.find((item) => item.kind === 'config');
    for (const item of items)
      if (item.kind === 'file' && !errors.has('TFTP'))
        await attempt('TFTP', () => this.#lookForFile(host, item, config));
    return errors;
  }

  /** Once it was seen, it is not looked for any more; until then, each look orders it once more. */
  async #lookForFile(host: number, item: FileItem, config: ConfigItem | undefined): Promise<void> {
    const { kept, agentFor, sizeOf, proxy } = this.#deps;
    const known = kept.get(item.key);
    if (known === undefined || this.#seen.has(`${item.key} ${known.digest}`)) return;
    if (this.#blind !== undefined && this.#blind === this.#askedAt) return;
    const looking = fetched({ facts: this.facts, agentFor, sizeOf }, item, config);
    const found = await looking.catch(() => undefined);
    if (found === undefined) {
      this.#blind = this.#askedAt;
      return;
    }
    if (typeof found === 'string') {
      this.#seen.add(`${item.key} ${known.digest}`);
      return;
    }
    await kept.put({ ...known, host, digest: null });
    const { name: file, url } = item;
    const size = found.of ?? 'an unknown number of';
    throw new ChainbootError('PROXY_FILE_AWAITED', { proxy: proxy().name, file, url, has: found.has, size });
  }

  async #takeBack(target: Target, one: Deployed): Promise<void> {
    await takeBack(target, one);
    this.#tryTaken();
  }

  /** What one host has left, another may have been waiting for. */
  #tryTaken(): void {
    for (const [host, { errors }] of this.#failing)
      if ([...errors.values()].some(({ code }) => code === 'PROXY_RESERVATION_TAKEN')) this.#dirty.add(host);
  }

  /** The error of one order; of those that concern them all, it throws. */
  async #refusal(error: unknown): Promise<ChainbootError> {
    if (!(error instanceof ChainbootError) || OF_ALL.has(error.code)) throw error;
    const { status } = error.values;
    // A proxy that takes no more orders from us refuses this as well, and so does one that is broken.
    if (error.code === 'PROXY_ORDER_REFUSED' && (status === 401 || status === 403 || Number(status) >= 500)) {
      const { proxy, agentFor } = this.#deps;
      await factsOf(proxy().url, agentFor);
    }
    return error;
  }

  #target(): Target {
    const { proxy, agentFor, kept, now } = this.#deps;
    const { name, url } = proxy();
    return { name, url, agentFor, kept, now };
  }

  #note(host: number, errors: ReadonlyMap<Feature, ChainbootError>): void {
    const { pauses, now, log, proxy } = this.#deps;
    const before = this.#failing.get(host);
    this.#failing.delete(host);
    if (errors.size === 0) return;
    const tries = before === undefined ? 0 : before.tries + 1;
    const pause = [...errors.values()].every(isAwaited) ? pauses.files : pauses.host;
    this.#failing.set(host, { tries, until: now() + pause(tries), errors });
    for (const [feature, error] of errors) {
      const { code, message, hint } = error;
      if (before?.errors.get(feature)?.message === message) continue;
      const values = { code, hint, proxy: proxy().name, feature, ...this.#deps.named(host) };
      log(isAwaited(error) ? 'info' : 'warn', message, values);
    }
  }

  #goDown(error: ChainbootError): void {
    const { pauses, now, log, proxy } = this.#deps;
    const { tries = -1, since = now(), error: before } = this.#down ?? {};
    // One that never answered may be a proxy of ours, which is yet to come and ask.
    const level = this.facts === undefined ? 'info' : 'warn';
    if (before?.message !== error.message)
      log(level, error.message, { code: error.code, hint: error.hint, proxy: proxy().name });
    this.#down = { error, since, tries: tries + 1, until: now() + pauses.proxy(tries + 1) };
    for (const host of [...this.#waiting.keys()]) this.#tell(host);
  }

  #tell(host: number): void {
    const told = this.#waiting.get(host) ?? [];
    this.#waiting.delete(host);
    for (const resolve of told) resolve();
  }
}

const OF_ALL: ReadonlySet<string> = new Set([
  'PROXY_UNREACHABLE',
  'PROXY_DISTRUSTED',
  'FILE_UNWRITABLE',
  'CERTIFICATE_UNUSABLE',
]);
