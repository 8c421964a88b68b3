/** The server for proxies of ours: a port of its own, on which both sides show certificates. */

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../boot/log.ts';
import { pemOf } from '../certificate/chain.ts';
import { presentCertificate } from '../certificate/home.ts';
import { loaderDirectories } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { FileCache } from '../http/file-cache.ts';
import type { TlsIdentity } from '../http/secure.ts';
import { BootHttpServer } from '../http/server.ts';
import { formatIpv4 } from '../net/ip.ts';
import { PullCache } from '../proxy/cache/cache.ts';
import { Digests } from '../proxy/digests.ts';
import { mirrorKey, mirrorOrigin } from '../proxy/files.ts';
import { type ServedDeps, servedRoutes } from '../proxy/served.ts';
import { isMirror } from '../proxy/through-proxy.ts';
import type { Asked } from '../proxy/wire.ts';
import { answers } from '../service/answers.ts';
import { inDirectory, loaderFile, type MediumFile } from '../service/files.ts';
import { hostBuilt, hostFailed } from '../service/hosts.ts';
import type { Core } from './core.ts';
import { certificateDirectory, loadCertificate } from './https.ts';
import { keptAnswers } from './kept-answers.ts';
import type { ServedLink } from './links.ts';

export type ProxiesDeps = {
  readonly core: Core;
  readonly config: () => Config;
  readonly links: () => readonly ServedLink[];
  readonly cache: FileCache;
  /** Told of every proxy that asks. */
  readonly seen?: (proxy: string) => void;
  readonly log: Log;
};

export type Proxies = {
  /** `address:port` */
  readonly addresses: readonly string[];
  /** Reads certificates and revocations anew. Rejects with CERTIFICATE_UNUSABLE, and everything stays as it was. */
  update(): Promise<void>;
  close(): Promise<void>;
};

const MIB = 1024 * 1024;

/** Undefined where it is not enabled. Rejects with CERTIFICATE_UNUSABLE, FILE_UNWRITABLE, PORT_TAKEN or PORT_DENIED. */
export async function openProxies(deps: ProxiesDeps): Promise<Proxies | undefined> {
  const { config, cache, links, log } = deps;
  if (!config().proxies.enabled) return undefined;
  const identity = await identityOf(config());
  const mirrors = await openMirrors(deps);
  const routes = servedRoutes(servedDeps(deps, mirrors));
  const server = new BootHttpServer({ routes, cache, log, now: Date.now, identity });
  const { port } = config().proxies;
  try {
    await server.start(
      links().map(({ link }) => ({ address: formatIpv4(link.address), link: link.name, port, secure: true })),
    );
  } catch (error) {
    await mirrors.close();
    throw error;
  }
  return {
    addresses: server.addresses.map((listen) => `${listen.address}:${listen.port}`),
    update: async () => server.setIdentity(await identityOf(config())),
    async close() {
      await mirrors.close();
      await server.close();
    },
  };
}

function servedDeps(deps: ProxiesDeps, mirrors: PullCache): ServedDeps {
  const { core, config, log } = deps;
  const { inventory, trace, guard } = core;
  return {
    site: () => inventory.site,
    refresh: () => inventory.refresh(),
    answer: (asked, site) => {
      const own = answers({
        site: () => site,
        // What the proxy knows of the machine that asks now; nothing of anybody else.
        leases: (address) => (address === asked.claims.address ? asked.leased : undefined),
        pool: core.pool,
        now: Date.now,
        log,
        guard,
        root: () => asked.root,
      });
      const answer = asked.ahead ? own : keptAnswers(core, own);
      return answer(questionOf(asked));
    },
    built: (host, remote, at) => hostBuilt(inventory, host, { now: Math.min(at, Date.now()), remote }),
    failed: (host, text, remote, at) =>
      hostFailed(inventory, host, text, { now: Math.min(at, Date.now()), remote }),
    step: (step, known) => {
      trace.record(step);
      if (known) guard.observe(step);
    },
    mediumFile: mediumOrMirror(mirrors),
    loaderFile: (name) => loaderFile(loaderDirectories(config()), name),
    digests: new Digests(),
    ...(deps.seen && { seen: deps.seen }),
    log,
  };
}

function questionOf({ kind, claims, bootstrap, static: fixed, retry, base }: Asked) {
  const { token, address, macs } = claims;
  return {
    kind,
    claims: { address, macs, ...(token !== undefined && { token }) },
    bootstrap,
    base,
    ...(fixed !== undefined && { static: fixed }),
    ...(retry !== undefined && { retry }),
  };
}

/** Media in directories are read there; what lies on a mirror is fetched once, and kept. */
function mediumOrMirror(mirrors: PullCache): MediumFile {
  return async (medium, path, whole) => {
    if (!isMirror(medium)) return inDirectory(medium, path, whole);
    const key = mirrorKey(medium.name, path);
    return whole ? mirrors.whole(key) : mirrors.get(key);
  };
}

function openMirrors({ config, core, log }: ProxiesDeps): Promise<PullCache> {
  const { database, proxies } = config();
  return PullCache.open({
    directory: proxies.cache ?? join(dirname(database), 'mirrors'),
    most: () => config().proxies.cache_mib * MIB,
    origin: mirrorOrigin((medium) => core.inventory.site.get('media', medium)?.path),
    log,
    now: Date.now,
  });
}

async function identityOf(config: Config): Promise<TlsIdentity> {
  const own = await loadCertificate(config, Date.now());
  const { ca, crl } = config.proxies;
  const revoked = crl === undefined ? undefined : await pem(crl);
  const clients = {
    ca: ca === undefined ? await ownRoot(config) : await pem(ca),
    ...(revoked && { crl: revoked }),
  };
  return { key: own.key, chain: pemOf(own.chain.certificates), clients };
}

/** The one that `chainboot certificate proxy` signs with. */
async function ownRoot(config: Config): Promise<string> {
  const present = await presentCertificate(certificateDirectory(config));
  if (present !== undefined) return present.root.toString();
  throw new ChainbootError('CERTIFICATE_UNUSABLE', {
    file: 'proxies.ca',
    reason:
      'the certificate of this server is from elsewhere, so it has to be said who signs those of proxies',
  });
}

async function pem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ChainbootError('CERTIFICATE_UNUSABLE', { file, reason: reasonOf(error) }, [], error);
  }
}
