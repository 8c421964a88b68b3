/** Ranges to networks, with what is said there. */

import { type Cidr, contains, parseCidr } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { domainName } from '../names.ts';
import type { DraftNetwork, DraftNetwork6, DraftOption } from '../network/drafts.ts';
import { CODE } from '../network/options.ts';
import type { Report } from '../report.ts';
import type { Setting } from './lines.ts';
import { isRange6, type Range, range6Of, rangeOf } from './range.ts';
import { appliesTo, type Said } from './said.ts';

export type PlacedRange = { readonly setting: Setting; readonly range: Range };

/** None for other settings, and for what is reported instead. */
export function placedRange(
  setting: Setting,
  links: readonly Cidr[],
  report: Report,
): readonly PlacedRange[] {
  if (setting.name !== 'dhcp-range' || isRange6(setting)) return [];
  const range = rangeOf(setting, links, report);
  if (range?.isProxy)
    report.human(setting.place, `dhcp-range ${setting.text}`, 'is a proxy: say mode: proxy for the link');
  return range === undefined ? [] : [{ setting, range }];
}

export function network6Of(setting: Setting, report: Report): readonly DraftNetwork6[] {
  if (setting.name !== 'dhcp-range' || !isRange6(setting)) return [];
  const range = range6Of(setting);
  const subject = `dhcp-range ${setting.text}`;
  if (range === undefined) report.left(setting.place, subject, 'Chainboot gives no IPv6 addresses by DHCP');
  return range === undefined ? [] : [{ place: setting.place, network: range.network, dns: [] }];
}

export function networkOf(
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
