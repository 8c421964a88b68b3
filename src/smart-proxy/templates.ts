/**
 * `/unattended/*`, `/userdata/*` and `/register`: machines that do not reach their Foreman ask it through us. Unlike the
 * real smart proxy (foreman-facts §5, §8), status, type and body of the answer stay as they are, an iPXE gets error scripts
 * as something it runs, headers that a machine could forge stay behind, and `/userdata/<mac>/<file>` works.
 */

import { Agent } from 'node:https';
import { because } from '../boot/reason.ts';
import type { Recorder } from '../boot/step.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Answer, Route } from '../http/answer.ts';
import { claimsOf } from '../http/claims.ts';
import { recorder } from '../http/recorder.ts';
import type { BootRequest, Method } from '../http/request.ts';
import { type HttpResponse, httpRequest } from '../ops/http-request.ts';
import { json } from './asked.ts';

export type Foreman = {
  /** Without a slash at the end. */
  readonly url: string;
  /** What we show of ourselves over TLS, and whom we trust; PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
};

export type TemplatesModule = {
  readonly foreman: () => Foreman;
  /** Us, as machines reach us: Foreman writes it into the templates. */
  readonly templateUrl: (request: BootRequest) => string;
  readonly record: Recorder;
  readonly now: () => number;
};

/** Bytes of an answer, and of what an installer or a registration sends. */
const ANSWER_LIMIT = 16 * 1024 * 1024;
const BODY_LIMIT = 4 * 1024 * 1024;
/** Rendering may take Foreman a while. */
const TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 3;

/**
 * What a machine says of itself. Everything else stays behind: `X-Forwarded-For`, cookies, logins, and every header with an
 * underscore, which a server behind us may take for the one with a dash.
 */
const PASSED = /^(?:user-agent|accept|content-type|x-rhn-provisioning-mac-\d+|x-anaconda-[a-z-]+)$/;

export function templateRoutes(deps: TemplatesModule): readonly Route[] {
  const ask = (methods: readonly Method[], pattern: string): Route => ({
    methods,
    pattern,
    isScript: ({ kind }) => isIpxe(kind),
    handle: (request, { kind }) => forward(deps, request, isIpxe(kind)),
  });
  return [
    {
      methods: ['GET'],
      pattern: '/unattended/templateServer',
      handle: async (request) => json({ templateServer: deps.templateUrl(request) }),
    },
    ask(['GET', 'HEAD', 'POST'], '/unattended/:kind'),
    ask(['GET', 'HEAD'], '/unattended/:kind/:template/:hostgroup'),
    ask(['GET', 'HEAD'], '/userdata/:file'),
    ask(['GET', 'HEAD'], '/userdata/:mac/:file'),
    ask(['GET', 'POST'], '/register'),
  ];
}

function isIpxe(kind: string | undefined): boolean {
  return kind === 'iPXE' || kind === 'gPXE';
}

async function forward(deps: TemplatesModule, request: BootRequest, script: boolean): Promise<Answer> {
  const foreman = deps.foreman();
  const body = request.method === 'POST' ? await request.readBody(BODY_LIMIT) : undefined;
  const response = await fetched(deps, foreman, request, body && new TextDecoder().decode(body));
  const { status, text } = response;
  const kind =
    request.method === 'POST' || status >= 400 ? 'http.error' : script ? 'http.script' : 'http.answers';
  const [mac] = claimsOf(request).macs;
  const step = {
    kind: status < 400 && kind === 'http.error' ? 'http.answers' : kind,
    because: because('foreman-answers', { url: foreman.url, status }),
    ...(mac && { mac }),
  } as const;
  const onFinished = recorder(request, deps, step, { foreman: foreman.url });
  if (script && request.ifIpxe && status >= 400) {
    // It runs nothing that is not 200, and shows no body of what it does not run.
    if (/^#!(?:ipxe|gpxe)\b/.test(text)) return { kind: 'text', status: 200, text, onFinished };
    const reason = text.replace(/\s+/g, ' ').trim().slice(0, 200) || 'without a word';
    throw new ChainbootError('TEMPLATES_REFUSED', { url: foreman.url, path: request.path, status, reason });
  }
  const type = response.headers['content-type'];
  // iPXE waits on a 204 until the connection closes.
  const kept = status === 204 ? 200 : status;
  return { kind: 'text', status: kept, text, onFinished, ...(typeof type === 'string' && { type }) };
}

async function fetched(
  deps: TemplatesModule,
  foreman: Foreman,
  request: BootRequest,
  body: string | undefined,
): Promise<HttpResponse> {
  const agent = agentFor(foreman);
  let url = targetOf(foreman, request, deps.templateUrl(request));
  try {
    for (let left = MOST_REDIRECTS; ; left--) {
      const response = await httpRequest(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: headersOf(request),
        timeout: TIMEOUT_MS,
        limit: ANSWER_LIMIT,
        ...(body !== undefined && { body }),
        ...(url.protocol === 'https:' && { agent }),
      });
      if (response.status < 300 || response.status >= 400) return response;
      const next = redirected(response, url, foreman);
      // The machine itself could not go there.
      if (left === 0 || body !== undefined || next === undefined)
        throw new Error(`it leads elsewhere (${response.status} ${response.headers.location ?? ''})`);
      url = next;
    }
  } catch (error) {
    const values = { url: foreman.url, path: request.path, reason: reasonOf(error) };
    throw new ChainbootError('TEMPLATES_UNREACHABLE', values, [], error);
  } finally {
    agent.destroy();
  }
}

function agentFor({ certificate, key, ca }: Foreman): Agent {
  return new Agent({ cert: certificate, key, ca });
}

/** The machine's own `url`, with which it would have its scripts point elsewhere, is replaced by ours. */
function targetOf({ url: base }: Foreman, { segments, query }: BootRequest, templateUrl: string): URL {
  const url = new URL(`${base}/${segments.map(segmentText).join('/')}`);
  for (const [name, value] of query) if (name !== 'url') url.searchParams.append(name, value);
  url.searchParams.append('url', templateUrl);
  return url;
}

/** A colon may stay, as in the MAC address of `/userdata/<mac>/user-data`. */
function segmentText(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%3A', ':');
}

function headersOf({ headers, remote }: BootRequest): Readonly<Record<string, string>> {
  const passed = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' && PASSED.test(name) ? [[name, value] as const] : [],
  );
  return { ...Object.fromEntries(passed), 'X-Forwarded-For': remote.address };
}

/** On the same Foreman, as from HTTP to HTTPS. */
function redirected({ headers }: HttpResponse, url: URL, { url: base }: Foreman): URL | undefined {
  const { location } = headers;
  if (typeof location !== 'string' || !URL.canParse(location, url.href)) return undefined;
  const next = new URL(location, url);
  return next.hostname === new URL(base).hostname && /^https?:$/.test(next.protocol) ? next : undefined;
}
