/** A recording that is asked for over the control socket: a line that says that it began, then one for each frame. */

import { z } from 'zod';
import type { Tap, TappedFrame } from '../../capture/tap.ts';
import { ChainbootError } from '../../errors.ts';
import { parseMac } from '../../net/mac.ts';
import type { Handler } from '../control/socket.ts';

const ASKED = z.strictObject({ mac: z.string() });

/** As they are sent; `bytes` in base64. */
export type FrameLine = {
  readonly at: number;
  readonly link: string;
  readonly length: number;
  readonly bytes: string;
};

/** Frames that wait for a reader who is slow; more are left out, and counted. */
const MOST_WAITING = 10_000;
/** Machines that are recorded at once. */
const MOST_RECORDINGS = 8;

export function captureHandler(tap: Tap): Handler {
  let running = 0;
  return async function* (body, signal) {
    const mac = parseMac(ASKED.safeParse(body).data?.mac ?? '');
    if (mac === undefined) throw new ChainbootError('USAGE', { reason: 'a recording needs a MAC address' });
    if (running >= MOST_RECORDINGS) throw new ChainbootError('CAPTURE_BUSY', {});
    running++;
    const queue = new FrameQueue(signal);
    const stop = tap.open(mac, (frame) => queue.put(frame));
    try {
      yield { listening: mac };
      yield* queue.lines();
    } finally {
      stop();
      running--;
    }
  };
}

class FrameQueue {
  readonly #signal: AbortSignal;
  #waiting: FrameLine[] = [];
  #lost = 0;
  #wake: () => void = () => {};

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake());
  }

  put({ at, link, length, bytes }: TappedFrame): void {
    if (this.#waiting.length >= MOST_WAITING) this.#lost++;
    else this.#waiting.push({ at, link, length, bytes: Buffer.from(bytes).toString('base64') });
    this.#wake();
  }

  /** Until the reader leaves. */
  async *lines(): AsyncGenerator<FrameLine | { readonly lost: number }> {
    while (!this.#signal.aborted) {
      if (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      yield* this.#waiting.splice(0);
      if (this.#lost > 0) yield { lost: this.#lost };
      this.#lost = 0;
    }
  }
}
