/** The API as a part of the running program. */

import type { FastifyRequest } from 'fastify';
import { type ApiServer, openApi } from '../api/server.ts';
import type { Services } from '../api/services.ts';
import { ShippedIds } from '../api/view.ts';
import type { Log } from '../boot/log.ts';
import type { BaseUrl } from '../boot/urls.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError } from '../errors.ts';
import { COLLECTIONS } from '../inventory/types.ts';
import type { LifeCycle } from '../service/hosts.ts';
import { previewText } from '../service/preview.ts';
import { proxyFeatures } from '../service/proxy-features.ts';
import type { Rehearse } from '../service/rehearsal/report.ts';
import type { Core } from './core.ts';
import type { Downstream } from './downstream.ts';
import { programVersion } from './version.ts';

const KIB = 1024;

export type ApiDeps = {
  readonly core: Core;
  readonly lifeCycle: LifeCycle;
  readonly rehearse: Rehearse;
  readonly neighbours: Services['neighbours'];
  readonly leasedTo: Services['leasedTo'];
  /** The boot plane as machines reach it, and the root that installers are told to trust. */
  readonly base: () => BaseUrl;
  readonly root: () => string | undefined;
  readonly downstream?: Downstream;
};

export async function openApiServer(
  { core, lifeCycle, rehearse, neighbours, leasedTo, base, root, downstream }: ApiDeps,
  config: Config,
  log: Log,
): Promise<ApiServer> {
  const { api } = config;
  const { inventory, auth } = core;
  const now = Date.now;
  const closing = new AbortController();
  const server = await openApi({
    services: {
      inventory,
      now,
      log,
      auth,
      lifeCycle,
      rehearse,
      neighbours,
      boots: core.boots,
      closing: closing.signal,
      leasedTo,
      proxyFeatures: downstream?.features ?? proxyFeatures,
      ...(downstream && { deployments: downstream.reconciler }),
      preview: (template, host) =>
        previewText(
          {
            site: inventory.site,
            pool: core.pool,
            base: base(),
            root: root(),
            now,
            ...(downstream && { through: (one) => downstream.reconciler.through(one) }),
          },
          template,
          host,
        ),
    },
    shipped: new ShippedIds(COLLECTIONS, (collection) => inventory.shippedNames(collection)),
    version: programVersion(),
    bodyLimit: api.body_limit_kib * KIB,
    depthLimit: api.json_depth,
    admit: api.plain_http ? () => undefined : refusePlain,
  });
  const close = () => {
    closing.abort();
    return server.close();
  };
  return { ...server, close };
}

/** Not sent on to HTTPS: a client would have sent its password in the clear already, and would do so again. */
function refusePlain({ raw }: FastifyRequest): void {
  if (!('encrypted' in raw.socket)) throw new ChainbootError('TLS_NEEDED', {});
}
