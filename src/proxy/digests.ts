/** SHA-256 of files that proxies fetch: worked out once for each state of a file. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Files remembered; each is a line of text. */
const MOST = 10_000;

export class Digests {
  readonly #known = new Map<string, Promise<string>>();

  /** Hex. Rejects with what the disk says. */
  async of(path: string): Promise<string> {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    const state = `${path} ${ino} ${size} ${mtimeNs}`;
    const known = this.#known.get(state);
    if (known !== undefined) return known;
    const digest = digestOf(path);
    this.#known.set(state, digest);
    digest.catch(() => this.#known.delete(state));
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    return digest;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
