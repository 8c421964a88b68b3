/** The rehearsals that are under way, by the keys that their requests carry. Only the server makes keys. */

import { randomBytes } from 'node:crypto';
import type { RehearsalDoor } from '../../boot/rehearsal.ts';
import type { Recorder } from '../../boot/step.ts';
import { router } from '../../http/router.ts';
import type { Matcher } from '../../http/server.ts';
import type { TftpRoom } from '../../tftp/server.ts';
import type { BootRoom } from '../boot-room.ts';

/** A machine that is played. */
export type Guest = { readonly address: string; readonly room: BootRoom; readonly record: Recorder };

type Entry = { readonly guest: Guest; readonly match: Matcher; readonly tftp: TftpRoom };

export class Rehearsals {
  readonly #guests = new Map<string, Entry>();

  /** @returns the key: 128 random bits */
  enter(guest: Guest): string {
    const key = randomBytes(16).toString('hex');
    const { room, record } = guest;
    this.#guests.set(key, { guest, match: router(room.routes), tftp: { resolve: room.content, record } });
    return key;
  }

  leave(key: string): void {
    this.#guests.delete(key);
  }

  readonly http: RehearsalDoor<Matcher> = (key) => this.#found(key, ({ match }) => match);
  readonly tftp: RehearsalDoor<TftpRoom> = (key) => this.#found(key, ({ tftp }) => tftp);

  #found<R>(
    key: string,
    roomOf: (entry: Entry) => R,
  ): { readonly address: string; readonly room: R } | undefined {
    const entry = this.#guests.get(key);
    return entry && { address: entry.guest.address, room: roomOf(entry) };
  }
}
