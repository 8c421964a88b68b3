/** Smart proxies that this server drives: who they are shown, what is sent, and what is told of it. */

import { stat } from 'node:fs/promises';
import { Agent as Plain, type Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Log } from '../boot/log.ts';
import { nameOf, pemOf } from '../certificate/chain.ts';
import { givenCertificate } from '../certificate/given.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { answers } from '../service/answers.ts';
import { inDirectory } from '../service/files.ts';
import type { AgentFor } from '../service/proxies/client.ts';
import { Reconciler } from '../service/proxies/reconciler.ts';
import { proxyFeatures } from '../service/proxy-features.ts';
import type { Handler } from './control/socket.ts';
import type { Core } from './core.ts';
import { loadCertificate, presentChain, proxyCertificate } from './https.ts';
import { previewBase } from './links.ts';
import { pemFile, usable } from './pem-file.ts';

export type DownstreamDeps = { readonly core: Core; readonly config: () => Config; readonly log: Log };

export type Downstream = {
  readonly reconciler: Reconciler;
  /** What a smart proxy says it does. Rejects with PROXY_UNREACHABLE or PROXY_DISTRUSTED. */
  readonly features: (url: string) => Promise<readonly string[]>;
  /** Answers the command line. */
  readonly handler: Handler;
  /** Takes up what the last process left. */
  start(): Promise<void>;
  /** Looks at the certificates of a new configuration. Rejects with CERTIFICATE_UNUSABLE. */
  check(config: Config): Promise<void>;
  /** The new configuration counts. */
  reloaded(): void;
  close(): Promise<void>;
};

/** Rejects with CERTIFICATE_UNUSABLE where a certificate is given that cannot be used. */
export async function openDownstream({ core, config, log }: DownstreamDeps): Promise<Downstream> {
  const agents = new Agents(config);
  await checkFiles(config());
  const { inventory, pool, guard, meters } = core;
  const { site } = inventory;
  const reconciler: Reconciler = new Reconciler({
    site,
    answer: answers({
      site: () => site,
      leases: () => undefined,
      pool,
      now: Date.now,
      log,
      guard,
      through: (host) => reconciler.through(host),
    }),
    base: () => baseOf(config()),
    agentFor: agents.agentFor,
    sizeOf: async (url) => (await sizeHere(url, baseOf(config()), site)) ?? sizeAt(url),
    directory: join(dirname(config().database), 'smart-proxies'),
    now: Date.now,
    log,
  });
  inventory.onChange((changes) => reconciler.observe(changes));
  meters.source('chainboot_smart_proxy_hosts', () => reconciler.samples());
  meters.source('chainboot_smart_proxy_up', () => reconciler.upSamples());
  return {
    reconciler,
    features: (url) => proxyFeatures(url, agents.agentFor),
    handler: handlerOf(reconciler, core),
    start: () => reconciler.start(),
    check: checkFiles,
    reloaded() {
      agents.close();
      reconciler.reloaded();
    },
    async close() {
      const closed = reconciler.close();
      agents.end();
      await closed;
    },
  };
}

/** On a medium in a directory of ours, without a request of which the trace would tell. Never rejects. */
async function sizeHere(url: string, base: string, site: Site): Promise<number | undefined> {
  const media = `${base}/media/`;
  if (!url.startsWith(media)) return undefined;
  try {
    const [name = '', ...path] = url.slice(media.length).split('/').map(decodeURIComponent);
    const medium = site.get('media', name);
    const found = medium && (await inDirectory(medium, path.join('/'), true));
    return found && (await stat(found.path)).size;
  } catch {
    return undefined;
  }
}

const SIZE_MS = 5_000;

/** Compressed on the way, it would have another length. */
async function sizeAt(url: string): Promise<number | undefined> {
  const options = { method: 'HEAD', headers: { 'accept-encoding': 'identity' } };
  try {
    const { ok, headers } = await fetch(url, { ...options, signal: AbortSignal.timeout(SIZE_MS) });
    const length = Number(headers.get('content-length') ?? Number.NaN);
    return ok && Number.isSafeInteger(length) ? length : undefined;
  } catch {
    return undefined;
  }
}

