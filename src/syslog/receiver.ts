/**
 * Takes syslog over UDP (RFC 5426) and TCP from the machines of the served links. It never answers. Another syslog server may
 * have the port already: then that link goes without, and the log says so.
 */

import type { Log } from '../boot/log.ts';
import { because } from '../boot/reason.ts';
import type { Recorder, Step } from '../boot/step.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Link, UdpPort, Wire } from '../link/types.ts';
import { formatIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import { parseSyslog, type SyslogLine } from './line.ts';
import { SyslogStream } from './stream.ts';

/** Whose address it is; `host` where one is declared. */
export type Sender = { readonly mac?: Mac; readonly host?: string };

export type SyslogDeps = {
  readonly wire: Wire;
  readonly links: readonly Link[];
  /** 0: one that is free. */
  readonly port: number;
  /** Undefined for who is no machine of ours: switches and servers may log to this address, too. */
  readonly senderAt: (address: string) => Sender | undefined;
  /** Takes one for an address; seconds to wait, 0: it was taken. */
  readonly limit: { take(address: string): number };
  readonly record: Recorder;
  readonly now: () => number;
  readonly log: Log;
};

/** A flood must not hold up DHCP, which shares the thread. */
const TURN_MS = 2;

export class SyslogReceiver {
  readonly #deps: SyslogDeps;
  readonly #ports: UdpPort[] = [];
  readonly #streams: SyslogStream[] = [];
  /** Lines, by what became of them. */
  readonly counters = { kept: 0, limited: 0, foreign: 0, empty: 0 };

  private constructor(deps: SyslogDeps) {
    this.#deps = deps;
  }

  /** Never rejects because of a port that cannot be had. */
  static async open(deps: SyslogDeps): Promise<SyslogReceiver> {
    const receiver = new SyslogReceiver(deps);
    for (const link of deps.links) await receiver.#listen(link);
    return receiver;
  }

  /** Where datagrams are taken. */
  get ports(): readonly number[] {
    return this.#ports.map(({ port }) => port);
  }

  takes(link: string, number: number): boolean {
    return this.#ports.some((port) => port.link.name === link && port.port === number);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports, ...this.#streams].map((open) => open.close()));
  }

  async #listen(link: Link): Promise<void> {
    const { wire, port: number } = this.#deps;
    const failed = (error: unknown) => this.#complain(link, error);
    try {
      const port = await wire.open(link, number, { unicastOnly: true, turnMs: TURN_MS });
      this.#ports.push(port);
      port.onError(failed);
      port.onBatch((batch) => {
        for (const { bytes, address } of batch) this.#take(link, formatIpv4(address), bytes);
      });
      this.#streams.push(
        await SyslogStream.open({
          address: formatIpv4(link.address),
          port: port.port,
          onLine: (address, line) => this.#take(link, address, line),
          onError: failed,
        }),
      );
    } catch (error) {
      failed(error);
    }
  }

  #complain(link: Link, error: unknown): void {
    const { log, port } = this.#deps;
    log('warn', 'what machines log cannot be received, or not all of it; boots go on without', {
      link: link.name,
      port,
      ...(error instanceof ChainbootError && { code: error.code }),
      reason: reasonOf(error),
    });
  }

  #take(link: Link, address: string, bytes: Uint8Array): void {
    const { limit, senderAt, record } = this.#deps;
    if (limit.take(address) > 0) {
      this.counters.limited++;
      return;
    }
    const sender = senderAt(address);
    if (sender === undefined) {
      this.counters.foreign++;
      return;
    }
    const line = parseSyslog(bytes);
    if (line === undefined) {
      this.counters.empty++;
      return;
    }
    this.counters.kept++;
    record(stepOf(line, { at: this.#deps.now(), address, link: link.name, ...sender }));
  }
}

function stepOf(
  { program, severity, text }: SyslogLine,
  who: Pick<Step, 'at' | 'address' | 'link' | 'mac' | 'host'>,
): Step {
  return {
    ...who,
    kind: 'syslog.line',
    via: 'syslog',
    because: because('machine-said', { program: program ?? 'it', text }),
    detail: { ...(program !== undefined && { program }), severity, text },
  };
}
