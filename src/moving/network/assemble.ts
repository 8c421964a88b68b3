/** Drafts of a DHCP server's files to a site. */

import { parseIpv4 } from '../../net/ip.ts';
import { type Moved, SiteDraft } from '../moved.ts';
import type { Report } from '../report.ts';
import type { Drafts } from './drafts.ts';
import { addGroups, HostDrafts } from './hosts.ts';
import { addSubnets, addSubnets6 } from './subnets.ts';

export function assemble({ networks, networks6, groups, hosts }: Drafts, report: Report): Moved {
  const site = new SiteDraft();
  const reserved = new Set(hosts.flatMap(({ ips }) => ips.flatMap((ip) => parseIpv4(ip) ?? [])));
  addSubnets(site, networks, reserved, report);
  addSubnets6(site, networks6, report);
  addGroups(site, groups, report);
  const drafts = new HostDrafts(site, networks, report);
  for (const host of hosts) drafts.add(host);
  drafts.finish();
  return site.finish(report);
}
