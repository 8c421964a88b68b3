/** HTTP as firmware and installers speak it: GET with keep-alive, redirects, Retry-After, Basic, bodies counted. */

import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { REHEARSAL_MARK } from '../boot/rehearsal.ts';
import type { Tell } from './events.ts';
import { BootFailure, type FailureCode } from './failure.ts';
import { type Fetched, Kept } from './fetched.ts';

export type HttpOptions = {
  readonly userAgent: string;
  /** Asks with HEAD first, as OVMF does, and holds the server to the length it gave. */
  readonly headFirst?: boolean;
  /** Root certificates it trusts, PEM; undefined: it has no TLS. */
  readonly trust?: string;
  /** Source address, where one is wanted. */
  readonly localAddress: () => string | undefined;
  /** Of a rehearsal, where the target is the server that made it. */
  readonly mark?: (target: URL) => string | undefined;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
};

type Method = 'GET' | 'HEAD' | 'POST';
type Answer = Fetched & {
  readonly status: number;
  readonly location?: string;
  readonly retryAfter?: string;
  readonly wantsBasic: boolean;
  readonly length?: number;
};

/** iPXE follows redirects for ever; a server that makes it do so is broken, and this says so. */
const MAX_REDIRECTS = 20;
const MAX_RETRIES = 5;

/** What iPXE prints for a status; 404 for instance is `2d0c613b`. */
const IPXE_ERRORS: Readonly<Record<number, string>> = {
  401: 'Permission denied (0243613c)',
  403: 'Permission denied (0243613c)',
  404: 'No such file or directory (2d0c613b)',
};

export class HttpClient {
  private readonly options: HttpOptions;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly secureAgent: SecureAgent;

  constructor(options: HttpOptions) {
    this.options = options;
    // Like old firmware: TLS 1.2, and no elliptic curves in the key exchange.
    const tls = {
      ca: options.trust ?? '',
      maxVersion: 'TLSv1.2',
      ciphers: 'AES128-SHA256:AES256-SHA256',
    } as const;
    this.secureAgent = new SecureAgent({ keepAlive: true, maxSockets: 1, ...tls });
  }

  /** Rejects with a BootFailure unless the answer is a complete 2xx. */
  async get(url: string, keep: number): Promise<Fetched> {
    if (this.options.headFirst) {
      const head = await this.exchange('HEAD', url, 0);
      const body = await this.exchange('GET', url, keep);
      if (head.length !== undefined && head.length !== body.bytes) {
        throw new BootFailure(
          'http-broken',
          `${url}: HEAD said ${head.length} bytes, GET brought ${body.bytes}`,
        );
      }
      return body;
    }
    return this.exchange('GET', url, keep);
  }

  async post(url: string, body: string): Promise<Fetched> {
    return this.exchange('POST', url, 64 * 1024, body);
  }

  close(): void {
    this.agent.destroy();
    this.secureAgent.destroy();
  }

