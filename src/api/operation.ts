/**
 * An operation of the API as data: routes, checks of what comes in, roles, `/apidoc/v2.json`, `/openapi.json` and the
 * tests of who may do what are all made from it.
 */

import type { z } from 'zod';
import type { Role } from '../inventory/types.ts';
import type { AuthRequest } from '../service/auth/authenticate.ts';
import type { Changed } from '../service/records.ts';
import type { Actor, Change } from '../store/types.ts';
import type { Services } from './services.ts';
import type { View } from './view.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type Operation = {
  /** `hosts`: under which clients find it. */
  readonly resource: string;
  /** `index`, `show`, `create`, `update`, `destroy`, or a name of its own. */
  readonly action: string;
  /** One line. */
  readonly summary: string;
  readonly method: HttpMethod;
  /** Below `/api`, the best first: `/hosts/:id`. */
  readonly paths: readonly string[];
  /** The least that may call it; `public` needs no login. */
  readonly role: Role | 'public';
  /** Parameters in the query, or beside the root of the body. */
  readonly query?: z.ZodObject;
  /** Parameters in the body, below `root` or without it. */
  readonly body?: { readonly root: string; readonly params: z.ZodObject };
  /** What is answered. */
  readonly returns: z.ZodType;
  /** 200 unless told. */
  readonly status?: number;
  /** Throws or rejects with a ChainbootError. What it gives is JSON, or a `Reply`. */
  readonly handle: (call: Call) => unknown;
};

/** One request. */
export type Call = View & {
  /** Of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Only what the client named; null empties a field. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  readonly services: Services;
  /** As it came, for logins. */
  readonly request: AuthRequest;
  /** The one way to change records, on behalf of whoever called. */
  change<T>(
    plan: (view: View) => { readonly changes: readonly Change[]; readonly result: T },
  ): Promise<Changed<T>>;
};

/** An answer that is not JSON of status 200, or too long to be made at once. */
export class Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Iterable<string> | AsyncIterable<string>;
  constructor(body: Reply['body'], status = 200, headers: Readonly<Record<string, string>> = {}) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }
}
