/** Certificates as they are read from PEM: in which order they are sent, and what is wrong with them. */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';

export type Chain = {
  /** The server's own first, each followed by its issuer. */
  readonly certificates: readonly X509Certificate[];
  /** The last one is a root: it has signed itself. */
  readonly complete: boolean;
};

export type CertificateFault = {
  readonly level: 'error' | 'warning';
  readonly message: string;
  readonly hint: string;
};

const DAY = 86_400_000;
const SOON = 30 * DAY;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Every certificate of a PEM text, in its order. Throws an Error in OpenSSL's words if one is damaged. */
export function readCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Throws an Error in OpenSSL's words. */
export function readKey(pem: string): KeyObject {
  return createPrivateKey(pem);
}

export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

const isRoot = (certificate: X509Certificate) => isIssuedBy(certificate, certificate);

/**
 * From the server's certificate to its root. A public authority's root, which its customers are not given, is
 * taken from the ones that node knows.
 */
export function chainOf(own: X509Certificate, others: readonly X509Certificate[]): Chain {
  const certificates = [own];
  for (let last = own; !isRoot(last); ) {
    const issuer =
      others.find((other) => !certificates.includes(other) && isIssuedBy(last, other)) ?? publicRoot(last);
    if (issuer === undefined) return { certificates, complete: false };
    certificates.push(issuer);
    last = issuer;
  }
  return { certificates, complete: true };
}

let publicRoots: readonly X509Certificate[] | undefined;

function publicRoot(last: X509Certificate): X509Certificate | undefined {
  publicRoots ??= rootCertificates.map((pem) => new X509Certificate(pem));
  return publicRoots.find((root) => isIssuedBy(last, root));
}

export function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join('');
}

/** Whether a client that asks for `name`, a DNS name or an IP address, takes the certificate for the right one. */
export function covers(certificate: X509Certificate, name: string): boolean {
  return isIP(name) === 0
    ? certificate.checkHost(name) !== undefined
    : certificate.checkIP(name) !== undefined;
}

/** Everything that keeps machines from accepting it. `names`: what is in the URLs they get. */
export function faultsOf(
  { certificates, complete }: Chain,
  key: KeyObject,
  names: readonly string[],
  now: number,
): readonly CertificateFault[] {
  const own = certificates[0]!;
  return [
    ...(own.checkPrivateKey(key)
      ? []
      : [error('the key belongs to another certificate', 'give the key that the certificate was made for')]),
    ...certificates.flatMap((certificate) => timeFaults(certificate, now)),
    ...names.filter((name) => !covers(own, name)).map((name) => uncovered(own, name)),
    ...(own.keyUsage === undefined || own.keyUsage.includes(SERVER_AUTH)
      ? []
      : [
          error(
            'the certificate is not one for servers',
            'ask for one with the extended key usage serverAuth',
          ),
        ]),
    ...(complete ? [] : [incomplete(certificates.at(-1)!)]),
    ...(own.publicKey.asymmetricKeyType === 'rsa' ? [] : [curve()]),
  ];
}

function timeFaults(certificate: X509Certificate, now: number): readonly CertificateFault[] {
  const subject = nameOf(certificate);
  const { validFrom, validTo } = certificate;
  if (now < Date.parse(validFrom))
    return [error(`${subject} is valid from ${validFrom} on only`, 'look at the clock of this machine')];
  const left = Date.parse(validTo) - now;
  if (left <= 0) return [error(`${subject} expired at ${validTo}`, 'renew it')];
  if (left < SOON)
    return [{ level: 'warning', message: `${subject} expires at ${validTo}`, hint: 'renew it' }];
  return [];
}

function uncovered({ subjectAltName }: X509Certificate, name: string): CertificateFault {
  return error(
    `the certificate is not for ${name}, which is in the URLs that machines get, but for ${subjectAltName ?? 'nothing'}`,
    'name the host it is for in https.name, or get one with this address among its alternative names',
  );
}

function incomplete(last: X509Certificate): CertificateFault {
  return error(
    `the chain ends with ${nameOf(last)}, whose issuer is missing`,
    'put the certificates between it and the root, and the root itself, into the file of https.ca: iPXE needs them sent',
  );
}

function curve(): CertificateFault {
  return {
    level: 'warning',
    message: 'the key of the certificate is no RSA key',
    hint: 'OVMF of 2022 and an iPXE before 2.0 accept RSA only',
  };
}

/** Its common name, else the whole subject. */
export function nameOf({ subject }: X509Certificate): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
}

function error(message: string, hint: string): CertificateFault {
  return { level: 'error', message, hint };
}
