/** `/api` and `/api/status`: what clients ask first. */

import { z } from 'zod';
import type { Operation } from './operation.ts';
import { FOREMAN_VERSION } from './version.ts';

const STATUS = z.object({
  result: z.literal('ok'),
  status: z.literal(200),
  version: z.string(),
  api_version: z.literal(2),
});

export const homeOperations: readonly Operation[] = [
  {
    resource: 'home',
    action: 'status',
    summary: 'Show status and version',
    method: 'GET',
    paths: ['/status'],
    role: 'viewer',
    returns: STATUS,
    handle: () => ({ result: 'ok', status: 200, version: FOREMAN_VERSION, api_version: 2 }),
  },
];
