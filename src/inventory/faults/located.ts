/** Names of organizations, locations and smart proxies that any record may carry. */

import type { Site } from '../site.ts';
import type { Domain, Located, Subnet, SubnetProxies } from '../types.ts';
import { type Fault, reference, references } from './reference.ts';

export function locatedFaults(site: Site, { organizations = [], locations = [] }: Located): readonly Fault[] {
  return [
    ...references(site, 'organizations', organizations, 'organizations'),
    ...references(site, 'locations', locations, 'locations'),
  ];
}

const PROXIES = [
  'dhcp_proxy',
  'tftp_proxy',
  'httpboot_proxy',
  'template_proxy',
  'dns_proxy',
  'bmc_proxy',
] as const satisfies readonly (keyof SubnetProxies)[];

export function proxyFaults(site: Site, subnet: Subnet): readonly Fault[] {
  return PROXIES.flatMap((field) => reference(site, 'smart_proxies', subnet[field], [field]));
}

export function domainFaults(site: Site, domain: Domain): readonly Fault[] {
  return reference(site, 'smart_proxies', domain.dns_proxy, ['dns_proxy']);
}
