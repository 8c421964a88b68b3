/** The interfaces of this machine as links. */

import { existsSync, readFileSync } from 'node:fs';
import { type NetworkInterfaceInfoIPv4, networkInterfaces } from 'node:os';
import { ChainbootError } from '../errors.ts';
import { prefixOf } from '../net/cidr.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import { macBytes } from '../net/mac.ts';
import type { Link } from './types.ts';

/** Every interface that is up, once for each of its IPv4 addresses, loopback included. */
export function listLinks(): readonly Link[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap((entry) => (entry.family === 'IPv4' ? [linkFrom(name, entry)] : [])),
  );
}

/** Every address of this machine, of both families. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries = []) => entries.map(({ address }) => address));
}

/**
 * The link of that name; with `address`, the one that has this address.
 * @throws ChainbootError LINK_MISSING, LINK_NO_ADDRESS
 */
export function linkOf(name: string, address?: Ipv4): Link {
  const links = listLinks().filter((link) => link.name === name);
  const found = address === undefined ? links[0] : links.find((link) => link.address === address);
  if (found !== undefined) return found;
  // Node lists only interfaces that are up and have an address.
  if (links.length === 0 && !existsSync(`/sys/class/net/${name}`))
    throw new ChainbootError('LINK_MISSING', { link: name });
  throw new ChainbootError('LINK_NO_ADDRESS', {
    link: name,
    ...(address !== undefined && { address: formatIpv4(address) }),
  });
}

export function isLoopback(link: Link): boolean {
  return link.address >>> 24 === 127;
}

function linkFrom(name: string, { address, netmask, mac }: NetworkInterfaceInfoIPv4): Link {
  const mtu = mtuOf(name);
  return {
    name,
    address: parseIpv4(address)!,
    prefix: prefixOf(parseIpv4(netmask)!) ?? 32,
    mac: macBytes(mac),
    ...(mtu !== undefined && { mtu }),
  };
}

/** Tunnels and overlays have less than Ethernet's 1500. Undefined where there is no sysfs. */
function mtuOf(name: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
