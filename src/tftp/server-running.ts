/** Which requests are being worked on, and for whom: the limits are about these. */

import type { Session } from './server-session.ts';

type Entry = { readonly address: number; session: Session | undefined };

export class Running {
  private readonly entries = new Map<string, Entry>();
  private readonly perClient = new Map<number, number>();

  get size(): number {
    return this.entries.size;
  }

  /** Requests of the client with that address. */
  countOf(address: number): number {
    return this.perClient.get(address) ?? 0;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Undefined while the request is being resolved. */
  sessionOf(key: string): Session | undefined {
    return this.entries.get(key)?.session;
  }

  enter(key: string, address: number): void {
    this.entries.set(key, { address, session: undefined });
    this.perClient.set(address, this.countOf(address) + 1);
  }

  begin(key: string, session: Session): void {
    const entry = this.entries.get(key);
    if (entry !== undefined) entry.session = session;
  }

  /** Only if `session` is still what this key stands for: the client may have asked anew. */
  leave(key: string, session: Session | undefined): void {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.session !== session) return;
    this.entries.delete(key);
    const left = this.countOf(entry.address) - 1;
    if (left > 0) this.perClient.set(entry.address, left);
    else this.perClient.delete(entry.address);
  }
}
