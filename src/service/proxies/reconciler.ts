/**
 * Keeps smart proxies in step with the inventory, in the background: nobody who changes a host, and no machine that reports,
 * ever waits for one. What was sent is kept in a file for each proxy and not read back from there: so hosts that were
 * deleted meanwhile are known, a proxy that is away needs no questions, and a start costs no thousand of them.
 */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answerer } from '../../boot/answer.ts';
import type { Log } from '../../boot/log.ts';
import { type ChainbootError, reasonOf } from '../../errors.ts';
import type { Site } from '../../inventory/site.ts';
import type { Collection, Host, SmartProxy } from '../../inventory/types.ts';
import type { Sample } from '../../ops/metrics.ts';
import { Deployments } from '../../store/deployments.ts';
import type { Stored } from '../../store/types.ts';
import type { AgentFor } from './client.ts';
import { type Deployment, type HostDeployments, isAwaited, type ProxyStatus, told } from './deployment.ts';
import { featureOf } from './orders.ts';
import { type HostWants, PAUSES, type Pauses, ProxyQueue } from './queue.ts';
import { templatesOf } from './through.ts';
import { type Item, isBehind, type Knowledge, menusOf, wantedOf } from './wanted.ts';

export type ReconcilerDeps = {
  readonly site: Site;
  /** Length of a file at its origin; undefined where that does not tell. Never rejects. */
  readonly sizeOf: (url: string) => Promise<number | undefined>;
  /** Renders as for the machine itself. */
  readonly answer: Answerer;
  /** This server, as smart proxies and machines behind them reach it. */
  readonly base: () => string;
  readonly agentFor: AgentFor;
  /** Where it is kept what was sent. */
  readonly directory: string;
  readonly pauses?: Pauses;
  readonly now: () => number;
  readonly log: Log;
};

/** Changes of all others may change what hosts get. */
const OF_NO_HOST: ReadonlySet<Collection> = new Set<Collection>([
  'users',
  'usergroups',
  'personal_access_tokens',
  'holds',
  'models',
]);
const PROXIES = ['tftp_proxy', 'dhcp_proxy', 'httpboot_proxy', 'template_proxy'] as const;
const MENUS = 0;
/** As for a disk that is full. */
const AGAIN_MS = 30_000;

