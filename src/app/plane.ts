/** What faces the machines: DHCP, TFTP and HTTP on the served links, all answering from one core. */

import type { Facts } from '../boot/facts.ts';
import type { Log } from '../boot/log.ts';
import type { Recorder, Step } from '../boot/step.ts';
import type { Tap } from '../capture/tap.ts';
import { loaderDirectories, neighboursFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type DhcpPort, DhcpServer } from '../dhcp/server.ts';
import { reasonOf } from '../errors.ts';
import { FileCache } from '../http/file-cache.ts';
import { healthRoutes } from '../http/health.ts';
import type { LimitDeps } from '../http/limited.ts';
import { metricsRoutes } from '../http/metrics.ts';
import { BootHttpServer, type Listen } from '../http/server.ts';
import type { Site } from '../inventory/site.ts';
import type { Subnet } from '../inventory/types.ts';
import { openArpProbe } from '../link/arp-probe.ts';
import { sendRouterAdvertisement } from '../link/router-silence.ts';
import type { AddressProbe, Link, Wire } from '../link/types.ts';
import { isInstalled } from '../media/loader-files.ts';
import { contains, maskOf } from '../net/cidr.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import { macBytes } from '../net/mac.ts';
import { clientOf, RateLimit } from '../service/auth/rate-limit.ts';
import { hostBuilt, hostFailed } from '../service/hosts.ts';
import type { LoopGuardOptions } from '../service/loop-guard.ts';
import type { Rehearse } from '../service/rehearsal/report.ts';
import { LogRing } from '../smart-proxy/logs.ts';
import type { SyslogReceiver } from '../syslog/receiver.ts';
import { type TftpDeps, TftpServer } from '../tftp/server.ts';
import type { ApiDeps } from './api.ts';
import { bootRoom, linkNamed, type RoomGround, type RoomParts } from './boot-room.ts';
import type { Core } from './core.ts';
import type { Downstream } from './downstream.ts';
import { type Https, keepRenewed, openHttps, servesTls, tlsRecorder } from './https.ts';
import { keptAnswers } from './kept-answers.ts';
import { type LazyApi, lazyApi } from './lazy-api.ts';
import { lifeCycle } from './life-cycle.ts';
import { previewBase, type ServedLink } from './links.ts';
import { samples } from './meters.ts';
import type { Proxied } from './proxied.ts';
import type { Proxies, ProxiesDeps } from './proxies.ts';
import { readinessProblems, watchLeases } from './readiness.ts';
import { Rehearsals } from './rehearsal/registry.ts';
import { Rehearser } from './rehearsal/rehearser.ts';
import { boundedWords, isLogServer, openSyslog } from './said.ts';
import type { SmartProxy, SmartProxyDeps } from './smart-proxy.ts';
import { httpTap } from './tap/http.ts';
import { Watch } from './watch/watch.ts';

export type Addresses = {
  readonly http: readonly string[];
  readonly https: readonly string[];
  readonly tftp: readonly string[];
  readonly dhcp: readonly string[];
  readonly smartProxy?: readonly string[];
  readonly proxies?: readonly string[];
};

export type Plane = {
  readonly addresses: Addresses;
  readonly rehearser: Rehearser;
  /**
   * Takes over whatever needs no other sockets: policies, loader directories, the certificate. Rejects with
   * CERTIFICATE_UNUSABLE or FILE_UNWRITABLE, and everything stays as it was.
   */
  update(config: Config, links: readonly ServedLink[]): Promise<void>;
  close(): Promise<void>;
};

export type PlaneDeps = {
  readonly core: Core;
  readonly wire: Wire;
  readonly log: Log;
  /** On what HTTP carries. */
  readonly tap?: Tap;
  /** The last of the log, for a Foreman that asks for it. */
  readonly ring?: LogRing;
  /** Where another server is asked: this is a proxy of it. */
  readonly proxied?: Proxied;
  /** Smart proxies that are driven from here. */
  readonly downstream?: Downstream;
};

/** The PXE specification's second port, next to 67; it moves along with the first. */
const PXE_PORT_OFFSET = 4011 - 67;
const MIB = 1024 * 1024;

