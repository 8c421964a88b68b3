/** Who else answers DHCP on the served links. */

import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { listQuery, listRows } from '../rows.ts';

const text = z.string().optional();

const ROW = z.object({
  /** Of this answer only. */
  id: z.int(),
  link: z.string(),
  address: z.string(),
  mac: text,
  vendor: text,
  role: z.enum(['dhcp', 'proxy-dhcp', 'relay']),
  offers: z.object({ address: text, bootFile: text, nextServer: text, router: text }),
  lastClient: text,
  firstSeen: z.number(),
  lastSeen: z.number(),
  count: z.number(),
  conflicts: z.enum(['addresses', 'boot-files']).optional(),
});

export const neighbourOperations: readonly Operation[] = [
  {
    resource: 'neighbours',
    action: 'index',
    summary: 'List other DHCP servers, proxies and relays that were heard; times in milliseconds since 1970',
    method: 'GET',
    paths: ['/neighbours'],
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(ROW) }),
    handle: (call) =>
      listRows(
        call,
        call.services.neighbours().map((neighbour, i) => ({ id: i + 1, ...neighbour })),
      ),
  },
];
