/** Who asks: by login and password, by a personal access token, or by a session's cookie. */

import { createHmac, randomBytes } from 'node:crypto';
import type { Log } from '../../boot/log.ts';
import { ChainbootError } from '../../errors.ts';
import { roleIn } from '../../inventory/roles.ts';
import type { Site } from '../../inventory/site.ts';
import type { Role, User } from '../../inventory/types.ts';
import type { Stored } from '../../store/types.ts';
import { verifyPassword } from './passwords.ts';
import { clientOf, type Limit, RateLimit } from './rate-limit.ts';
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
  /** Of failed logins, from one address and for one login. */
  readonly failures?: { readonly byAddress: Limit; readonly byLogin: Limit };
  /** Told of failed logins, of one address once in ten seconds. */
  readonly log?: Log;
};

/** The prefix makes browsers refuse one that is not `Secure`, or that another host of the domain has set. */
export const SESSION_COOKIE = '__Host-chainboot_session';
export const CSRF_HEADER = 'x-csrf-token';

/** People mistype, and guessing takes for ever: ten an address, and fifty a login from all addresses together. */
const FAILURES = { byAddress: { burst: 10, perSecond: 1 / 6 }, byLogin: { burst: 50, perSecond: 1 / 6 } };
/** Clients such as Ansible send the password with every request, and verifying it takes its time. */
const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 1000;
/** Of failed logins, in the log. */
const TOLD: Limit = { burst: 1, perSecond: 1 / 10 };
/** After which whoever was sent away because too many logged in may come again. */
const BUSY_SECONDS = 5;

export class Authenticator {
  readonly sessions: Sessions;
  readonly #deps: AuthDeps;
  readonly #byAddress: RateLimit;
  readonly #byLogin: RateLimit;
  readonly #told: RateLimit;
  /** HMAC of login and password → the hash that it was verified with. The key does not leave this process. */
  readonly #verified = new Map<string, { readonly hash: string; readonly until: number }>();
  /** Being verified, by the same key: who asks the same meanwhile waits for the same answer. */
  readonly #verifying = new Map<string, Promise<boolean | undefined>>();
  readonly #key = randomBytes(32);

  constructor(deps: AuthDeps) {
    this.#deps = deps;
    this.sessions = new Sessions(deps.now);
    const { byAddress, byLogin } = deps.failures ?? FAILURES;
    this.#byAddress = new RateLimit(byAddress, deps.now);
    this.#byLogin = new RateLimit(byLogin, deps.now);
    this.#told = new RateLimit(TOLD, deps.now);
  }

  /** Rejects with UNAUTHENTICATED, RATE_LIMITED, CSRF_MISSING, or FORBIDDEN for a user without any role. */
  async authenticate(request: AuthRequest): Promise<Principal> {
    const header = single(request.headers.authorization);
    const [, scheme = '', credentials = ''] = /^(\S+)\s+(\S.*)$/.exec(header) ?? [];
    if (/^bearer$/i.test(scheme)) return this.#byToken(credentials.trim(), undefined, request);
    if (/^basic$/i.test(scheme)) return this.#basic(credentials, request);
    return this.#bySession(request);
  }

  /** A session for who knows the password. Rejects as `authenticate` does. */
  async logIn(
    login: string,
    password: string,
    request: AuthRequest,
  ): Promise<{ readonly principal: Principal; readonly session: Session }> {
    const principal = await this.#byPassword(login, password, request);
    return { principal, session: this.sessions.begin(login, principal.user.password_hash) };
  }

  logOut(request: AuthRequest): void {
    const id = cookie(single(request.headers.cookie), SESSION_COOKIE);
    if (id !== undefined) this.sessions.end(id);
  }

  /** Told of what was stored: a user who is disabled, for however short a time, has no session afterwards. */
  observe(changes: readonly Stored[]): void {
    for (const change of changes)
      if (change.op === 'put' && change.collection === 'users' && change.record.disabled)
        this.sessions.endAllOf(change.record.login);
  }

  async #basic(credentials: string, request: AuthRequest): Promise<Principal> {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const [login, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
    return looksLikeToken(password)
      ? this.#byToken(password, login, request)
      : this.#byPassword(login, password, request);
  }

  /** 256 random bits are not guessed, so a token that is right is never made to wait for others' wrong ones. */
  #byToken(value: string, login: string | undefined, request: AuthRequest): Principal {
    const hash = hashToken(value);
    const site = this.#deps.site();
    const token = site.accessToken(hash);
    const isGood = token !== undefined && isUsable(token, this.#deps.now());
    const owner = isGood ? site.get('users', token.user) : undefined;
    if (owner !== undefined && !owner.disabled && (login === undefined || owner.login === login))
      return principalOf(site, owner, 'token');
    this.#count(this.#byAddress, clientOf(request.remote));
    throw this.#failed(login ?? 'with a token', request);
  }

  async #byPassword(login: string, password: string, request: AuthRequest): Promise<Principal> {
    const user = this.#deps.site().get('users', login);
    const stored = user?.disabled ? undefined : user?.password_hash;
    const key = createHmac('sha256', this.#key).update(`${login}\0${password}`).digest('base64');
    if (user !== undefined && stored !== undefined && this.#isVerified(key, stored))
      return principalOf(this.#deps.site(), user, 'password');
    if (await this.#verify(key, password, stored, login, clientOf(request.remote))) {
      // What may have changed while the password was verified.
      const now = this.#deps.site().get('users', login);
      if (now !== undefined && !now.disabled && now.password_hash === stored)
        return principalOf(this.#deps.site(), now, 'password');
    }
    throw this.#failed(login, request);
  }

  /** With the address, for whoever shuts it out. */
  #failed(login: string, { remote }: AuthRequest): ChainbootError {
    if (this.#told.take(clientOf(remote)) === 0)
      this.#deps.log?.('warn', 'a login to the API failed', { login: login.slice(0, 64), remote });
    return new ChainbootError('UNAUTHENTICATED', { login });
  }

  #isVerified(key: string, hash: string): boolean {
    const known = this.#verified.get(key);
    return known !== undefined && known.hash === hash && known.until > this.#deps.now();
  }

  /**
   * Counts every attempt before it is verified, else a thousand at once would all be free, and gives those back that
   * were right. Rejects with RATE_LIMITED.
   */
  async #verify(
    key: string,
    password: string,
    stored: string | undefined,
    login: string,
    client: string,
  ): Promise<boolean> {
    const known = this.#verifying.get(key);
    if (known === undefined) {
      this.#count(this.#byAddress, client);
      this.#count(this.#byLogin, login, () => this.#byAddress.give(client));
    }
    const verifying = known ?? verifyPassword(password, stored);
    if (known === undefined) this.#verifying.set(key, verifying);
    try {
      const right = await verifying;
      if (known === undefined && right !== false) {
        this.#byAddress.give(client);
        this.#byLogin.give(login);
      }
      if (right === undefined) throw new ChainbootError('RATE_LIMITED', { retry_after: BUSY_SECONDS });
      if (right && stored !== undefined) this.#remember(key, stored);
      return right;
    } finally {
      this.#verifying.delete(key);
    }
  }

  #count(limit: RateLimit, key: string, undo?: () => void): void {
    const wait = limit.take(key);
    if (wait === 0) return;
    undo?.();
    throw new ChainbootError('RATE_LIMITED', { retry_after: wait });
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
    return principalOf(this.#deps.site(), user, 'session');
  }
}

function principalOf(site: Site, user: User, by: Principal['by']): Principal {
  const role = roleIn(site, user);
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
