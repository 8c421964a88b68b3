/**
 * What installers reported and the server has not been told yet: one file each, on the disk before the installer gets its
 * answer, and there until the server has said that it knows.
 */

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../boot/log.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { writeWhole } from '../ops/write-whole.ts';
import { REPORT, type Report } from './wire.ts';

export type ReportsDeps = {
  readonly directory: string;
  /** Rejects with UPSTREAM_UNREACHABLE or UPSTREAM_REFUSED: it is tried again; with anything else, it is settled. */
  readonly deliver: (report: Report) => Promise<void>;
  readonly log: Log;
};

export class Reports {
  readonly #deps: ReportsDeps;
  /** Oldest first. */
  readonly #waiting = new Map<string, Report>();
  #taken = 0;
  #delivering: Promise<void> = Promise.resolve();

  private constructor(deps: ReportsDeps) {
    this.#deps = deps;
  }

  /** Takes up what was not delivered before the process ended. Rejects with FILE_UNWRITABLE. */
  static async open(deps: ReportsDeps): Promise<Reports> {
    const reports = new Reports(deps);
    try {
      await mkdir(deps.directory, { recursive: true, mode: 0o700 });
      await reports.#load();
    } catch (error) {
      throw new ChainbootError(
        'FILE_UNWRITABLE',
        { name: deps.directory, reason: reasonOf(error) },
        [],
        error,
      );
    }
    return reports;
  }

  /** How many there have been: whoever compares knows whether one came meanwhile. */
  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when it is on the disk. Rejects with FILE_UNWRITABLE, and then it is not taken. */
  async take(report: Omit<Report, 'id'>): Promise<void> {
    const whole = { ...report, id: randomUUID() };
    const path = this.#path(whole);
    await writeWhole(path, JSON.stringify(whole)).catch((error) => {
      throw new ChainbootError('FILE_UNWRITABLE', { name: path, reason: reasonOf(error) }, [], error);
    });
    this.#taken++;
    this.#waiting.set(whole.id, whole);
  }

  /** In the order they came; ends at the first that cannot be delivered now. Never rejects. */
  deliver(): Promise<void> {
    this.#delivering = this.#delivering.then(() => this.#deliverAll());
    return this.#delivering;
  }

  async #deliverAll(): Promise<void> {
    const { deliver, log } = this.#deps;
    for (const report of [...this.#waiting.values()]) {
      const told = { host: report.host, kind: report.kind };
      try {
        await deliver(report);
        log('info', 'the server knows what an installer reported', told);
      } catch (error) {
        if (isForLater(error)) return;
        log('warn', 'the server did not take what an installer reported', {
          ...told,
          reason: reasonOf(error),
        });
      }
      await rm(this.#path(report), { force: true }).catch((error) =>
        log('warn', 'a report that was delivered stays on the disk', { ...told, reason: reasonOf(error) }),
      );
      this.#waiting.delete(report.id);
    }
  }

  async #load(): Promise<void> {
    const { directory, log } = this.#deps;
    const found: Report[] = [];
    for (const name of (await readdir(directory)).filter((each) => each.endsWith('.json'))) {
      const path = join(directory, name);
      try {
        found.push(REPORT.parse(JSON.parse(await readFile(path, 'utf8'))));
      } catch (error) {
        log('error', 'a report of an installer cannot be read, and stays where it is', {
          file: path,
          reason: reasonOf(error),
        });
      }
    }
    for (const report of found.toSorted((a, b) => a.at - b.at)) this.#waiting.set(report.id, report);
  }

  #path({ id }: Pick<Report, 'id'>): string {
    return join(this.#deps.directory, `${id}.json`);
  }
}

function isForLater(error: unknown): boolean {
  if (!(error instanceof ChainbootError)) return true;
  return error.code === 'UPSTREAM_UNREACHABLE' || error.code === 'UPSTREAM_REFUSED' || error.status >= 500;
}
