/** Files of the configuration with certificates of others: whom we trust, and whom no longer. */

import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ChainbootError, reasonOf } from '../errors.ts';

/** PEM text. Rejects with CERTIFICATE_UNUSABLE, which names the file. */
export async function pemFile(path: string, holds: 'ca' | 'crl'): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw unusable(path, error);
  });
  if (!/-----BEGIN (?:CERTIFICATE|TRUSTED CERTIFICATE|X509 CRL)-----/.test(text))
    throw unusable(path, 'it holds nothing in PEM (-----BEGIN …-----)');
  usable(path, { [holds]: text });
  return text;
}

/** Throws CERTIFICATE_UNUSABLE for what OpenSSL cannot read: it would refuse everybody later. */
export function usable(path: string, options: SecureContextOptions): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(file: string, error: unknown): ChainbootError {
  return new ChainbootError('CERTIFICATE_UNUSABLE', { file, reason: reasonOf(error) }, [], error);
}
