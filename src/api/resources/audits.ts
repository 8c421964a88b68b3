/** Who changed what. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { roleAllows } from '../../inventory/roles.ts';
import { COLLECTIONS, type Collection, type Role } from '../../inventory/types.ts';
import { redactChanges } from '../../service/auth/secrets.ts';
import type { Audit, AuditQuery } from '../../store/types.ts';
import { type Call, type Operation, Reply } from '../operation.ts';
import { PER_PAGE } from '../search/query.ts';
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

function shown(audit: Audit, role: Role): z.infer<typeof AUDIT> {
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
    audited_changes: redactChanges(changes, role) as never,
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

/** Administrators alone see users, and what became of them. */
const OF_USERS = ['users', 'usergroups', 'personal_access_tokens'] as const;

/** More than these are written as they are read, so that a list of everything needs no memory for it. */
const ROWS_AT_ONCE = 500;

async function index(call: Call): Promise<Reply> {
  const { query } = call;
  const { role } = call.principal!;
  const page = (query.page as number | undefined) ?? 1;
  const wanted: AuditQuery = {
    ...conditions(query.search as string | undefined),
    ...ownerOf(call),
    ...(roleAllows(role, 'admin') ? {} : { except: OF_USERS }),
    limit: ROWS_AT_ONCE,
  };
  const total = (await call.services.inventory.audits({ ...wanted, limit: 0 })).total;
  const per_page = query.per_page === 'all' ? total : ((query.per_page as number | undefined) ?? PER_PAGE);
  const head = {
    total,
    subtotal: total,
    page,
    per_page,
    search: query.search ?? null,
    sort: { by: 'time', order: 'DESC' },
  };
  const rows = rowsOf(call, wanted, (page - 1) * per_page, per_page);
  return new Reply(listText(head, rows, role), 200, { 'content-type': 'application/json; charset=utf-8' });
}

/** Piece by piece, each from before the last of the one before: what is added meanwhile shifts nothing. */
async function* rowsOf(
  call: Call,
  wanted: AuditQuery,
  from: number,
  count: number,
): AsyncGenerator<readonly Audit[]> {
  let [left, offset, before] = [count, from, Number.MAX_SAFE_INTEGER];
  while (left > 0) {
    const limit = Math.min(left, ROWS_AT_ONCE);
    const { audits } = await call.services.inventory.audits({ ...wanted, limit, offset, before });
    if (audits.length > 0) yield audits;
    if (audits.length < limit) return;
    [left, offset, before] = [left - limit, 0, audits.at(-1)!.id];
  }
}

async function* listText(
  head: object,
  pieces: AsyncIterable<readonly Audit[]>,
  role: Role,
): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"results":[`;
  let separator = '';
  for await (const piece of pieces) {
    yield separator + piece.map((audit) => JSON.stringify(shown(audit, role))).join(',');
    separator = ',';
  }
  yield ']}';
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
