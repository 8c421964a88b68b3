import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { signatureList } from './signature-list.ts';

it('has one list for each certificate, as firmware reads it', () => {
  const certificates = rootCertificates.slice(0, 3).map((pem) => new X509Certificate(pem));
  const bytes = Buffer.from(signatureList(certificates));
  let at = 0;
  for (const { raw } of certificates) {
    // EFI_CERT_X509_GUID, its first three fields little-endian.
    expect(bytes.subarray(at, at + 16).toString('hex')).toBe('a159c0a5e494a74a87b5ab155c2bf072');
    const [size, header, entry] = [16, 20, 24].map((offset) => bytes.readUInt32LE(at + offset));
    expect([size, header, entry]).toEqual([28 + 16 + raw.length, 0, 16 + raw.length]);
    expect(bytes.subarray(at + 44, at + size!).equals(raw)).toBe(true);
    at += size!;
  }
  expect(at).toBe(bytes.length);
});
