/**
 * What every packet asks of the inventory and is costly to work out: a host with what its hostgroups give it, and the
 * options of a subnet, encoded, with those of host and hostgroups before its own. Records are replaced and never changed,
 * so the same records have the same answer.
 */

import { RecentMap } from '../boot/recent.ts';
import { ancestry, dhcpOptionsOf, type EffectiveHost, effectiveHost } from '../inventory/hostgroup.ts';
import type { Site, SubnetRange } from '../inventory/site.ts';
import type { Host, Hostgroup, Subnet } from '../inventory/types.ts';
import type { Options } from './packet.ts';
import { subnetOptions } from './reply.ts';

/** Hosts whose answer is kept, at least; see recent.ts. */
const HOSTS = 10_000;

type KnownHost = {
  readonly declared: Host;
  readonly groups: readonly Hostgroup[];
  readonly host: EffectiveHost;
};
type Giver = Host | Hostgroup;
/** `givers` declare options, the nearest first. */
type KnownOptions = { readonly givers: readonly Giver[]; readonly options: Options };

export class Inherited {
  private readonly site: Site;
  private readonly hosts = new RecentMap<KnownHost>(HOSTS);
  /** Of each subnet, by the giver that is nearest, which says who the others are; by the subnet itself without any. */
  private readonly options = new WeakMap<Subnet, WeakMap<Giver | Subnet, KnownOptions>>();

  constructor(site: Site) {
    this.site = site;
  }

  effectiveHost(declared: Host): EffectiveHost {
    if (declared.hostgroup === undefined) return effectiveHost(this.site, declared);
    const groups = ancestry(this.site, declared.hostgroup);
    const known = this.hosts.get(declared.name);
    if (known?.declared === declared && areSame(known.groups, groups)) return known.host;
    const host = effectiveHost(this.site, declared);
    this.hosts.set(declared.name, { declared, groups, host });
    return host;
  }

  optionsFor(range: SubnetRange, host: Host | undefined): Options {
    const givers = host === undefined ? NO_GIVERS : this.giversFor(host);
    const nearest = givers[0] ?? range.subnet;
    let ofSubnet = this.options.get(range.subnet);
    if (ofSubnet === undefined) this.options.set(range.subnet, (ofSubnet = new WeakMap()));
    const known = ofSubnet.get(nearest);
    if (known !== undefined && areSame(known.givers, givers)) return known.options;
    const options = subnetOptions(range, host && dhcpOptionsOf(this.site, host));
    ofSubnet.set(nearest, { givers, options });
    return options;
  }

  private giversFor(host: Host): readonly Giver[] {
    if (host.hostgroup === undefined) return host.dhcp_options === undefined ? NO_GIVERS : [host];
    return [host, ...ancestry(this.site, host.hostgroup)].filter((giver) => giver.dhcp_options !== undefined);
  }
}

const NO_GIVERS: readonly Giver[] = [];

function areSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
