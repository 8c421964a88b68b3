/** A recording on its way into a file. */

import { createWriteStream, type WriteStream } from 'node:fs';
import { ChainbootError, reasonOf } from '../errors.ts';
import { LINKTYPE } from './link-layer.ts';
import { pcapngInterface, pcapngPacket, pcapngSection } from './write.ts';

/** A recording is to be sent around: behind this size only the heads of frames are kept, which tell the story too. */
const WHOLE_FRAMES_BYTES = 64 << 20;
const HEAD_BYTES = 192;
/** What may wait for a slow disk. */
const MOST_WAITING_BYTES = 32 << 20;

export class Recording {
  readonly #stream: WriteStream;
  readonly #links: readonly string[];
  #bytes = 0;
  /** Frames that were written, were cut, and were left out because the disk was too slow. */
  frames = 0;
  cut = 0;
  lost = 0;
  #failure: Error | undefined;

  private constructor(stream: WriteStream, links: readonly string[]) {
    this.#stream = stream;
    this.#links = links;
    stream.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** Rejects with FILE_UNWRITABLE. */
  static async open(file: string, links: readonly string[]): Promise<Recording> {
    // It holds what the machine was given: tokens, and passwords in answer files.
    const stream = createWriteStream(file, { mode: 0o600 });
    const recording = new Recording(stream, links);
    await new Promise<void>((resolve, reject) => {
      stream.once('open', () => resolve());
      stream.once('error', (error) =>
        reject(new ChainbootError('FILE_UNWRITABLE', { name: file, reason: reasonOf(error) }, [], error)),
      );
    });
    recording.#write(pcapngSection('chainboot'));
    for (const link of links) recording.#write(pcapngInterface(LINKTYPE.ethernet, link));
    return recording;
  }

  /** `at`: epoch milliseconds. `length`: bytes on the wire. */
  put(bytes: Uint8Array, link: string, at: number, length = bytes.length): void {
    if (this.#stream.writableLength > MOST_WAITING_BYTES || this.#failure !== undefined) {
      this.lost++;
      return;
    }
    const kept = this.#bytes < WHOLE_FRAMES_BYTES ? bytes : bytes.subarray(0, HEAD_BYTES);
    if (kept.length < bytes.length) this.cut++;
    this.frames++;
    this.#write(pcapngPacket(kept, at, { length, from: Math.max(0, this.#links.indexOf(link)) }));
  }

  /** Rejects with FILE_UNWRITABLE when not all of it could be written. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
    if (this.#failure === undefined) return;
    const values = { name: String(this.#stream.path), reason: reasonOf(this.#failure) };
    throw new ChainbootError('FILE_UNWRITABLE', values, [], this.#failure);
  }

  #write(block: Uint8Array): void {
    this.#bytes += block.length;
    this.#stream.write(block);
  }
}
