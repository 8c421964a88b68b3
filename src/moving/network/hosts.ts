/** Reservations to hosts: one record a name, an interface a MAC address. */

import { contains } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { canonicalIpv6 } from '../../net/ipv6.ts';
import type { Mac } from '../../net/mac.ts';
import type { Entry, SiteDraft } from '../moved.ts';
import { hostName, nameOfMac } from '../names.ts';
import { formatPlace, type Place } from '../place.ts';
import type { Report } from '../report.ts';
import type { DraftGroup, DraftHost, DraftNetwork, DraftOptions } from './drafts.ts';
import { bootFields, CODE, plainOptions, withBootOption } from './options.ts';

type Nic = NonNullable<Entry<'hosts'>['interfaces']>[number];
/** A host whose interfaces may still grow. */
type Growing = { readonly entry: Entry<'hosts'>; readonly nics: Nic[]; readonly place: Place };

export function addGroups(site: SiteDraft, groups: readonly DraftGroup[], report: Report): void {
  for (const { place, name, parent, options, boot } of groups) {
    const fields = ofHosts(site, options, boot, place, report);
    site.add('hostgroups', { name, ...(parent && { parent }), ...fields }, place);
    report.taken(place, `group ${name}`, `hostgroup ${name}`);
  }
}

export class HostDrafts {
  private readonly site: SiteDraft;
  private readonly networks: readonly DraftNetwork[];
  private readonly report: Report;
  private readonly byName = new Map<string, Growing>();
  private readonly byMac = new Map<Mac, string>();
  private readonly byAddress = new Map<string, string>();

  constructor(site: SiteDraft, networks: readonly DraftNetwork[], report: Report) {
    this.site = site;
    this.networks = networks;
    this.report = report;
  }

  add(draft: DraftHost): void {
    const name = this.nameFor(draft);
    if (name === undefined) return;
    const nics = this.interfacesOf(draft, name);
    if (nics === undefined) return;
    for (const { mac, ip, ip6 } of nics) {
      if (mac) this.byMac.set(mac, name);
      for (const address of [ip, ip6]) if (address) this.byAddress.set(address, name);
    }
    const there = this.byName.get(name);
    const what = nics.flatMap(({ mac, ip, ip6 }) => [mac, ip, ip6].filter(Boolean).join(' ')).join(', ');
    this.report.taken(draft.place, draft.called, `host ${name}: ${what || 'without an interface'}`);
    if (there !== undefined) {
      there.nics.push(...nics);
      this.report.human(
        draft.place,
        draft.called,
        `is an interface of the host ${name} of ${formatPlace(there.place)}, which has the same name`,
      );
      return;
    }
    const { domain, comment, group, options, boot, place } = draft;
    const entry = {
      name,
      ...(comment && { comment }),
      ...(group && { hostgroup: group }),
      ...ofHosts(this.site, withoutName(options, draft, name), boot, place, this.report),
    };
    if (domain !== undefined) this.site.domain(domain, place);
    const first = domain === undefined ? nics : nics.map((nic, i) => (i === 0 ? { ...nic, domain } : nic));
    this.byName.set(name, { entry, nics: [...first], place });
  }

  /** Writes them into the site. */
  finish(): void {
    for (const { entry, nics, place } of this.byName.values()) {
      const { domain: ofOptions, ...rest } = entry as typeof entry & { domain?: string };
      const own = nics.map((nic, i) => (i === 0 && ofOptions ? { domain: ofOptions, ...nic } : nic));
      const [only, ...more] = own;
      const shape = more.length > 0 ? { interfaces: own.map(named) } : (only ?? {});
      this.site.add('hosts', { ...rest, ...shape }, place);
    }
  }

  private nameFor({ place, called, names, macs }: DraftHost): string | undefined {
    for (const candidate of names) {
      const name = hostName(candidate);
      if (name !== undefined) return name;
    }
    const mac = macs[0]?.mac;
    if (names.length > 0) this.report.refused(place, called, `"${names[0]}" is not a host name`);
    else if (mac === undefined) this.report.refused(place, called, 'has neither a name nor a MAC address');
    else {
      this.report.human(
        place,
        called,
        `has no name; it is called ${nameOfMac(mac)} until somebody renames it`,
      );
      return nameOfMac(mac);
    }
    return undefined;
  }

