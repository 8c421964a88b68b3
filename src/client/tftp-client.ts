/** TFTP as boot ROMs speak it: octet reads with options, over a socket of its own for every file. */

import { createHash } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { REHEARSAL_MARK } from '../boot/rehearsal.ts';
import { DecodeError } from '../net/bytes.ts';
import { decode, encode, type Option, type Packet, TFTP_ERROR } from '../tftp/packet.ts';
import type { Tell } from './events.ts';
import { BootFailure } from './failure.ts';
import { type Fetched, Kept } from './fetched.ts';

export type TftpServer = { readonly address: string; readonly port: number };

export type TftpStyle = {
  readonly options: readonly Option[];
  /** OVMF asks for the size first, GRUB looks whether the file is there; both break that transfer off. */
  readonly probe?: Probe;
};

type Probe = {
  readonly options: readonly Option[];
  /** Of the ERROR that ends it. */
  readonly code: number;
  readonly message: string;
};

export type TftpContext = {
  /** Source address, where one is wanted. */
  readonly localAddress?: string;
  /** Of a rehearsal, where this is the server that made it. */
  readonly mark?: string;
  readonly tell: Tell;
  readonly signal: AbortSignal;
};

/** Milliseconds before each further try. */
const RETRY_AFTER = [1000, 2000, 4000, 4000] as const;

/** Reads one file. Rejects with a BootFailure, or with the signal's reason. */
export async function fetchTftp(
  server: TftpServer,
  name: string,
  style: TftpStyle,
  keep: number,
  context: TftpContext,
): Promise<Fetched> {
  const url = tftpUrl(server, name);
  const started = performance.now();
  try {
    if (style.probe !== undefined)
      await new Download(server, name, style.probe.options, 0, context, style.probe).done;
    const download = new Download(server, name, style.options, keep, context);
    const file = { ...(await download.done), url };
    const took = Math.round((performance.now() - started) * 10) / 10;
    context.tell({ kind: 'tftp.file', text: `${url}: ${file.bytes} bytes`, url, bytes: file.bytes, took });
    return file;
  } catch (error) {
    context.signal.throwIfAborted();
    const failure =
      error instanceof BootFailure
        ? new BootFailure(error.code, `${url}: ${error.message}`)
        : new BootFailure(
            'socket',
            `${url}: ${error instanceof Error ? error.message : String(error)}`,
            error,
          );
    context.tell({ kind: 'tftp.error', text: failure.message, url });
    throw failure;
  }
}

/** A name that starts with a slash keeps it, as in iPXE's `tftp://server//sub/pxelinux.0`. */
function tftpUrl(server: TftpServer, name: string): string {
  const port = server.port === 69 ? '' : `:${server.port}`;
  return `tftp://${server.address}${port}/${name}`;
}

type Received = Omit<Fetched, 'url'>;

class Download {
  readonly done: Promise<Received>;
  private readonly server: TftpServer;
  private readonly asked: readonly Option[];
  private readonly probe: Probe | undefined;
  private readonly signal: AbortSignal;
  private readonly socket: Socket;
  private readonly hash = createHash('sha256');
  private readonly kept: Kept;
  private readonly onAbort = (): void => this.fail(this.signal.reason);
  private settle!: { resolve: (file: Received) => void; reject: (error: unknown) => void };
  private timer: NodeJS.Timeout | undefined;
  private tries = 0;
  /** Last packet sent, for retransmission. */
  private last: Uint8Array;
  /** The server's port of this transfer (its TID, RFC 1350 §4), once it has answered. */
  private port: number | undefined;
  private blksize = 512;
  private windowsize = 1;
  private tsize: number | undefined;
  /** Blocks received in order; the wire has its low 16 bits. */
  private blocks = 0;
  private unacknowledged = 0;
  private bytes = 0;

  constructor(
    server: TftpServer,
    name: string,
    asked: readonly Option[],
    keep: number,
    context: TftpContext,
    probe?: Probe,
  ) {
    this.server = server;
    this.asked = asked;
    this.kept = new Kept(keep);
    this.probe = probe;
    this.signal = context.signal;
    const { mark } = context;
    const options = mark === undefined ? asked : [...asked, { name: REHEARSAL_MARK, value: mark }];
    this.last = encode({ op: 'rrq', filename: name, mode: 'octet', options });
    this.socket = createSocket({
      type: server.address.includes(':') ? 'udp6' : 'udp4',
      recvBufferSize: 1 << 20,
    });
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('message', (bytes, from) => this.receive(bytes, from));
    if (this.signal.aborted) this.onAbort();
    else this.start(context.localAddress);
  }

  private start(localAddress: string | undefined): void {
    this.signal.addEventListener('abort', this.onAbort, { once: true });
    this.socket.bind({ address: localAddress }, () => this.transmit());
  }

  private send(packet: Packet): void {
    this.last = encode(packet);
    this.tries = 0;
    this.transmit();
  }

