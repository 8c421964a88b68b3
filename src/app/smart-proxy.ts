/** This server as a smart proxy of a Foreman: what was sent here, and the server that takes orders. */

import { join } from 'node:path';
import type { Decision, Policy } from '../boot/decide.ts';
import type { Facts } from '../boot/facts.ts';
import type { ContentResolver } from '../boot/files.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import type { Level, Log } from '../boot/log.ts';
import type { Recorder } from '../boot/step.ts';
import { baseUrl } from '../boot/urls.ts';
import { smartProxyDirectory } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { FileCache } from '../http/file-cache.ts';
import type { LimitDeps } from '../http/limited.ts';
import { BootHttpServer, type Listen } from '../http/server.ts';
import type { Site } from '../inventory/site.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import { BootFiles } from '../smart-proxy/boot-files.ts';
import { type LogRing, logRoutes } from '../smart-proxy/logs.ts';
import type { ModuleState, Modules } from '../smart-proxy/modules.ts';
import { type OrderedDeps, orderedDecision, reservedSite } from '../smart-proxy/ordered.ts';
import { pushedFiles } from '../smart-proxy/pushed.ts';
import { Reservations } from '../smart-proxy/reservations.ts';
import { smartProxyRoutes } from '../smart-proxy/server.ts';
import { Tree } from '../smart-proxy/tree.ts';
import { UnusedIps } from '../smart-proxy/unused-ip.ts';
import type { LeaseStore } from '../store/types.ts';
import type { ServedLink } from './links.ts';
import { loadSmartProxyFiles, type SmartProxyFiles } from './smart-proxy-files.ts';
import { programVersion } from './version.ts';

const MIB = 1024 * 1024;

export type SmartProxyDeps = {
  readonly config: () => Config;
  readonly links: () => readonly ServedLink[];
  /** Our own inventory. */
  readonly site: Site;
  readonly leases: LeaseStore;
  readonly ring: LogRing;
  readonly log: Log;
};

export type ServeDeps = {
  /** With what was sent, among our own. */
  readonly content: ContentResolver;
  readonly cache: FileCache;
  readonly record: Recorder;
  readonly limits: LimitDeps;
  readonly inUse: (ip: Ipv4) => Promise<boolean>;
};

export class SmartProxy {
  /** For DHCP: machines of a Foreman are reserved their addresses, too. */
  readonly site: Site;
  readonly #deps: SmartProxyDeps;
  readonly #tree: Tree;
  readonly #bootFiles: BootFiles;
  readonly #reservations: Reservations;
  readonly #ordered: OrderedDeps;
  #files: SmartProxyFiles;
  #server: BootHttpServer | undefined;

