/** Who changed what. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { COLLECTIONS, type Collection } from '../../inventory/types.ts';
import type { Audit } from '../../store/types.ts';
import type { Call, Operation } from '../operation.ts';
import { shownTime } from '../times.ts';
import { TYPES } from './audit-types.ts';

const AUDIT = z.object({
  id: z.int(),
  created_at: z.string(),
  action: z.enum(['create', 'update', 'destroy']),
  auditable_type: z.string(),
  auditable_id: z.int(),
  auditable_name: z.string(),
  user_name: z.string().nullable(),
  remote_address: z.string().nullable(),
  via: z.string(),
  comment: z.string().nullable(),
  audited_changes: z.record(z.string(), z.json()),
});

function shown(audit: Audit): z.infer<typeof AUDIT> {
  const { id, at, action, collection, record, name, user, remote, via, comment, changes } = audit;
  return {
    id,
    created_at: shownTime(at),
    action,
    auditable_type: TYPES[collection],
    auditable_id: record,
    auditable_name: name,
    user_name: user ?? null,
    remote_address: remote ?? null,
    via,
    comment: comment ?? null,
    audited_changes: changes as never,
  };
}

const FIELDS = { type: 'collection', host: 'name', name: 'name', user: 'user', action: 'action' } as const;

/** `type = host and user = admin`: equality of some fields, which SQL answers. Throws SEARCH_INVALID. */
function conditions(search = ''): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const rest = search.replace(
    /\s*(?:and\b|,)?\s*(\w+)\s*=\s*(?:"([^"]*)"|(\S+))/g,
    (_whole, field, quoted, plain) => {
      const value = quoted ?? plain;
      if (!Object.hasOwn(FIELDS, field))
        throw new ChainbootError('SEARCH_INVALID', { search, at: 1, reason: `there is no field "${field}"` });
      found[FIELDS[field as keyof typeof FIELDS]] = field === 'type' ? collectionOf(value) : value;
      if (field === 'host') found.collection = 'hosts';
      return '';
    },
  );
  if (rest.trim() !== '')
    throw new ChainbootError('SEARCH_INVALID', {
      search,
      at: 1,
      reason: 'audits are found by type, name, host, user and action, each with =',
    });
  return found;
}

function collectionOf(type: string): string {
  return (
    COLLECTIONS.find((name) => TYPES[name].toLowerCase() === type.toLowerCase() || name === type) ?? type
  );
}

async function index(call: Call): Promise<object> {
  const { query, services } = call;
  const page = (query.page as number | undefined) ?? 1;
  const per_page = query.per_page === 'all' ? 100_000 : ((query.per_page as number | undefined) ?? 20);
  const search = query.search as string | undefined;
  const { total, audits } = await services.inventory.audits({
    ...conditions(search),
    ...ownerOf(call),
    limit: per_page,
    offset: (page - 1) * per_page,
  });
  return {
    total,
    subtotal: total,
    page,
    per_page,
    search: search ?? null,
    sort: { by: 'time', order: 'DESC' },
    results: audits.map(shown),
  };
}

/** `/hosts/web1/audits` */
function ownerOf(call: Call): { readonly collection?: Collection; readonly record?: number } {
  if (call.path.host_id === undefined) return {};
  return { collection: 'hosts', record: call.require('hosts', 'host', call.path.host_id).id };
}

export const auditOperations: readonly Operation[] = [
  {
    resource: 'audits',
    action: 'index',
    summary: 'List who changed what, the newest first',
    method: 'GET',
    paths: ['/audits', '/hosts/:host_id/audits'],
    role: 'viewer',
    query: z.object({
      search: z.string().optional().describe('type = host and user = admin; also name, host and action'),
      page: z.int().min(1).optional().describe('page number, from 1'),
      per_page: z
        .union([z.int().min(1), z.literal('all')])
        .optional()
        .describe('audits of a page, or all'),
    }),
    returns: z.object({ total: z.int(), results: z.array(AUDIT) }),
    handle: index,
  },
];
