/** Reservations of Kea to hosts: those of DHCPv4, and the IPv6 addresses of the same machines. */

import { formatMac, type Mac } from '../../net/mac.ts';
import { type MapNode, textAt, textsAt } from '../json.ts';
import { type DraftGroup, type DraftHost, mergedOptions } from '../network/drafts.ts';
import { hexBytes } from '../network/option-value.ts';
import type { Report } from '../report.ts';
import { bootOf, commentOf } from './classes.ts';
import { fateOf } from './fates.ts';
import { type Definitions, optionsOf } from './options.ts';

/** ARP hardware type. */
const ETHERNET = 1;

export type ReservationParts = {
  readonly groups: ReadonlyMap<string, DraftGroup>;
  readonly definitions: Definitions;
  readonly report: Report;
};

/** Undefined for a machine that cannot be told by its MAC address, which is reported. */
export function hostOf(
  node: MapNode,
  { groups, definitions, report }: ReservationParts,
): DraftHost | undefined {
  const { place } = node;
  const called = calledOf(node);
  const mac = macOf(node);
  if (mac === undefined) {
    report.refused(place, called, 'has no Ethernet address: here machines are known by theirs');
    return undefined;
  }
  if (node.entries.has('duid'))
    report.human(place, called, `${mac} is of its DUID: look whether it is that of the card it boots from`);
  reportKeys(node, report);
  const [group, ...others] = textsAt(node, 'client-classes').flatMap((name) => groups.get(name) ?? []);
  const boot =
    bootOf(node) ?? (group?.boot === undefined ? others.find((each) => each.boot)?.boot : undefined);
  const name = textAt(node, 'hostname');
  const ip = textAt(node, 'ip-address');
  const ip6 = textsAt(node, 'ip-addresses')[0];
  const comment = commentOf(node);
  return {
    place,
    called,
    names: name === undefined || name === '' ? [] : [name],
    macs: [{ mac, place: node.entries.get('hw-address')?.place ?? place }],
    ips: ip === undefined ? [] : [ip],
    ...(ip6 !== undefined && { ip6 }),
    ...(group && { group: group.name }),
    options: mergedOptions(...others.map(({ options }) => options), optionsOf(node, definitions, report)),
    ...(boot && { boot }),
    ...(comment && { comment }),
  };
}

const TAKEN = new Set([
  'hw-address',
  'client-id',
  'duid',
  'hostname',
  'ip-address',
  'ip-addresses',
  'client-classes',
  'option-data',
  'boot-file-name',
  'user-context',
  'comment',
]);

function reportKeys(node: MapNode, report: Report): void {
  for (const [key, value] of node.entries) {
    if (TAKEN.has(key) || (value.kind === 'plain' && (value.value === '' || value.value === '0.0.0.0')))
      continue;
    const { outcome, why } = fateOf(key);
    report[outcome](value.place, `${calledOf(node)}: ${key}`, why);
  }
}

const IDENTIFIERS = ['hw-address', 'client-id', 'duid', 'circuit-id', 'flex-id'] as const;

function calledOf(node: MapNode): string {
  const name = textAt(node, 'hostname') ?? textAt(node, 'ip-address');
  const identifier = IDENTIFIERS.find((key) => node.entries.has(key));
  const said = identifier === undefined ? undefined : `${identifier} ${textAt(node, identifier)}`;
  return `reservation ${[name, said].filter(Boolean).join(', ')}`;
}

function macOf(node: MapNode): Mac | undefined {
  const hardware = hexBytes(textAt(node, 'hw-address') ?? '');
  if (hardware?.length === 6) return formatMac(Uint8Array.from(hardware));
  const clientId = hexBytes(textAt(node, 'client-id') ?? '');
  if (clientId?.length === 7 && clientId[0] === ETHERNET)
    return formatMac(Uint8Array.from(clientId.slice(1)));
  return macOfDuid(textAt(node, 'duid') ?? '');
}

/** RFC 8415 §11.2 and §11.4: DUID-LLT and DUID-LL of Ethernet end with the MAC address. */
function macOfDuid(duid: string): Mac | undefined {
  const bytes = hexBytes(duid);
  if (bytes === undefined || bytes[0] !== 0 || bytes[2] !== 0 || bytes[3] !== ETHERNET) return undefined;
  const isLinkLayer = (bytes[1] === 1 && bytes.length === 14) || (bytes[1] === 3 && bytes.length === 10);
  return isLinkLayer ? formatMac(Uint8Array.from(bytes.slice(-6))) : undefined;
}

/** Adds IPv6 addresses to the hosts of the same MAC address or name; the rest are hosts of their own. */
export function withIpv6(hosts: readonly DraftHost[], hosts6: readonly DraftHost[]): readonly DraftHost[] {
  const byKey = new Map<string, DraftHost>();
  for (const host of hosts6) for (const key of keysOf(host)) if (!byKey.has(key)) byKey.set(key, host);
  const used = new Set<DraftHost>();
  const joined = hosts.map((host) => {
    const same = keysOf(host).flatMap((key) => byKey.get(key) ?? [])[0];
    if (same?.ip6 === undefined || used.has(same)) return host;
    used.add(same);
    return { ...host, ip6: same.ip6 };
  });
  return [...joined, ...hosts6.filter((host) => !used.has(host))];
}

/** A machine is the same by its MAC address, else by its name. */
function keysOf({ macs, names }: DraftHost): readonly string[] {
  return [...macs.slice(0, 1).map(({ mac }) => mac), ...names.slice(0, 1)];
}
