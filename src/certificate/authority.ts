/**
 * A certificate authority of our own and the server certificates it signs. RSA with SHA-256 throughout: neither OVMF
 * of 2022 nor an iPXE before 2.0 can check an elliptic curve.
 */

import { webcrypto } from 'node:crypto';
import type { JsonGeneralName } from '@peculiar/x509';

/** PEM texts. */
export type KeyPair = { readonly certificate: string; readonly key: string };

const DAY = 86_400_000;
/** Machines whose clock is a little slow, or in another time zone than it thinks, accept it too. */
const SET_BACK = DAY;
/** Built into loaders and firmware, so that it should outlive them. */
const ROOT_DAYS = 20 * 365;
export const SERVER_DAYS = 825;
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: Uint8Array.of(1, 0, 1),
  modulusLength: 2048,
};

/** @param now epoch milliseconds */
export async function makeRoot(name: string, now: number): Promise<KeyPair> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: commonName(name),
    notBefore: new Date(now - SET_BACK),
    notAfter: new Date(now + ROOT_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemOf(certificate.toString('pem')), key: await keyPem(keys.privateKey) };
}

/** @param names DNS names and IP addresses; the first is the subject too */
export function makeServerCertificate(
  root: KeyPair,
  names: readonly string[],
  now: number,
): Promise<KeyPair> {
  return makeLeaf(root, { subject: names[0] ?? 'Chainboot', names, usage: 'serverAuth' }, now);
}

/** For who shows it to a server. @param name becomes the subject (CN) */
export function makeClientCertificate(root: KeyPair, name: string, now: number): Promise<KeyPair> {
  return makeLeaf(root, { subject: name, names: [], usage: 'clientAuth' }, now);
}

type Leaf = {
  readonly subject: string;
  readonly names: readonly string[];
  readonly usage: 'serverAuth' | 'clientAuth';
};

async function makeLeaf(root: KeyPair, { subject, names, usage }: Leaf, now: number): Promise<KeyPair> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(root.certificate);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: commonName(subject),
    issuer: issuer.subject,
    notBefore: new Date(now - SET_BACK),
    notAfter: new Date(Math.min(now + SERVER_DAYS * DAY, issuer.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await privateKey(root.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names.map(generalName))] : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: pemOf(certificate.toString('pem')), key: await keyPem(keys.privateKey) };
}

/** Loaded when a certificate is to be made, which is once in two years. */
async function library(): Promise<typeof import('@peculiar/x509')> {
  // What it builds on looks for this at once.
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** 16 random bytes, positive (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function commonName(name: string): { CN: string[] }[] {
  return [{ CN: [name] }];
}

function generalName(name: string): JsonGeneralName {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}

async function privateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END PRIVATE KEY-----\n`;
}

function pemOf(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
