/**
 * What each smart proxy of this server should have, for each host and for all machines: boot configurations, boot files,
 * reservations (foreman-facts §4.2 to §4.4 is the behaviour to match). Pure: texts are rendered later.
 */

import { loaderFileOf, loaderKindOf } from '../../boot/loaders.ts';
import { mediumUrl, unattendedUrl } from '../../boot/urls.ts';
import { ChainbootError } from '../../errors.ts';
import { findTemplate, osOf } from '../../inventory/association.ts';
import { type BootFile, bootFiles } from '../../inventory/bootfiles.ts';
import { type EffectiveHost, effectiveHost } from '../../inventory/hostgroup.ts';
import { type Site, subnet6OfInterface, subnetOfInterface } from '../../inventory/site.ts';
import {
  type Host,
  type Interface,
  isAggregate,
  PXE_LOADERS,
  type PxeLoader,
  provisionInterface,
  type SmartProxy,
  type Subnet,
  type TemplateKind,
} from '../../inventory/types.ts';
import { parseCidr } from '../../net/cidr.ts';
import { formatIpv4 } from '../../net/ip.ts';
import type { Mac } from '../../net/mac.ts';
import type { ProxyFacts } from '../../store/deployments.ts';
import { menuUrlsOf, templatesOf } from './through.ts';

export type Feature = 'TFTP' | 'DHCP';

/** What is known of smart proxies, and of this server. */
export type Knowledge = {
  /** What it said when it was last asked; `ours`: a proxy of ours, which needs no orders; undefined: it was never reached. */
  readonly facts: (proxy: SmartProxy) => ProxyFacts | 'ours' | undefined;
  /** This server, as smart proxies and machines behind them reach it. */
  readonly base: string;
};

/** A template of that kind, rendered for who is named, sent under the name that loaders of that kind ask for. */
export type ConfigItem = {
  readonly kind: 'config';
  readonly key: string;
  readonly template: BootKind;
  readonly mac: Mac;
};
/** For machines that nobody knows. */
export type MenuItem = {
  readonly kind: 'menu';
  readonly key: string;
  readonly template: BootKind;
  /** Where its URLs lead. */
  readonly base: string;
};
export type FileItem = {
  readonly kind: 'file';
  readonly key: string;
  /** Below its TFTP directory, when it is there. */
  readonly name: string;
  readonly prefix: string;
  readonly url: string;
  /** When the host entered build mode: a new build looks whether the file has changed. Epoch milliseconds. */
  readonly since: number;
};
export type ReservationItem = {
  readonly kind: 'reservation';
  readonly key: string;
  /** Address of the subnet. */
  readonly network: string;
  readonly mac: Mac;
  readonly ip: string;
  readonly name: string;
  readonly hostname: string;
  readonly nextServer?: string;
  readonly filename?: string;
  readonly related: readonly Mac[];
};
export type Item = ConfigItem | MenuItem | FileItem | ReservationItem;

/** What one smart proxy should have of one host; with a fault, what it has stays as it is. */
export type Wanted = {
  readonly proxy: SmartProxy;
  readonly feature: Feature;
  readonly items: readonly Item[];
  readonly fault?: ChainbootError;
};

/** Named alike in the paths of a smart proxy. */
export type BootKind = Extract<TemplateKind, 'PXELinux' | 'PXEGrub' | 'PXEGrub2' | 'iPXE'>;

/** Loaders that may be chosen for the firmware read one of these. */
const USUAL: readonly BootKind[] = ['PXELinux', 'PXEGrub2', 'iPXE'];
/** Foreman's order, and what it takes where a host names no loader. */
const PREFERRED: readonly (readonly [BootKind, PxeLoader])[] = [
  ['PXELinux', 'PXELinux BIOS'],
  ['PXEGrub2', 'Grub2 UEFI'],
  ['PXEGrub', 'Grub UEFI'],
  ['iPXE', 'iPXE Chain BIOS'],
];
/** There is one for unknown machines, and one for those that boot from their disks. */
const MENUS: readonly BootKind[] = ['PXELinux', 'PXEGrub2'];

