/**
 * Which smart proxy the URLs in the templates of a host lead through: the one that its subnet names for templates, that of
 * its IPv6 subnet first (foreman: foreman_url). Pure.
 */

import type { BaseUrl } from '../../boot/urls.ts';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import { type Site, subnet6OfInterface, subnetOfInterface } from '../../inventory/site.ts';
import { type Host, provisionInterface, type Subnet } from '../../inventory/types.ts';
import type { Knowledge } from './wanted.ts';

/** Undefined: through none, straight to this server. `unknown`: through one that has not said yet where machines reach it. */
export function templatesOf(site: Site, declared: Host, know: Knowledge): BaseUrl | 'unknown' | undefined {
  const nic = provisionInterface(effectiveHost(site, declared));
  if (nic === undefined) return undefined;
  for (const subnet of [subnet6OfInterface(site, nic), subnetOfInterface(site, nic)]) {
    const through = subnet && templatesIn(site, subnet, know);
    if (through !== undefined) return through;
  }
  return undefined;
}

function templatesIn(
  site: Site,
  { template_proxy: name }: Subnet,
  know: Knowledge,
): BaseUrl | 'unknown' | undefined {
  const proxy = name === undefined ? undefined : site.get('smart_proxies', name);
  const facts = proxy && know.facts(proxy);
  if (proxy === undefined || facts === 'ours') return undefined;
  if (facts === undefined) return 'unknown';
  if (!facts.features.includes('Templates')) return undefined;
  return facts.templateServer ?? proxy.url.replace(/\/+$/, '');
}

/** For machines that nobody knows on these subnets; undefined while that is not known. */
export function menuUrlsOf(site: Site, subnets: readonly Subnet[], know: Knowledge): BaseUrl | undefined {
  const found = subnets.map((subnet) => templatesIn(site, subnet, know));
  if (found.includes('unknown')) return undefined;
  return found.find((one) => one !== undefined) ?? know.base;
}
