/** A certificate from elsewhere, as the files of the configuration hold it. */

import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ChainbootError, reasonOf } from '../errors.ts';
import { type Chain, chainOf, readCertificates, readKey } from './chain.ts';

export type GivenFiles = {
  /** The server's own certificate first; what follows it may belong to its chain. */
  readonly certificate: string;
  readonly key: string;
  /** More of the chain, in any order. */
  readonly ca?: string;
};

export type Given = { readonly chain: Chain /** PEM. */; readonly key: string };

/** Rejects with CERTIFICATE_UNUSABLE, which names the file. */
export async function givenCertificate(files: GivenFiles): Promise<Given> {
  const [own, ...others] = await certificatesIn(files.certificate);
  const more = files.ca === undefined ? [] : await certificatesIn(files.ca);
  const key = await textOf(files.key);
  try {
    readKey(key);
  } catch (error) {
    throw unusable(files.key, error);
  }
  return { chain: chainOf(own, [...others, ...more]), key };
}

async function certificatesIn(file: string): Promise<readonly [X509Certificate, ...X509Certificate[]]> {
  const text = await textOf(file);
  try {
    const [first, ...others] = readCertificates(text);
    if (first === undefined) throw new Error('it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)');
    return [first, ...others];
  } catch (error) {
    throw unusable(file, error);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): ChainbootError {
  return new ChainbootError('CERTIFICATE_UNUSABLE', { file, reason: reasonOf(error) }, [], error);
}
