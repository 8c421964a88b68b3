/** dnsmasq: dnsmasq.conf, and the files that it names, to a site. */

import { type Cidr, contains, parseCidr } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import type { Files } from '../files.ts';
import type { Moved } from '../moved.ts';
import { domainName } from '../names.ts';
import { assemble } from '../network/assemble.ts';
import {
  type DraftBoot,
  type DraftGroup,
  type DraftHost,
  type DraftNetwork,
  type DraftNetwork6,
  type DraftOption,
  mergedOptions,
} from '../network/drafts.ts';
import { CODE } from '../network/options.ts';
import { Report } from '../report.ts';
import { addressBook } from './addresses.ts';
import { type Classes, classesOf } from './classes.ts';
import { fateOf } from './fates.ts';
import { hostLinesOf, optionSettingsOf } from './further.ts';
import { type HostLine, macOfClientId } from './host.ts';
import { type Setting, settingsOf } from './lines.ts';
import { optionOf } from './option.ts';
import { isRange6, type Range, range6Of, rangeOf } from './range.ts';
import { tagged } from './tags.ts';

export type DnsmasqContext = {
  /** Networks whose netmask is known, as those of this machine. */
  readonly links: readonly Cidr[];
  /** Of the machine that dnsmasq runs on: what it announces where it says nothing else. */
  readonly self?: string;
};

/**
 * @param file its path, for messages and for what it includes
 * @throws ChainbootError IMPORT_UNREADABLE with the place of what is not dnsmasq's language
 */
export function moveDnsmasq(text: string, file: string, files: Files, context: DnsmasqContext): Moved {
  const settings = settingsOf(text, file, files);
  const report = new Report();
  const self = context.self ?? listenAddress(settings);
  const classes = classesOf(settings, report);
  const ranges = settings.flatMap((setting) => placedRange(setting, context, report));
  const said = saidOf(settings, files, self, report);
  const lines = hostLinesOf(settings, files, report);
  const hostTags = new Set(lines.flatMap(({ set }) => set));
  const rangeTags = new Set(ranges.flatMap(({ range }) => range.set));
  reportTags(said, { hostTags, rangeTags, classes }, report);
  reportFates(settings, report);
  const authoritative = settings.some(({ name }) => name === 'dhcp-authoritative');
  const networks = ranges.map((placed): DraftNetwork => networkOf(placed, said, settings, self, report));
  const groups = [...hostTags].flatMap((tag) => groupOf(tag, said));
  const book = addressBook(settings, files);
  return assemble(
    {
      networks: networks.map((network) => (authoritative ? { ...network, authoritative } : network)),
      networks6: settings.flatMap((setting) => network6Of(setting, report)),
      groups,
      hosts: lines.flatMap((line) => hostOf(line, { groups, book, report })),
    },
    report,
  );
}

/** Where it listens, if that is one address other than the loopback. */
function listenAddress(settings: readonly Setting[]): string | undefined {
  const addresses = settings
    .filter(({ name }) => name === 'listen-address')
    .flatMap(({ values }) => values)
    .filter((value) => parseIpv4(value) !== undefined && !value.startsWith('127.'));
  return addresses.length === 1 ? addresses[0] : undefined;
}

type PlacedRange = { readonly setting: Setting; readonly range: Range };

function placedRange(setting: Setting, { links }: DnsmasqContext, report: Report): readonly PlacedRange[] {
  if (setting.name !== 'dhcp-range' || isRange6(setting)) return [];
  const range = rangeOf(setting, links, report);
  if (range?.isProxy)
    report.human(setting.place, `dhcp-range ${setting.text}`, 'is a proxy: say mode: proxy for the link');
  return range === undefined ? [] : [{ setting, range }];
}

function network6Of(setting: Setting, report: Report): readonly DraftNetwork6[] {
  if (setting.name !== 'dhcp-range' || !isRange6(setting)) return [];
  const range = range6Of(setting);
  const subject = `dhcp-range ${setting.text}`;
  if (range === undefined) report.left(setting.place, subject, 'Chainboot gives no IPv6 addresses by DHCP');
  return range === undefined ? [] : [{ place: setting.place, network: range.network, dns: [] }];
}

/** What is said to all, or to those with a tag. */
type Said = {
  readonly setting: Setting;
  readonly wanted: readonly string[];
  readonly option?: DraftOption;
  readonly boot?: DraftBoot;
  /** Code of an option that is not sent. */
  readonly without?: number;
};

function saidOf(
  settings: readonly Setting[],
  files: Files,
  self: string | undefined,
  report: Report,
): readonly Said[] {
  const options = optionSettingsOf(settings, files).flatMap((setting): readonly Said[] => {
    const read = optionOf(setting, self, report);
    if (read === undefined) return [];
    const { wanted, option, code } = read;
    if (option === undefined) return [{ setting, wanted, without: code }];
    if (code !== CODE.bootfile) return [{ setting, wanted, option }];
    return [{ setting, wanted, boot: { place: setting.place, filename: option.words[0] ?? '' } }];
  });
  const boots = settings.flatMap((setting): readonly Said[] => {
    if (setting.name !== 'dhcp-boot') return [];
    const { wanted, rest } = tagged(setting.values, 'wanted');
    if (rest.length > 1)
      report.left(setting.place, `dhcp-boot ${setting.text}`, 'Chainboot serves the loaders itself');
    return [{ setting, wanted, boot: { place: setting.place, filename: rest[0] ?? '' } }];
  });
  return [...options, ...boots];
}

