/** The server behind a proxy, as the proxy asks it: over TLS with certificates on both sides, on connections that stay. */

import { Agent } from 'node:https';
import { CATALOGUE, ChainbootError, type ErrorCode, reasonOf } from '../errors.ts';
import { type HttpResponse, httpRequest } from '../ops/http-request.ts';
import { ROOT } from './wire.ts';

export type UpstreamFiles = {
  /** What we show, and whom we believe; PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
};

export type UpstreamDeps = {
  /** `https://server.example.com:8444` */
  readonly url: string;
  readonly files: UpstreamFiles;
  readonly now: () => number;
};

type AskOptions = {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly patience?: number;
};

const PATIENCE_MS = 15_000;
const LONGEST_ANSWER = 256 * 1024 * 1024;
/** For so long nobody is asked again who just did not answer: a machine need not wait for each of its files. */
const AWAY_MS = 3000;

export class Upstream {
  readonly url: string;
  readonly #now: () => number;
  #agent: Agent;
  #away: { readonly until: number; readonly error: ChainbootError } | undefined;

  constructor({ url, files, now }: UpstreamDeps) {
    this.url = url.replace(/\/+$/, '');
    this.#now = now;
    this.#agent = agentWith(files);
  }

  /** A certificate that was renewed. */
  use(files: UpstreamFiles): void {
    this.#agent.destroy();
    this.#agent = agentWith(files);
  }

  /** For files, which come over connections of the same kind. */
  get agent(): Agent {
    return this.#agent;
  }

  urlOf(path: string): URL {
    return new URL(`${this.url}${ROOT}${path}`);
  }

  /** Undefined while it answers. */
  get away(): ChainbootError | undefined {
    return this.#away?.error;
  }

  close(): void {
    this.#agent.destroy();
  }

  /**
   * What it answers, with its headers. Rejects with UPSTREAM_UNREACHABLE, at once where it did not answer a moment ago and
   * `patience` is not given; with UPSTREAM_REFUSED where it does not know us; else with the error that it answered.
   */
  async ask<T>(
    path: string,
    options: AskOptions = {},
  ): Promise<{ readonly value: T; readonly etag?: string }> {
    const { body, headers = {}, patience } = options;
    if (patience === undefined && this.#away !== undefined && this.#now() < this.#away.until)
      throw this.#away.error;
    const response = await this.#send(path, body, headers, patience ?? PATIENCE_MS);
    if (response.status !== 200) throw this.#refusal(path, response);
    this.#away = undefined;
    const { etag } = response.headers;
    try {
      return { value: JSON.parse(response.text) as T, ...(typeof etag === 'string' && { etag }) };
    } catch (error) {
      throw this.#gone(`its answer to ${path} is no JSON`, error);
    }
  }

  async #send(
    path: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>>,
    timeout: number,
  ): Promise<HttpResponse> {
    try {
      return await httpRequest(this.urlOf(path), {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
        timeout,
        limit: LONGEST_ANSWER,
        agent: this.#agent,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw this.#gone(reasonOf(error), error);
    }
  }

  #gone(reason: string, cause: unknown): ChainbootError {
    const error = new ChainbootError('UPSTREAM_UNREACHABLE', { url: this.url, reason }, [], cause);
    this.#away = { until: this.#now() + AWAY_MS, error };
    return error;
  }

  #refusal(path: string, { status, headers, text }: HttpResponse): ChainbootError {
    const code = headers['x-chainboot-error'];
    const [reason = ''] = text.split('\n');
    if (typeof code !== 'string' || !(code in CATALOGUE))
      return this.#gone(`it answers ${path} with ${status} (is it Chainboot's proxies.port?)`, undefined);
    if (code === 'PROXY_UNTRUSTED' || code === 'PROXY_UNREGISTERED') {
      const error = new ChainbootError('UPSTREAM_REFUSED', { url: this.url, what: 'this proxy', reason });
      this.#away = { until: this.#now() + AWAY_MS, error };
      return error;
    }
    return new RefusedThere(code as ErrorCode, reason);
  }
}

/** An error of the server's own, told with its words. */
class RefusedThere extends ChainbootError {
  override readonly message: string;

  constructor(code: ErrorCode, sentence: string) {
    super(code, {});
    this.message = sentence.replace(`${code}: `, '');
  }
}

function agentWith({ certificate, key, ca }: UpstreamFiles): Agent {
  return new Agent({ keepAlive: true, maxSockets: 64, cert: certificate, key, ca, minVersion: 'TLSv1.2' });
}
