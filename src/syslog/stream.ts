/** Syslog over TCP (RFC 6587), which is how Anaconda's `inst.syslog` sends it. Nothing is ever answered. */

import { createServer, type Server, type Socket } from 'node:net';
import { Frames } from './frames.ts';

export type StreamDeps = {
  readonly address: string;
  readonly port: number;
  readonly onLine: (address: string, line: Uint8Array) => void;
  readonly onError: (error: Error) => void;
};

/** An installer keeps one open; more is a hall of machines. */
const MAX_CONNECTIONS = 2000;
/** A machine that was switched off never closes its own. */
const IDLE_MS = 60 * 60_000;

export class SyslogStream {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects with what the kernel says. */
  static async open(deps: StreamDeps): Promise<SyslogStream> {
    const server = createServer({ noDelay: true });
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: deps.address, port: deps.port }, resolve);
    });
    server.removeAllListeners('error').on('error', deps.onError);
    const stream = new SyslogStream(server);
    server.on('connection', (socket) => stream.#read(socket, deps));
    return stream;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #read(socket: Socket, { onLine }: StreamDeps): void {
    const frames = new Frames();
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#sockets.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('data', (bytes) => {
      for (const line of frames.push(bytes)) onLine(address, line);
    });
    // The machine was reset; its connection is closed next.
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
