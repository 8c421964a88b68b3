/** What verbs that make hosts and put them into build mode need besides the inventory. */

import { previewRoot } from '../app/https.ts';
import { lifeCycle } from '../app/life-cycle.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import { leasesFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { openArpProbe } from '../link/arp-probe.ts';
import { linkOf } from '../link/links.ts';
import type { Link } from '../link/types.ts';
import { formatIpv4, parseIpv4 } from '../net/ip.ts';
import type { LifeCycle } from '../service/hosts.ts';
import { readLeases } from '../store/leases/read.ts';
import { RenderPool } from '../template/pool.ts';
import type { Opened } from './open.ts';

/** Runs a verb, and ends rendering threads and sockets after it. */
export async function withLifeCycle<T>(
  { config, inventory }: Opened,
  run: (cycle: LifeCycle) => Promise<T>,
): Promise<T> {
  const pool = new RenderPool({ workers: 1, timeoutMs: config.templates.timeout_ms });
  pool.setLibrary(inventory.site.list('provisioning_templates'));
  const links = probedLinks(config);
  const probe = await openArpProbe(links, () => undefined);
  try {
    const root = await previewRoot(config);
    const leases = await storedLeases(config, Date.now());
    return await run(
      lifeCycle({ config: () => config, pool, root: () => root, leases, links: () => links, probe }),
    );
  } finally {
    await Promise.all([pool.close(), probe.close()]);
  }
}

/** Those of the configuration that this machine has, where the daemon would look, too. */
function probedLinks({ links }: Config): readonly Link[] {
  return links.flatMap(({ interface: name, address, mode, probe }) => {
    if (mode !== 'server' || !probe) return [];
    try {
      return [linkOf(name, address === undefined ? undefined : parseIpv4(address))];
    } catch {
      // `check` tells of it.
      return [];
    }
  });
}

/** As the daemon wrote them down; those that are declined belong to nobody, and are nobody's to have. */
async function storedLeases(config: Config, now: number): Promise<LeaseLookup> {
  const leases = await readLeases(leasesFile(config));
  const live = leases.filter(({ state, expires }) => state !== 'released' && expires > now);
  const macs = new Map(live.map(({ ip, mac }) => [formatIpv4(ip), mac]));
  return (address) => macs.get(address);
}