export class Reconciler implements HostDeployments {
  readonly #deps: ReconcilerDeps;
  readonly #queues = new Map<number, ProxyQueue>();
  /** Proxies of ours, which came and asked. */
  readonly #ours = new Set<string>();
  readonly #know: Knowledge;
  /** Queues are opened and closed one after the other. */
  #changing: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    const base = deps.base;
    this.#know = {
      get base() {
        return base();
      },
      facts: (proxy) => (this.#ours.has(proxy.name) ? 'ours' : this.#factsOf(proxy)),
    };
  }

  /** Takes up what the last process left. */
  start(): Promise<void> {
    this.#changing = this.#changing
      .then(() => this.#takeUp())
      .catch((error) => {
        this.#deps.log('error', 'what smart proxies have cannot be read', { reason: reasonOf(error) });
      });
    return this.#match();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#again);
    await this.#changing;
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  /** Of every change of the inventory; cheap, and never throws. */
  observe(changes: readonly Stored[]): void {
    const collections = new Set(changes.map(({ collection }) => collection));
    if (collections.has('smart_proxies') || collections.has('subnets')) void this.#match();
    if (this.#queues.size === 0) return;
    if (collections.has('smart_proxies')) for (const queue of this.#queues.values()) queue.askAgain();
    const isOfAll = [...collections].some(
      (collection) => collection !== 'hosts' && !OF_NO_HOST.has(collection),
    );
    if (isOfAll) {
      this.#lookAtAll();
      return;
    }
    const hosts = changes.flatMap((change) => (change.collection === 'hosts' ? [idOf(change)] : []));
    for (const queue of this.#queues.values()) queue.look(hosts);
  }

  /** What is shown to proxies, or where they reach us, may be another. */
  reloaded(): void {
    for (const queue of this.#queues.values()) queue.askAgain();
    this.#lookAtAll();
  }

  /** A proxy of ours came: it is no smart proxy to be driven. */
  sawOurs(name: string): void {
    if (this.#ours.has(name)) return;
    this.#ours.add(name);
    void this.#match();
  }

  /** Where URLs in the templates of a host lead, if not straight to this server. */
  through(host: Host): string | undefined {
    const found = templatesOf(this.#deps.site, host, this.#know);
    return found === 'unknown' ? undefined : found;
  }

  /** Whether machines ask this server through a smart proxy at that address. */
  passesOn(address: string): boolean {
    return [...this.#queues.values()].some(
      ({ facts }) => facts?.features.includes('Templates') && facts.addresses?.includes(address),
    );
  }

  of(host: Host): readonly Deployment[] {
    const wanted = wantedOf(this.#deps.site, host, this.#know);
    return [...this.#queues].flatMap(([id, queue]) => {
      const proxy = this.#proxy(id);
      const kept = queue.keptOf(host.id);
      const features = new Set([
        ...wanted.filter((one) => one.proxy.id === id).map(({ feature }) => feature),
        ...kept.map(({ key }) => featureOf(key)),
      ]);
      return [...features].map((feature): Deployment => {
        const own = kept.filter(({ key, digest }) => featureOf(key) === feature && digest !== null);
        const error = queue.errorsOf(host.id)?.get(feature);
        const isPending = queue.isPending(host.id);
        const away = isPending || own.length === 0 ? queue.down?.error : undefined;
        return {
          smart_proxy_id: id,
          smart_proxy_name: proxy.name,
          feature,
          state: stateOf(error, isPending || away !== undefined),
          deployed_at: own.length === 0 ? null : Math.max(...own.map(({ at }) => at)),
          error: error !== undefined ? told(error) : away !== undefined ? told(away) : null,
        };
      });
    });
  }

  statusOf({ id }: SmartProxy): ProxyStatus | undefined {
    return this.status().find((one) => one.id === id);
  }

  featuresOf(proxy: SmartProxy): readonly string[] | undefined {
    return this.#factsOf(proxy)?.features;
  }

  async redeploy(hosts: readonly Host[], patience: number): Promise<readonly Deployment[]> {
    const ids = hosts.map(({ id }) => id);
    const queues = [...this.#queues.values()];
    await Promise.all(queues.map((queue) => queue.forget(ids)));
    const settled = Promise.all(queues.flatMap((queue) => ids.map((id) => queue.settled(id))));
    let timer: NodeJS.Timeout | undefined;
    const tired = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([settled, tired]);
    clearTimeout(timer);
    return hosts.flatMap((host) => this.of(host));
  }

  async redeployMenus(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.forget([MENUS])));
  }

  /** Every smart proxy that a subnet names. */
  status(): readonly ProxyStatus[] {
    return this.#named().map((proxy): ProxyStatus => {
      const { id, name, url } = proxy;
      const queue = this.#queues.get(id);
      const none = { deployed: 0, pending: 0, failed: 0 };
      if (queue === undefined) {
        const state = this.#ours.has(name) ? 'ours' : 'busy';
        return { id, name, url, features: [], state, hosts: none, error: null, since: null };
      }
      const { down } = queue;
      const hosts = queue.counts();
      return {
        id,
        name,
        url,
        features: queue.facts?.features ?? [],
        state: down !== undefined ? 'away' : hosts.pending > 0 || queue.facts === undefined ? 'busy' : 'idle',
        hosts,
        error: down === undefined ? null : told(down.error),
        since: down?.since ?? null,
      };
    });
  }

  samples(): readonly Sample[] {
    return this.status()
      .filter(({ state }) => state !== 'ours')
      .flatMap(({ name, hosts }) =>
        Object.entries(hosts).map(([state, value]) => ({ labels: { proxy: name, state }, value })),
      );
  }

  upSamples(): readonly Sample[] {
    return this.status()
      .filter(({ state }) => state !== 'ours')
      .map(({ name, state }) => ({ labels: { proxy: name }, value: state === 'away' ? 0 : 1 }));
  }

  #factsOf(proxy: SmartProxy) {
    return this.#queues.get(proxy.id)?.facts;
  }

  #proxy(id: number): SmartProxy {
    return this.#deps.site.byId('smart_proxies', id)!;
  }

  #named(): readonly SmartProxy[] {
    const { site } = this.#deps;
    const names = new Set(
      site.list('subnets').flatMap((subnet) => PROXIES.flatMap((field) => subnet[field] ?? [])),
    );
    return site.list('smart_proxies').filter(({ name }) => names.has(name));
  }

  #lookAtAll(): void {
    const hosts = this.#deps.site.list('hosts').map(({ id }) => id);
    for (const queue of this.#queues.values()) queue.look([MENUS, ...queue.keptHosts(), ...hosts]);
  }

  /** A queue for each smart proxy that is to be driven, and no other. Never rejects. */
  #match(): Promise<void> {
    this.#changing = this.#changing
      .then(() => this.#matchNow())
      .catch((error) => {
        this.#deps.log('error', 'smart proxies cannot be looked after', { reason: reasonOf(error) });
        clearTimeout(this.#again);
        this.#again = setTimeout(() => void this.#match(), AGAIN_MS).unref();
      });
    return this.#changing;
  }

  async #matchNow(): Promise<void> {
    if (this.#closed) return;
    const { site, log } = this.#deps;
    const named = this.#named().filter(({ name }) => !this.#ours.has(name));
    const ids = new Set(named.map(({ id }) => id));
    for (const [id, queue] of this.#queues) {
      const record = site.byId('smart_proxies', id);
      const isDriven = record !== undefined && !this.#ours.has(record.name);
      // One that no subnet names any more still has to give back what it has.
      if (isDriven && (ids.has(id) || queue.keptHosts().length > 0)) continue;
      this.#queues.delete(id);
      const hosts = queue.keptHosts().length;
      await queue.discard();
      if (hosts > 0)
        log('info', 'a smart proxy is no longer driven; what it has stays there', {
          proxy: record?.name ?? id,
        });
    }
    for (const proxy of named) if (!this.#queues.has(proxy.id)) await this.#open(proxy);
  }

  /** Of smart proxies that no subnet has named any more since the last process: they still have what it sent. */
  async #takeUp(): Promise<void> {
    const { directory, site } = this.#deps;
    const files = await readdir(directory).catch(() => []);
    for (const file of files) {
      const [, id] = /^(\d+)\.journal$/.exec(file) ?? [];
      const proxy = id === undefined ? undefined : site.byId('smart_proxies', Number(id));
      if (proxy !== undefined && !this.#closed) await this.#open(proxy);
      else if (id !== undefined) await rm(join(directory, file), { force: true });
    }
  }

  async #open({ id }: SmartProxy): Promise<void> {
    const { agentFor, now, log, pauses = PAUSES, directory, site } = this.#deps;
    const kept = await Deployments.open(join(directory, `${id}.journal`));
    let last = this.#proxy(id);
    const queue = new ProxyQueue({
      // Of one that was deleted just now, as it was.
      proxy: () => (last = site.byId('smart_proxies', id) ?? last),
      agentFor,
      kept,
      wants: (host) => this.#wants(id, host),
      text: (item) => this.#text(item),
      sizeOf: this.#deps.sizeOf,
      named: (host) => {
        const name = site.byId('hosts', host)?.name;
        return name === undefined ? {} : { host: name };
      },
      onFacts: () => this.#lookAtAll(),
      pauses,
      now,
      log,
    });
    this.#queues.set(id, queue);
    queue.look([MENUS, ...kept.hosts(), ...site.list('hosts').map((host) => host.id)]);
  }

  #wants(proxy: number, id: number): HostWants {
    const { site } = this.#deps;
    if (id === MENUS) {
      const record = site.byId('smart_proxies', proxy);
      return { items: record === undefined ? [] : menusOf(site, record, this.#know), faults: new Map() };
    }
    const host = site.byId('hosts', id);
    const name = site.byId('smart_proxies', proxy)?.name;
    const wanted =
      host === undefined || name === undefined || !isBehind(site, host, name)
        ? []
        : wantedOf(site, host, this.#know).filter((one) => one.proxy.id === proxy);
    return {
      items: wanted.flatMap(({ items }) => items),
      faults: new Map(
        wanted.flatMap(({ feature, fault }) => (fault === undefined ? [] : [[feature, fault]])),
      ),
    };
  }

  /** By the same way that machines get it. Rejects with what keeps them from it. */
  async #text(item: Item): Promise<string> {
    if (item.kind !== 'config' && item.kind !== 'menu') return '';
    const base = item.kind === 'menu' ? item.base : this.#know.base;
    const macs = item.kind === 'config' ? [item.mac] : [];
    const claims = { address: '', macs };
    const answered = await this.#deps.answer({ kind: item.template, claims, bootstrap: false, base });
    if (!answered.ok) throw answered.error;
    return answered.text;
  }
}

function stateOf(error: ChainbootError | undefined, isPending: boolean): Deployment['state'] {
  if (error !== undefined) return isAwaited(error) ? 'pending' : 'failed';
  return isPending ? 'pending' : 'deployed';
}

function idOf(change: Stored): number {
  return change.op === 'put' ? change.record.id : change.id;
}
