/** A network of libvirt, as `virsh net-dumpxml` prints it. Pure. */

import { attributeOf, type Element, parseXml } from '../../formats/xml.ts';
import { type Cidr, cidrAround, contains, prefixOf } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { parseMac } from '../../net/mac.ts';
import type { OutsideLease, Reservation } from '../types.ts';

export type LibvirtNetwork = {
  /** The `<ip>` that has `<dhcp>`: libvirt allows one of IPv4. Undefined: it gives no addresses. */
  readonly subnet?: Cidr;
  /** In their order. */
  readonly hosts: readonly Reservation[];
  /** What all its machines are told to boot. */
  readonly bootFile?: string;
};

/** Undefined for what is no network. */
export function networkOf(xml: string): LibvirtNetwork | undefined {
  const { root, fault } = parseXml(xml);
  if (root?.name !== 'network' || fault !== undefined) return undefined;
  const ip = named(root, 'ip').find((each) => isIpv4(each) && named(each, 'dhcp').length > 0);
  const dhcp = ip && named(ip, 'dhcp')[0];
  if (ip === undefined || dhcp === undefined) return { hosts: [] };
  const subnet = subnetOf(ip);
  const bootFile = named(dhcp, 'bootp').map((bootp) => attributeOf(bootp, 'file'))[0];
  return {
    ...(subnet !== undefined && { subnet }),
    hosts: named(dhcp, 'host').map(reservationOf),
    ...(bootFile !== undefined && { bootFile }),
  };
}

function named({ children }: Element, name: string): readonly Element[] {
  return children.filter((child) => child.name === name);
}

function isIpv4(ip: Element): boolean {
  return (attributeOf(ip, 'family') ?? 'ipv4') === 'ipv4';
}

function subnetOf(ip: Element): Cidr | undefined {
  const address = parseIpv4(attributeOf(ip, 'address') ?? '');
  const mask = parseIpv4(attributeOf(ip, 'netmask') ?? '');
  const prefix = attributeOf(ip, 'prefix') ?? (mask === undefined ? undefined : prefixOf(mask));
  if (address === undefined || prefix === undefined) return undefined;
  return cidrAround(address, Number(prefix));
}

function reservationOf(host: Element): Reservation {
  const said = attributeOf(host, 'mac');
  // One without a MAC address has a client identifier.
  const mac = said === undefined ? `client-id ${attributeOf(host, 'id') ?? ''}` : (parseMac(said) ?? said);
  const ip = attributeOf(host, 'ip');
  return { mac, ...(ip !== undefined && { ip }), name: attributeOf(host, 'name') ?? '' };
}

export function isIn(subnet: Cidr | undefined, ip: string): boolean {
  const address = parseIpv4(ip);
  return subnet !== undefined && address !== undefined && contains(subnet, address);
}

/** For `net-update`: matched by all that it says. */
export function hostXml({ mac, ip, name }: Reservation): string {
  const address = ip === undefined ? '' : ` ip='${escaped(ip)}'`;
  return `<host mac='${escaped(mac)}' name='${escaped(name)}'${address}/>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

export function escaped(text: string): string {
  return text.replace(/[&<>'"]/g, (char) => ENTITIES[char]!);
}

/** `2026-11-23 15:18:20   52:54:00:00:00:01   ipv4   10.0.0.5/24   name   ff:…`, in the time zone of virsh: UTC. */
const LEASE = /^\s*(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\s+([0-9a-f:]{17})\s+ipv4\s+([\d.]+)\/\d+\s+(\S+)/i;

/** What `virsh net-dhcp-leases` prints. */
export function leasesOf(table: string): readonly OutsideLease[] {
  return table.split('\n').flatMap((line): readonly OutsideLease[] => {
    const [, day, time, said = '', ip = '', hostname = '-'] = LEASE.exec(line) ?? [];
    const mac = parseMac(said);
    if (mac === undefined) return [];
    const ends = Date.parse(`${day}T${time}Z`);
    // 1970: for ever.
    return [{ mac, ip, ...(hostname !== '-' && { hostname }), ...(ends > 0 && { ends }) }];
  });
}

/** What `virsh net-info` prints, in the language of nobody (LC_ALL=C). */
export function stateOf(info: string): { readonly active: boolean; readonly persistent: boolean } {
  const says = (key: string) => new RegExp(`^${key}:\\s+yes$`, 'm').test(info);
  return { active: says('Active'), persistent: says('Persistent') };
}
