/** The certificate of the boot plane: given by the configuration, or made and kept beside the database. */

import type { X509Certificate } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { LeaseLookup } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import { because } from '../boot/reason.ts';
import type { Recorder } from '../boot/step.ts';
import { type CertificateFault, type Chain, faultsOf, nameOf, pemOf, readKey } from '../certificate/chain.ts';
import { givenCertificate } from '../certificate/given.ts';
import { clientCertificate, type Kept, keptCertificate, presentCertificate } from '../certificate/home.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { TlsIdentity, TlsTrouble } from '../http/secure.ts';
import type { Site } from '../inventory/site.ts';
import { linkOf } from '../link/links.ts';
import { formatIpv4 } from '../net/ip.ts';

export type Certificate = {
  readonly chain: Chain;
  /** PEM. */
  readonly key: string;
  readonly origin: 'given' | 'made';
  /** What was made just now. */
  readonly news: Kept['made'];
};

export type Https = {
  readonly identity: TlsIdentity;
  /** PEM; undefined when the chain has no root. */
  readonly root?: string;
  /** What installers are told to trust: the root, else the highest certificate that is known. PEM. */
  readonly trust: string;
};

/** Beside the database: what is backed up with it must not get apart. */
export function certificateDirectory({ database }: Config): string {
  return join(dirname(database), 'tls');
}

/**
 * Reads the certificate that is given, else makes what is missing or too old.
 * Rejects with CERTIFICATE_UNUSABLE or FILE_UNWRITABLE.
 */
export async function loadCertificate(config: Config, now: number, renew = false): Promise<Certificate> {
  const { certificate, key, ca } = config.https;
  if (certificate !== undefined && key !== undefined) {
    const given = await givenCertificate({ certificate, key, ...(ca !== undefined && { ca }) });
    return { ...given, origin: 'given', news: [] };
  }
  const directory = certificateDirectory(config);
  const kept = await keptCertificate({ directory, names: namesFor(config), now, renew });
  const chain = { certificates: [kept.own, kept.root], complete: true };
  return { chain, key: kept.key, origin: 'made', news: kept.made };
}

/**
 * What there is, without making anything; `chain` may be the root alone. Undefined: nothing was made yet.
 * Rejects with CERTIFICATE_UNUSABLE.
 */
export async function presentChain(
  config: Config,
): Promise<(Pick<Certificate, 'chain' | 'origin'> & { readonly key?: string }) | undefined> {
  if (config.https.certificate !== undefined) return loadCertificate(config, 0);
  const present = await presentCertificate(certificateDirectory(config));
  if (present === undefined) return undefined;
  const { own, root, key } = present;
  const certificates = own === undefined ? [root] : [own, root];
  return { chain: { certificates, complete: true }, origin: 'made', ...(key !== undefined && { key }) };
}

/**
 * For a proxy of that name: its certificate and key, and what it has to believe of this server; PEM.
 * Rejects with CERTIFICATE_UNUSABLE or FILE_UNWRITABLE.
 */
export async function proxyCertificate(
  config: Config,
  name: string,
  now: number,
): Promise<{ readonly certificate: string; readonly key: string; readonly ca: string }> {
  const options = { directory: certificateDirectory(config), names: namesFor(config), now };
  const { certificate, key } = await clientCertificate(options, name);
  const { chain } = await loadCertificate(config, now);
  return { certificate, key, ca: pemOf(chain.certificates.slice(-1)) };
}

/** What keeps machines from accepting it. */
export function certificateFaults(
  config: Config,
  { chain, key }: Pick<Certificate, 'chain' | 'key'>,
  now: number,
): readonly CertificateFault[] {
  return faultsOf(chain, readKey(key), namesInUrls(config), now);
}

/** The boot plane only where that is enabled; the API unless it is disabled. */
export function servesTls({ https, api }: Pick<Config, 'https' | 'api'>): boolean {
  return https.enabled || api.enabled;
}

