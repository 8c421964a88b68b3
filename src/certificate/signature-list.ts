/** The list of certificates that UEFI firmware reads, for HTTPS boot as for Secure Boot. */

import type { X509Certificate } from 'node:crypto';
import { fromHex } from '../net/bytes.ts';
import { swapUuid } from '../net/uuid.ts';

const guid = (text: string) => fromHex(swapUuid(text).replaceAll('-', ''));

/** EFI_CERT_X509_GUID: each entry is one certificate in DER. */
const X509 = guid('a5c059a1-94e4-4aa7-87b5-ab155c2bf072');
/** SignatureOwner, which says who put an entry there: us. */
const OWNER = guid('c4a1b007-5a3e-4d0c-9f5b-0d7c1e9a6b21');
const HEAD = 28;

/**
 * EFI_SIGNATURE_LISTs (UEFI specification 2.10 §32.4.1), little-endian, one for each certificate because the entries
 * of a list have one size:
 *
 *     type (16) | size of the list (4) | size of its header, 0 (4) | size of an entry (4) | owner (16) | certificate
 */
export function signatureList(certificates: readonly X509Certificate[]): Uint8Array {
  return Buffer.concat(
    certificates.map(({ raw }) => {
      const entry = OWNER.length + raw.length;
      const head = Buffer.alloc(HEAD);
      head.set(X509);
      head.writeUInt32LE(HEAD + entry, 16);
      head.writeUInt32LE(entry, 24);
      return Buffer.concat([head, OWNER, raw]);
    }),
  );
}
