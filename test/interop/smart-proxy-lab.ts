/** The built program as a smart proxy, with an authority, clients and revocations made by openssl, and a Foreman to ask. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Pair = { readonly certificate: string; readonly key: string };

/** An authority below a directory of its own. Throws where openssl is missing. */
export class Authority {
  readonly directory = mkdtempSync(join(tmpdir(), 'chainboot-authority-'));
  readonly ca: string;
  readonly crl: string;

  constructor(name: string) {
    this.ca = join(this.directory, 'ca.pem');
    this.crl = join(this.directory, 'crl.pem');
    writeFileSync(join(this.directory, 'index.txt'), '');
    writeFileSync(join(this.directory, 'crlnumber'), '01\n');
    writeFileSync(
      join(this.directory, 'openssl.cnf'),
      [
        '[ca]',
        'default_ca = ours',
        '[ours]',
        `database = ${this.directory}/index.txt`,
        `crlnumber = ${this.directory}/crlnumber`,
        `certificate = ${this.ca}`,
        `private_key = ${this.directory}/ca.key`,
        'default_md = sha256',
        'default_crl_days = 30',
        '',
      ].join('\n'),
    );
    const key = join(this.directory, 'ca.key');
    openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      key,
      '-out',
      this.ca,
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
    );
    this.list();
  }

  /** Files with a certificate of that name. */
  issue(name: string, ...more: readonly string[]): Pair {
    const file = (kind: string) => join(this.directory, `${name}.${kind}`);
    openssl('req', ...NEW_KEY, '-keyout', file('key'), '-out', file('csr'), '-subj', `/CN=${name}`);
    const extensions = join(this.directory, `${name}.ext`);
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const signed = ['-CA', this.ca, '-CAkey', join(this.directory, 'ca.key'), '-CAcreateserial'];
    const dates = more.length === 0 ? ['-days', '30'] : more;
    const out = ['-out', file('pem'), '-extfile', extensions];
    openssl('x509', '-req', '-in', file('csr'), ...signed, ...dates, ...out);
    return { certificate: file('pem'), key: file('key') };
  }

  revoke({ certificate }: Pair): void {
    openssl('ca', '-config', join(this.directory, 'openssl.cnf'), '-revoke', certificate);
    this.list();
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  private list(): void {
    openssl('ca', '-config', join(this.directory, 'openssl.cnf'), '-gencrl', '-out', this.crl);
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 });
}

export function hasOpenssl(): boolean {
  try {
    openssl('version');
    return true;
  } catch {
    return false;
  }
}

export type Told = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

export type Order = {
  readonly method?: string;
  /** Sent as a form, as Foreman does. */
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly client?: Pair | undefined;
};

/** As Foreman asks: a form, JSON accepted, its certificate shown. */
export function order(url: string, ca: string, { method = 'GET', form, headers = {}, client }: Order) {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form ?? {}))
    for (const one of [value].flat()) body.append(name, one);
  const own = client && { cert: readFileSync(client.certificate), key: readFileSync(client.key) };
  const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise<Told>((resolve, reject) => {
    const call = request(
      url,
      {
        method,
        agent: false,
        timeout: 60_000,
        ca: readFileSync(ca),
        ...own,
        headers: { accept: 'application/json,version=2', ...type, ...headers },
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(pieces).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    call.once('timeout', () => call.destroy(new Error(`${url} does not answer`)));
    call.once('error', reject);
    call.end(form === undefined ? undefined : body.toString());
  });
}

export type Seen = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** A Foreman, as far as its proxies see it, and a mirror besides: it keeps what it is asked, and answers as it is told. */
export class FakeForeman {
  readonly seen: Seen[] = [];
  answer: (seen: Seen) => {
    readonly status: number;
    readonly type?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: string | Buffer;
    /** The connection ends after that many bytes. */
    readonly cutAt?: number;
  } = () => ({ status: 200, body: '' });
  readonly #server: Server;

  constructor() {
    this.#server = createServer((message, response) => {
      const pieces: Buffer[] = [];
      message.on('data', (piece: Buffer) => pieces.push(piece));
      message.on('end', () => {
        const { method = '', headers } = message;
        const url = new URL(message.url ?? '/', 'http://foreman');
        const seen = { method, url, headers, body: Buffer.concat(pieces).toString() };
        this.seen.push(seen);
        const { status, type = 'text/plain', headers: more = {}, body, cutAt } = this.answer(seen);
        const bytes = Buffer.from(body);
        response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...more });
        if (cutAt === undefined) response.end(bytes);
        else response.write(bytes.subarray(0, cutAt), () => response.destroy());
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
