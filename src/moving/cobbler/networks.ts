/** Subnets: Cobbler has none of its own, but every interface says its netmask and systems their gateway. */

import { type Cidr, contains, formatCidr, maskOf, prefixOf } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import type { MapNode } from '../json.ts';
import type { SiteDraft } from '../moved.ts';
import type { Place } from '../place.ts';
import type { Report } from '../report.ts';
import type { Item } from './collections.ts';
import { isTrue, said, words } from './values.ts';

type Network = {
  readonly cidr: Cidr;
  readonly place: Place;
  readonly gateways: Map<string, number>;
  readonly servers: Map<string, number>;
  statics: number;
  interfaces: number;
};

/** Collects what interfaces say of their networks. */
export class Networks {
  private readonly found = new Map<string, Network>();

  learn(item: Item, nodes: readonly MapNode[]): void {
    for (const node of nodes) {
      const ip = parseIpv4(said(node, 'ip_address') ?? '');
      const mask = parseIpv4(said(node, 'netmask', 'subnet') ?? '');
      const prefix = mask === undefined ? undefined : prefixOf(mask);
      if (ip === undefined || prefix === undefined || prefix === 0) continue;
      this.add({ network: (ip & maskOf(prefix)) >>> 0, prefix }, item, node);
    }
  }

  /** Those that lie within a larger one are left out: somebody mistyped a netmask. */
  finish(site: SiteDraft, report: Report): void {
    const all = [...this.found.values()].sort((a, b) => a.cidr.prefix - b.cidr.prefix);
    const taken: Network[] = [];
    for (const network of all) {
      const text = formatCidr(network.cidr);
      const larger = taken.find(({ cidr }) => contains(cidr, network.cidr.network));
      if (larger !== undefined) {
        report.human(
          network.place,
          `netmask of ${text}`,
          `lies within ${formatCidr(larger.cidr)}, which was taken`,
        );
        continue;
      }
      taken.push(network);
      addSubnet(site, network);
      report.taken(
        network.place,
        `network ${text}`,
        `subnet ${text.replace('/', '-')}, as interfaces say it`,
      );
      for (const [kind, values] of [
        ['gateway', network.gateways],
        ['name servers', network.servers],
      ] as const)
        if (values.size > 1)
          report.human(
            network.place,
            `network ${text}`,
            `systems name several: ${kind} ${[...values.keys()].join(' | ')}`,
          );
    }
    if (taken.length > 0)
      report.human(
        taken[0]!.place,
        'pools',
        'Cobbler keeps ranges of addresses in dhcp.template: import the dhcpd.conf that it writes as well, with --update --partial',
      );
  }

  private add(cidr: Cidr, item: Item, node: MapNode): void {
    const key = formatCidr(cidr);
    const network = this.found.get(key) ?? {
      cidr,
      place: node.place,
      gateways: new Map(),
      servers: new Map(),
      statics: 0,
      interfaces: 0,
    };
    this.found.set(key, network);
    network.interfaces += 1;
    if (isTrue(node, 'static')) network.statics += 1;
    const gateway = [said(node, 'if_gateway'), said(item, 'gateway')].find(
      (text) => text !== undefined && contains(cidr, parseIpv4(text) ?? 0),
    );
    if (gateway !== undefined) count(network.gateways, gateway);
    const servers = words(item, 'name_servers').filter((text) => parseIpv4(text) !== undefined);
    if (servers.length > 0) count(network.servers, servers.join(','));
  }
}

function count(values: Map<string, number>, value: string): void {
  values.set(value, (values.get(value) ?? 0) + 1);
}

function most(values: ReadonlyMap<string, number>): string | undefined {
  return [...values].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function addSubnet(site: SiteDraft, network: Network): void {
  const text = formatCidr(network.cidr);
  const gateway = most(network.gateways);
  const [dns_primary, dns_secondary] = most(network.servers)?.split(',') ?? [];
  site.add(
    'subnets',
    {
      name: text.replace('/', '-'),
      network: text,
      ...(gateway && { gateway }),
      ...(dns_primary && { dns_primary }),
      ...(dns_secondary && { dns_secondary }),
      ...(network.statics === network.interfaces && { boot_mode: 'Static' as const }),
    },
    network.place,
  );
}