type Tags = {
  readonly hostTags: ReadonlySet<string>;
  readonly rangeTags: ReadonlySet<string>;
  readonly classes: Classes;
};

/** What goes neither to a subnet nor to a hostgroup. */
function reportTags(said: readonly Said[], { hostTags, rangeTags, classes }: Tags, report: Report): void {
  for (const { setting, wanted, boot } of said) {
    const [tag, ...more] = wanted;
    if (tag === undefined) continue;
    if (more.length === 0 && (hostTags.has(tag) || rangeTags.has(tag))) continue;
    const names = wanted.map((each) => each.replace(/^!/, ''));
    const subject = `${setting.name} ${setting.text}`;
    if (boot !== undefined && names.every((name) => classes.firmware.has(name)))
      report.left(setting.place, subject, 'Chainboot picks the loader that suits the firmware that asks');
    else report.human(setting.place, subject, `is for clients with the tag ${wanted.join(', ')}`);
  }
}

const TAKEN = new Set([
  'dhcp-range',
  'dhcp-host',
  'dhcp-option',
  'dhcp-option-force',
  'dhcp-boot',
  'dhcp-match',
  'dhcp-vendorclass',
  'dhcp-userclass',
  'dhcp-hostsfile',
  'dhcp-hostsdir',
  'dhcp-optsfile',
  'dhcp-optsdir',
  'dhcp-authoritative',
  'read-ethers',
  'domain',
]);

function reportFates(settings: readonly Setting[], report: Report): void {
  for (const { name, text, place } of settings) {
    if (TAKEN.has(name)) continue;
    const { outcome, why } = fateOf(name);
    report[outcome](place, text === '' ? name : `${name} ${text}`, why);
  }
}

/** Nothing, one of the tags, and no other is asked for. */
function appliesTo({ wanted }: Said, tags: readonly string[]): boolean {
  return wanted.length === 0 || (wanted.length === 1 && tags.includes(wanted[0]!));
}

function networkOf(
  { setting, range }: PlacedRange,
  said: readonly Said[],
  settings: readonly Setting[],
  self: string | undefined,
  report: Report,
): DraftNetwork {
  // What is for a tag counts before what is for all.
  const here = said
    .filter((each) => appliesTo(each, range.set))
    .sort((a, b) => a.wanted.length - b.wanted.length);
  const options = new Map<number, DraftOption>();
  for (const { option } of here) if (option !== undefined) options.set(option.code, option);
  const domain = domainFor(range.cidr, settings);
  if (domain !== undefined && !options.has(CODE.domain)) options.set(CODE.domain, domain);
  announceSelf(options, here, { setting, range }, self, report);
  const boot = here.findLast((each) => each.boot !== undefined)?.boot;
  const { first, last, leaseTime, cidr } = range;
  const { place } = setting;
  return {
    place,
    cidr,
    ranges: first === undefined || last === undefined ? [] : [{ place, first, last }],
    options,
    ...(boot && { boot }),
    ...(leaseTime !== undefined && { leaseTime }),
  };
}

/** dnsmasq announces its own address as router and name server where nothing else is said. */
function announceSelf(
  options: Map<number, DraftOption>,
  here: readonly Said[],
  { setting, range }: PlacedRange,
  self: string | undefined,
  report: Report,
): void {
  const { place } = setting;
  const missing = [CODE.routers, CODE.dns].filter(
    (code) => !options.has(code) && !here.some(({ without }) => without === code),
  );
  if (missing.length === 0 || range.isProxy) return;
  const isHere = self !== undefined && contains(range.cidr, parseIpv4(self) ?? 0);
  if (!isHere) {
    const subject = `dhcp-range ${setting.text}`;
    report.human(
      place,
      subject,
      'dnsmasq announces its own address as router or name server: say it with --self',
    );
    return;
  }
  for (const code of missing) {
    const called = code === CODE.routers ? 'router' : 'dns-server';
    options.set(code, { place, called, code, type: 'addresses', words: [self] });
  }
}

/** `domain=name[,network | first,last]`; the one for the network counts before the one for all. */
function domainFor(cidr: Cidr, settings: readonly Setting[]): DraftOption | undefined {
  const found = settings
    .filter(({ name }) => name === 'domain')
    .flatMap((setting) => {
      const [name = '', where, ...rest] = setting.values;
      const domain = domainName(name);
      const start = parseIpv4(where ?? '') ?? parseCidr(where ?? '')?.network;
      const isFor =
        where === undefined || where === 'local' || (start !== undefined && contains(cidr, start));
      if (domain === undefined || !isFor) return [];
      return [{ setting, domain, isForAll: where === undefined, rest }];
    });
  const best = found.find(({ isForAll }) => !isForAll) ?? found.at(-1);
  if (best === undefined) return undefined;
  const { place } = best.setting;
  return { place, called: 'domain-name', code: CODE.domain, type: 'text', words: [best.domain] };
}

function groupName(tag: string): string {
  return tag.replaceAll('/', '-');
}

/** A tag of hosts that something is said to. */
function groupOf(tag: string, said: readonly Said[]): readonly DraftGroup[] {
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

function hostOf(line: HostLine, { groups, book, report }: HostParts): readonly DraftHost[] {
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
