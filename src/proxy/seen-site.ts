/** The site as a proxy may ask about it: only hosts behind it are known, and media are fetched through it. */

import type { HostInterface, Site } from '../inventory/site.ts';
import type { Collection, Medium, Records } from '../inventory/types.ts';
import type { Reach } from './slice.ts';
import { throughProxy } from './through-proxy.ts';

export function seenSite(site: Site, reach: Reach): Site {
  const behind = (found: HostInterface | undefined) =>
    found !== undefined && reach.has(found.host) ? found : undefined;
  return {
    list: (collection) => site.list(collection).map((record) => seen(collection, record)),
    get: (collection, name) => maybeSeen(collection, site.get(collection, name)),
    byId: (collection, id) => maybeSeen(collection, site.byId(collection, id)),
    hostByMac: (mac) => behind(site.hostByMac(mac)),
    hostByIp: (ip) => behind(site.hostByIp(ip)),
    hostByToken: (token) => {
      const host = site.hostByToken(token);
      return host !== undefined && reach.has(host) ? host : undefined;
    },
    accessToken: () => undefined,
    subnetOf: (address) => site.subnetOf(address),
    sharing: (range) => site.sharing(range),
    subnetOf6: (address) => site.subnetOf6(address),
    addressesInUse: (family) => site.addressesInUse(family),
  };
}

function maybeSeen<C extends Collection>(
  collection: C,
  record: Records[C] | undefined,
): Records[C] | undefined {
  return record && seen(collection, record);
}

function seen<C extends Collection>(collection: C, record: Records[C]): Records[C] {
  return collection === 'media' ? (throughProxy(record as Medium) as Records[C]) : record;
}
