/** Where a host would be when it boots: on which link, or behind which relay. Pure. */

import { type Site, subnetOfInterface } from '../../inventory/site.ts';
import { type Host, type Interface, provisionInterface } from '../../inventory/types.ts';
import { contains, maskOf, parseCidr } from '../../net/cidr.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../net/ip.ts';
import type { ServedLink } from '../links.ts';

export type Place = {
  readonly served: ServedLink;
  /** Address of the relay that passes its requests on; undefined: it is on the link itself. */
  readonly relay?: string;
};

/** The interface that boots, and its MAC; undefined for a host without a MAC. */
export function bootNic(host: Host): (Interface & { readonly mac: string }) | undefined {
  const nic = provisionInterface(host);
  return nic?.mac === undefined ? undefined : { ...nic, mac: nic.mac };
}

export function placeOf(site: Site, links: readonly ServedLink[], nic: Interface | undefined): Place {
  const subnet = nic && subnetOfInterface(site, nic);
  const network = subnet && parseCidr(subnet.network);
  const address = (nic?.ip === undefined ? undefined : parseIpv4(nic.ip)) ?? network?.network;
  const near = address === undefined ? links[0] : links.find((served) => isOn(site, served, address));
  if (near !== undefined || network === undefined) return at(near ?? links[0]!);
  // On the wire of a link, without an address of ours in its network.
  const shared = links.find(({ link }) => sharesWire(site, link.address, subnet!.shared_network));
  if (shared !== undefined) return at(shared);
  const gateway = subnet!.gateway ?? formatIpv4(network.network + 1);
  return { served: links.find(({ policy }) => policy?.mode === 'server') ?? links[0]!, relay: gateway };
}

/** A stand-in on loopback is in no network of the site: the address that it stands for becomes that of a relay. */
function at(served: ServedLink): Place {
  const stands = served.rehearsalOf?.address;
  return stands === undefined ? { served } : { served, relay: formatIpv4(stands) };
}

function isOn(site: Site, { link, rehearsalOf }: ServedLink, address: Ipv4): boolean {
  const own: { readonly address?: Ipv4; readonly prefix?: number } = rehearsalOf ?? link;
  if (own.address === undefined) return false;
  const { prefix = site.subnetOf(own.address)?.cidr.prefix ?? 32 } = own;
  return contains({ network: (own.address & maskOf(prefix)) >>> 0, prefix }, address);
}

function sharesWire(site: Site, link: Ipv4, wire: string | undefined): boolean {
  return wire !== undefined && site.subnetOf(link)?.subnet.shared_network === wire;
}