function baseOf(config: Config): string {
  return config.smart_proxies_client.url?.replace(/\/+$/, '') ?? previewBase(config);
}

async function checkFiles(config: Config): Promise<void> {
  await given(config);
  await trusted(config);
}

/** For `chainboot check`: each file that cannot be used, with its key in the configuration. */
export async function smartProxiesClientFaults(
  config: Config,
): Promise<readonly { readonly key: 'certificate' | 'ca'; readonly error: unknown }[]> {
  const looked = await Promise.allSettled([given(config), trusted(config)]);
  return looked.flatMap((outcome, i) =>
    outcome.status === 'rejected'
      ? [{ key: i === 0 ? 'certificate' : 'ca', error: outcome.reason as unknown }]
      : [],
  );
}

/** Of a host, where one is named; else of all smart proxies. */
function handlerOf(reconciler: Reconciler, { inventory }: Core): Handler {
  return async function* (body) {
    const { host: name } = (body ?? {}) as { readonly host?: unknown };
    if (typeof name !== 'string') {
      yield* reconciler.status();
      return;
    }
    const host = inventory.site.get('hosts', name.toLowerCase());
    if (host !== undefined) yield* reconciler.of(host);
  };
}

type Identity = { readonly cert: string; readonly key: string; readonly ca: readonly string[] };

/** Connections are kept, one to each proxy; certificates are read when the first needs them. */
class Agents {
  readonly #config: () => Config;
  readonly #plain = new Plain({ keepAlive: true, maxSockets: 1 });
  #secure: Promise<Agent> | undefined;
  #ended = false;

  constructor(config: () => Config) {
    this.#config = config;
  }

  readonly agentFor: AgentFor = async ({ protocol, origin }): Promise<Agent | PlainAgent> => {
    if (this.#ended)
      throw new ChainbootError('PROXY_UNREACHABLE', { url: origin, reason: 'this server is ending' });
    if (protocol === 'http:') return this.#plain;
    this.#secure ??= identityOf(this.#config()).then((identity) => agentWith(identity));
    try {
      return await this.#secure;
    } catch (error) {
      this.#secure = undefined;
      throw error;
    }
  };

  /** What is under way breaks off, and nothing is asked any more. */
  end(): void {
    this.#ended = true;
    this.close();
  }

  /** The next request opens others, with the certificates that are configured then. */
  close(): void {
    this.#plain.destroy();
    void this.#secure?.then((agent) => agent.destroy()).catch(() => undefined);
    this.#secure = undefined;
  }
}

function agentWith({ cert, key, ca }: Identity): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1, cert, key, ca: [...ca] });
}

/** Rejects with CERTIFICATE_UNUSABLE or FILE_UNWRITABLE. */
async function identityOf(config: Config): Promise<Identity> {
  const own = (await given(config)) ?? (await ofServer(config));
  const ca = await trusted(config);
  return { ...own, ca: ca === undefined ? [...rootCertificates, ...(await ownRoot(config))] : [ca] };
}

type Pair = Pick<Identity, 'cert' | 'key'>;

async function given({ smart_proxies_client: { certificate, key } }: Config): Promise<Pair | undefined> {
  if (certificate === undefined || key === undefined) return undefined;
  const found = await givenCertificate({ certificate, key });
  const pair = { cert: pemOf(found.chain.certificates), key: found.key };
  usable(certificate, pair);
  return pair;
}

/** The one that our own root signs for servers is not made to be shown by a client: it signs another. */
async function ofServer(config: Config): Promise<Pair> {
  const { chain, key, origin } = await loadCertificate(config, Date.now());
  if (origin === 'given') return { cert: pemOf(chain.certificates), key };
  const made = await proxyCertificate(config, nameOf(chain.certificates[0]!), Date.now());
  return { cert: made.certificate, key: made.key };
}

/** PEM; undefined where none is given. */
async function trusted({ smart_proxies_client: { ca } }: Config): Promise<string | undefined> {
  return ca === undefined ? undefined : pemFile(ca, 'ca');
}

async function ownRoot(config: Config): Promise<readonly string[]> {
  const present = await presentChain(config);
  return present === undefined ? [] : [pemOf(present.chain.certificates.slice(-1))];
}
