/** A proxy of ours: what makes of a server one that asks another. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answerer } from '../boot/answer.ts';
import type { ContentResolver } from '../boot/files.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import { because } from '../boot/reason.ts';
import { renderedName } from '../boot/rendered-names.ts';
import { proxyDirectory } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { type AskingDeps, askAhead, askingAnswerer } from '../proxy/asking.ts';
import { PullCache } from '../proxy/cache/cache.ts';
import { loaderKey, mediumKey, upstreamOrigin } from '../proxy/files.ts';
import { Follower } from '../proxy/follow.ts';
import { KeptAnswers } from '../proxy/kept.ts';
import { Reports } from '../proxy/reports.ts';
import { StepForwarder } from '../proxy/steps.ts';
import { Upstream, type UpstreamFiles } from '../proxy/upstream.ts';
import type { MediumFile } from '../service/files.ts';
import { hostBuilt, hostFailed } from '../service/hosts.ts';
import type { RoomParts } from './boot-room.ts';
import type { Core } from './core.ts';
import type { ServedLink } from './links.ts';

export type ProxiedDeps = {
  readonly config: Config;
  readonly core: Core;
  readonly links: () => readonly ServedLink[];
  readonly log: Log;
};

/** What the servers that face the machines do otherwise. */
export type Proxied = {
  readonly reports: RoomParts['reports'];
  readonly mediumFile: MediumFile;
  /** @param own for what can be answered without the server */
  answerer(own: Answerer, leases: LeaseLookup, root: () => string | undefined): Answerer;
  /** Loaders that are not in our own directories. */
  loaders(own: ContentResolver): ContentResolver;
  close(): Promise<void>;
};

const MIB = 1024 * 1024;

/**
 * Resolves when the server was asked once, or is away.
 * Rejects with UPSTREAM_NOT_SET, CERTIFICATE_UNUSABLE or FILE_UNWRITABLE.
 */
export async function openProxied({ config, core, links, log }: ProxiedDeps): Promise<Proxied> {
  const { url, cache, cache_mib } = config.upstream;
  if (url === undefined) throw new ChainbootError('UPSTREAM_NOT_SET');
  const directory = proxyDirectory(config);
  const upstream = new Upstream({ url, files: await filesOf(config), now: Date.now });
  const kept = await KeptAnswers.open(join(directory, 'answers'), log);
  const files = await PullCache.open({
    directory: cache ?? join(directory, 'cache'),
    most: () => cache_mib * MIB,
    origin: upstreamOrigin(upstream),
    log,
    now: Date.now,
  });
  const { inventory } = core;
  const reports = await Reports.open({
    directory: join(directory, 'reports'),
    deliver: async (report) => {
      await upstream.ask('/reports', { body: report });
    },
    log,
  });
  const steps = new StepForwarder({
    boots: core.boots,
    file: join(directory, 'steps.json'),
    deliver: async (body) => {
      await upstream.ask('/steps', { body });
    },
    log,
  });
  let root: () => string | undefined = () => undefined;
  const asking = (leases: LeaseLookup): AskingDeps => ({
    upstream,
    kept,
    site: () => inventory.site,
    leases,
    root: () => root(),
    now: Date.now,
    log,
  });
  const ahead = asking(() => undefined);
  const bases = () => links().flatMap(({ base, secureBase }) => [base, ...(secureBase ? [secureBase] : [])]);
  const follower = new Follower({
    upstream,
    inventory,
    reports,
    kept,
    steps,
    askAhead: (host) => askAhead(ahead, host, bases()),
    log,
  });
  await follower.start();

  /** On the disk first, then here, then there. */
  async function take(kind: 'built' | 'failed', host: string, remote: string, text?: string) {
    const now = Date.now();
    const token = inventory.site.get('hosts', host)?.token?.value;
    await reports.take({
      kind,
      host,
      remote,
      at: now,
      ...(token !== undefined && { token }),
      ...(text !== undefined && { log: text }),
    });
    const done =
      kind === 'built'
        ? await hostBuilt(inventory, host, { now, remote })
        : await hostFailed(inventory, host, text ?? '', { now, remote });
    follower.hurry();
    return done;
  }

  return {
    reports: {
      built: (host, remote) => take('built', host, remote),
      failed: (host, text, remote) => take('failed', host, remote, text),
    },
    mediumFile: (medium, path, whole) => {
      const key = mediumKey(medium.name, path);
      return whole ? files.whole(key) : files.get(key);
    },
    answerer: (own, leases, trust) => {
      root = trust;
      return askingAnswerer(asking(leases), own);
    },
    loaders: (own) => async (name, requester) => {
      const content = await own(name, requester);
      if (content.kind !== 'error' || content.code !== 'FILE_NOT_FOUND') return content;
      if (renderedName(name) !== undefined || name.startsWith('boot/')) return content;
      try {
        const { path, tag } = await files.whole(loaderKey(name));
        const { mac, host } = content;
        const who = { ...(mac && { mac }), ...(host !== undefined && { host }) };
        return { kind: 'file', path, tag, because: because('loader-file', { name, path: url }), ...who };
      } catch (error) {
        if (!(error instanceof ChainbootError) || error.code === 'FILE_NOT_FOUND') return content;
        const { code, values, message } = error;
        return { ...content, code, values, because: because('refused', { sentence: message }) };
      }
    },
    async close() {
      await follower.stop();
      await files.close();
      await kept.close();
      upstream.close();
    },
  };
}

/** Why the server behind a proxy cannot be asked; undefined where it answers, or where this is no proxy. Never rejects. */
export async function upstreamFault(config: Config): Promise<unknown> {
  const { url } = config.upstream;
  if (url === undefined) return undefined;
  try {
    const upstream = new Upstream({ url, files: await filesOf(config), now: Date.now });
    try {
      await upstream.ask('/site');
      return undefined;
    } finally {
      upstream.close();
    }
  } catch (error) {
    return error;
  }
}

async function filesOf(config: Config): Promise<UpstreamFiles> {
  const directory = proxyDirectory(config);
  const { certificate, key, ca } = config.upstream;
  const read = async (path: string) => {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw new ChainbootError('CERTIFICATE_UNUSABLE', { file: path, reason: reasonOf(error) }, [], error);
    }
  };
  return {
    certificate: await read(certificate ?? join(directory, 'certificate.pem')),
    key: await read(key ?? join(directory, 'key.pem')),
    ca: await read(ca ?? join(directory, 'ca.pem')),
  };
}
