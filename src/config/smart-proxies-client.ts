/** What this server shows the smart proxies that it drives, and how they and the machines behind them reach it. */

import { z } from 'zod';

const file = z.string().startsWith('/', { error: 'must be an absolute path' }).optional();

export const SMART_PROXIES_CLIENT_SCHEMA = z
  .strictObject({
    certificate: file.describe(
      'PEM file with the certificate that smart proxies of this server are shown (default: that of `https`, or one that our own root signs)',
    ),
    key: file.describe('PEM file with its private key'),
    ca: file.describe(
      'PEM file with the authority of their certificates (default: our own root, and those of the system)',
    ),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'this server as smart proxies, and machines behind them, reach it (default: plain HTTP on the first link)',
      ),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    path: ['key'],
    error: 'certificate and key go together',
  });
