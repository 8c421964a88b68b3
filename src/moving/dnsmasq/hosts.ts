/** Host lines to hosts, and their tags to groups. */

import { type DraftGroup, type DraftHost, mergedOptions } from '../network/drafts.ts';
import type { Report } from '../report.ts';
import { type HostLine, macOfClientId } from './host-line.ts';
import type { Said } from './said.ts';

function groupName(tag: string): string {
  return tag.replaceAll('/', '-');
}

/** A tag of hosts that something is said to. */
export function groupOf(tag: string, said: readonly Said[]): readonly DraftGroup[] {
  const own = said.filter(({ wanted }) => wanted.length === 1 && wanted[0] === tag);
  const [first] = own;
  if (first === undefined) return [];
  const options = new Map(own.flatMap(({ option }) => (option === undefined ? [] : [[option.code, option]])));
  const boot = own.findLast((each) => each.boot !== undefined)?.boot;
  return [{ place: first.setting.place, name: groupName(tag), options, ...(boot && { boot }) }];
}

type HostParts = {
  readonly groups: readonly DraftGroup[];
  readonly book: ReadonlyMap<string, string>;
  readonly report: Report;
};

/** None for what is reported instead. */
export function hostOf(line: HostLine, { groups, book, report }: HostParts): readonly DraftHost[] {
  const { place, set, name, leaseTime } = line;
  const called = `dhcp-host ${line.text}`;
  if (line.isIgnored) {
    report.human(place, called, 'a machine that must not be answered: declare a host with enabled: false');
    return [];
  }
  for (const pattern of line.patterns)
    report.human(place, called, `"${pattern}" stands for many machines, and is left out`);
  const fromIds = line.clientIds.flatMap((id) => macOfClientId(id) ?? []);
  const macs = line.macs.length > 0 ? line.macs : fromIds;
  if (macs.length === 0) {
    const isPattern = line.patterns.length > 0 && name === undefined && line.ip === undefined;
    if (!isPattern) report.refused(place, called, 'has no MAC address: here machines are known by theirs');
    return [];
  }
  if (line.wanted.length > 0) report.human(place, called, 'is taken whatever tags the machine has');
  if (leaseTime !== undefined) report.left(place, called, 'every client of a subnet gets its lease_time');
  const [group, ...others] = groups.filter((each) => set.some((tag) => groupName(tag) === each.name));
  // A host is in one group; what its other tags say is its own.
  const options = mergedOptions(...others.map((other) => other.options));
  const boot = group?.boot ?? others.find((other) => other.boot !== undefined)?.boot;
  const ip = line.ip ?? (name === undefined ? undefined : book.get(name.toLowerCase()));
  const isOwnBoot = boot !== undefined && boot !== group?.boot;
  return [
    {
      place,
      called,
      names: name === undefined ? [] : [name],
      macs: macs.map((mac) => ({ mac, place })),
      ips: ip === undefined ? [] : [ip],
      ...(line.ip6 !== undefined && { ip6: line.ip6 }),
      ...(group && { group: group.name }),
      options,
      ...(isOwnBoot && { boot }),
    },
  ];
}
