/** Logins of browsers: kept in memory, so a restart ends them. */

import { randomBytes, timingSafeEqual } from 'node:crypto';

export type Session = {
  readonly id: string;
  /** What a page must send along when it changes something: other sites' pages do not know it. */
  readonly csrf: string;
  readonly login: string;
  /** Of the user when the session began: a changed password ends it. */
  readonly passwordHash: string | undefined;
  /** Epoch milliseconds. */
  readonly began: number;
  used: number;
};

const IDLE_MS = 60 * 60_000;
const LIFE_MS = 12 * 60 * 60_000;
const MAX_SESSIONS = 10_000;

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(login: string, passwordHash: string | undefined): Session {
    this.#sweep();
    const now = this.#now();
    const session = { id: secret(), csrf: secret(), login, passwordHash, began: now, used: now };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Undefined for one that is over. */
  find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    if (this.#isOver(session)) {
      this.#sessions.delete(id);
      return undefined;
    }
    session.used = this.#now();
    return session;
  }

  end(id: string): void {
    this.#sessions.delete(id);
  }

  endAllOf(login: string): void {
    for (const [id, session] of this.#sessions) if (session.login === login) this.#sessions.delete(id);
  }

  #isOver({ began, used }: Session): boolean {
    const now = this.#now();
    return now - used > IDLE_MS || now - began > LIFE_MS;
  }

  #sweep(): void {
    for (const [id, session] of this.#sessions) if (this.#isOver(session)) this.#sessions.delete(id);
    const oldest = this.#sessions.size >= MAX_SESSIONS ? this.#sessions.keys().next().value : undefined;
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }
}

export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
