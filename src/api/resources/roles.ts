/** Roles and sources of logins: there are the ones there are; clients look them up. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { ROLES, type Role } from '../../inventory/types.ts';
import type { Call, Operation } from '../operation.ts';
import { listQuery, listRows } from '../rows.ts';

const SAYS: Readonly<Record<Role, string>> = {
  viewer: 'sees everything but secrets',
  operator: 'changes hosts and what they need',
  admin: 'changes everything, users and settings too',
};

const ROW = z.object({
  id: z.int(),
  name: z.string(),
  description: z.string(),
  builtin: z.int(),
  origin: z.null(),
});

/** Foreman's are capitalised. */
export function roleRow(role: Role): z.infer<typeof ROW> {
  const name = `${role.charAt(0).toUpperCase()}${role.slice(1)}`;
  return { id: ROLES.indexOf(role) + 1, name, description: SAYS[role], builtin: 0, origin: null };
}

/** By number or name. Throws RECORD_NOT_FOUND. */
export function requireRole(key: unknown): Role {
  const role = ROLES.find(
    (one) => String(roleRow(one).id) === String(key) || one === String(key).toLowerCase(),
  );
  if (role === undefined) throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'role', key: String(key) });
  return role;
}

export const ROLE_SHAPE = z.object({ id: z.int(), name: z.string() });

/** Those of a user or group besides `admin`, which clients know as a flag. */
export const OTHER_ROLES = {
  type: z.array(ROLE_SHAPE),
  of: ({ roles = [] }: { readonly roles?: readonly Role[] }) =>
    roles.filter((role) => role !== 'admin').map(roleRow),
};

/** `admin` counts beside the list of roles, and what is not named stays. Throws RECORD_INVALID for a contradiction. */
export function rolesOf({ body }: Pick<Call, 'body'>, before: readonly Role[] = []): readonly Role[] {
  const keys = (body.role_ids ?? body.role_names) as readonly unknown[] | null | undefined;
  const named = keys === undefined ? before : (keys ?? []).map(requireRole);
  const stays = body.admin === undefined && before.includes('admin') && keys !== undefined;
  if (body.admin === true || stays) return [...new Set([...named, 'admin' as const])];
  if (body.admin !== false) return named;
  if (keys !== undefined && named.includes('admin')) throw contradiction();
  return named.filter((role) => role !== 'admin');
}

function contradiction(): ChainbootError {
  const message = 'is false, though the role Admin is given: say true, or leave the role out';
  return new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: 'roles', path: 'admin', message }]);
}

const INTERNAL = { id: 1, name: 'Internal', type: 'AuthSourceInternal' };
const SOURCE = z.object({ id: z.int(), name: z.string(), type: z.string() });

export const roleOperations: readonly Operation[] = [
  {
    resource: 'roles',
    action: 'index',
    summary: 'List roles',
    method: 'GET',
    paths: ['/roles'],
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(ROW) }),
    handle: (call) => listRows(call, ROLES.map(roleRow)),
  },
  {
    resource: 'roles',
    action: 'show',
    summary: 'Show a role',
    method: 'GET',
    paths: ['/roles/:id'],
    role: 'viewer',
    returns: ROW,
    handle: ({ path }) => roleRow(requireRole(path.id)),
  },
  {
    resource: 'auth_sources',
    action: 'index',
    summary: 'List sources of logins',
    method: 'GET',
    paths: ['/auth_sources'],
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(SOURCE) }),
    handle: (call) => listRows(call, [INTERNAL]),
  },
];