  private transmit(): void {
    this.socket.send(this.last, this.port ?? this.server.port, this.server.address, (error) => {
      if (error !== null) this.fail(error);
    });
    this.wait();
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.onSilence(),
      RETRY_AFTER[Math.min(this.tries, RETRY_AFTER.length - 1)],
    );
  }

  private onSilence(): void {
    if (this.tries++ >= RETRY_AFTER.length - 1) {
      const where =
        this.blocks === 0 ? 'the server does not answer' : `nothing comes after block ${this.blocks}`;
      this.fail(new BootFailure('tftp-silent', where));
    } else {
      this.transmit();
    }
  }

  private receive(bytes: Uint8Array, from: RemoteInfo): void {
    // A packet of another transfer must not disturb this one (RFC 1350 §4).
    if (this.port !== undefined && from.port !== this.port) return;
    let packet: Packet;
    try {
      packet = decode(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.fail(new BootFailure('tftp-error', `the server sent what is not TFTP: ${error.message}`));
      return;
    }
    this.port = from.port;
    if (packet.op === 'error')
      this.fail(new BootFailure('tftp-error', `ERROR ${packet.code} ${packet.message}`));
    else if (packet.op === 'oack') this.onOptions(packet.options);
    else if (packet.op === 'data') this.onData(packet.block, packet.data);
  }

  private onOptions(options: readonly Option[]): void {
    if (this.blocks > 0) return;
    const fault = options.map((option) => this.applyOption(option)).find((text) => text !== undefined);
    if (fault !== undefined) this.refuse(fault);
    else if (this.probe !== undefined) this.breakOff(this.probe);
    else this.send({ op: 'ack', block: 0 });
  }

  /** A server may confirm or lower what was asked for, nothing else (RFC 2347); a text says what it did. */
  private applyOption({ name, value }: Option): string | undefined {
    const key = name.toLowerCase();
    const asked = this.asked.find((option) => option.name.toLowerCase() === key);
    if (asked === undefined) return `it confirmed ${name}, which nobody asked for`;
    const number = Number(value);
    if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) return `it confirmed ${name} as "${value}"`;
    if (key !== 'tsize' && (number < 1 || number > Number(asked.value)))
      return `it raised ${name} to ${value}`;
    if (key === 'tsize') this.tsize = number;
    if (key === 'blksize') this.blksize = number;
    if (key === 'windowsize') this.windowsize = number;
    return undefined;
  }

  private refuse(reason: string): void {
    const failure = new BootFailure('tftp-error', `the server breaks the rules: ${reason}`);
    this.sendLast({ op: 'error', code: TFTP_ERROR.optionsRefused, message: reason }, () =>
      this.fail(failure),
    );
  }

  /** The answer is all that was wanted. */
  private breakOff({ code, message }: Probe): void {
    this.sendLast({ op: 'error', code, message }, () => this.finish());
  }

  /** A closed socket sends nothing any more, so what comes after waits until the packet is out. */
  private sendLast(packet: Packet, after: () => void): void {
    clearTimeout(this.timer);
    this.socket.send(encode(packet), this.port!, this.server.address, after);
  }

  private onData(block: number, data: Uint8Array): void {
    if (this.probe !== undefined) this.breakOff(this.probe);
    else if (block !== ((this.blocks + 1) & 0xffff)) this.onOutOfOrder(block);
    else if (data.length > this.blksize)
      this.refuse(`a block of ${data.length} bytes instead of ${this.blksize}`);
    else this.onNextBlock(data);
  }

  private onNextBlock(data: Uint8Array): void {
    this.blocks++;
    this.hash.update(data);
    this.kept.add(data);
    this.bytes += data.length;
    const ack: Packet = { op: 'ack', block: this.blocks & 0xffff };
    if (data.length < this.blksize) this.sendLast(ack, () => this.finish());
    else if (++this.unacknowledged < this.windowsize) this.wait();
    else this.acknowledge(ack);
  }

  private acknowledge(ack: Packet): void {
    this.unacknowledged = 0;
    this.send(ack);
  }

  /**
   * Repeated blocks are not acknowledged again, which would double every further packet (the Sorcerer's
   * Apprentice, RFC 1123 §4.2.3.1); a gap in a window is told at once (RFC 7440 §4).
   */
  private onOutOfOrder(block: number): void {
    const isAhead = ((block - this.blocks) & 0xffff) < 0x8000;
    if (isAhead && this.windowsize > 1) this.acknowledge({ op: 'ack', block: this.blocks & 0xffff });
  }

  private finish(): void {
    if (this.probe === undefined && this.tsize !== undefined && this.tsize !== this.bytes) {
      this.fail(new BootFailure('tftp-error', `${this.bytes} bytes came, ${this.tsize} were announced`));
      return;
    }
    this.close();
    const head = this.kept.bytes();
    this.settle.resolve({ bytes: this.bytes, sha256: this.hash.digest('hex'), head });
  }

  private fail(error: unknown): void {
    this.close();
    this.settle.reject(error);
  }

  private close(): void {
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.onAbort);
    try {
      this.socket.close();
    } catch {
      // It was closed already: an abort and an error came together.
    }
  }
}
