/** On which configured link the machines of a capture would have asked. */

import type { Conversation } from '../../capture/events.ts';
import { bootServers } from '../../capture/servers.ts';
import type { Config, LinkConfig } from '../../config/schema.ts';
import { OPTION } from '../../dhcp/options.ts';
import { ChainbootError } from '../../errors.ts';
import { linkOf } from '../../link/links.ts';
import type { Link } from '../../link/types.ts';
import { contains, maskOf, prefixOf } from '../../net/cidr.ts';
import { type Ipv4, parseIpv4 } from '../../net/ip.ts';
import { type ServedLink, servedOn } from '../links.ts';

/**
 * The one named, else the one in whose network addresses were given, else the first. A link that this machine does not
 * have is taken to have the address of the configuration, or that of the server of the capture.
 * Throws NOT_FOUND.
 */
export function replayLink(config: Config, told: Conversation, name: string | undefined): ServedLink {
  const entries =
    name === undefined ? config.links : config.links.filter((entry) => entry.interface === name);
  if (entries.length === 0) throw new ChainbootError('NOT_FOUND', { kind: 'link', name });
  const given = addressesGiven(told);
  const all = entries.map((entry) => servedOn(config, entry, linkFor(entry, told)));
  return all.find(({ link }) => given.some((address) => isOn(link, address))) ?? all[0]!;
}

function linkFor(entry: LinkConfig, told: Conversation): Link {
  const address = entry.address === undefined ? undefined : parseIpv4(entry.address);
  try {
    return linkOf(entry.interface, address);
  } catch (error) {
    if (!(error instanceof ChainbootError)) throw error;
    return imagined(entry, address, told);
  }
}

const NOBODY = parseIpv4('192.0.2.1')!;
const USUAL_PREFIX = 24;

function imagined(entry: LinkConfig, address: Ipv4 | undefined, told: Conversation): Link {
  const [server] = bootServers(told.events);
  const ofServer = server === undefined ? undefined : parseIpv4(server);
  return {
    name: entry.interface,
    address: address ?? ofServer ?? NOBODY,
    prefix: prefixGiven(told) ?? USUAL_PREFIX,
    mac: new Uint8Array(6),
  };
}

function isOn({ address, prefix }: Link, given: Ipv4): boolean {
  return contains({ network: (address & maskOf(prefix)) >>> 0, prefix }, given);
}

function addressesGiven({ events }: Conversation): readonly Ipv4[] {
  return events.flatMap((event) =>
    event.kind === 'dhcp' && event.packet.yiaddr !== 0 ? [event.packet.yiaddr] : [],
  );
}

function prefixGiven({ events }: Conversation): number | undefined {
  for (const event of events) {
    const mask = event.kind === 'dhcp' ? event.packet.options.get(OPTION.subnetMask) : undefined;
    if (mask?.length === 4) return prefixOf(parseIpv4(mask.join('.'))!);
  }
  return undefined;
}