  /** Undefined when the host is refused. */
  private interfacesOf(draft: DraftHost, name: string): readonly Nic[] | undefined {
    const { place, called, macs, ips } = draft;
    const ip = this.addressOf(draft, ips[0]);
    if (ip === null) return undefined;
    for (const { mac, place: at } of macs) {
      const owner = this.byMac.get(mac);
      if (owner === undefined) continue;
      this.report.refused(at, called, `${mac} already belongs to ${owner}`);
      return undefined;
    }
    const ip6 = draft.ip6 === undefined ? undefined : canonicalIpv6(draft.ip6);
    const own = this.byName.get(name);
    for (const address of [ip, ip6]) {
      const owner = address === undefined ? undefined : this.byAddress.get(address);
      if (owner === undefined || own?.nics.some((nic) => nic.ip === address || nic.ip6 === address)) {
        if (owner === undefined) continue;
        // dnsmasq: one address for whichever card of a laptop is plugged in.
        this.report.human(place, called, `${address} stays with the first interface of ${name}`);
        return macs.map(({ mac }) => ({ mac }));
      }
      this.report.refused(place, called, `${address} already belongs to ${owner}`);
      return undefined;
    }
    if (ips.length > 1)
      this.report.human(
        place,
        called,
        `has ${ips.length} addresses; ${ips[0]} is taken, as an interface has one`,
      );
    if (macs.length > 1 && ip !== undefined)
      this.report.human(
        place,
        called,
        `${macs.length} MAC addresses share ${ip}; here ${macs[0]!.mac} has it`,
      );
    const addresses = { ...(ip && { ip }), ...(ip6 && { ip6 }) };
    if (macs.length === 0) return Object.keys(addresses).length === 0 ? [] : [addresses];
    return macs.map(({ mac }, i) => (i === 0 ? { mac, ...addresses } : { mac }));
  }

  /** Null when the address cannot be the host's. */
  private addressOf({ place, called }: DraftHost, text: string | undefined): string | undefined | null {
    if (text === undefined) return undefined;
    const ip = parseIpv4(text);
    if (ip === undefined) {
      this.report.refused(place, called, `"${text}" is not an IPv4 address`);
      return null;
    }
    const network = this.networks.find(({ cidr }) => contains(cidr, ip));
    if (network === undefined && this.networks.length > 0) {
      this.report.refused(place, called, `${text} lies in none of the subnets`);
      return null;
    }
    if (network?.options.get(CODE.routers)?.words[0] === text) {
      this.report.refused(place, called, `${text} is the gateway of its subnet`);
      return null;
    }
    return text;
  }
}

/** Interfaces of one host tell each other apart by name. */
function named(nic: Nic, i: number): Nic {
  return { identifier: `eth${i}`, ...nic };
}

function withoutName(options: DraftOptions, { names }: DraftHost, name: string): DraftOptions {
  const said = options.get(CODE.hostName)?.words[0]?.toLowerCase();
  if (said === undefined) return options;
  const same = [name, name.split('.')[0], ...names.map((other) => other.toLowerCase())].includes(said);
  const rest = new Map(options);
  if (same) rest.delete(CODE.hostName);
  return rest;
}

type HostFields = Pick<Entry<'hostgroups'>, 'dhcp_options' | 'pxe_loader' | 'domain'>;

/** What hosts and hostgroups have alike. */
function ofHosts(
  site: SiteDraft,
  saidOptions: DraftOptions,
  saidBoot: DraftHost['boot'],
  place: Place,
  report: Report,
): HostFields {
  const { options, boot } = withBootOption(saidOptions, saidBoot);
  const { pxe_loader, bootfile } = bootFields(boot, true, report);
  const all = bootfile === undefined ? [...options.values()] : [...options.values(), bootfile];
  const dhcp_options = plainOptions(all, report);
  const domain = hostName(options.get(CODE.domain)?.words[0] ?? '');
  if (domain !== undefined) site.domain(domain, place);
  return {
    ...(pxe_loader && { pxe_loader }),
    ...(domain && { domain }),
    ...(dhcp_options && { dhcp_options }),
  };
}
