/** The certificates of the smart proxy: what it shows, whom it believes, and what Foreman is to believe of it. */

import { pemOf } from '../certificate/chain.ts';
import { type Given, givenCertificate } from '../certificate/given.ts';
import type { Config } from '../config/schema.ts';
import type { TlsIdentity } from '../http/secure.ts';
import type { Foreman } from '../smart-proxy/templates.ts';
import { loadCertificate } from './https.ts';
import { pemFile, usable } from './pem-file.ts';

export type SmartProxyFiles = { readonly identity: TlsIdentity; readonly foreman: Foreman | undefined };

const KEYS = ['certificate', 'ca', 'crl', 'foreman_ca'] as const;
type Key = (typeof KEYS)[number];

/** Rejects with CERTIFICATE_UNUSABLE, which names the file. */
export async function loadSmartProxyFiles(config: Config): Promise<SmartProxyFiles> {
  const { crl, foreman_url } = config.smart_proxy;
  const own = (await ownPair(config)) ?? (await loadCertificate(config, Date.now()));
  const ca = (await trusted(config, 'ca'))!;
  const revoked = await trusted(config, 'crl');
  const clients = { ca, ...(crl !== undefined && revoked !== undefined && { crl: revoked }) };
  const identity = { key: own.key, chain: pemOf(own.chain.certificates), clients };
  if (foreman_url === undefined) return { identity, foreman: undefined };
  const authority = (await trusted(config, 'foreman_ca')) ?? ca;
  const url = foreman_url.replace(/\/+$/, '');
  return { identity, foreman: { url, certificate: identity.chain, key: own.key, ca: authority } };
}

/** For `chainboot check`: each file that cannot be used, with its key in the configuration. */
export async function smartProxyFaults(
  config: Config,
): Promise<readonly { readonly key: Key; readonly error: unknown }[]> {
  if (!config.smart_proxy.enabled) return [];
  const looked = await Promise.allSettled([
    ownPair(config),
    ...KEYS.slice(1).map((key) => trusted(config, key)),
  ]);
  return looked.flatMap((outcome, i) =>
    outcome.status === 'rejected' ? [{ key: KEYS[i]!, error: outcome.reason as unknown }] : [],
  );
}

/** Undefined where that of `https` is shown. */
async function ownPair({ smart_proxy: { certificate, key } }: Config): Promise<Given | undefined> {
  if (certificate === undefined || key === undefined) return undefined;
  const given = await givenCertificate({ certificate, key });
  usable(certificate, { cert: pemOf(given.chain.certificates), key: given.key });
  return given;
}

/** PEM. */
async function trusted({ smart_proxy }: Config, key: Key): Promise<string | undefined> {
  const path = smart_proxy[key];
  return path === undefined ? undefined : pemFile(path, key === 'crl' ? 'crl' : 'ca');
}
