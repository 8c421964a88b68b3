/**
 * What was sent to one smart proxy: an append-only file, one line an order, the newest line of a key counts. An order is
 * noted before it goes out and once more when it was taken, each on the disk when the call returns: so whatever may lie on
 * the proxy is known here after any end of the process, also for hosts that are no more.
 */

import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ChainbootError, reasonOf } from '../errors.ts';
import { createSynced, type SyncedFile, syncDirectory } from './leases/file.ts';

const DEPLOYED = z.object({
  key: z.string(),
  /** Number of the host; 0: of nobody's. */
  host: z.int(),
  /** Of what was sent; null: it may or may not have arrived. */
  digest: z.string().nullable(),
  /** It arrived at least once: what is there under this key is ours. */
  made: z.boolean().default(false),
  /** Of a reservation. */
  hostname: z.string().optional(),
  /** Epoch milliseconds. */
  at: z.number(),
});
const FACTS = z.object({
  url: z.string(),
  features: z.array(z.string()),
  serverName: z.string().optional(),
  templateServer: z.string().optional(),
  httpPort: z.int().optional(),
  httpsPort: z.int().optional(),
  /** Of the host in its URL. */
  addresses: z.array(z.string()).readonly().optional(),
});
const LINE = z.union([
  z.object({ put: DEPLOYED }),
  z.object({ gone: z.string() }),
  z.object({ facts: FACTS }),
]);

export type Deployed = Readonly<z.output<typeof DEPLOYED>>;
/** What a smart proxy last said of itself, and where it was then. */
export type ProxyFacts = Readonly<z.output<typeof FACTS>>;
type Line = z.output<typeof LINE>;

export class Deployments {
  readonly #path: string;
  readonly #garbage: number;
  readonly #all = new Map<string, Deployed>();
  readonly #byHost = new Map<number, Map<string, Deployed>>();
  #facts: ProxyFacts | undefined;
  #file: SyncedFile | undefined;
  #lines = 0;

  private constructor(path: string, garbage: number) {
    this.#path = path;
    this.#garbage = garbage;
  }

  /**
   * Half a line at the end, as a crash leaves it, is dropped. Rejects with FILE_UNWRITABLE.
   * @param garbage lines that no longer count, before the file is written anew
   */
  static async open(path: string, garbage = 20_000): Promise<Deployments> {
    const opened = new Deployments(path, garbage);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      for (const text of (await textOf(path)).split('\n')) opened.#take(parsed(text));
      await opened.#rewrite();
    } catch (error) {
      throw unwritable(path, error);
    }
    return opened;
  }

  get facts(): ProxyFacts | undefined {
    return this.#facts;
  }

  get(key: string): Deployed | undefined {
    return this.#all.get(key);
  }

  of(host: number): readonly Deployed[] {
    return [...(this.#byHost.get(host)?.values() ?? [])];
  }

  hosts(): readonly number[] {
    return [...this.#byHost.keys()];
  }

  /** Rejects with FILE_UNWRITABLE, as all that follow. */
  put(deployed: Deployed): Promise<void> {
    return this.#write({ put: deployed });
  }

  remove(key: string): Promise<void> {
    return this.#write({ gone: key });
  }

  setFacts(facts: ProxyFacts): Promise<void> {
    return this.#write({ facts });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  /** The proxy itself is no more. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  async #write(line: Line): Promise<void> {
    try {
      if (this.#lines > this.#garbage + 2 * this.#all.size) await this.#rewrite();
      await this.#file!.append(`${ascii(JSON.stringify(line))}\n`);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
    this.#take(line);
  }

  #take(line: Line | undefined): void {
    if (line === undefined) return;
    this.#lines++;
    if ('facts' in line) {
      this.#facts = line.facts;
      return;
    }
    const key = 'gone' in line ? line.gone : line.put.key;
    const before = this.#all.get(key);
    if (before !== undefined) this.#drop(before);
    if ('put' in line) this.#add(line.put);
  }

  #add(deployed: Deployed): void {
    this.#all.set(deployed.key, deployed);
    const own = this.#byHost.get(deployed.host) ?? new Map<string, Deployed>();
    this.#byHost.set(deployed.host, own.set(deployed.key, deployed));
  }

  #drop({ key, host }: Deployed): void {
    this.#all.delete(key);
    const own = this.#byHost.get(host);
    own?.delete(key);
    if (own?.size === 0) this.#byHost.delete(host);
  }

  /** Beside the old file, which stays until the new one is whole. */
  async #rewrite(): Promise<void> {
    const facts: readonly Line[] = this.#facts === undefined ? [] : [{ facts: this.#facts }];
    const lines = [...facts, ...[...this.#all.values()].map((put) => ({ put }))];
    const file = await createSynced(`${this.#path}.new`);
    try {
      await file.append(lines.map((line) => `${ascii(JSON.stringify(line))}\n`).join(''));
      await file.rename(this.#path);
      await syncDirectory(this.#path);
    } catch (error) {
      await file.close();
      throw error;
    }
    await this.close();
    this.#file = file;
    this.#lines = lines.length;
  }
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

/** Undefined for what is no whole line. */
function parsed(text: string): Line | undefined {
  try {
    return LINE.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The file is of single bytes. */
function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unwritable(name: string, error: unknown): ChainbootError {
  return new ChainbootError('FILE_UNWRITABLE', { name, reason: reasonOf(error) }, [], error);
}