/** Whether there can be anything of a host on a smart proxy; cheap, as each is asked for all hosts. */
export function isBehind(site: Site, declared: Host, proxy: string): boolean {
  return effectiveHost(site, declared).interfaces.some((nic) =>
    [subnetOfInterface(site, nic), subnet6OfInterface(site, nic)].some(
      (subnet) => subnet?.tftp_proxy === proxy || subnet?.dhcp_proxy === proxy,
    ),
  );
}

export function wantedOf(site: Site, declared: Host, know: Knowledge): readonly Wanted[] {
  const host = effectiveHost(site, declared);
  return [...tftpOf(site, host, know), ...dhcpOf(site, host, know)];
}

type Place = { readonly proxy: SmartProxy; readonly facts: ProxyFacts };
type Serving = Place | { readonly proxy: SmartProxy; readonly fault: ChainbootError };

/** Undefined where the subnet names none, or a proxy of ours. */
function serving(
  site: Site,
  know: Knowledge,
  subnet: Subnet,
  field: 'tftp_proxy' | 'dhcp_proxy' | 'httpboot_proxy',
  feature: Feature | 'HTTPBoot',
): Serving | undefined {
  const name = subnet[field];
  const proxy = name === undefined ? undefined : site.get('smart_proxies', name);
  const facts = proxy && know.facts(proxy);
  if (proxy === undefined || facts === 'ours') return undefined;
  if (facts === undefined) return { proxy, fault: unasked(proxy) };
  if (facts.features.includes(feature)) return { proxy, facts };
  const values = { proxy: proxy.name, feature, subnet: subnet.name };
  return { proxy, fault: new ChainbootError('PROXY_FEATURE_MISSING', values) };
}

function unasked({ url }: SmartProxy): ChainbootError {
  return new ChainbootError('PROXY_UNREACHABLE', { url, reason: 'it has not answered yet what it does' });
}

function tftpOf(site: Site, host: EffectiveHost, know: Knowledge): readonly Wanted[] {
  const nic = provisionInterface(host);
  if (nic === undefined || !nic.managed || host.provision_method === 'image') return [];
  const subnets = [subnetOfInterface(site, nic), subnet6OfInterface(site, nic)].filter(
    (found) => found !== undefined,
  );
  const found = new Map<string, Wanted>();
  for (const subnet of subnets) {
    const place = serving(site, know, subnet, 'tftp_proxy', 'TFTP');
    if (place === undefined || found.has(place.proxy.name)) continue;
    const { proxy } = place;
    found.set(proxy.name, { proxy, feature: 'TFTP', ...tftpItems(site, host, nic, know, place) });
  }
  return [...found.values()].filter(({ items, fault }) => items.length > 0 || fault !== undefined);
}

function tftpItems(
  site: Site,
  host: EffectiveHost,
  nic: Interface,
  know: Knowledge,
  place: Serving,
): Pick<Wanted, 'items' | 'fault'> {
  const kinds = kindsOf(site, host);
  const macs = kinds.length === 0 ? [] : macsOf(host, nic);
  if (macs.length === 0) return { items: [] };
  if ('fault' in place) return { items: [], fault: place.fault };
  const through = templatesOf(site, host, know);
  // Its URLs would lead elsewhere.
  if (through === 'unknown') return { items: [], fault: templatesUnasked(site, nic) };
  const configs = macs.flatMap((mac) =>
    kinds.map((template) => ({ kind: 'config', key: `config/${template}/${mac}`, template, mac }) as const),
  );
  return { items: [...filesOf(site, host, know), ...configs] };
}

function templatesUnasked(site: Site, nic: Interface): ChainbootError {
  const names = [subnet6OfInterface(site, nic), subnetOfInterface(site, nic)].flatMap(
    (subnet) => subnet?.template_proxy ?? [],
  );
  return unasked(site.get('smart_proxies', names[0] ?? '')!);
}

/** By the loader of the host; where none is named, of all that its firmware may be given. */
function kindsOf(site: Site, host: EffectiveHost): readonly BootKind[] {
  const { pxe_loader: loader, build } = host;
  if (loader === 'None') return [];
  const kinds = loader === undefined ? USUAL : [loaderKindOf(loader) as BootKind];
  // Nothing is known that would send GRUB Legacy to the disk.
  if (!build) return kinds.filter((kind) => kind !== 'PXEGrub');
  return loader === undefined ? kinds.filter((kind) => hasTemplate(site, host, kind)) : kinds;
}

