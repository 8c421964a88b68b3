/** What another DHCP server must know so that machines boot from here: the same for every kind of server. */

import { type Loader, loaderFor } from '../boot/loaders.ts';
import { type BaseUrl, loaderUrl } from '../boot/urls.ts';
import { effectiveHost } from '../inventory/hostgroup.ts';
import type { Site } from '../inventory/site.ts';
import { type Host, type PxeLoader, provisionInterface, type Subnet } from '../inventory/types.ts';
import { ARCHES, type Arch } from '../net/arch.ts';
import { contains, netmask, parseCidr } from '../net/cidr.ts';
import { formatIpv4, parseIpv4 } from '../net/ip.ts';

/** Machines that are given the same program. */
export type LoaderRule = {
  /** Of option 93. */
  readonly arches: readonly Arch[];
  /** A name for TFTP, or a URL where the firmware boots by HTTP. */
  readonly file: string;
  readonly http: boolean;
};

export type OutlinedHost = {
  readonly name: string;
  readonly mac: string;
  /** Dotted. */
  readonly ip: string;
  /** Where its PXE loader is not what its firmware gets anyway. */
  readonly own?: {
    readonly loader: PxeLoader;
    /** Those that differ; none for `None`. */
    readonly rules: readonly LoaderRule[];
    readonly all: readonly LoaderRule[];
  };
};

export type OutlinedSubnet = {
  readonly name: string;
  /** `192.0.2.0/24`, and its parts, dotted. */
  readonly cidr: string;
  readonly network: string;
  readonly netmask: string;
  readonly range?: { readonly from: string; readonly to: string };
  readonly gateway?: string;
  readonly dns: readonly string[];
  readonly domain?: string;
  /** Seconds. */
  readonly leaseTime: number;
};

export type Outline = {
  /** Our address, dotted: `next-server`. */
  readonly server: string;
  /** What every iPXE is sent to; it finds its host by itself, as nobody here knows the leases. */
  readonly script: string;
  readonly rules: readonly LoaderRule[];
  readonly hosts: readonly OutlinedHost[];
  readonly subnets: readonly OutlinedSubnet[];
};

export function outlineOf(site: Site, server: string, base: BaseUrl): Outline {
  return {
    server,
    script: `${base}/pub/intermediate.ipxe`,
    rules: rulesFor(base),
    hosts: site.list('hosts').flatMap((host) => outlinedHost(site, host, base)),
    subnets: site.list('subnets').flatMap(outlinedSubnet),
  };
}

/** Those whose machines can boot at all. */
const SERVED = ARCHES.filter(({ cpu }) => cpu !== 'other' && cpu !== 's390' && cpu !== 'ia64');

function rulesFor(base: BaseUrl, wanted?: PxeLoader): readonly LoaderRule[] {
  const rules = new Map<string, { arches: Arch[]; file: string; http: boolean }>();
  for (const arch of SERVED) {
    const loader = loaderFor(arch, wanted)?.loader;
    if (loader === undefined) continue;
    const file = fileOf(arch, loader, base);
    const rule = rules.get(file) ?? { arches: [], file, http: arch.http };
    rule.arches.push(arch);
    rules.set(file, rule);
  }
  return [...rules.values()];
}

function fileOf({ http }: Arch, { file }: Loader, base: BaseUrl): string {
  return http ? loaderUrl(base, file) : file;
}

/** The card it boots from, where that has an IPv4 address. */
function outlinedHost(site: Site, host: Host, base: BaseUrl): readonly OutlinedHost[] {
  const effective = effectiveHost(site, host);
  const nic = provisionInterface(effective);
  if (nic?.mac === undefined || nic.ip === undefined || host.enabled === false) return [];
  const own = ownRules(effective.pxe_loader, base);
  return [{ name: host.name, mac: nic.mac, ip: nic.ip, ...(own && { own }) }];
}

/** The rules of its loader that differ from what such firmware gets without one. */
function ownRules(loader: PxeLoader | undefined, base: BaseUrl): OutlinedHost['own'] {
  if (loader === undefined) return undefined;
  const common = new Map(
    rulesFor(base).flatMap(({ arches, file }) => arches.map(({ code }) => [code, file])),
  );
  const all = rulesFor(base, loader);
  const rules = all.flatMap((rule) => {
    const arches = rule.arches.filter(({ code }) => common.get(code) !== rule.file);
    return arches.length === 0 ? [] : [{ ...rule, arches }];
  });
  return rules.length === 0 && loader !== 'None' ? undefined : { loader, rules, all };
}

function outlinedSubnet(subnet: Subnet): readonly OutlinedSubnet[] {
  const cidr = parseCidr(subnet.network);
  if (cidr === undefined) return [];
  const { from, to, gateway, dns_primary, dns_secondary, domain } = subnet;
  return [
    {
      name: subnet.name,
      cidr: subnet.network,
      network: formatIpv4(cidr.network),
      netmask: formatIpv4(netmask(cidr)),
      ...(from !== undefined && to !== undefined && { range: { from, to } }),
      ...(gateway !== undefined && { gateway }),
      dns: [dns_primary, dns_secondary].filter((address) => address !== undefined),
      ...(domain !== undefined && { domain }),
      leaseTime: subnet.lease_time,
    },
  ];
}

/** `BIOS x86, UEFI x86-64`: for comments. */
export function archNames({ arches }: LoaderRule): string {
  return arches.map(({ name, code }) => `${name} (${code})`).join(', ');
}

/** Whether an address is of the subnet. */
export function holds({ cidr }: OutlinedSubnet, ip: string): boolean {
  const [network, address] = [parseCidr(cidr), parseIpv4(ip)];
  return network !== undefined && address !== undefined && contains(network, address);
}
