/** Proxies of ours: what a server lets them do, and what a proxy has to know of its server. */

import { z } from 'zod';

const port = z.int().min(0).max(65535);
const file = z.string().startsWith('/', { error: 'must be an absolute path' }).optional();
const directory = z.string().startsWith('/', { error: 'must be an absolute directory' }).optional();
const cacheMib = z.int().min(16).max(16_777_216).default(20_480);

export const PROXIES_SCHEMA = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('let proxies in isolated networks (`chainboot proxy`) ask this server, over TLS on every link'),
  port: port.default(8444).describe('TCP port for them'),
  ca: file.describe(
    'PEM file with the authority that signs their certificates (default: our own root, see `chainboot certificate proxy`)',
  ),
  crl: file.describe('PEM file with its list of revoked certificates'),
  cache: directory.describe(
    'where files of media on mirrors are kept for proxies (default: mirrors/ beside the database)',
  ),
  cache_mib: cacheMib.describe('bytes of these, in MiB'),
});

export const UPSTREAM_SCHEMA = z.strictObject({
  url: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe('the server of this proxy: `https://server.example.com:8444`'),
  certificate: file.describe(
    'PEM file with the certificate of this proxy, which has its name (default: proxy/certificate.pem beside the database)',
  ),
  key: file.describe('PEM file with its private key (default: proxy/key.pem there)'),
  ca: file.describe('PEM file with the authority of the server’s certificate (default: proxy/ca.pem there)'),
  cache: directory.describe('where kernels and initrds are kept (default: proxy/cache/ beside the database)'),
  cache_mib: cacheMib.describe('bytes of these, in MiB'),
});
