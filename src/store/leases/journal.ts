/**
 * The lease journal: an append-only file, one line a lease, the newest line of an address counts.
 *
 *     turn 1   commit(a) commit(b)  ──▶ one write of a, b, on the disk when it returns (O_DSYNC)
 *     turn 2   commit(c)            ──▶ waits
 *     turn 3   commit(d)            ──▶ waits; when the disk is free: one write of c, d
 *
 * So a disk that syncs 3000 times a second carries tens of thousands of leases a second, and each of them is
 * safe when its `commit` resolves. Opening a journal changes nothing in it: `chainboot lease list` may read what
 * a server is writing. What a crash left behind the last whole line goes with the first write.
 */

import type { Lease } from '../../boot/lease.ts';
import type { Log } from '../../boot/log.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import type { Ipv4 } from '../../net/ip.ts';
import type { LeaseStore } from '../types.ts';
import { type Content, HEADER, parseJournal } from './content.ts';
import { createSynced, openSynced, type SyncedFile, syncDirectory } from './file.ts';
import { encodeRecord } from './record.ts';

export type JournalOptions = {
  /** Lines that no longer count are thrown out once there are this many of them, and more than those that do. */
  readonly garbage?: number;
};

/**
 * Opens the journal, creating the file and its directory where needed.
 * Rejects with LEASES_UNWRITABLE, or LEASES_UNREADABLE for a file that is not a lease journal.
 */
