/**
 * Which host a request comes from, and why that is believed. Foreman's order with its mistakes mended
 * (an address alone comes last, any interface of a host counts, an expired token says so): the token first;
 * then the MAC the script reports, checked against the lease of the address it comes from; then the address.
 */

import type { ErrorCode, ErrorValues } from '../errors.ts';
import { isExpired } from '../inventory/build.ts';
import type { Site } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';
import type { LeaseLookup } from './lease.ts';
import { because, type Reason } from './reason.ts';

/** What a request says of itself; only `address` is not a mere claim. */
export type Claims = {
  readonly address: string;
  readonly token?: string;
  /** In the order reported. */
  readonly macs: readonly Mac[];
};

export type Identity =
  | { readonly kind: 'host'; readonly host: Host; readonly mac?: Mac; readonly because: Reason }
  | { readonly kind: 'unknown'; readonly mac?: Mac; readonly evidence: string; readonly because: Reason }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly values: ErrorValues;
      readonly mac?: Mac;
      readonly host?: Host;
    };

export type IdentifyOptions = {
  readonly now: number;
  /** `built` and `failed` accept an expired token: the installation may take longer than the token lives. */
  readonly acceptExpired: boolean;
};

export function identify(
  claims: Claims,
  site: Site,
  leases: LeaseLookup,
  options: IdentifyOptions,
): Identity {
  const leased = leases(claims.address);
  const tokenHost = claims.token === undefined ? undefined : site.hostByToken(claims.token);
  if (tokenHost !== undefined) return byToken(tokenHost, leased ?? claims.macs[0], options);
  const found = byMac(claims, leased, site) ?? byAddress(claims.address, leased, site);
  if (found !== undefined) return found;
  const mac = leased ?? claims.macs[0];
  // A token that nobody has any more, and nothing else to go by: say so instead of "unknown machine".
  if (claims.token !== undefined)
    return { kind: 'refused', code: 'TOKEN_UNKNOWN', values: {}, ...(mac && { mac }) };
  const evidence = evidenceOf(claims, leased);
  return { kind: 'unknown', evidence, because: because('unidentified', { evidence }), ...(mac && { mac }) };
}

function byToken(host: Host, mac: Mac | undefined, { now, acceptExpired }: IdentifyOptions): Identity {
  const expires = host.token?.expires_at;
  const found = { host, ...(mac && { mac }) };
  if (host.token !== undefined && isExpired(host.token, now) && !acceptExpired) {
    const expired = new Date(expires ?? now).toISOString();
    return { kind: 'refused', code: 'TOKEN_EXPIRED', values: { host: host.name, expired }, ...found };
  }
  return { kind: 'host', because: because('by-token', { host: host.name }), ...found };
}

function byMac({ macs, address }: Claims, leased: Mac | undefined, site: Site): Identity | undefined {
  for (const mac of macs) {
    const host = site.hostByMac(mac)?.host;
    if (host === undefined) continue;
    const values = { mac, address, host: host.name };
    if (leased === undefined) return { kind: 'host', host, mac, because: because('by-mac-reported', values) };
    if (leased === mac) return { kind: 'host', host, mac, because: because('by-mac-checked', values) };
    if (site.hostByMac(leased)?.host.id === host.id) {
      return { kind: 'host', host, mac: leased, because: because('by-mac-other-nic', values) };
    }
    return { kind: 'refused', code: 'HOST_MAC_CONFLICT', values: { address, mac, leased }, mac: leased };
  }
  return undefined;
}

function byAddress(address: string, leased: Mac | undefined, site: Site): Identity | undefined {
  if (leased !== undefined) {
    const host = site.hostByMac(leased)?.host;
    return (
      host && {
        kind: 'host',
        host,
        mac: leased,
        because: because('by-lease', { address, mac: leased, host: host.name }),
      }
    );
  }
  const found = site.hostByIp(address);
  if (found === undefined) return undefined;
  const { host, nic } = found;
  return {
    kind: 'host',
    host,
    ...(nic.mac && { mac: nic.mac }),
    because: because('by-address', { address, host: host.name }),
  };
}

function evidenceOf({ macs, address }: Claims, leased: Mac | undefined): string {
  const parts = [`address ${address}`];
  if (leased !== undefined) parts.push(`leased to ${leased}`);
  if (macs.length > 0) parts.push(`reported MAC ${macs.join(', ')}`);
  return parts.join(', ');
}