/** Listens on everything or on nothing. Rejects with PORT_TAKEN, PORT_DENIED, LEASES_UNWRITABLE. */
export async function openPlane(
  deps: PlaneDeps,
  config: Config,
  links: readonly ServedLink[],
): Promise<Plane> {
  const { core, wire, log, proxied, downstream } = deps;
  const current = { config, links, https: await openHttps(config, log) };
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(opened.splice(0).map((shut) => shut()));
  };
  try {
    const { inventory, guard } = core;
    guard.configure(guardOptions(config));
    const watched = watchLeases(core.leases);
    const traced: Recorder = (step) => {
      core.trace.record(step);
      guard.observe(step);
      if (step.mac !== undefined && isFetched(step)) dhcp.took(step.mac);
    };
    const record = boundedWords(
      quietRouters(traced, () => current.links, log),
      core.trace,
    );
    const probe = await openArpProbe(
      links.filter(isProbed).map(({ link }) => link),
      log,
    );
    opened.push(() => probe.close());
    const watch = await Watch.open({
      // On a stand-in of a rehearsal nobody is heard, and nobody is to be asked.
      links: () => current.links.filter(({ rehearsalOf }) => rehearsalOf === undefined),
      probeMinutes: () => current.config.watch.probe_minutes,
      file: neighboursFile(config),
      record: core.trace.record.bind(core.trace),
      log,
    });
    opened.push(() => watch.close());
    core.meters.source('chainboot_neighbours', () => watch.samples());
    const proxy = await openSmartProxy({
      config: () => current.config,
      links: () => current.links,
      site: inventory.site,
      leases: core.leases,
      ring: deps.ring ?? new LogRing(Date.now),
      log,
    });
    if (proxy !== undefined) opened.push(() => proxy.close());
    let syslog: SyslogReceiver | undefined;
    const dhcpPorts = await openDhcpPorts(wire, config, links, opened);
    const dhcp = new DhcpServer({
      ports: dhcpPorts.map((door) => ({ ...door, port: watch.port(door.port) })),
      site: proxy?.site ?? inventory.site,
      ...(proxy && { ordered: (facts, policy) => proxy.ordered(facts, policy) }),
      leases: watched.leases,
      record,
      overheard: (address, mac) => {
        guard.learn(address, mac);
        core.trace.learn(address, mac);
      },
      probe: probeWhereWanted(probe, () => current.links),
      takesLogs: (link) => isLogServer(syslog, link),
      verdict: (facts, host) => guard.verdict(facts, host, subnetOf(inventory.site, current.links, facts)),
      now: Date.now,
      log,
    });
    core.meters.source('chainboot_dhcp_packets_total', () => samples('result', dhcp.counters));
    await dhcp.start();
    watch.start();
    opened.push(() => dhcp.close());
    const macOf = (address: string) => dhcp.macOf(address);
    syslog = await openSyslog({
      wire,
      links,
      config,
      site: () => inventory.site,
      macOf,
      trace: core.trace,
      record,
      log,
    });
    if (syslog !== undefined) {
      const { counters } = syslog;
      opened.push(async () => syslog?.close());
      core.meters.source('chainboot_syslog_lines_total', () => samples('result', counters));
    }
    const root = () => current.https?.root;
    const trust = () => (current.config.https.enabled ? current.https?.trust : undefined);
    const ground: RoomGround = {
      config: () => current.config,
      links: () => current.links,
      refresh: () => inventory.refresh(),
      pool: core.pool,
      root,
      trust,
    };
    const { content, routes: bootRoutes } = bootRoom({
      ...ground,
      site: () => inventory.site,
      leases: macOf,
      guard,
      record,
      kept: (answer) => proxied?.answerer(answer, macOf, trust) ?? keptAnswers(core, answer),
      reports: proxied?.reports ?? reportsOf(core),
      ...(downstream && {
        through: (host) => downstream.reconciler.through(host),
        isProxy: (address) => downstream.reconciler.passesOn(address),
      }),
      ...(proxy && { pushed: (files) => proxy.pushed(files, macOf) }),
      ...(proxied && { pushed: proxied.loaders, mediumFile: proxied.mediumFile }),
      limits: () => bootLimits(config, { record, log }),
      log,
    });
    const registry = new Rehearsals();
    const rehearser = new Rehearser({ ...ground, core, registry, own: () => own, log });
    opened.push(async () => rehearser.close());
    const tftp = await openTftp(deps, config, links, {
      resolve: content,
      record,
      rehearsals: registry.tftp,
    });
    if (tftp !== undefined) opened.push(() => tftp.close());
    const routes = [
      ...healthRoutes({ problems: () => readinessProblems(inventory, watched) }),
      ...metricsRoutes({
        expose: () => core.meters.registry.expose(),
        allow: () => current.config.metrics.allow,
      }),
      ...bootRoutes,
    ];
    const cycle = lifeCycle({
      config: () => current.config,
      pool: core.pool,
      root: () => (current.config.https.enabled ? current.https?.trust : undefined),
      leases: (address) => macOf(address) ?? proxy?.reservedTo(address),
      links: () => current.links.filter(isProbed).map(({ link }) => link),
      probe,
    });
    const rehearse: Rehearse = (host, options) => rehearser.rehearse(host, options);
    const api = apiServer(
      {
        core,
        lifeCycle: cycle,
        rehearse,
        neighbours: () => watch.list(),
        leasedTo: macOf,
        base: () => previewBase(current.config),
        root: trust,
        ...(downstream && { downstream }),
      },
      config,
      log,
    );
    if (api !== undefined) opened.push(() => api.close());
    const cache = new FileCache({ budget: config.http.cache_mib * MIB });
    const http = new BootHttpServer({
      routes,
      cache,
      log,
      now: Date.now,
      ...(api && { api }),
      rehearsals: registry.http,
      ...(current.https && { identity: current.https.identity }),
      ...(deps.tap && { tap: httpTap(deps.tap, (name) => linkNamed(current.links, name).link) }),
      onTlsTrouble: tlsRecorder({ record, macOf, site: () => inventory.site }),
    });
    await http.start(listens(config, links));
    opened.push(() => http.close());
    // After whatever waits for this.
    setImmediate(() => api?.start());
    await proxy?.serve({
      content,
      cache,
      record,
      limits: bootLimits(config, { record, log }),
      inUse: (ip) => answersAt(probe, current.links, ip),
    });
    const proxies = await openProxiesServer({
      core,
      config: () => current.config,
      links: () => current.links,
      cache,
      ...(downstream && { seen: (name) => downstream.reconciler.sawOurs(name) }),
      log,
    });
    if (proxies !== undefined) opened.push(() => proxies.close());
    const own = ownOrigins(http, tftp, config);
    const useCertificate = (https: Https | undefined) => {
      current.https = https;
      if (https !== undefined) http.setIdentity(https.identity);
    };
    const renewed = async () => {
      // With the list of what was revoked since.
      await proxy?.update();
      await proxies?.update();
      return openHttps(current.config, log);
    };
    const endRenewal = keepRenewed(renewed, useCertificate, log);
    opened.push(async () => endRenewal());
    return {
      addresses: {
        http: http.addresses.filter(({ secure }) => !secure).map(({ address, port }) => `${address}:${port}`),
        https: http.addresses.filter(({ secure }) => secure).map(({ address, port }) => `${address}:${port}`),
        tftp: tftp?.addresses.map(({ address, port }) => `${address}:${port}`) ?? [],
        dhcp: dhcpPorts.map(({ port, role }) => `${port.link.name}:${port.port} (${role})`),
        ...(proxy && { smartProxy: proxy.addresses }),
        ...(proxies && { proxies: proxies.addresses }),
      },
      rehearser,
      update: async (nextConfig, nextLinks) => {
        // First, because it may fail.
        await proxy?.update();
        await proxies?.update();
        useCertificate(await openHttps(nextConfig, log));
        current.config = nextConfig;
        current.links = nextLinks;
        guard.configure(guardOptions(nextConfig));
        for (const { link, policy } of nextLinks) if (policy !== undefined) dhcp.setPolicy(link.name, policy);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Read from the disk only where it is enabled. */
async function openSmartProxy(deps: SmartProxyDeps): Promise<SmartProxy | undefined> {
  if (!deps.config().smart_proxy.enabled) return undefined;
  const { SmartProxy } = await import('./smart-proxy.ts');
  return SmartProxy.open(deps);
}

/** As that of a Foreman's. */
async function openProxiesServer(deps: ProxiesDeps): Promise<Proxies | undefined> {
  if (!deps.config().proxies.enabled) return undefined;
  const { openProxies } = await import('./proxies.ts');
  return openProxies(deps);
}

/** Whether somebody answers at an address of one of our links, as far as it is looked at there. */
async function answersAt(
  probe: Pick<AddressProbe, 'ask'>,
  links: readonly ServedLink[],
  address: Ipv4,
): Promise<boolean> {
  const near = links.find((served) => isProbed(served) && isOnLink(served.link, address));
  return near !== undefined && (await probe.ask(near.link, address)) !== undefined;
}

function isOnLink({ address: own, prefix }: Link, address: Ipv4): boolean {
  return contains({ network: (own & maskOf(prefix)) >>> 0, prefix }, address);
}

function apiServer(deps: ApiDeps, config: Config, log: Log): LazyApi | undefined {
  if (!config.api.enabled) return undefined;
  return lazyApi(async () => (await import('./api.ts')).openApiServer(deps, config, log), log);
}

async function openDhcpPorts(
  wire: Wire,
  config: Config,
  links: readonly ServedLink[],
  opened: (() => Promise<void>)[],
): Promise<readonly DhcpPort[]> {
  const ports: DhcpPort[] = [];
  const open = async (link: Link, number: number, role: DhcpPort['role'], policy: DhcpPort['policy']) => {
    const port = await wire.open(link, number);
    opened.push(() => port.close());
    ports.push({ port, role, policy });
  };
  for (const { link, policy, rehearsalOf } of links) {
    if (policy === undefined || rehearsalOf !== undefined) continue;
    await open(link, config.dhcp.port, policy.mode, policy);
    if (policy.mode === 'proxy') await open(link, config.dhcp.port + PXE_PORT_OFFSET, 'pxe', policy);
  }
  return ports;
}

async function openTftp(
  { wire, log }: PlaneDeps,
  config: Config,
  links: readonly ServedLink[],
  room: Pick<TftpDeps, 'resolve' | 'record' | 'rehearsals'>,
): Promise<TftpServer | undefined> {
  if (!config.tftp.enabled) return undefined;
  const served = links.map(({ link }) => link);
  const server = new TftpServer({
    ...room,
    wire,
    links: served,
    port: config.tftp.port,
    singlePort: config.tftp.single_port,
    limits: { transfers: config.tftp.max_clients, perClient: config.tftp.max_per_client },
    now: Date.now,
    log: log,
  });
  await server.start();
  return server;
}

/** What a request to this server goes to, by address and port. */
function ownOrigins(
  http: BootHttpServer,
  tftp: TftpServer | undefined,
  { https }: Config,
): ReadonlySet<string> {
  const served = [...http.addresses, ...(tftp?.addresses ?? [])];
  const named = https.name === undefined ? [] : [`${https.name}:${https.port}`];
  return new Set([...served.map(({ address, port }) => `${address}:${port}`), ...named]);
}

function listens(config: Config, links: readonly ServedLink[]): readonly Listen[] {
  const { http, https } = config;
  return links.flatMap(({ link }) => {
    const at = { address: formatIpv4(link.address), link: link.name };
    const plain = { ...at, port: http.port };
    return servesTls(config) ? [plain, { ...at, port: https.port, secure: true }] : [plain];
  });
}

function guardOptions(config: Config): LoopGuardOptions {
  const { enabled, chains, minutes, installs, install_minutes } = config.loop_guard;
  const limits = { chains, chainMs: minutes * 60_000, installs, installMs: install_minutes * 60_000 };
  return {
    limits: enabled ? limits : undefined,
    hasLoader: (file) => isInstalled(loaderDirectories(config), file),
  };
}

/** A reload may change where addresses are looked at. */
function probeWhereWanted(
  probe: AddressProbe,
  links: () => readonly ServedLink[],
): Pick<AddressProbe, 'ask'> {
  return {
    ask(link, address) {
      return isProbed(linkNamed(links(), link.name)) ? probe.ask(link, address) : undefined;
    },
  };
}

function isProbed({ config }: ServedLink): boolean {
  return config.mode === 'server' && config.probe;
}

/** Where a machine asks: behind its relay, else on the link. */
function subnetOf(site: Site, links: readonly ServedLink[], { relay, link }: Facts): Subnet | undefined {
  return site.subnetOf(relay ?? linkNamed(links, link).link.address)?.subnet;
}

/** Reports have their own: a hall full of machines that ask does not keep one from saying that it is done. */
function bootLimits({ http }: Config, deps: Pick<LimitDeps, 'record' | 'log'>): LimitDeps {
  const perClient = (burst: number, perSecond: number) => {
    const limit = new RateLimit({ burst, perSecond }, Date.now);
    return { take: (address: string) => limit.take(clientOf(address)) };
  };
  return {
    ...deps,
    requests: perClient(http.boot_burst, http.boot_rate),
    told: perClient(1, 1 / 10),
    now: Date.now,
  };
}

function reportsOf({ inventory }: Core): RoomParts['reports'] {
  return {
    built: (host, remote) => hostBuilt(inventory, host, { now: Date.now(), remote }),
    failed: (host, text, remote) => hostFailed(inventory, host, text, { now: Date.now(), remote }),
  };
}

/**
 * iPXE waits 13 s at every DHCP for an IPv6 router that does not exist. Where the administrator says that there
 * is none, each answer to an iPXE is followed by an advertisement that says so too.
 */
function quietRouters(record: Recorder, links: () => readonly ServedLink[], log: Log): Recorder {
  return (step: Step) => {
    record(step);
    if (step.stage !== 'ipxe' || step.mac === undefined) return;
    const served = links().find(
      ({ link, config }) => link.name === step.link && config.ipv6_router === 'none',
    );
    if (served === undefined) return;
    sendRouterAdvertisement(served.link, macBytes(step.mac)).catch((error) =>
      log('warn', 'no router advertisement could be sent', { link: step.link, reason: reasonOf(error) }),
    );
  };
}

/** The machine has gone on from DHCP to what it was offered. */
function isFetched({ kind }: Step): boolean {
  return kind.startsWith('tftp.') || kind.startsWith('http.');
}
