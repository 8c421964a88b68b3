/** What makes hosts and puts them into build mode, put together from what is running. */

import { randomUUID } from 'node:crypto';
import type { LeaseLookup } from '../boot/lease.ts';
import { loaderDirectories } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ownAddresses } from '../link/links.ts';
import type { AddressProbe, Link } from '../link/types.ts';
import { isInstalled } from '../media/loader-files.ts';
import { contains, maskOf } from '../net/cidr.ts';
import type { Ipv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import { buildChecker } from '../service/build/check.ts';
import type { BuildChecker, LifeCycle } from '../service/hosts.ts';
import { Ipam } from '../service/ipam.ts';
import type { RenderPool } from '../template/pool.ts';
import { checkedLinks, previewBase } from './links.ts';

export type CheckerDeps = {
  readonly config: () => Config;
  /** Without one, templates are looked for and not rendered. */
  readonly pool?: Pick<RenderPool, 'render'>;
  /** Root certificate of our HTTPS, PEM. */
  readonly root: () => string | undefined;
};

export type LifeCycleDeps = CheckerDeps & {
  readonly leases: LeaseLookup;
  readonly links: () => readonly Link[];
  readonly probe: Pick<AddressProbe, 'ask'>;
};

/** For the machines of the first link; see `previewBase`. */
export function checkerOf({ config, pool, root }: CheckerDeps): BuildChecker {
  return buildChecker({
    pool,
    base: () => previewBase(config()),
    root,
    hasLoader: (file) => isInstalled(loaderDirectories(config()), file),
    links: () => checkedLinks(config()),
    now: Date.now,
  });
}

export function lifeCycle(deps: LifeCycleDeps): LifeCycle {
  const { config, leases, links, probe } = deps;
  return {
    check: checkerOf(deps),
    tokens: () => ({ random: randomUUID, now: Date.now, durationMinutes: config().token_duration }),
    ipam: new Ipam({
      leases,
      own: ownAddresses,
      probe: (address) => askWhereItIs(probe, links(), address),
      now: Date.now,
      random: Math.random,
    }),
  };
}

/** ARP gets no further than the network of a link. */
function askWhereItIs(
  probe: Pick<AddressProbe, 'ask'>,
  links: readonly Link[],
  address: Ipv4,
): Promise<Mac | undefined> | undefined {
  const link = links.find(({ address: own, prefix }) => {
    const network = (own & maskOf(prefix)) >>> 0;
    return contains({ network, prefix }, address);
  });
  return link && probe.ask(link, address);
}
