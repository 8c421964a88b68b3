/** Sessions of browsers. */

import { z } from 'zod';
import { SESSION_COOKIE } from '../../service/auth/authenticate.ts';
import { type Operation, Reply } from '../operation.ts';

const SESSION = z.object({ login: z.string(), role: z.string(), csrf_token: z.string() });
const FLAGS = 'Path=/; HttpOnly; Secure; SameSite=Strict';

export const sessionOperations: readonly Operation[] = [
  {
    resource: 'sessions',
    action: 'create',
    summary: 'Log in: gives a cookie, and a token that changes need in the header X-CSRF-Token',
    method: 'POST',
    paths: ['/sessions'],
    role: 'public',
    body: {
      root: 'session',
      params: z.object({ login: z.string().describe('login'), password: z.string().describe('password') }),
    },
    returns: SESSION,
    status: 201,
    handle: async ({ body, services, request }) => {
      const { principal, session } = await services.auth.logIn(
        String(body.login),
        String(body.password),
        request,
      );
      const { user, role } = principal;
      return new Reply(JSON.stringify({ login: user.login, role, csrf_token: session.csrf }), 201, {
        'content-type': 'application/json; charset=utf-8',
        'set-cookie': `${SESSION_COOKIE}=${session.id}; ${FLAGS}`,
      });
    },
  },
  {
    resource: 'sessions',
    action: 'destroy',
    summary: 'Log out',
    method: 'DELETE',
    paths: ['/sessions/current'],
    role: 'viewer',
    returns: z.object({ message: z.string() }),
    handle: ({ services, request }) => {
      services.auth.logOut(request);
      return new Reply(JSON.stringify({ message: 'logged out' }), 200, {
        'content-type': 'application/json; charset=utf-8',
        'set-cookie': `${SESSION_COOKIE}=; ${FLAGS}; Max-Age=0`,
      });
    },
  },
];
