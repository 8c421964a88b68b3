/** From configured links to what the rooms need: our address, the boot plane's URL, the policy. */

import type { Policy } from '../boot/decide.ts';
import { type BaseUrl, baseUrl } from '../boot/urls.ts';
import type { Config, LinkConfig } from '../config/schema.ts';
import { linkOf } from '../link/links.ts';
import type { Link } from '../link/types.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import type { CheckedLink } from '../service/build/deps.ts';

export type ServedLink = {
  readonly config: LinkConfig;
  readonly link: Link;
  readonly base: BaseUrl;
  /** The same over TLS, where that is enabled. */
  readonly secureBase?: BaseUrl;
  /** Undefined where we answer no DHCP. */
  readonly policy?: Policy;
  /** It is a stand-in on loopback: of a link with this address, where that is known. No machine is heard on it. */
  readonly rehearsalOf?: { readonly address?: Ipv4; readonly prefix?: number };
};

/** Throws LINK_MISSING or LINK_NO_ADDRESS. */
export function servedLinks(config: Config): readonly ServedLink[] {
  return config.links.map((entry) => {
    const link = linkOf(entry.interface, entry.address === undefined ? undefined : parseIpv4(entry.address));
    return servedOn(config, entry, link);
  });
}

/** What is served on a link, which need not be one of this machine. */
export function servedOn(config: Config, entry: LinkConfig, link: Link): ServedLink {
  const base = baseUrl(formatIpv4(link.address), config.http.port);
  const secureBase = secureBaseOf(config, link);
  const served = { config: entry, link, base, ...(secureBase !== undefined && { secureBase }) };
  return entry.mode === 'off' ? served : { ...served, policy: policyOf(config, served, entry.mode) };
}

function secureBaseOf({ https }: Config, link: Link): BaseUrl | undefined {
  return https.enabled ? baseUrl(https.name ?? formatIpv4(link.address), https.port, 'https') : undefined;
}

export function policyOf({ https }: Config, served: ServedLink, mode: Policy['mode']): Policy {
  const { config: entry, link, base, secureBase } = served;
  return {
    mode,
    base,
    server: link.address,
    unknownHosts: unknownHosts(entry),
    ...(secureBase !== undefined && {
      secure: { base: secureBase, ipxe: https.ipxe, uefi: entry.https_boot },
    }),
  };
}

/** Beside another DHCP server, machines nobody declared are left alone unless the administrator wants otherwise. */
export function unknownHosts(entry: LinkConfig): 'menu' | 'ignore' {
  return entry.unknown_hosts ?? (entry.mode === 'server' ? 'menu' : 'ignore');
}

/** The boot plane as machines on the first link reach it: what a preview shows. */
export function previewBase(config: Config): BaseUrl {
  const first = config.links[0]!;
  const address = first.address ?? addressOf(first.interface);
  return baseUrl(address, config.http.port);
}

/** Where we answer DHCP, for whoever looks whether a host will have an address. Links that are missing are left out. */
export function checkedLinks(config: Config): readonly CheckedLink[] {
  return config.links.flatMap(({ interface: name, address, mode }) => {
    const own = parseIpv4(address ?? addressOf(name));
    return own === undefined ? [] : [{ address: own, mode }];
  });
}

/** A preview must work on a machine that lacks the interface of the configuration. */
function addressOf(name: string): string {
  try {
    return formatIpv4(linkOf(name).address);
  } catch {
    return '192.0.2.1';
  }
}