export async function openLeaseJournal(
  file: string,
  log: Log,
  { garbage = 20_000 }: JournalOptions = {},
): Promise<LeaseStore> {
  const opened = await openSynced(file).catch((error: unknown) => {
    throw unwritable(file, error);
  });
  try {
    const content = parseJournal(file, await opened.read());
    if (content.damaged > 0)
      log('warn', 'damaged records in the lease journal were skipped', { file, count: content.damaged });
    return new LeaseJournal(file, opened, content, log, garbage);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function unwritable(file: string, error: unknown): ChainbootError {
  return new ChainbootError('LEASES_UNWRITABLE', { file, reason: reasonOf(error) }, [], error);
}

/** The commits that share one write. */
type Group = { readonly leases: Lease[]; readonly done: PromiseWithResolvers };
type PromiseWithResolvers = {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: ChainbootError) => void;
};

class LeaseJournal implements LeaseStore {
  private readonly file: string;
  private readonly log: Log;
  private readonly garbage: number;
  private readonly newest: Map<Ipv4, Lease>;
  private output: SyncedFile;
  /** Lines in the file. */
  private lines: number;
  /** No compaction below this many lines: after one that failed it must not be tried at every write. */
  private compactAt = 0;
  /** Behind the end of our lines lies what a crash or a failed write left. */
  private dirty: boolean;
  private closed = false;
  private gathering: Group | undefined;
  /** The end of a compaction, to be run between two writes. */
  private swap: (() => Promise<void>) | undefined;
  private working: Promise<void> | undefined;
  private compacting: Promise<void> | undefined;
  /** Leases written since the compaction under way took its copy. */
  private since: Lease[] = [];

  constructor(file: string, output: SyncedFile, content: Content, log: Log, garbage: number) {
    this.file = file;
    this.output = output;
    this.log = log;
    this.garbage = garbage;
    this.newest = content.newest;
    this.lines = content.lines;
    output.size = content.size;
    this.dirty = content.torn;
  }

  async load(): Promise<readonly Lease[]> {
    return [...this.newest.values()];
  }

  commit(leases: readonly Lease[]): Promise<void> {
    if (this.closed) return Promise.reject(unwritable(this.file, 'the journal is closed'));
    if (leases.length === 0) return Promise.resolve();
    const group = (this.gathering ??= { leases: [], done: withResolvers() });
    for (const lease of leases) group.leases.push(lease);
    this.wake();
    return group.done.promise;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    while (this.compacting !== undefined || this.working !== undefined)
      await (this.compacting ?? this.working);
    // A failure leaves blanks, which do no harm.
    if (!this.dirty && this.lines > 0) await this.output.truncate().catch(() => {});
    await this.output.close();
  }

  /** In a microtask: the rest of this turn still joins the group, and no other event comes between. */
  private wake(): void {
    this.working ??= Promise.resolve().then(() => this.work());
  }

  /** One disk operation after the other until nothing waits. */
  private async work(): Promise<void> {
    while (this.gathering !== undefined || this.swap !== undefined) {
      const { swap, gathering } = this;
      this.swap = this.gathering = undefined;
      await swap?.();
      if (gathering !== undefined) await this.write(gathering);
      this.compactWhenDue();
    }
    this.working = undefined;
  }

  private async write({ leases, done }: Group): Promise<void> {
    try {
      if (this.dirty) await this.recover();
      let text = this.output.size === 0 ? HEADER : '';
      for (const lease of leases) text += encodeRecord(lease);
      this.dirty = true;
      await this.output.append(text);
      this.dirty = false;
    } catch (error) {
      done.reject(unwritable(this.file, error));
      return;
    }
    for (const lease of leases) this.newest.set(lease.ip, lease);
    this.lines += leases.length;
    if (this.compacting !== undefined) this.since.push(...leases);
    done.resolve();
    this.output.keepRoom();
  }

  /**
   * After a failed write. The file is opened anew by its name, as its file system may have been mounted again;
   * if it is not the file we wrote, everything we know goes into a new one.
   */
  private async recover(): Promise<void> {
    const fresh = await openSynced(this.file);
    fresh.size = this.output.size;
    if ((await fresh.read()).length < fresh.size) {
      await fresh.close();
      await this.replaceBy(await this.copyOf([...this.newest.values()]));
      this.lines = this.newest.size;
    } else {
      await this.continueIn(fresh);
      await fresh.truncate();
    }
    this.dirty = false;
  }

  private compactWhenDue(): void {
    const dead = this.lines - this.newest.size;
    const due = dead > this.garbage && dead > this.newest.size && this.lines >= this.compactAt;
    if (!due || this.closed || this.compacting !== undefined) return;
    this.since = [];
    this.compacting = this.compact().finally(() => {
      this.compacting = undefined;
    });
  }

  /** The copy is made beside the running journal; commits wait only for its last lines. */
  private async compact(): Promise<void> {
    const live = [...this.newest.values()];
    try {
      const copy = await this.copyOf(live);
      await this.betweenWrites(async () => {
        await appendSlices(copy, this.since);
        await this.replaceBy(copy);
        this.lines = live.length + this.since.length;
      });
    } catch (error) {
      this.compactAt = this.lines * 2;
      this.log('warn', 'the lease journal could not be compacted; it goes on as it is', {
        file: this.file,
        reason: reasonOf(error),
      });
    }
  }

  private betweenWrites(operation: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.swap = () => operation().then(resolve, reject);
      this.wake();
    });
  }

  private async copyOf(leases: readonly Lease[]): Promise<SyncedFile> {
    const copy = await createSynced(`${this.file}.new`);
    try {
      await copy.append(HEADER);
      await appendSlices(copy, leases);
    } catch (error) {
      await copy.discard();
      throw error;
    }
    return copy;
  }

  private async replaceBy(copy: SyncedFile): Promise<void> {
    try {
      await copy.rename(this.file);
    } catch (error) {
      await copy.discard();
      throw error;
    }
    await this.continueIn(copy);
    // Until the directory is on the disk a power cut would bring the old file back: recover() tries again.
    this.dirty = true;
    await syncDirectory(this.file);
    this.dirty = false;
  }

  /** Errors of closing mean nothing here: every write was synced, or was reported as failed. */
  private async continueIn(fresh: SyncedFile): Promise<void> {
    const old = this.output;
    this.output = fresh;
    await old.close().catch(() => {});
  }
}

/** Some milliseconds of encoding at a time, so that DHCP goes on meanwhile. */
const SLICE = 2000;

async function appendSlices(output: SyncedFile, leases: readonly Lease[]): Promise<void> {
  for (let at = 0; at < leases.length; at += SLICE) {
    const slice = leases.slice(at, at + SLICE);
    await output.append(slice.map(encodeRecord).join(''));
  }
}

/** Promise.withResolvers of Node 22. */
function withResolvers(): PromiseWithResolvers {
  let resolve!: () => void;
  let reject!: (error: ChainbootError) => void;
  const promise = new Promise<void>((ok, no) => {
    resolve = ok;
    reject = no;
  });
  return { promise, resolve, reject };
}
