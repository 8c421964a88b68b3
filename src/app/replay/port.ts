/** A port without a socket: what a capture holds comes in, and what is answered stays. */

import type { Datagram, Link, Outgoing, UdpPort } from '../../link/types.ts';

export class ReplayPort implements UdpPort {
  readonly link: Link;
  readonly port: number;
  readonly #answers: Outgoing[] = [];
  #handler: (batch: readonly Datagram[]) => void = () => {};

  constructor(link: Link, port: number) {
    this.link = link;
    this.port = port;
  }

  onBatch(handler: (batch: readonly Datagram[]) => void): void {
    this.#handler = handler;
  }

  send(batch: readonly Outgoing[]): void {
    this.#answers.push(...batch);
  }

  /** Nothing fails here. */
  onError(): void {}

  async close(): Promise<void> {}

  deliver(datagram: Datagram): void {
    this.#handler([datagram]);
  }

  /** What was answered since it was asked last. */
  answers(): readonly Outgoing[] {
    return this.#answers.splice(0);
  }
}
