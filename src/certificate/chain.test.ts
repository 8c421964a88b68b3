import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { type KeyPair, makeRoot, makeServerCertificate } from './authority.ts';
import { type Chain, chainOf, covers, faultsOf, pemOf, readCertificates, readKey } from './chain.ts';

const NOW = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;
const NAMES = ['192.0.2.1', 'boot.example', '2001:db8::1'];

let root: KeyPair;
let server: KeyPair;
let rootCertificate: X509Certificate;
let own: X509Certificate;

beforeAll(async () => {
  root = await makeRoot('root', NOW);
  server = await makeServerCertificate(root, NAMES, NOW);
  rootCertificate = new X509Certificate(root.certificate);
  own = new X509Certificate(server.certificate);
});

/** One link of a chain whose certificates are not for use, only for their order. */
async function signed(name: string, by?: { subject: string; keys: webcrypto.CryptoKeyPair }) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: by?.subject ?? `CN=${name}`,
    notBefore: new Date(NOW),
    notAfter: new Date(NOW + DAY),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: (by?.keys ?? keys).privateKey,
    extensions: [new BasicConstraintsExtension(true)],
  });
  return { subject: `CN=${name}`, keys, certificate: new X509Certificate(made.toString('pem')) };
}

describe('the certificates that are made', () => {
  it('are good for every name and address, from a day ago on', () => {
    const chain = chainOf(own, [rootCertificate]);
    expect(faultsOf(chain, readKey(server.key), NAMES, NOW)).toEqual([]);
    expect(NAMES.filter((name) => !covers(own, name))).toEqual([]);
    for (const certificate of [own, rootCertificate])
      expect(Date.parse(certificate.validFrom)).toBe(NOW - DAY);
  });

  it('are of the kind that old firmware and iPXE can check', () => {
    expect([own.ca, rootCertificate.ca]).toEqual([false, true]);
    expect(own.publicKey.asymmetricKeyType).toBe('rsa');
    expect(own.verify(rootCertificate.publicKey)).toBe(true);
    expect(own.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });
});

describe('chainOf', () => {
  it('finds the way to the root in any order, and leaves out what does not belong to it', async () => {
    const top = await signed('top');
    const middle = await signed('middle', top);
    const low = await signed('low', middle);
    const leaf = await signed('leaf', low);
    const stranger = await signed('middle');
    const others = [stranger, top, low, middle].map(({ certificate }) => certificate);
    const wanted = [leaf, low, middle, top].map(({ certificate }) => certificate.fingerprint256);
    const { certificates, complete } = chainOf(leaf.certificate, others);
    expect([complete, certificates.map(({ fingerprint256 }) => fingerprint256)]).toEqual([true, wanted]);
    const cut = chainOf(leaf.certificate, others.slice(0, 3));
    expect([cut.complete, cut.certificates.length]).toEqual([false, 2]);
  });

  it('ends when certificates sign each other in a circle', async () => {
    const a = await signed('a');
    const b = await signed('b', a);
    const crossed = await signed('a', b);
    const { complete } = chainOf(crossed.certificate, [b.certificate, crossed.certificate]);
    expect(complete).toBe(false);
  });

  it('takes a root alone, and one that node knows', () => {
    const known = new X509Certificate(rootCertificates[0]!);
    expect(chainOf(known, [])).toMatchObject({ complete: true });
  });

  it('is written as it is read', () => {
    const chain = chainOf(own, [rootCertificate]);
    expect(readCertificates(pemOf(chain.certificates)).map(({ fingerprint256 }) => fingerprint256)).toEqual(
      chain.certificates.map(({ fingerprint256 }) => fingerprint256),
    );
  });
});

describe('faultsOf', () => {
  const said = (faults: ReturnType<typeof faultsOf>) =>
    faults.map(({ level, message }) => `${level}: ${message}`);
  const chain = (): Chain => chainOf(own, [rootCertificate]);

  it('tells a foreign key', () => {
    expect(said(faultsOf(chain(), readKey(root.key), NAMES, NOW))).toEqual([
      'error: the key belongs to another certificate',
    ]);
  });

  it('tells names that are not covered', () => {
    const found = said(
      faultsOf(chain(), readKey(server.key), ['192.0.2.1', '192.0.2.2', 'other.example'], NOW),
    );
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^error: .* not for 192\.0\.2\.2,/);
    expect(found[1]).toMatch(/^error: .* not for other\.example,/);
  });

  it('tells what is over, not yet valid, or soon over', () => {
    const at = (now: number) => said(faultsOf(chain(), readKey(server.key), [], now));
    expect(at(NOW - 2 * DAY)).toHaveLength(2);
    expect(at(NOW + 820 * DAY)).toEqual([expect.stringMatching(/^warning: 192\.0\.2\.1 expires/)]);
    expect(at(NOW + 826 * DAY)).toEqual([expect.stringMatching(/^error: 192\.0\.2\.1 expired/)]);
  });

  it('tells a chain without its root, one for other uses, and a key that old firmware cannot check', async () => {
    const leaf = await signed('leaf', await signed('top'));
    const key = readKey(
      `-----BEGIN PRIVATE KEY-----\n${Buffer.from(await webcrypto.subtle.exportKey('pkcs8', leaf.keys.privateKey)).toString('base64')}\n-----END PRIVATE KEY-----`,
    );
    const found = said(faultsOf(chainOf(leaf.certificate, []), key, [], NOW + 1));
    expect(found.map((fault) => fault.split(':')[0])).toEqual(['warning', 'error', 'warning']);
    expect(found[1]).toContain('issuer is missing');
  });
});
