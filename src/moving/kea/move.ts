/** Kea: kea-dhcp4.conf, with `Dhcp6` beside it or alone, to a site. */

import type { Files } from '../files.ts';
import { type MapNode, mapsAt, parseJson, textAt } from '../json.ts';
import type { Moved } from '../moved.ts';
import { assemble } from '../network/assemble.ts';
import { type DraftHost, type DraftNetwork, type DraftNetwork6, NO_OPTIONS } from '../network/drafts.ts';
import { unreadable } from '../place.ts';
import { Report } from '../report.ts';
import { classGroups } from './classes.ts';
import { fateOf } from './fates.ts';
import { definitionsOf } from './options.ts';
import { hostOf, withIpv6 } from './reservation.ts';
import { network6Of, networkOf, reportKeys, within } from './subnet.ts';

const SOURCE = 'Kea';

/**
 * @param file its path, for messages
 * @throws ChainbootError IMPORT_UNREADABLE with the place of what is not Kea's language
 */
export function moveKea(text: string, file: string, files: Files): Moved {
  const root = parseJson(text, file, { files, source: SOURCE });
  const report = new Report();
  const [dhcp4, dhcp6] = root.kind === 'map' ? [mapAt(root, 'Dhcp4'), mapAt(root, 'Dhcp6')] : [];
  if (root.kind !== 'map' || (dhcp4 === undefined && dhcp6 === undefined))
    throw unreadable(SOURCE, root.place, 'neither Dhcp4 nor Dhcp6 is in it');
  for (const [key, { place }] of root.entries) {
    if (key === 'Dhcp4' || key === 'Dhcp6') continue;
    const { outcome, why } = fateOf(key);
    report[outcome](place, key, why);
  }
  const four = dhcp4 === undefined ? NOTHING : moveDhcp4(dhcp4, report);
  const six = dhcp6 === undefined ? NOTHING : moveDhcp6(dhcp6, report);
  const { networks, groups } = four;
  return assemble(
    { networks, networks6: six.networks6, groups, hosts: withIpv6(four.hosts, six.hosts) },
    report,
  );
}

type Part = {
  readonly networks: readonly DraftNetwork[];
  readonly networks6: readonly DraftNetwork6[];
  readonly groups: Parameters<typeof assemble>[0]['groups'];
  readonly hosts: readonly DraftHost[];
};
const NOTHING: Part = { networks: [], networks6: [], groups: [], hosts: [] };

function mapAt(node: MapNode, key: string): MapNode | undefined {
  const found = node.entries.get(key);
  return found?.kind === 'map' ? found : undefined;
}

/** Those of the scope itself, of its subnets, and of the subnets of its shared networks. */
function everySubnet(dhcp: MapNode, key: 'subnet4' | 'subnet6'): readonly MapNode[] {
  return [dhcp, ...mapsAt(dhcp, 'shared-networks')].flatMap((node) => mapsAt(node, key));
}

function moveDhcp4(dhcp: MapNode, report: Report): Part {
  const definitions = definitionsOf(dhcp, report);
  const top = within({ options: NO_OPTIONS }, dhcp, definitions, report);
  reportKeys(dhcp, true, report);
  const networks = mapsAt(dhcp, 'subnet4').flatMap((node) => networkOf(node, top, definitions, report) ?? []);
  for (const shared of mapsAt(dhcp, 'shared-networks')) {
    reportKeys(shared, false, report);
    const sharedNetwork = textAt(shared, 'name') ?? '';
    const scope = { ...within(top, shared, definitions, report), ...(sharedNetwork && { sharedNetwork }) };
    networks.push(
      ...mapsAt(shared, 'subnet4').flatMap((node) => networkOf(node, scope, definitions, report) ?? []),
    );
  }
  const reservations = [dhcp, ...everySubnet(dhcp, 'subnet4')].flatMap((node) =>
    mapsAt(node, 'reservations'),
  );
  const groups = classGroups(dhcp, reservations, definitions, report);
  const hosts = reservations.flatMap((node) => hostOf(node, { groups, definitions, report }) ?? []);
  return { networks, networks6: [], groups: [...groups.values()], hosts };
}

/** Facts about networks and machines: nobody here gives IPv6 addresses. */
function moveDhcp6(dhcp: MapNode, report: Report): Part {
  const subnets = everySubnet(dhcp, 'subnet6');
  const networks6 = subnets.flatMap((node) => network6Of(node, report));
  const reservations = [dhcp, ...subnets].flatMap((node) => mapsAt(node, 'reservations'));
  const parts = { groups: new Map(), definitions: new Map(), report };
  return { ...NOTHING, networks6, hosts: reservations.flatMap((node) => hostOf(node, parts) ?? []) };
}
