/** A network of libvirt as a site. Pure. */

import type { Moved } from '../../moving/moved.ts';
import { assemble } from '../../moving/network/assemble.ts';
import { type DraftHost, NO_OPTIONS } from '../../moving/network/drafts.ts';
import { Report } from '../../moving/report.ts';
import type { Cidr } from '../../net/cidr.ts';
import { parseMac } from '../../net/mac.ts';
import type { Reservation } from '../types.ts';

type Existing = { readonly name: string; readonly subnet?: Cidr; readonly foreign: readonly Reservation[] };

/** Without its range: libvirt goes on giving addresses of it. */
export function existingSite({ name, subnet, foreign }: Existing): Moved {
  const place = { file: name, line: 1, column: 1 };
  const report = new Report();
  const hosts = foreign.flatMap((entry): readonly DraftHost[] => {
    const mac = parseMac(entry.mac);
    const called = `host ${entry.name === '' ? entry.mac : entry.name}`;
    if (mac === undefined) {
      report.refused(place, called, 'has no MAC address: here machines are known by theirs');
      return [];
    }
    const [names, ips] = [entry.name === '' ? [] : [entry.name], entry.ip === undefined ? [] : [entry.ip]];
    return [{ place, called, names, macs: [{ mac, place }], ips, options: NO_OPTIONS }];
  });
  const networks =
    subnet === undefined ? [] : [{ place, cidr: subnet, name, ranges: [], options: NO_OPTIONS }];
  return assemble({ networks, networks6: [], groups: [], hosts }, report);
}
