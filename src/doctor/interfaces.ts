/** Are the interfaces there, up, plugged in, with an address and of a usual size? */

import { existsSync } from 'node:fs';
import type { Config, LinkConfig } from '../config/schema.ts';
import { linkOf } from '../link/links.ts';
import { parseIpv4 } from '../net/ip.ts';
import { type Finding, finding } from './finding.ts';
import { textOf } from './system.ts';

const IFF_UP = 1;
const ETHERNET_MTU = 1500;

export async function checkInterfaces({ links }: Config): Promise<readonly Finding[]> {
  return links.flatMap(linkFindings);
}

function linkFindings({ interface: name, address }: LinkConfig): readonly Finding[] {
  const place = `/sys/class/net/${name}`;
  if (!existsSync(place))
    return [finding('error', 'interface-missing', `there is no interface ${name}`, 'ip -brief link')];
  const flags = Number(textOf(`${place}/flags`) ?? IFF_UP);
  if ((flags & IFF_UP) === 0)
    return [finding('error', 'interface-down', `${name} is down`, `ip link set dev ${name} up`)];
  const found = [...carrierFindings(name, textOf(`${place}/carrier`)), ...mtuFindings(name, mtuAt(place))];
  return [...addressFindings(name, address), ...found];
}

function addressFindings(name: string, address: string | undefined): readonly Finding[] {
  try {
    linkOf(name, address === undefined ? undefined : parseIpv4(address));
    return [finding('ok', 'interface', `${name} is up and has an address`)];
  } catch {
    const wanted = address ?? '192.168.77.1';
    const lacks = address === undefined ? 'has no IPv4 address' : `does not have the address ${address}`;
    return [
      finding('error', 'interface-no-address', `${name} ${lacks}`, `ip address add ${wanted}/24 dev ${name}`),
    ];
  }
}

function carrierFindings(name: string, carrier: string | undefined): readonly Finding[] {
  if (carrier?.trim() !== '0') return [];
  return [
    finding(
      'warning',
      'interface-no-carrier',
      `${name} is up and not plugged in: no carrier`,
      `ethtool ${name}`,
    ),
  ];
}

function mtuAt(place: string): number | undefined {
  return Number(textOf(`${place}/mtu`)) || undefined;
}

/** Loopback has 65536 and is nobody's network. */
export function mtuFindings(name: string, mtu: number | undefined): readonly Finding[] {
  if (mtu === undefined || mtu === ETHERNET_MTU || name === 'lo') return [];
  const fix = `ip link set dev ${name} mtu ${ETHERNET_MTU}`;
  if (mtu < ETHERNET_MTU)
    return [
      finding(
        'warning',
        'mtu-small',
        `${name} has an MTU of ${mtu}: packets of 1500 bytes from machines do not arrive`,
        fix,
      ),
    ];
  return [
    finding(
      'warning',
      'mtu-jumbo',
      `${name} has an MTU of ${mtu}: firmware has 1500, and what is larger is lost where a switch or a machine does not go along`,
      fix,
    ),
  ];
}
