/**
 * The certificates we make, in a directory beside the database: `authority.pem` (the root, made once and never
 * replaced, because machines are told to trust it) and `server.pem`, each a key and its certificate in one file, so
 * that no reader ever sees the two of different makings.
 */

import { type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ChainbootError, reasonOf } from '../errors.ts';
import {
  type KeyPair,
  makeClientCertificate,
  makeRoot,
  makeServerCertificate,
  SERVER_DAYS,
} from './authority.ts';
import { covers, isIssuedBy, readCertificates, readKey } from './chain.ts';

export type Kept = {
  readonly root: X509Certificate;
  readonly own: X509Certificate;
  /** Of `own`, PEM. */
  readonly key: string;
  /** What was made on the way, for the log. */
  readonly made: readonly ('root' | 'server')[];
};

export type KeepOptions = {
  readonly directory: string;
  /** In the server's certificate: DNS names and IP addresses. */
  readonly names: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
  /** Makes a new server certificate though the present one would do. */
  readonly renew?: boolean;
};

const DAY = 86_400_000;
/** A daemon that is restarted or reloaded once in nine months never has one that is out of date. */
const RENEW_BEFORE = (SERVER_DAYS / 3) * DAY;

/**
 * The root and a certificate signed by it that is good for `names` and for a while; makes what is missing.
 * Rejects with CERTIFICATE_UNUSABLE (the root is damaged) or FILE_UNWRITABLE.
 */
export async function keptCertificate({ directory, names, now, renew }: KeepOptions): Promise<Kept> {
  const made: ('root' | 'server')[] = [];
  const rootFile = join(directory, 'authority.pem');
  const serverFile = join(directory, 'server.pem');
  let root = await readRoot(rootFile);
  if (root === undefined) {
    await addFile(rootFile, bundle(await makeRoot(rootName(names, now), now)));
    root = await readRoot(rootFile);
    if (root === undefined) throw unusable(rootFile, 'it was removed while it was made');
    made.push('root');
  }
  const present = renew ? undefined : await readPair(serverFile).catch(() => undefined);
  if (present !== undefined && isGood(present, root.certificate, names, now))
    return { root: root.certificate, own: present.certificate, key: present.keyText, made };
  const pair = await makeServerCertificate(
    { certificate: root.certificate.toString(), key: root.keyText },
    names,
    now,
  );
  await replaceFile(serverFile, bundle(pair));
  made.push('server');
  return { root: root.certificate, own: new X509Certificate(pair.certificate), key: pair.key, made };
}

/** What is there, making nothing; undefined while nothing is. Rejects with CERTIFICATE_UNUSABLE. */
export async function presentCertificate(directory: string): Promise<Present | undefined> {
  const root = await readRoot(join(directory, 'authority.pem'));
  if (root === undefined) return undefined;
  const server = await readPair(join(directory, 'server.pem')).catch(() => undefined);
  return { root: root.certificate, ...(server && { own: server.certificate, key: server.keyText }) };
}

/**
 * A certificate that our root signs for a client of this server; with the root, which it is made with if there is none yet.
 * Nothing of it is kept. Rejects with CERTIFICATE_UNUSABLE or FILE_UNWRITABLE.
 */
export async function clientCertificate(
  options: Pick<KeepOptions, 'directory' | 'names' | 'now'>,
  name: string,
): Promise<KeyPair & { readonly root: string }> {
  await keptCertificate(options);
  const root = await readRoot(join(options.directory, 'authority.pem'));
  if (root === undefined) throw unusable(options.directory, 'the root was removed while it was used');
  const certificate = root.certificate.toString();
  const pair = await makeClientCertificate({ certificate, key: root.keyText }, name, options.now);
  return { ...pair, root: certificate };
}

/** A server certificate that is damaged counts as not there: the next start makes another. */
export type Present = Pick<Kept, 'root'> & Partial<Pick<Kept, 'own' | 'key'>>;

type Pair = { readonly certificate: X509Certificate; readonly key: KeyObject; readonly keyText: string };

function isGood(
  { certificate, key }: Pair,
  root: X509Certificate,
  names: readonly string[],
  now: number,
): boolean {
  return (
    certificate.checkPrivateKey(key) &&
    isIssuedBy(certificate, root) &&
    Date.parse(certificate.validFrom) <= now &&
    Date.parse(certificate.validTo) - now > RENEW_BEFORE &&
    names.every((name) => covers(certificate, name))
  );
}

async function readRoot(file: string): Promise<Pair | undefined> {
  try {
    const pair = await readPair(file);
    if (pair !== undefined && !pair.certificate.checkPrivateKey(pair.key))
      throw new Error('key and certificate do not belong together');
    return pair;
  } catch (error) {
    throw unusable(file, reasonOf(error), error);
  }
}

/** Undefined if there is no such file. */
async function readPair(file: string): Promise<Pair | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const [certificate] = readCertificates(text);
  const keyText = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text)?.[0];
  if (certificate === undefined || keyText === undefined)
    throw new Error('it holds no certificate with its key');
  return { certificate, key: readKey(keyText), keyText };
}

/** Several roots may meet in one firmware, which shows nothing but their names. */
function rootName(names: readonly string[], now: number): string {
  return `Chainboot root of ${names[0] ?? 'this server'} made ${new Date(now).toISOString().slice(0, 10)}`;
}

function bundle({ key, certificate }: KeyPair): string {
  return key + certificate;
}

/** Two processes may make one at the same time; the first wins. */
async function addFile(file: string, text: string): Promise<void> {
  await writing(file, text, async (partial) => {
    await link(partial, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(partial);
  });
}

async function replaceFile(file: string, text: string): Promise<void> {
  await writing(file, text, (partial) => rename(partial, file));
}

/** Whole and on the disk before it has its name, and for nobody but us to read. */
async function writing(
  file: string,
  text: string,
  publish: (partial: string) => Promise<void>,
): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    const handle = await open(partial, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(partial);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw new ChainbootError('FILE_UNWRITABLE', { name: file, reason: reasonOf(error) }, [], error);
  }
}

function unusable(file: string, reason: string, cause?: unknown): ChainbootError {
  return new ChainbootError('CERTIFICATE_UNUSABLE', { file, reason }, [], cause);
}
