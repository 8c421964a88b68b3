/** dnsmasq: dnsmasq.conf, and the files that it names, to a site. */

import type { Cidr } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import type { Files } from '../files.ts';
import type { Moved } from '../moved.ts';
import { assemble } from '../network/assemble.ts';
import { Report } from '../report.ts';
import { addressBook } from './addresses.ts';
import { classesOf } from './classes.ts';
import { reportFates } from './fates.ts';
import { hostLinesOf } from './further.ts';
import { groupOf, hostOf } from './hosts.ts';
import { type Setting, settingsOf } from './lines.ts';
import { network6Of, networkOf, placedRange } from './networks.ts';
import { reportTags, saidOf } from './said.ts';

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
  const ranges = settings.flatMap((setting) => placedRange(setting, context.links, report));
  const said = saidOf(settings, files, self, report);
  const lines = hostLinesOf(settings, files, report);
  const hostTags = new Set(lines.flatMap(({ set }) => set));
  const rangeTags = new Set(ranges.flatMap(({ range }) => range.set));
  reportTags(said, { hostTags, rangeTags, classes }, report);
  reportFates(settings, report);
  const authoritative = settings.some(({ name }) => name === 'dhcp-authoritative');
  const networks = ranges.map((placed) => networkOf(placed, said, settings, self, report));
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
