/** Networks of DHCP servers to subnets: one pool each, every option in its field. */

import { contains, formatCidr, overlaps } from '../../net/cidr.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import type { Entry, SiteDraft } from '../moved.ts';
import type { Report } from '../report.ts';
import type { DraftNetwork, DraftNetwork6, DraftRange } from './drafts.ts';
import { bootFields, subnetFields, withBootOption } from './options.ts';

const MIN_LEASE = 60;
const MAX_LEASE = 0xffffffff;

/** @param reserved addresses of hosts: a pool may run over them */
export function addSubnets(
  site: SiteDraft,
  networks: readonly DraftNetwork[],
  reserved: ReadonlySet<number>,
  report: Report,
): void {
  const added: DraftNetwork[] = [];
  for (const network of united(networks)) {
    const other = added.find(({ cidr }) => overlaps(cidr, network.cidr));
    const subject = subjectOf(network);
    if (other !== undefined) {
      report.refused(
        network.place,
        subject,
        `overlaps ${formatCidr(other.cidr)} of line ${other.place.line}`,
      );
      continue;
    }
    added.push(network);
    site.add('subnets', subnetOf(site, network, reserved, report), network.place);
    report.taken(network.place, subject, `subnet ${nameOf(network)}`);
  }
}

export function addSubnets6(site: SiteDraft, networks: readonly DraftNetwork6[], report: Report): void {
  const known = new Set<string>();
  for (const { place, network, dns, name } of networks) {
    if (known.has(network)) continue;
    known.add(network);
    const [dns_primary, dns_secondary] = dns;
    const subnet: Entry<'subnets'> = {
      name: name ?? nameOfNetwork(network),
      network,
      boot_mode: 'Static',
      ...(dns_primary && { dns_primary }),
      ...(dns_secondary && { dns_secondary }),
    };
    site.add('subnets', subnet, place);
    report.taken(
      place,
      `subnet ${network}`,
      `subnet ${subnet.name}; Chainboot gives no IPv6 addresses by DHCP`,
    );
  }
}

function subjectOf({ cidr }: DraftNetwork): string {
  return `subnet ${formatCidr(cidr)}`;
}

/** Slashes would have to be escaped in URLs. */
function nameOfNetwork(network: string): string {
  return network.replace('/', '-');
}

function nameOf({ name, cidr }: DraftNetwork): string {
  return name ?? nameOfNetwork(formatCidr(cidr));
}

/** dnsmasq has a line for each range of a network. */
function united(networks: readonly DraftNetwork[]): readonly DraftNetwork[] {
  const byNetwork = new Map<string, DraftNetwork>();
  for (const network of networks) {
    const key = formatCidr(network.cidr);
    const before = byNetwork.get(key);
    const options = new Map([...(before?.options ?? []), ...network.options]);
    const ranges = [...(before?.ranges ?? []), ...network.ranges];
    byNetwork.set(key, before === undefined ? network : { ...before, options, ranges });
  }
  return [...byNetwork.values()];
}

function subnetOf(
  site: SiteDraft,
  network: DraftNetwork,
  reserved: ReadonlySet<number>,
  report: Report,
): Entry<'subnets'> {
  const { options, boot } = withBootOption(network.options, network.boot);
  const fields = subnetFields(options, network.cidr, report);
  if (fields.domain !== undefined) site.domain(fields.domain, network.place);
  const { bootfile } = bootFields(boot, false, report);
  const dhcp_options = {
    ...fields.dhcp_options,
    ...(bootfile && { 'bootfile-name': bootfile.words[0]! }),
  };
  const others = [fields.gateway, fields.dns_primary, fields.dns_secondary].map((text) =>
    parseIpv4(text ?? ''),
  );
  const taken = new Set([...reserved, ...others.flatMap((ip) => ip ?? [])]);
  return {
    name: nameOf(network),
    network: formatCidr(network.cidr),
    ...(network.description && { description: network.description }),
    ...fields,
    ...poolOf(network, taken, report),
    ...(network.sharedNetwork && { shared_network: network.sharedNetwork }),
    ...(network.authoritative !== undefined && { authoritative: network.authoritative }),
    ...leaseField(network, report),
    ...(Object.keys(dhcp_options).length > 0 && { dhcp_options }),
  };
}

function leaseField(
  { leaseTime, place, cidr }: DraftNetwork,
  report: Report,
): Pick<Entry<'subnets'>, 'lease_time'> {
  if (leaseTime === undefined) return {};
  const lease_time = Math.min(MAX_LEASE, Math.max(MIN_LEASE, Math.round(leaseTime)));
  if (lease_time !== leaseTime)
    report.human(
      place,
      `subnet ${formatCidr(cidr)}`,
      `a lease of ${leaseTime} s becomes one of ${lease_time} s`,
    );
  return { lease_time };
}

/** A subnet has one pool: ranges with nothing but reserved addresses between them are one, else the largest counts. */
function poolOf(
  { cidr, ranges }: DraftNetwork,
  reserved: ReadonlySet<number>,
  report: Report,
): Pick<Entry<'subnets'>, 'from' | 'to'> {
  const inside = ranges.filter((range) => isInside(range, cidr, report));
  const joined = joinedRanges(inside, reserved);
  const largest = joined.toSorted((a, b) => b.last - b.first - (a.last - a.first))[0];
  if (largest === undefined) return {};
  for (const range of joined) {
    const text = rangeText(range);
    if (range === largest) report.taken(range.place, `range ${text}`, `from and to of ${formatCidr(cidr)}`);
    else
      report.human(
        range.place,
        `range ${text}`,
        `is left out: a subnet has one pool here, and ${rangeText(largest)} is larger`,
      );
  }
  return { from: formatIpv4(largest.first), to: formatIpv4(largest.last) };
}

function rangeText({ first, last }: DraftRange): string {
  return first === last ? formatIpv4(first) : `${formatIpv4(first)} - ${formatIpv4(last)}`;
}

function isInside(range: DraftRange, cidr: DraftNetwork['cidr'], report: Report): boolean {
  const ok = contains(cidr, range.first) && contains(cidr, range.last) && range.first <= range.last;
  if (!ok)
    report.refused(range.place, `range ${rangeText(range)}`, `is not within the subnet ${formatCidr(cidr)}`);
  return ok;
}

function joinedRanges(ranges: readonly DraftRange[], reserved: ReadonlySet<number>): readonly DraftRange[] {
  const joined: DraftRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before !== undefined && isGapReserved(before.last, range.first, reserved))
      joined[joined.length - 1] = { ...before, last: Math.max(before.last, range.last) };
    else joined.push(range);
  }
  return joined;
}

function isGapReserved(last: number, next: number, reserved: ReadonlySet<number>): boolean {
  if (next - last - 1 > reserved.size) return false;
  for (let address = last + 1; address < next; address++) if (!reserved.has(address)) return false;
  return true;
}
