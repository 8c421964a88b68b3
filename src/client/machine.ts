/**
 * One virtual machine while it is on: its clock, its network clients and what it has collected. Closing it
 * closes every socket.
 */

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { formatIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { Uuid } from '../net/uuid.ts';
import { type Lease, runDhcp } from './dhcp-client.ts';
import type { DhcpIdentity } from './dhcp-identity.ts';
import type { DhcpPath } from './dhcp-socket.ts';
import type { BootEvent, Happening } from './events.ts';
import { BootFailure } from './failure.ts';
import { type Fetched, KEEP_MAGIC } from './fetched.ts';
import { HttpClient } from './http-client.ts';
import { fetchHttp10 } from './http10.ts';
import type { Persona, Speaker } from './personas.ts';
import { fetchTftp, type TftpStyle } from './tftp-client.ts';

export type MachineOptions = {
  readonly persona: Persona;
  readonly mac: Mac;
  readonly cards: readonly (Card | undefined)[];
  readonly uuid: Uuid;
  readonly dhcp: DhcpPath;
  readonly tftpPort: number;
  readonly onEvent: (event: BootEvent) => void;
  readonly onLease: (lease: { readonly address: string; readonly netmask: string }) => Promise<void>;
  /** PEM; empty: the public authorities. */
  readonly trust: string;
  readonly realTime: boolean;
  readonly rehearsal: Rehearsal | undefined;
  readonly signal: AbortSignal;
};

/** A boot that changes nothing on the server: its requests carry a mark that the server knows. */
export type Rehearsal = {
  readonly key: string;
  /** Whether it is that server; no other is shown the mark. Host and port as they stand in a URL, `80` … filled in. */
  readonly isServer: (host: string, port: number) => boolean;
  /** Kernels and initrds that were fetched whole by others of the same run, by their URLs: they are fetched once. */
  readonly fetched?: Map<string, Promise<Fetched>>;
};

/** A network card of a machine that has several. */
export type Card = {
  readonly mac: Mac;
  /** It has no cable: what is sent leads nowhere. */
  readonly dead?: true;
};

/** Of a retry loop nobody wants to read more. */
const MAX_STEPS = 10_000;
/** What is left of a `sleep` when time is not real: enough not to be a busy loop. */
const SHORT_SLEEP = 20;
/** iPXE's patience on a dead wire. */
const DHCP_GIVES_UP = 16_000;
/** Node's timers cannot wait longer. */
const MAX_DELAY = 2 ** 31 - 1;

export class Machine {
  readonly options: MachineOptions;
  readonly steps: BootEvent[] = [];
  readonly console: string[] = [];
  readonly scripts: { readonly url: string; readonly text: string }[] = [];
  lease: Lease | undefined;
  private readonly started = performance.now();
  private readonly web = new Map<string, HttpClient>();
  private localAddress: string | undefined;

  constructor(options: MachineOptions) {
    this.options = options;
  }

  get signal(): AbortSignal {
    return this.options.signal;
  }

  /** Dotted; undefined before the first lease. */
  get address(): string | undefined {
    return this.lease === undefined ? undefined : formatIpv4(this.lease.ip);
  }

  /** Milliseconds since power-on. */
  get age(): number {
    return Math.round((performance.now() - this.started) * 10) / 10;
  }

  readonly tell = (happening: Happening): void => {
    if (this.steps.length >= MAX_STEPS) return;
    const event = { ...happening, at: this.age };
    this.steps.push(event);
    this.options.onEvent(event);
  };

  readonly sleep = async (ms: number): Promise<void> => {
    await delay(this.options.realTime ? Math.min(ms, MAX_DELAY) : Math.min(ms, SHORT_SLEEP), undefined, {
      signal: this.signal,
    });
  };

  async dhcp(identity: DhcpIdentity, mac: Mac): Promise<Lease> {
    const { dhcp: path, uuid, onLease, cards } = this.options;
    if (cards.some((card) => card?.mac === mac && card.dead)) {
      await this.sleep(DHCP_GIVES_UP);
      throw new BootFailure('dhcp-silent', `${mac} has no link (iPXE would say: 040ee119)`);
    }
    const lease = await runDhcp(
      identity,
      { mac, uuid },
      { path, tell: this.tell, signal: this.signal, xid: () => randomInt(2 ** 32) },
    );
    this.lease = lease;
    const address = formatIpv4(lease.ip);
    await onLease({ address, netmask: formatIpv4(lease.netmask) });
    // On loopback, or once the caller has configured the address, requests come from where the lease says.
    this.localAddress = (await isOurs(address)) ? address : undefined;
    return lease;
  }

  /** Fetches by what the URL says, in the manner of this program. */
  fetch(speaker: Speaker, url: string, keep: number, headFirst = false): Promise<Fetched> {
    const fetched = keep === KEEP_MAGIC ? this.options.rehearsal?.fetched : undefined;
    if (fetched === undefined) return this.fetchAnew(speaker, url, keep, headFirst);
    const known = fetched.get(url);
    if (known !== undefined) return this.knownFile(known, url);
    const file = this.fetchAnew(speaker, url, keep, headFirst);
    fetched.set(url, file);
    // Whoever comes after this one tries for himself.
    file.catch(() => fetched.delete(url));
    return file;
  }

  private async knownFile(known: Promise<Fetched>, url: string): Promise<Fetched> {
    const file = await known;
    const text = `${url}: ${file.bytes} bytes, fetched by another machine of this run`;
    this.tell({ kind: url.startsWith('tftp:') ? 'tftp.file' : 'http.file', text, url, bytes: file.bytes });
    return file;
  }

  private async fetchAnew(speaker: Speaker, url: string, keep: number, headFirst: boolean): Promise<Fetched> {
    const target = new URL(url);
    if (target.protocol === 'tftp:') return this.tftp(speaker.tftp, target, keep);
    if (target.protocol === 'http:' && speaker.http10) {
      const { localAddress, tell, signal } = this;
      const { userAgent } = speaker;
      return fetchHttp10(url, keep, { userAgent, localAddress, tell, signal, mark: this.markFor });
    }
    if (target.protocol === 'http:' || target.protocol === 'https:') {
      return this.http(speaker.userAgent, { headFirst, tls: speaker.tls ?? false }).get(url, keep);
    }
    throw new BootFailure('url-unsupported', `${url}: only http and tftp can be fetched here`);
  }

  private tftp(style: TftpStyle, target: URL, keep: number): Promise<Fetched> {
    const port = target.port === '' ? this.options.tftpPort : Number(target.port);
    // One slash divides host and path; a second one belongs to the name, and is sent.
    const name = decodedPath(target);
    const { localAddress, tell, signal } = this;
    const address = target.hostname.replace(/^\[|\]$/g, '');
    const mark = this.markOf(address, port);
    return fetchTftp({ address, port }, name, style, keep, { localAddress, tell, signal, mark });
  }

  /** What a request over HTTP carries. */
  private readonly markFor = ({ hostname, port, protocol }: URL): string | undefined =>
    this.markOf(hostname.replace(/^\[|\]$/g, ''), Number(port) || (protocol === 'https:' ? 443 : 80));

  private markOf(host: string, port: number): string | undefined {
    const { rehearsal } = this.options;
    return rehearsal?.isServer(host, port) ? rehearsal.key : undefined;
  }

  http(
    userAgent: string,
    { headFirst = false, tls = false }: { readonly headFirst?: boolean; readonly tls?: boolean } = {},
  ): HttpClient {
    const key = `${userAgent} ${headFirst} ${tls}`;
    const present = this.web.get(key);
    if (present !== undefined) return present;
    const { tell, signal, sleep } = this;
    const made = new HttpClient({
      userAgent,
      headFirst,
      ...(tls && { trust: this.options.trust }),
      localAddress: () => this.localAddress,
      mark: this.markFor,
      tell,
      signal,
      sleep,
    });
    this.web.set(key, made);
    return made;
  }

  /** Whatever ran is over: its connections go with it. */
  close(): void {
    for (const client of this.web.values()) client.close();
    this.web.clear();
  }
}

function decodedPath(target: URL): string {
  try {
    return decodeURIComponent(target.pathname.slice(1));
  } catch (error) {
    throw new BootFailure('url-unsupported', `${target.href}: its percent signs make no sense`, error);
  }
}

/** Whether a socket can be bound to this address. */
function isOurs(address: string): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address, port: 0 }, () => socket.close(() => resolve(true)));
  });
}
