/** A TFTP client that does what it is told, packet by packet: also what no good one does. */

import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode, encode, type Option, type Packet } from '../../src/tftp/packet.ts';

export class RawTftp {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #heard: Packet[] = [];
  /** Where the last packet came from. */
  #from: number;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    this.#from = port;
    socket.on('message', (bytes, { port: from }) => {
      this.#from = from;
      this.#heard.push(decode(bytes));
    });
  }

  static async open(address: string, port: number): Promise<RawTftp> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, address, resolve));
    return new RawTftp(socket, port);
  }

  ask(filename: string, options: readonly Option[] = []): void {
    this.#send({ op: 'rrq', filename, mode: 'octet', options }, this.#port);
  }

  /** Acknowledges what comes, block by block, up to and with `last`. @param pause milliseconds before each */
  async take(last: number, pause = 0): Promise<void> {
    for (let block = 0; block < last; ) {
      const packet = await this.#next();
      if (packet.op === 'error') throw new Error(packet.message);
      if (packet.op === 'oack') this.#send({ op: 'ack', block: 0 });
      if (packet.op !== 'data' || packet.block !== block + 1) continue;
      if (pause > 0) await sleep(pause);
      block = packet.block;
      this.#send({ op: 'ack', block });
      if (packet.data.length < 512) return;
    }
  }

  fail(message: string): void {
    this.#send({ op: 'error', code: 0, message });
  }

  close(): void {
    this.#socket.close();
  }

  async #next(): Promise<Packet> {
    for (;;) {
      const packet = this.#heard.shift();
      if (packet !== undefined) return packet;
      await sleep(5);
    }
  }

  #send(packet: Packet, port = this.#from): void {
    this.#socket.send(encode(packet), port, '127.0.0.1');
  }
}