  /** Goes on until there is a final answer: redirects, 503 with Retry-After, 401 with credentials in the URL. */
  private async exchange(method: Method, first: string, keep: number, body?: string): Promise<Answer> {
    let url = first;
    let authorize = false;
    let retries = 0;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; ) {
      const answer = await this.once(method, url, keep, body, authorize);
      if (answer.location !== undefined) {
        this.options.tell({
          kind: 'http.file',
          text: `${answer.status}: redirected to ${answer.location}`,
          url,
        });
        url = answer.location;
        redirects++;
      } else if (answer.retryAfter !== undefined && retries++ < MAX_RETRIES) {
        await this.options.sleep((Number(answer.retryAfter) || 1) * 1000);
      } else if (answer.wantsBasic && !authorize && new URL(url).username !== '') {
        authorize = true;
      } else {
        return checked(answer);
      }
    }
    throw this.failure(
      'http-redirects',
      `${first} was redirected more than ${MAX_REDIRECTS} times; iPXE would go on for ever`,
      first,
    );
  }

  private failure(code: FailureCode, text: string, url: string): BootFailure {
    this.options.tell({ kind: 'http.error', text, url });
    return new BootFailure(code, text);
  }

  private async once(
    method: Method,
    url: string,
    keep: number,
    body: string | undefined,
    authorize: boolean,
  ): Promise<Answer> {
    const target = new URL(url);
    if (target.protocol === 'https:' && this.options.trust === undefined) {
      throw this.failure(
        'url-unsupported',
        `${url}: the iPXE builds that Debian ships have no HTTPS (3c092003)`,
        url,
      );
    }
    const started = performance.now();
    try {
      const response = await this.send(method, target, body, authorize);
      const answer = await receive(response, target, method, keep);
      this.report(method, answer, performance.now() - started);
      return answer;
    } catch (error) {
      this.options.signal.throwIfAborted();
      if (isUntrusted(error)) {
        throw this.failure('tls-untrusted', `${url}: ${error.message}: Permission denied (0216eb3c)`, url);
      }
      if (error instanceof BootFailure) throw this.failure(error.code, error.message, url);
      throw this.failure(
        'http-broken',
        `${url}: ${error instanceof Error ? error.message : String(error)}`,
        url,
      );
    }
  }

  private send(
    method: Method,
    target: URL,
    body: string | undefined,
    authorize: boolean,
  ): Promise<IncomingMessage> {
    const headers: Record<string, string> = { 'User-Agent': this.options.userAgent };
    if (body !== undefined) headers['Content-Type'] = 'text/plain';
    const mark = this.options.mark?.(target);
    if (mark !== undefined) headers[REHEARSAL_MARK] = mark;
    if (authorize) {
      const credentials = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
      headers.Authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    }
    return new Promise((resolve, reject) => {
      const secure = target.protocol === 'https:';
      const sent = (secure ? secureRequest : request)(
        {
          method,
          // Brackets are URL syntax, not part of an IPv6 address.
          hostname: target.hostname.replace(/^\[|\]$/g, ''),
          port: target.port === '' ? (secure ? 443 : 80) : target.port,
          path: target.pathname + target.search,
          headers,
          agent: secure ? this.secureAgent : this.agent,
          localAddress: this.options.localAddress(),
          signal: this.options.signal,
        },
        resolve,
      );
      sent.on('error', (error) => {
        // The server closed a kept connection just as it was used again: what every client tries once more.
        if (sent.reusedSocket && isCut(error)) resolve(this.send(method, target, body, authorize));
        else reject(error);
      });
      sent.end(body);
    });
  }

  private report(method: Method, answer: Answer, took: number): void {
    const ok = answer.status < 400;
    this.options.tell({
      kind: ok ? 'http.file' : 'http.error',
      text: `${method} ${answer.url}: ${answer.status}, ${answer.bytes} bytes`,
      url: answer.url,
      bytes: answer.bytes,
      took: Math.round(took * 10) / 10,
    });
  }
}

function checked(answer: Answer): Answer {
  if (answer.status === 204) {
    throw new BootFailure(
      'http-status',
      `${answer.url}: 204 No Content; iPXE waits for the connection to close, then fails`,
    );
  }
  if (answer.status >= 200 && answer.status < 300) return answer;
  const said = IPXE_ERRORS[answer.status] ?? 'Error (1d0c6539)';
  throw new BootFailure(
    'http-status',
    `${answer.url}: HTTP ${answer.status}: ${said}; iPXE never runs such a body`,
  );
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

async function receive(
  response: IncomingMessage,
  target: URL,
  method: Method,
  keep: number,
): Promise<Answer> {
  const { bytes, sha256, head } = await consume(response, keep);
  const status = response.statusCode ?? 0;
  const length = contentLength(response);
  if (method !== 'HEAD' && length !== undefined && length !== bytes) {
    throw new BootFailure(
      'http-broken',
      `${target.href}: ${bytes} of ${length} bytes came: I/O error (1d0c6239)`,
    );
  }
  const location = REDIRECTS.has(status) ? response.headers.location : undefined;
  const busy = status === 503 || status === 429;
  return {
    url: target.href,
    bytes,
    sha256,
    head,
    status,
    length,
    location: location === undefined ? undefined : new URL(location, target).href,
    retryAfter: busy ? response.headers['retry-after'] : undefined,
    wantsBasic: status === 401 && /^basic/i.test(response.headers['www-authenticate'] ?? ''),
  };
}

function contentLength(response: IncomingMessage): number | undefined {
  const value = response.headers['content-length'];
  return value === undefined ? undefined : Number(value);
}

/** Counts and hashes a body of any size while keeping only its start. */
async function consume(
  response: IncomingMessage,
  keep: number,
): Promise<{ bytes: number; sha256: string; head: Uint8Array }> {
  const hash = createHash('sha256');
  const kept = new Kept(keep);
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      kept.add(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    const length = contentLength(response);
    if (length === undefined || !isCut(error)) throw error;
    throw new BootFailure('http-broken', `${bytes} of ${length} bytes came: I/O error (1d0c6239)`, error);
  }
  return { bytes, sha256: hash.digest('hex'), head: kept.bytes() };
}

/** What the TLS of node says of a certificate, or of its name. */
function isUntrusted(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER))/.test(code);
}

function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
