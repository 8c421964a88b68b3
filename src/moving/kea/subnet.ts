/** Subnets and shared networks of Kea. */

import { type Cidr, contains, formatCidr, maskOf, parseCidr } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { parseCidr6, parseIpv6 } from '../../net/ipv6.ts';
import { flagAt, itemsAt, type MapNode, mapsAt, numberAt, textAt, textsAt } from '../json.ts';
import {
  type DraftBoot,
  type DraftNetwork,
  type DraftNetwork6,
  type DraftOptions,
  type DraftRange,
  mergedOptions,
} from '../network/drafts.ts';
import type { Report } from '../report.ts';
import { bootOf, commentOf } from './classes.ts';
import { fateOf } from './fates.ts';
import { type Definitions, optionsOf } from './options.ts';

/** What the subnets inside of a scope inherit. */
export type KeaScope = {
  readonly options: DraftOptions;
  readonly boot?: DraftBoot;
  readonly leaseTime?: number;
  readonly authoritative?: boolean;
  readonly sharedNetwork?: string;
};

export function within(outer: KeaScope, node: MapNode, definitions: Definitions, report: Report): KeaScope {
  const [boot, leaseTime, authoritative] = [
    bootOf(node),
    numberAt(node, 'valid-lifetime'),
    flagAt(node, 'authoritative'),
  ];
  return {
    ...outer,
    ...(boot && { boot }),
    ...(leaseTime !== undefined && { leaseTime }),
    ...(authoritative !== undefined && { authoritative }),
    options: mergedOptions(outer.options, optionsOf(node, definitions, report)),
  };
}

const TAKEN = new Set([
  'subnet',
  'subnet4',
  'subnet6',
  'shared-networks',
  'name',
  'id',
  'pools',
  'option-data',
  'option-def',
  'reservations',
  'client-classes',
  'valid-lifetime',
  'authoritative',
  'boot-file-name',
  'comment',
  'user-context',
  'relay',
]);

/** Says what becomes of all other keys. `classes` stand at the top as definitions, elsewhere as conditions. */
export function reportKeys(node: MapNode, isTop: boolean, report: Report): void {
  for (const [key, { place, ...value }] of node.entries) {
    const isEmpty =
      value.kind === 'plain' ? value.value === '' : value.kind === 'list' && value.items.length === 0;
    if ((TAKEN.has(key) && (isTop || key !== 'client-classes')) || isEmpty) continue;
    const { outcome, why } = fateOf(key);
    const shown = value.kind === 'plain' ? ` ${String(value.value)}` : '';
    report[outcome](place, `${key}${shown}`, why);
  }
}

/** Undefined for what is no network, which is refused. */
export function networkOf(
  node: MapNode,
  outer: KeaScope,
  definitions: Definitions,
  report: Report,
): DraftNetwork | undefined {
  const text = textAt(node, 'subnet') ?? '';
  const cidr = cidrOf(text);
  if (cidr === undefined) {
    report.refused(node.place, `subnet ${text}`, 'is no IPv4 network');
    return undefined;
  }
  reportKeys(node, false, report);
  reportRelays(node, cidr, report);
  const scope = within(outer, node, definitions, report);
  const pools = mapsAt(node, 'pools');
  const only = pools.length === 1 && !isForClass(pools[0]!) ? pools[0] : undefined;
  const ofPool = only === undefined ? scope.options : optionsOf(only, definitions, report);
  if (only === undefined) for (const pool of pools) reportPoolOptions(pool, report);
  const description = commentOf(node);
  return {
    ...scope,
    place: node.place,
    cidr,
    options: mergedOptions(scope.options, ofPool),
    ranges: pools.flatMap((pool) => rangeOf(pool, report)),
    ...(description && { description }),
  };
}

/** Kea takes addresses with host bits. */
function cidrOf(text: string): Cidr | undefined {
  const [address = '', length = ''] = text.split('/');
  const [ip, prefix] = [parseIpv4(address), Number(length)];
  if (ip === undefined || !/^\d{1,2}$/.test(length) || prefix > 32) return undefined;
  return { network: (ip & maskOf(prefix)) >>> 0, prefix };
}

function reportRelays(node: MapNode, cidr: Cidr, report: Report): void {
  const relay = node.entries.get('relay');
  if (relay?.kind !== 'map') return;
  for (const address of [...textsAt(relay, 'ip-addresses'), textAt(relay, 'ip-address') ?? '']) {
    const ip = parseIpv4(address);
    if (ip === undefined) continue;
    if (contains(cidr, ip)) report.left(relay.place, `relay ${address}`, 'relays are known by their subnet');
    else
      report.human(
        relay.place,
        `relay ${address}`,
        `lies outside of ${formatCidr(cidr)}: put both into one shared_network with its own subnet`,
      );
  }
}

function isForClass(pool: MapNode): boolean {
  return textAt(pool, 'client-class') !== undefined || itemsAt(pool, 'client-classes').length > 0;
}

function reportPoolOptions(pool: MapNode, report: Report): void {
  for (const option of mapsAt(pool, 'option-data'))
    report.human(
      option.place,
      `option ${textAt(option, 'name') ?? numberAt(option, 'code')}`,
      'is of one pool of several; here a subnet has one pool',
    );
}

/** `192.0.2.10 - 192.0.2.20`, `192.0.2.64/26`. */
function rangeOf(node: MapNode, report: Report): readonly DraftRange[] {
  const place = node.entries.get('pool')?.place ?? node.place;
  const text = textAt(node, 'pool') ?? '';
  const cidr = parseCidr(text.replaceAll(/\s/g, ''));
  const [from = '', to = ''] = text.split('-').map((part) => part.trim());
  const first = cidr?.network ?? parseIpv4(from);
  const last = cidr === undefined ? parseIpv4(to) : (cidr.network | ~maskOf(cidr.prefix)) >>> 0;
  if (first === undefined || last === undefined) {
    report.refused(place, `pool ${text}`, 'is no range of IPv4 addresses');
    return [];
  }
  if (isForClass(node)) {
    report.human(place, `pool ${text}`, 'is left out: it is for a class of clients only');
    return [];
  }
  return [{ place, first, last }];
}

const DNS6 = 'dns-servers';

export function network6Of(node: MapNode, report: Report): readonly DraftNetwork6[] {
  const network = textAt(node, 'subnet') ?? '';
  const { place } = node;
  if (parseCidr6(network) === undefined) {
    report.refused(place, `subnet ${network}`, 'is no IPv6 network');
    return [];
  }
  const data = mapsAt(node, 'option-data').find((option) => textAt(option, 'name') === DNS6);
  const servers = (data === undefined ? '' : (textAt(data, 'data') ?? ''))
    .split(',')
    .map((text) => text.trim());
  for (const pool of [...mapsAt(node, 'pools'), ...mapsAt(node, 'pd-pools')])
    report.left(pool.place, `pool ${textAt(pool, 'pool') ?? textAt(pool, 'prefix')}`, NO_DHCP6);
  return [{ place, network, dns: servers.filter((server) => parseIpv6(server) !== undefined) }];
}

const NO_DHCP6 = 'Chainboot gives no IPv6 addresses by DHCP';