function hasTemplate(site: Site, host: EffectiveHost, kind: TemplateKind): boolean {
  const os = osOf(site, host);
  return os !== undefined && findTemplate(site, os, kind, host) !== undefined;
}

/** Kernel, initrd and what the family needs besides, while the host is in build mode. */
function filesOf(site: Site, host: EffectiveHost, { base }: Knowledge): readonly FileItem[] {
  const os = osOf(site, host);
  const title = host.medium ?? os?.media[0];
  const medium = title === undefined ? undefined : site.get('media', title);
  if (!host.build || os === undefined || medium === undefined) return [];
  const files = bootFiles(os, medium, host.architecture, mediumUrl(base, medium.name));
  if (files === undefined) return [];
  const { initiated_at: since = 0, id } = host;
  return [files.kernel, files.initrd, ...Object.values(files.others)].flatMap((file) => {
    // Loaders get what lies on NFS from there.
    if (file.uri === undefined || !/^https?:/i.test(file.uri)) return [];
    return {
      kind: 'file',
      key: `file/${id}/${file.tftp}`,
      name: file.tftp,
      prefix: prefixOf(file),
      url: file.uri,
      since,
    } as const;
  });
}

/** To which a smart proxy adds a dash, unless it ends in a slash, and the last part of the URL. */
function prefixOf({ tftp, name }: BootFile): string {
  return tftp.slice(0, -name.length).replace(/-$/, '');
}

function dhcpOf(site: Site, host: EffectiveHost, know: Knowledge): readonly Wanted[] {
  const found = new Map<string, { proxy: SmartProxy; items: ReservationItem[]; fault?: ChainbootError }>();
  for (const nic of host.interfaces) {
    const subnet = nic.ip === undefined || !nic.managed ? undefined : subnetOfInterface(site, nic);
    const place = subnet && serving(site, know, subnet, 'dhcp_proxy', 'DHCP');
    if (subnet === undefined || place === undefined) continue;
    const of = found.get(place.proxy.name) ?? { proxy: place.proxy, items: [] };
    found.set(place.proxy.name, of);
    try {
      if ('fault' in place) throw place.fault;
      of.items.push(...reservationsOf(site, host, nic, subnet, know));
    } catch (error) {
      if (!(error instanceof ChainbootError)) throw error;
      of.fault ??= error;
    }
  }
  return [...found.values()]
    .filter(({ items, fault }) => items.length > 0 || fault !== undefined)
    .map((one) => ({ ...one, feature: 'DHCP' }));
}

/** One for each MAC address; only the interface that is installed by is told what to boot. */
function reservationsOf(
  site: Site,
  host: EffectiveHost,
  nic: Interface,
  subnet: Subnet,
  know: Knowledge,
): readonly ReservationItem[] {
  const cidr = parseCidr(subnet.network);
  const macs = macsOf(host, nic);
  if (cidr === undefined || nic.ip === undefined) return [];
  const network = formatIpv4(cidr.network);
  const { ip } = nic;
  const provision = nic === provisionInterface(host);
  const hostname = provision ? host.name : (nic.name ?? host.name);
  return macs.map((mac, i) => ({
    kind: 'reservation',
    key: `reservation/${network}/${mac}`,
    network,
    mac,
    ip,
    // dhcpd wants each of its host declarations to have a name of its own.
    name: i === 0 && (provision || hostname !== host.name) ? hostname : `${hostname}-${suffix(host, nic, i)}`,
    hostname,
    ...(provision && bootOf(site, host, mac, subnet, know)),
    related: macs.filter((other) => other !== mac),
  }));
}

function suffix({ interfaces }: EffectiveHost, nic: Interface, i: number): string {
  return i === 0 ? String(interfaces.indexOf(nic)).padStart(2, '0') : String(i).padStart(2, '0');
}