  private constructor(deps: SmartProxyDeps, files: SmartProxyFiles, reservations: Reservations) {
    const { config, log } = deps;
    const directory = smartProxyDirectory(config());
    this.#deps = deps;
    this.#files = files;
    this.#reservations = reservations;
    this.#tree = new Tree(join(directory, 'tftp'));
    this.#bootFiles = new BootFiles({
      tree: this.#tree,
      orders: join(directory, 'orders'),
      most: () => config().smart_proxy.boot_file_mib * MIB,
      ca: () => this.#files.foreman?.ca ?? this.#files.identity.clients?.ca,
      log,
    });
    this.site = reservedSite(deps.site, reservations);
    this.#ordered = {
      site: deps.site,
      reservations,
      isOwn: (address) => deps.links().some(({ link }) => formatIpv4(link.address) === address),
      templates: ({ server }) => this.#templatesAt(server),
    };
  }

  /** Undefined where it is not enabled. Rejects with CERTIFICATE_UNUSABLE or FILE_UNWRITABLE. */
  static async open(deps: SmartProxyDeps): Promise<SmartProxy | undefined> {
    const config = deps.config();
    if (!config.smart_proxy.enabled) return undefined;
    const files = await loadSmartProxyFiles(config);
    const directory = smartProxyDirectory(config);
    try {
      const reservations = await Reservations.open(join(directory, 'reservations'), deps.log);
      const proxy = new SmartProxy(deps, files, reservations);
      await proxy.#bootFiles.start();
      return proxy;
    } catch (error) {
      if (error instanceof ChainbootError) throw error;
      throw new ChainbootError('FILE_UNWRITABLE', { name: directory, reason: reasonOf(error) }, [], error);
    }
  }

  /** For every packet: what it needs is made once. */
  ordered(facts: Facts, policy: Policy): Decision | undefined {
    return orderedDecision(this.#ordered, facts, policy);
  }

  /** Whom a Foreman gave an address; for whoever looks for a free one. */
  reservedTo(address: string): Mac | undefined {
    return this.#reservations.byIp(address)[0]?.mac;
  }

  pushed(own: ContentResolver, leases: LeaseLookup): ContentResolver {
    const { site } = this.#deps;
    const [tree, bootFiles, reservations] = [this.#tree, this.#bootFiles, this.#reservations];
    return pushedFiles({ site: () => site, leases, reservations, tree, bootFiles }, own);
  }

  /** Rejects with PORT_TAKEN, PORT_DENIED or ADDRESS_MISSING. */
  async serve(deps: ServeDeps): Promise<void> {
    const { log } = this.#deps;
    const { cache } = deps;
    const routes = this.#routes(deps);
    const { identity } = this.#files;
    this.#server = new BootHttpServer({ routes, cache, log, now: Date.now, identity });
    await this.#server.start(this.#listens());
  }

  /** `address:port` */
  get addresses(): readonly string[] {
    return this.#server?.addresses.map(({ address, port }) => `${address}:${port}`) ?? [];
  }

  /** Reads certificates and revocations anew. Rejects with CERTIFICATE_UNUSABLE, and everything stays as it was. */
  async update(): Promise<void> {
    this.#files = await loadSmartProxyFiles(this.#deps.config());
    this.#server?.setIdentity(this.#files.identity);
  }

  async close(): Promise<void> {
    await this.#server?.close();
    await this.#bootFiles.close();
  }

  #routes({ content, record, limits, inUse }: ServeDeps) {
    const { config, site, leases, ring, log } = this.#deps;
    const [tree, bootFiles, reservations] = [this.#tree, this.#bootFiles, this.#reservations];
    const now = Date.now;
    const own = { site: () => site, reservations, leases: () => leases.load(), now };
    const { trusted_hosts, plain_http } = config().smart_proxy;
    const modules = this.#modules();
    const level = (): Level => config().log.level;
    return smartProxyRoutes({
      clients: {
        trust: () => ({ hosts: trusted_hosts && new Set(trusted_hosts), plainHttp: plain_http }),
        log,
      },
      features: { modules: () => this.#modules(), version: programVersion() },
      logs: logRoutes(ring, level),
      httpboot: { content, tree, record, now },
      tftp:
        modules.tftp.state === 'running'
          ? { tree, bootFiles, serverName: () => this.#serverName(), log }
          : undefined,
      dhcp:
        modules.dhcp.state === 'running'
          ? { ...own, unused: new UnusedIps({ ...own, inUse }), log }
          : undefined,
      templates:
        this.#files.foreman === undefined
          ? undefined
          : {
              foreman: () => this.#files.foreman!,
              templateUrl: ({ remote }) => this.#templateUrl(remote.link),
              record,
              now,
            },
      limits,
    });
  }

  #modules(): Modules {
    const config = this.#deps.config();
    const { http_port, plain_http } = config.smart_proxy;
    const answersDhcp = this.#deps.links().some(({ config: { mode } }) => mode === 'server');
    const module = (runs: boolean, plain: boolean, rest: Partial<ModuleState> = {}): ModuleState => ({
      http_enabled: runs && http_port !== undefined && plain,
      https_enabled: runs,
      state: runs ? 'running' : 'disabled',
      settings: {},
      capabilities: [],
      ...rest,
    });
    return {
      dhcp: module(answersDhcp, plain_http, {
        settings: { use_provider: 'dhcp_chainboot' },
        capabilities: answersDhcp ? ['dhcp_filename_hostname', 'dhcp_filename_ipv4'] : [],
      }),
      httpboot: module(true, true, {
        settings: { http_port: this.#port(false) ?? null, https_port: this.#port(true) ?? null },
      }),
      logs: module(true, plain_http),
      templates: module(this.#files.foreman !== undefined, true, {
        settings: { template_url: this.#templateUrl(undefined) },
      }),
      tftp: module(config.tftp.enabled, plain_http, { settings: { tftp_servername: this.#serverName() } }),
    };
  }

  /** The one that was chosen for port 0. */
  #port(secure: boolean): number | undefined {
    const { port, http_port } = this.#deps.config().smart_proxy;
    const listening = this.#server?.addresses.find((listen) => Boolean(listen.secure) === secure);
    return listening?.port ?? (secure ? port : http_port);
  }

  #serverName(): string {
    return this.#deps.config().smart_proxy.tftp_servername ?? formatIpv4(this.#deps.links()[0]!.link.address);
  }

  /** As machines on that link reach it, else on the first. */
  #templateUrl(link: string | undefined): string {
    const configured = this.#deps.config().smart_proxy.template_url;
    if (configured !== undefined) return configured.replace(/\/+$/, '');
    const links = this.#deps.links();
    const served = links.find((one) => one.link.name === link) ?? links[0]!;
    const plain = this.#port(false);
    const address = formatIpv4(served.link.address);
    return plain === undefined ? baseUrl(address, this.#port(true)!, 'https') : baseUrl(address, plain);
  }

  #templatesAt(server: Ipv4): string | undefined {
    const plain = this.#port(false);
    if (this.#files.foreman === undefined || plain === undefined) return undefined;
    return baseUrl(formatIpv4(server), plain);
  }

  #listens(): readonly Listen[] {
    const { port, http_port } = this.#deps.config().smart_proxy;
    return this.#deps.links().flatMap(({ link }) => {
      const at = { address: formatIpv4(link.address), link: link.name };
      const secure = { ...at, port, secure: true } as const;
      return http_port === undefined ? [secure] : [secure, { ...at, port: http_port }];
    });
  }
}
