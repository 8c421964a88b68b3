/** Personal access tokens: of oneself, or of anybody for administrators. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import type { PersonalAccessToken, User } from '../../inventory/types.ts';
import { isUsable, makeAccessToken } from '../../service/auth/tokens.ts';
import type { Call, Operation } from '../operation.ts';
import { listQuery, listRows } from '../rows.ts';
import { shownTime, shownTimeOrNull } from '../times.ts';
import type { View } from '../view.ts';

const TOKEN = z.object({
  id: z.int(),
  name: z.string(),
  user_id: z.int(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  'active?': z.boolean(),
  'revoked?': z.boolean(),
});

function shown(token: PersonalAccessToken, view: View): z.infer<typeof TOKEN> {
  const { id, name, user, created_at, expires_at, revoked_at } = token;
  return {
    id,
    name,
    user_id: view.idNamed('users', user) ?? 0,
    created_at: shownTime(created_at),
    expires_at: shownTimeOrNull(expires_at),
    'active?': isUsable(token, view.now),
    'revoked?': revoked_at !== undefined,
  };
}

/** Throws FORBIDDEN for somebody else's. */
function ownerOf(call: Call, view: View = call): User {
  const { user: asking, role } = call.principal!;
  const user = view.find('users', call.path.user_id ?? '');
  if (user?.id !== asking.id && role !== 'admin')
    throw new ChainbootError('FORBIDDEN', { login: asking.login, role: 'admin' });
  return view.require('users', 'user', call.path.user_id ?? '');
}

function tokensOf(view: View, { login }: User): readonly PersonalAccessToken[] {
  return view.site.list('personal_access_tokens').filter(({ user }) => user === login);
}

function requireToken(call: Call, view: View): PersonalAccessToken {
  const key = call.path.id ?? '';
  const found = tokensOf(view, ownerOf(call, view)).find(
    ({ id, name }) => String(id) === key || name === key,
  );
  if (found === undefined)
    throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'personal_access_token', key });
  return found;
}

function expiryOf(given: unknown): number | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  const at = Date.parse(String(given));
  if (!Number.isNaN(at)) return at;
  const problem = {
    file: 'personal_access_tokens',
    path: 'expires_at',
    message: 'is not a time such as 2030-01-31',
  };
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [problem]);
}

async function create(call: Call): Promise<object> {
  const { value, hash } = makeAccessToken();
  const { body, now } = call;
  const expires_at = expiryOf(body.expires_at);
  const { made } = await call.change((view) => {
    const { login: user } = ownerOf(call, view);
    const fields = { name: String(body.name), user, hash, created_at: now };
    const record = expires_at === undefined ? fields : { ...fields, expires_at };
    return { changes: [{ op: 'put', collection: 'personal_access_tokens', record }], result: undefined };
  });
  const stored = made[0] as { readonly record: PersonalAccessToken };
  return { ...shown(stored.record, call), token_value: value };
}

async function revoke(call: Call): Promise<object> {
  const { result } = await call.change((view) => {
    const token = requireToken(call, view);
    const record = { ...token, revoked_at: token.revoked_at ?? call.now };
    return {
      changes: [{ op: 'put', collection: 'personal_access_tokens', record }],
      result: shown(record, view),
    };
  });
  return result;
}

const BASE = '/users/:user_id/personal_access_tokens';
const common = { resource: 'personal_access_tokens', role: 'viewer', returns: TOKEN } as const;

export const accessTokenOperations: readonly Operation[] = [
  {
    ...common,
    action: 'index',
    summary: 'List the personal access tokens of a user',
    method: 'GET',
    paths: [BASE],
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(TOKEN) }),
    handle: (call) =>
      listRows(
        call,
        tokensOf(call, ownerOf(call)).map((token) => shown(token, call)),
      ),
  },
  {
    ...common,
    action: 'show',
    summary: 'Show a personal access token; its value is shown when it is made, and never again',
    method: 'GET',
    paths: [`${BASE}/:id`],
    handle: (call) => shown(requireToken(call, call), call),
  },
  {
    ...common,
    action: 'create',
    summary: 'Make a personal access token',
    method: 'POST',
    paths: [BASE],
    body: {
      root: 'personal_access_token',
      params: z.object({
        name: z.string().min(1).describe('what it is for'),
        expires_at: z
          .string()
          .nullish()
          .describe('when it stops working, such as 2030-01-31; never unless told'),
      }),
    },
    returns: TOKEN.extend({ token_value: z.string() }),
    status: 201,
    handle: create,
  },
  {
    ...common,
    action: 'destroy',
    summary: 'Revoke a personal access token',
    method: 'DELETE',
    paths: [`${BASE}/:id`],
    handle: revoke,
  },
];