/**
 * For the servers: undefined where nothing is served over TLS. A certificate that machines will refuse is shown all the
 * same, because some may accept it, and the log says what is wrong; one that TLS cannot work with is refused.
 */
export async function openHttps(config: Config, log: Log): Promise<Https | undefined> {
  if (!servesTls(config)) return undefined;
  const now = Date.now();
  const certificate = await loadCertificate(config, now);
  const { certificates, complete } = certificate.chain;
  const own = certificates[0]!;
  if (!own.checkPrivateKey(readKey(certificate.key))) {
    const reason = 'its private key is another';
    throw new ChainbootError('CERTIFICATE_UNUSABLE', { file: config.https.certificate, reason });
  }
  for (const made of certificate.news)
    log(
      'info',
      made === 'root' ? 'made a root certificate' : 'made a server certificate',
      made === 'root' ? told(certificates.at(-1)!) : told(own),
    );
  for (const { level, message, hint } of certificateFaults(config, certificate, now))
    log(level === 'error' ? 'error' : 'warn', message, { hint });
  const identity = { key: certificate.key, chain: pemOf(certificates) };
  const trust = pemOf(certificates.slice(-1));
  return { identity, trust, ...(complete && { root: trust }) };
}

function told(certificate: X509Certificate) {
  const { subjectAltName, validTo, fingerprint256 } = certificate;
  return { name: nameOf(certificate), names: subjectAltName, until: validTo, fingerprint: fingerprint256 };
}

/** In the certificate that is made. */
function namesFor(config: Config): readonly string[] {
  const { name, names } = config.https;
  return [...new Set([...(name === undefined ? [] : [name]), ...names, ...addressesOf(config)])];
}

function namesInUrls(config: Config): readonly string[] {
  return config.https.name === undefined ? addressesOf(config) : [config.https.name];
}

/** An interface that is not there has none; whoever serves it says so. */
function addressesOf({ links }: Config): readonly string[] {
  return links.flatMap(({ interface: name, address }) => {
    if (address !== undefined) return [address];
    try {
      return [formatIpv4(linkOf(name).address)];
    } catch {
      return [];
    }
  });
}

/** The root that templates are given, for previews: there while HTTPS is enabled and has one. */
export async function previewRoot(config: Config): Promise<string | undefined> {
  const chain = config.https.enabled ? (await presentChain(config))?.chain : undefined;
  return chain?.complete ? pemOf(chain.certificates.slice(-1)) : undefined;
}

const RENEW_MS = 12 * 3600_000;

/**
 * Looks twice a day whether there is a newer certificate, or one to be made, in a daemon that is never restarted.
 * @returns ends it
 */
export function keepRenewed(
  open: () => Promise<Https | undefined>,
  use: (https: Https) => void,
  log: Log,
): () => void {
  const renew = async () => {
    try {
      const https = await open();
      if (https !== undefined) use(https);
    } catch (error) {
      log('error', 'the certificate cannot be looked after', { reason: reasonOf(error) });
    }
  };
  const timer = setInterval(renew, RENEW_MS);
  return () => clearInterval(timer);
}

type TraceDeps = { readonly record: Recorder; readonly macOf: LeaseLookup; readonly site: () => Site };

/** A step in the boot of a machine that got no further than TLS; of strangers the log alone tells. */
export function tlsRecorder({ record, macOf, site }: TraceDeps): (trouble: TlsTrouble) => void {
  return ({ error, address, link }) => {
    const mac = macOf(address);
    const host = (mac === undefined ? site().hostByIp(address) : site().hostByMac(mac))?.host;
    if (mac === undefined && host === undefined) return;
    record({
      at: Date.now(),
      kind: 'http.error',
      via: 'http',
      because: because('refused', { sentence: `${error.message}; ${error.hint}` }),
      address,
      ...(mac !== undefined && { mac }),
      ...(host !== undefined && { host: host.name }),
      ...(link !== undefined && { link }),
      detail: { error: error.code },
    });
  };
}
