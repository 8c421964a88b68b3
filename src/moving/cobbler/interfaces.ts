/** Interfaces of a system: bonds, bridges, VLANs and what they are made of. */

import { parseIpv4 } from '../../net/ip.ts';
import { parseIpv6 } from '../../net/ipv6.ts';
import { parseMac } from '../../net/mac.ts';
import type { MapNode } from '../json.ts';
import type { Entry } from '../moved.ts';
import { hostName } from '../names.ts';
import type { Report } from '../report.ts';
import type { Item } from './collections.ts';
import { isTrue, said, words } from './values.ts';

export type Nic = NonNullable<Entry<'hosts'>['interfaces']>[number];
export type Interfaces = {
  readonly nics: readonly Nic[];
  /** Cobbler's, beside ours. */
  readonly nodes: readonly MapNode[];
};

/** The only interface of a system that nobody named. */
const UNNAMED = 'default';

export function interfacesOf(item: Item, subject: string, report: Report): Interfaces {
  const found = item.entries.get('interfaces');
  const entries = found?.kind === 'map' ? [...found.entries] : [];
  const named = entries.flatMap(([name, node]) => (node.kind === 'map' ? [{ name, node }] : []));
  const slaves = (name: string) => named.filter(({ node }) => masterOf(node) === name);
  const nics = named.map(({ name, node }) => {
    const members = slaves(name);
    const nic = nicOf(name, node, `${subject}: ${name}`, report);
    const mac = nic.mac ?? members.map((member) => macOf(member.node)).find(Boolean);
    const devices = members.map((member) => member.name);
    return { ...nic, ...(mac && { mac }), ...(devices.length > 0 && { attached_devices: devices }) };
  });
  return {
    nics: withRoles(
      nics,
      named.map(({ node }) => node),
    ),
    nodes: named.map(({ node }) => node),
  };
}

function typeOf(node: MapNode): string {
  return (said(node, 'interface_type', 'bonding') ?? 'na').toLowerCase();
}

function masterOf(node: MapNode): string | undefined {
  return said(node, 'interface_master', 'bonding_master');
}

function macOf(node: MapNode): string | undefined {
  return parseMac(said(node, 'mac_address') ?? '');
}

function nicOf(name: string, node: MapNode, subject: string, report: Report): Nic {
  const type = typeOf(node);
  const isMaster =
    type === 'bond' || type === 'master' || type === 'bridge' || type === 'bonded_bridge_slave';
  const kind = type === 'bridge' ? 'bridge' : isMaster ? 'bond' : type === 'bmc' ? 'bmc' : undefined;
  const [mac, ip, ip6] = [macOf(node), said(node, 'ip_address'), said(node, 'ipv6_address')?.split('/')[0]];
  const mtu = Number(said(node, 'mtu'));
  const dns = hostName(said(node, 'dns_name') ?? '');
  reportNic(node, subject, report);
  return {
    ...(name !== UNNAMED && { identifier: name }),
    ...(dns && { name: dns }),
    ...(mac && { mac }),
    ...(ip && parseIpv4(ip) !== undefined && { ip }),
    ...(ip6 && parseIpv6(ip6) !== undefined && { ip6 }),
    ...(kind && { type: kind }),
    ...(Number.isInteger(mtu) && mtu >= 68 && mtu <= 65535 && { mtu }),
    ...virtualOf(name, kind === 'bmc'),
    ...(kind === 'bond' && bondOf(node)),
  };
}

/** `eth0.100` is a VLAN, `eth0:1` an alias. */
function virtualOf(name: string, isBmc: boolean): Partial<Nic> {
  const [, parent, mark, rest] = /^([^.:]+)([.:])(\w+)$/.exec(name) ?? [];
  if (parent === undefined || isBmc) return {};
  const isVlan = mark === '.' && /^\d+$/.test(rest!);
  return { virtual: true, attached_to: parent, ...(isVlan && { tag: rest! }) };
}

/** `mode=active-backup miimon=100` */
function bondOf(node: MapNode): Partial<Nic> {
  const options = said(node, 'bonding_opts')?.split(/\s+/) ?? [];
  const mode = options.find((option) => option.startsWith('mode='))?.slice('mode='.length);
  const rest = options.filter((option) => !option.startsWith('mode=')).join(' ');
  return { ...(mode && { mode }), ...(rest !== '' && { bond_options: rest }) };
}

function reportNic(node: MapNode, subject: string, report: Report): void {
  const say = (key: string, outcome: 'left' | 'human' | 'refused', message: string) =>
    report[outcome](node.entries.get(key)?.place ?? node.place, `${subject}: ${key}`, message);
  const mac = said(node, 'mac_address');
  if (mac !== undefined && parseMac(mac) === undefined)
    say('mac_address', 'refused', `${mac} is no MAC address`);
  const ip = said(node, 'ip_address');
  if (ip !== undefined && parseIpv4(ip) === undefined)
    say('ip_address', 'refused', `${ip} is no IPv4 address`);
  const ip6 = said(node, 'ipv6_address');
  if (ip6 !== undefined && parseIpv6(ip6.split('/')[0]!) === undefined)
    say('ipv6_address', 'refused', `${ip6} is no IPv6 address`);
  const dns = said(node, 'dns_name');
  if (dns !== undefined && hostName(dns) === undefined) say('dns_name', 'human', `${dns} is no host name`);
  for (const key of ['static_routes', 'ipv6_static_routes', 'ipv6_secondaries'])
    if (words(node, key).length > 0) say(key, 'human', 'has no field; give a subnet classless-static-routes');
  if (words(node, 'cnames').length > 0) say('cnames', 'left', 'Chainboot writes no DNS records');
  if (said(node, 'bridge_opts') !== undefined) say('bridge_opts', 'human', 'has no field');
  if (said(node, 'dhcp_tag') !== undefined)
    say('dhcp_tag', 'left', 'is for the dhcpd that Cobbler writes for');
  if (said(node, 'virt_bridge') !== undefined) say('virt_bridge', 'left', 'is for virtual machines');
}

/** The management interface, else the first with an address, else the first, is what the machine boots from. */
function withRoles(nics: readonly Nic[], nodes: readonly MapNode[]): readonly Nic[] {
  const able = nics.map(({ type }) => type !== 'bmc');
  const chosen = [
    nodes.findIndex((node, i) => able[i] && isTrue(node, 'management')),
    nics.findIndex(({ ip, mac }, i) => able[i] && ip !== undefined && mac !== undefined),
    able.indexOf(true),
  ].find((index) => index >= 0);
  if (nics.length < 2 || chosen === undefined) return nics;
  return nics.map((nic, i) => (i === chosen ? { ...nic, primary: true, provision: true } : nic));
}
