/** One answer on its way out: writes that wait for the kernel, and a client that may leave at any time. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Requester } from '../boot/files.ts';

/** Sees an answer go out, for whoever records it. Must not throw. */
export type AnswerTap = {
  head(status: number, headers: OutgoingHttpHeaders): void;
  body(bytes: Uint8Array | string): void;
};
/** Asked of every request; undefined: nobody records it. */
export type HttpTap = (message: IncomingMessage, remote: Requester) => AnswerTap | undefined;

export class Exchange {
  readonly response: ServerResponse;
  /** Epoch milliseconds. */
  readonly started: number;
  tap: AnswerTap | undefined;
  /** Content-Length of the answer. */
  promised = 0;
  /** Bytes of the body that the kernel took. */
  sent = 0;
  /** All of the answer is with the kernel. */
  finished = false;
  #gone = false;
  #wake: (() => void) | undefined;

  constructor(response: ServerResponse, started: number) {
    this.response = response;
    this.started = started;
  }

  /** The connection is closed; nothing more can be sent. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Told by the server when the connection closes. */
  leave(): void {
    this.#gone = true;
    this.#wake?.();
  }

  begin(status: number, headers: OutgoingHttpHeaders): void {
    this.promised = Number(headers['Content-Length'] ?? 0);
    this.tap?.head(status, headers);
    this.response.writeHead(status, headers);
  }

  /** Resolves when the kernel took all of `bytes`, or the client is gone. `bytes` must not change before. */
  async write(bytes: Uint8Array): Promise<void> {
    const taken = await this.#settled((done) => this.response.write(bytes, done), bytes.length);
    if (taken) this.tap?.body(bytes);
  }

  /** The last write of the answer. */
  async end(body: Uint8Array | string = ''): Promise<void> {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    this.finished = await this.#settled((done) => this.response.end(body, done), length);
    if (this.finished && this.response.req.method !== 'HEAD') this.tap?.body(body);
  }

  /** Breaks the connection, so that the client knows that the body is not whole. */
  abort(): void {
    this.response.destroy();
    this.leave();
  }

  /** Whether the kernel took it. */
  async #settled(write: (done: (error?: Error | null) => void) => void, length: number): Promise<boolean> {
    if (this.#gone) return false;
    const taken = await new Promise<boolean>((resolve) => {
      this.#wake = () => resolve(false);
      write((error) => resolve(!error));
    });
    this.#wake = undefined;
    if (taken) this.sent += length;
    return taken;
  }
}
