/** Who asks: by login and password, by a personal access token, or by a session's cookie. */

import { createHmac, randomBytes } from 'node:crypto';
import { ChainbootError } from '../../errors.ts';
import type { Site } from '../../inventory/site.ts';
import type { Role, User } from '../../inventory/types.ts';
import { verifyPassword } from './passwords.ts';
import type { Limit } from './rate-limit.ts';
import { RateLimit } from './rate-limit.ts';
import { roleOf } from './roles.ts';
import { isSame, type Session, Sessions } from './sessions.ts';
import { hashToken, isUsable, looksLikeToken } from './tokens.ts';

export type Principal = {
  readonly user: User;
  readonly role: Role;
  readonly by: 'password' | 'token' | 'session';
};

export type AuthRequest = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Address of the client. */
  readonly remote: string;
};

export type AuthDeps = {
  readonly site: () => Site;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Of failed logins, for one address and for one login. */
  readonly failures?: Limit;
};

export const SESSION_COOKIE = 'chainboot_session';
export const CSRF_HEADER = 'x-csrf-token';

/** Ten at once, then one in six seconds: people mistype, and guessing takes for ever. */
const FAILURES: Limit = { burst: 10, perSecond: 1 / 6 };
/** Clients such as Ansible send the password with every request, and verifying it takes its time. */
const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 1000;

export class Authenticator {
  readonly sessions: Sessions;
  readonly #deps: AuthDeps;
  readonly #byAddress: RateLimit;
  readonly #byLogin: RateLimit;
  /** HMAC of login and password → the hash that it was verified with. The key does not leave this process. */
  readonly #verified = new Map<string, { readonly hash: string; readonly until: number }>();
  readonly #key = randomBytes(32);

  constructor(deps: AuthDeps) {
    this.#deps = deps;
    this.sessions = new Sessions(deps.now);
    const limit = deps.failures ?? FAILURES;
    this.#byAddress = new RateLimit(limit, deps.now);
    this.#byLogin = new RateLimit(limit, deps.now);
  }

  /** Rejects with UNAUTHENTICATED, RATE_LIMITED, or FORBIDDEN for a user without any role. */
  async authenticate(request: AuthRequest): Promise<Principal> {
    const header = single(request.headers.authorization);
    const [, scheme = '', credentials = ''] = /^(\S+)\s+(\S.*)$/.exec(header) ?? [];
    if (/^bearer$/i.test(scheme)) return this.#byToken(credentials.trim(), undefined, request);
    if (/^basic$/i.test(scheme)) return this.#basic(credentials, request);
    return this.#bySession(request);
  }

  /** A session for who knows the password. */
  async logIn(
    login: string,
    password: string,
    request: AuthRequest,
  ): Promise<{ readonly principal: Principal; readonly session: Session }> {
    const principal = await this.#byPassword(login, password, request);
    return { principal, session: this.sessions.begin(login, principal.user.password_hash) };
  }

  /** Ends the session that the request came with, if it came with one. */
  logOut({ headers }: AuthRequest): void {
    const id = cookie(single(headers.cookie), SESSION_COOKIE);
    if (id !== undefined) this.sessions.end(id);
  }

  async #basic(credentials: string, request: AuthRequest): Promise<Principal> {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const [login, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
    return looksLikeToken(password)
      ? this.#byToken(password, login, request)
      : this.#byPassword(login, password, request);
  }

  #byToken(value: string, login: string | undefined, request: AuthRequest): Principal {
    this.#refuseTooMany(request.remote, login ?? '');
    const hash = hashToken(value);
    const site = this.#deps.site();
    const token = site
      .list('personal_access_tokens')
      .find((one) => one.hash === hash && isUsable(one, this.#deps.now()));
    const owner = token === undefined ? undefined : site.get('users', token.user);
    const user =
      owner === undefined || owner.disabled || (login !== undefined && owner.login !== login)
        ? undefined
        : owner;
    if (user === undefined) throw this.#failed(request.remote, login ?? 'with a token');
    return principalOf(user, 'token');
  }

  async #byPassword(login: string, password: string, request: AuthRequest): Promise<Principal> {
    this.#refuseTooMany(request.remote, login);
    const user = this.#deps.site().get('users', login);
    const stored = user?.disabled ? undefined : user?.password_hash;
    const key = createHmac('sha256', this.#key).update(`${login}\0${password}`).digest('base64');
    const known = this.#verified.get(key);
    if (
      user !== undefined &&
      stored !== undefined &&
      known?.hash === stored &&
      known.until > this.#deps.now()
    )
      return principalOf(user, 'password');
    const right = await verifyPassword(password, stored);
    if (right === undefined) throw new ChainbootError('RATE_LIMITED', { retry_after: 5 });
    if (!right || user === undefined || stored === undefined) throw this.#failed(request.remote, login);
    this.#remember(key, stored);
    this.#byLogin.forget(login);
    return principalOf(user, 'password');
  }

  #remember(key: string, hash: string): void {
    const oldest = this.#verified.size >= MAX_REMEMBERED ? this.#verified.keys().next().value : undefined;
    if (oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.set(key, { hash, until: this.#deps.now() + REMEMBERED_MS });
  }

  #bySession(request: AuthRequest): Principal {
    const id = cookie(single(request.headers.cookie), SESSION_COOKIE);
    const session = id === undefined ? undefined : this.sessions.find(id);
    const user = session && this.#deps.site().get('users', session.login);
    if (
      session === undefined ||
      user === undefined ||
      user.disabled ||
      user.password_hash !== session.passwordHash
    )
      throw new ChainbootError('UNAUTHENTICATED', { login: '' });
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (changes && !isSame(single(request.headers[CSRF_HEADER]), session.csrf))
      throw new ChainbootError('CSRF_MISSING', { header: CSRF_HEADER });
    return principalOf(user, 'session');
  }

  #refuseTooMany(remote: string, login: string): void {
    const wait = Math.max(this.#byAddress.wait(remote), login === '' ? 0 : this.#byLogin.wait(login));
    if (wait > 0) throw new ChainbootError('RATE_LIMITED', { retry_after: wait });
  }

  #failed(remote: string, login: string): ChainbootError {
    this.#byAddress.take(remote);
    this.#byLogin.take(login);
    return new ChainbootError('UNAUTHENTICATED', { login });
  }
}

function principalOf(user: User, by: Principal['by']): Principal {
  const role = roleOf(user);
  if (role === undefined) throw new ChainbootError('FORBIDDEN', { login: user.login, role: 'viewer' });
  return { user, role, by };
}

function single(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

function cookie(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
