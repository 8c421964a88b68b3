/**
 * What the server last answered for hosts in build mode, kept on the disk for when it cannot be asked: their machines go on
 * booting and installing. Kept for one installation, told by its token; a newer one does not get what was for the older.
 */

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answered, Question } from '../boot/answer.ts';
import type { Log } from '../boot/log.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import { writeWhole } from '../ops/write-whole.ts';

type Good = Extract<Answered, { ok: true }>;

type OfHost = {
  readonly host: number;
  readonly build: string;
  /** By question. */
  readonly answers: Readonly<Record<string, Good>>;
};

export class KeptAnswers {
  readonly #directory: string;
  readonly #log: Log;
  readonly #hosts = new Map<number, OfHost>();
  /** Files are written one after the other. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** Rejects with FILE_UNWRITABLE. */
  static async open(directory: string, log: Log): Promise<KeptAnswers> {
    const kept = new KeptAnswers(directory, log);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await kept.#load();
    } catch (error) {
      throw new ChainbootError('FILE_UNWRITABLE', { name: directory, reason: reasonOf(error) }, [], error);
    }
    return kept;
  }

  of(host: Host, question: Question): Good | undefined {
    const kept = this.#hosts.get(host.id);
    return kept?.build === buildOf(host) ? kept.answers[keyOf(question)] : undefined;
  }

  /** Whether anything is kept for the installation that the host is in. */
  has(host: Host): boolean {
    return this.#hosts.get(host.id)?.build === buildOf(host);
  }

  /** Takes the place of an older answer to the same question. */
  keep(host: Host, answers: readonly (readonly [Question, Good])[]): void {
    const build = buildOf(host);
    const before = this.#hosts.get(host.id);
    const news = Object.fromEntries(answers.map(([question, answer]) => [keyOf(question), answer]));
    const kept = { ...(before?.build === build ? before.answers : {}), ...news };
    const ofHost: OfHost = { host: host.id, build, answers: kept };
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(ofHost)) return;
    this.#hosts.set(host.id, ofHost);
    this.#write(() => writeWhole(this.#path(host.id), JSON.stringify(ofHost)));
  }

  /** Those of hosts that are no longer in build mode go. */
  retain(wanted: (host: number) => boolean): void {
    for (const host of [...this.#hosts.keys()]) {
      if (wanted(host)) continue;
      this.#hosts.delete(host);
      this.#write(() => rm(this.#path(host), { force: true }));
    }
  }

  /** Resolves when all is written. */
  close(): Promise<void> {
    return this.#writing;
  }

  #write(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error) =>
      this.#log('error', 'what the server answered cannot be kept for when it is away', {
        directory: this.#directory,
        reason: reasonOf(error),
      }),
    );
  }

  async #load(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      try {
        if (!/^\d+\.json$/.test(name)) throw new Error('it is no such file');
        const kept = JSON.parse(await readFile(path, 'utf8')) as OfHost;
        this.#hosts.set(kept.host, kept);
      } catch (error) {
        this.#log('warn', 'a kept answer was thrown away', { file: path, reason: reasonOf(error) });
        await rm(path, { force: true });
      }
    }
  }

  #path(host: number): string {
    return join(this.#directory, `${host}.json`);
  }
}

/** Which installation of the host. */
function buildOf({ token, initiated_at }: Host): string {
  return `${token?.value ?? ''} ${initiated_at ?? ''}`;
}

function keyOf({ kind, bootstrap, static: fixed = false, base }: Question): string {
  return JSON.stringify([kind, bootstrap, fixed, base]);
}