/** Members of a bond or bridge ask before there is one. */
function macsOf({ interfaces }: EffectiveHost, nic: Interface): readonly Mac[] {
  const members = isAggregate(nic)
    ? interfaces.filter(
        ({ identifier }) => identifier !== undefined && nic.attached_devices?.includes(identifier),
      )
    : [];
  return [...new Set([nic, ...members].flatMap(({ mac }) => mac ?? []))];
}

/** Throws PROXY_FEATURE_MISSING or PROXY_UNREACHABLE. */
function bootOf(
  site: Site,
  host: EffectiveHost,
  mac: Mac,
  subnet: Subnet,
  know: Knowledge,
): Pick<ReservationItem, 'nextServer' | 'filename'> {
  const loader = host.pxe_loader ?? preferredLoader(site, host);
  if (loader === undefined || loader === 'None' || host.provision_method === 'image') return {};
  const filename = filenameOf(site, host, mac, subnet, loader, know);
  const place = serving(site, know, subnet, 'tftp_proxy', 'TFTP');
  if (place === undefined) return { nextServer: new URL(know.base).hostname, ...(filename && { filename }) };
  if ('fault' in place) throw place.fault;
  const nextServer = place.facts.serverName ?? new URL(place.proxy.url).hostname;
  return { nextServer, ...(filename !== undefined && { filename }) };
}

function preferredLoader(site: Site, host: EffectiveHost): PxeLoader | undefined {
  const named = osOf(site, host)?.parameters['pxe-loader'];
  const known = PXE_LOADERS.find((loader) => loader === named);
  return known ?? PREFERRED.find(([kind]) => hasTemplate(site, host, kind))?.[1];
}

function filenameOf(
  site: Site,
  host: EffectiveHost,
  mac: Mac,
  subnet: Subnet,
  loader: PxeLoader,
  know: Knowledge,
): string | undefined {
  if (loader === 'iPXE Embedded') {
    const through = templatesOf(site, host, know);
    if (through === 'unknown') throw templatesUnasked(site, provisionInterface(host)!);
    // Without the token: a reservation that changes with every build meets its own older one (foreman #26525).
    return unattendedUrl(through ?? know.base, 'iPXE', { mac });
  }
  const file = loaderFileOf(loader, host.architecture);
  const [, secure] = /^(?:Grub2|iPXE) UEFI HTTP(S)?\b/.exec(loader) ?? [undefined, undefined];
  if (file === undefined || !/^(?:Grub2|iPXE) UEFI HTTP/.test(loader)) return file;
  // Foreman's name for it on a smart proxy has the architecture in it for x86-64, too.
  const name = loader === 'iPXE UEFI HTTP' ? file.replace(/^ipxe\.efi$/, 'ipxe-x64.efi') : file;
  return `${httpBootOf(site, subnet, know, secure !== undefined)}/httpboot/${name}`;
}

function httpBootOf(site: Site, subnet: Subnet, know: Knowledge, secure: boolean): string {
  const place = serving(site, know, subnet, 'httpboot_proxy', 'HTTPBoot');
  if (place === undefined) return know.base;
  if ('fault' in place) throw place.fault;
  const { proxy, facts } = place;
  const port = secure ? facts.httpsPort : facts.httpPort;
  if (port === undefined) {
    const values = {
      proxy: proxy.name,
      feature: `HTTPBoot over ${secure ? 'HTTPS' : 'HTTP'}`,
      subnet: subnet.name,
    };
    throw new ChainbootError('PROXY_FEATURE_MISSING', values);
  }
  return `${secure ? 'https' : 'http'}://${new URL(proxy.url).hostname}:${port}`;
}

/** The menus of one smart proxy, for machines that nobody knows. */
export function menusOf(site: Site, proxy: SmartProxy, know: Knowledge): readonly MenuItem[] {
  const subnets = site.list('subnets').filter(({ tftp_proxy }) => tftp_proxy === proxy.name);
  const facts = know.facts(proxy);
  if (subnets.length === 0 || facts === undefined || facts === 'ours' || !facts.features.includes('TFTP'))
    return [];
  const base = menuUrlsOf(site, subnets, know);
  if (base === undefined) return [];
  return MENUS.map((template) => ({ kind: 'menu', key: `menu/${template}`, template, base }));
}
