/** What the server answers its proxies. Whoever asks has been told by the certificate it showed. */

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Answered } from '../boot/answer.ts';
import type { Log } from '../boot/log.ts';
import type { Step } from '../boot/step.ts';
import { ChainbootError, type ErrorValues } from '../errors.ts';
import type { Answer, Params, Route } from '../http/answer.ts';
import type { BootRequest } from '../http/request.ts';
import type { Site } from '../inventory/site.ts';
import type { FoundFile, MediumFile } from '../service/files.ts';
import type { Digests } from './digests.ts';
import { seenSite } from './seen-site.ts';
import { type Reach, reachOf, sliceFor } from './slice.ts';
import { ASKED, type Asked, REPORT, type Report, ROOT, STEPS, type Told } from './wire.ts';

export type ServedDeps = {
  readonly site: () => Site;
  /** Takes in what other processes changed. */
  readonly refresh: () => Promise<unknown>;
  /** Renders; hosts that the proxy may not know are not in `site`. */
  readonly answer: (asked: Asked, site: Site) => Promise<Answered>;
  /** `at`: epoch milliseconds. */
  readonly built: (host: string, remote: string, at: number) => Promise<{ readonly changed: boolean }>;
  readonly failed: (
    host: string,
    log: string,
    remote: string,
    at: number,
  ) => Promise<{ readonly changed: boolean }>;
  /** `known`: the machine is behind that proxy, as far as is known. */
  readonly step: (step: Step, known: boolean) => void;
  readonly mediumFile: MediumFile;
  /** Its path; undefined where there is none. */
  readonly loaderFile: (name: string) => Promise<string | undefined>;
  readonly digests: Digests;
  /** Told of every proxy that asks. */
  readonly seen?: (proxy: string) => void;
  readonly log: Log;
};

const SMALL_BODY = 64 * 1024;
const REPORT_BODY = 512 * 1024;
const STEPS_BODY = 16 * 1024 * 1024;

type Asking = { readonly proxy: string; readonly request: BootRequest; readonly params: Params };

export function servedRoutes(deps: ServedDeps): readonly Route[] {
  const lastSteps = new Map<string, number>();
  const slices = new Map<string, Slice>();
  const route = (
    method: 'GET' | 'POST',
    pattern: string,
    handle: (asking: Asking) => Promise<Answer>,
  ): Route => ({
    methods: method === 'GET' ? ['GET', 'HEAD'] : ['POST'],
    pattern: `${ROOT}${pattern}`,
    handle: async (request, params) => {
      await deps.refresh();
      const proxy = proxyOf(request, deps);
      deps.seen?.(proxy);
      return handle({ proxy, request, params });
    },
  });
  return [
    route('GET', '/site', async (asking) => siteAnswer(deps, slices, asking)),
    route('POST', '/answers', (asking) => answerAsked(deps, asking)),
    route('POST', '/reports', (asking) => takeReport(deps, asking)),
    route('POST', '/steps', (asking) => takeSteps(deps, lastSteps, asking)),
    route('GET', '/files/media/:medium/*', async ({ params, request }) => {
      const { path, growing, tag } = await fileOfMedium(deps, params, false);
      const more = { ...(growing && { growing }), ...(tag !== undefined && { tag }) };
      return { kind: 'file', path, name: request.path, ...more };
    }),
    route('GET', '/files/loaders/*', async ({ params, request }) => ({
      kind: 'file',
      path: await loaderNamed(deps, params),
      name: request.path,
    })),
    route('GET', '/digests/media/:medium/*', async ({ params }) =>
      json({ sha256: await deps.digests.of((await fileOfMedium(deps, params, true)).path) }),
    ),
    route('GET', '/digests/loaders/*', async ({ params }) =>
      json({ sha256: await deps.digests.of(await loaderNamed(deps, params)) }),
    ),
  ];
}

/** The name in its certificate, which must be one of our smart proxies: to delete the record is to shut it out. */
function proxyOf({ certificate, remote }: BootRequest, { site, log }: ServedDeps): string {
  const refused = (code: 'PROXY_UNTRUSTED' | 'PROXY_UNREGISTERED', values: ErrorValues) => {
    const error = new ChainbootError(code, values);
    log('warn', `refused: ${error.message}`, { code, hint: error.hint, address: remote.address });
    return error;
  };
  const { address } = remote;
  if (certificate === undefined)
    throw refused('PROXY_UNTRUSTED', { client: address, reason: 'it showed no certificate' });
  const { name, fault } = certificate;
  if (fault !== undefined) throw refused('PROXY_UNTRUSTED', { client: name, reason: fault });
  const known = site()
    .list('smart_proxies')
    .find((proxy) => proxy.name.toLowerCase() === name);
  if (known === undefined) throw refused('PROXY_UNREGISTERED', { name });
  return known.name;
}

type Slice = { readonly version: number | undefined; readonly text: string; readonly tag: string };

/** Made anew only when the inventory has changed. */
function siteAnswer(deps: ServedDeps, slices: Map<string, Slice>, { proxy, request }: Asking): Answer {
  const site = deps.site();
  let slice = slices.get(proxy);
  if (slice === undefined || slice.version === undefined || slice.version !== site.version) {
    const text = JSON.stringify({ proxy, records: sliceFor(site, reachOf(site, proxy)) });
    const tag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
    slice = { version: site.version, text, tag };
    slices.set(proxy, slice);
  }
  const headers = { ETag: slice.tag };
  // Not 304, which no handler may answer with (see http/send.ts).
  if (request.headers['if-none-match'] === slice.tag) return json({ same: true }, headers);
  return { kind: 'text', status: 200, text: slice.text, type: 'application/json', headers };
}

async function answerAsked(deps: ServedDeps, { proxy, request }: Asking): Promise<Answer> {
  const asked = await bodyOf(request, ASKED, SMALL_BODY);
  const site = deps.site();
  return json(toldOf(await deps.answer(asked, seenSite(site, reachOf(site, proxy)))));
}

function toldOf(answered: Answered): Told {
  if (answered.ok) return answered;
  const { code, values } = answered.error;
  return { ...answered, error: { code, values } };
}

async function takeReport(deps: ServedDeps, { proxy, request }: Asking): Promise<Answer> {
  const report = await bodyOf(request, REPORT, REPORT_BODY);
  const site = deps.site();
  const host = site.get('hosts', report.host);
  if (host === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'host', name: report.host });
  if (!reachOf(site, proxy).has(host))
    throw new ChainbootError('PROXY_OF_OTHERS', { host: host.name, proxy });
  if (host.build && isOlder(report, host.token?.value, host.initiated_at))
    throw new ChainbootError('PROXY_NEWER_BUILD', { host: host.name });
  const { kind, remote, at, log = '' } = report;
  const done =
    kind === 'built'
      ? await deps.built(host.name, remote, at)
      : await deps.failed(host.name, log, remote, at);
  return json({ changed: done.changed });
}

function isOlder({ token, at }: Report, present: string | undefined, initiated: number | undefined): boolean {
  if (token !== undefined) return token !== present;
  return initiated !== undefined && at < initiated;
}

async function takeSteps(
  deps: ServedDeps,
  last: Map<string, number>,
  { proxy, request }: Asking,
): Promise<Answer> {
  const { to, steps } = await bodyOf(request, STEPS, STEPS_BODY);
  // Sent again because our answer was lost on the way.
  if (to <= (last.get(proxy) ?? -1)) return json({});
  const site = deps.site();
  const reach = reachOf(site, proxy);
  for (const step of steps as unknown as readonly Step[])
    deps.step(...placedBehind(proxy, step, site, reach));
  last.set(proxy, to);
  return json({});
}

/** A proxy tells of its own hosts and of machines that nobody knows; of others only that they were there. */
function placedBehind(proxy: string, step: Step, site: Site, reach: Reach): readonly [Step, boolean] {
  const { host: name, link, detail, rehearsal: _rehearsal, ...rest } = step;
  const host = name === undefined ? undefined : site.get('hosts', name);
  const ofMac = step.mac === undefined ? undefined : site.hostByMac(step.mac)?.host;
  const mayName = host !== undefined && reach.has(host);
  const known = ofMac === undefined ? name === undefined || mayName : reach.has(ofMac);
  return [
    {
      ...rest,
      ...(mayName && { host: host.name }),
      ...(link !== undefined && { link: `${proxy}/${link}` }),
      detail: { ...detail, proxy },
    },
    known,
  ];
}

async function fileOfMedium(
  { site, mediumFile }: ServedDeps,
  { medium: name = '', '*': path = '' }: Params,
  whole: boolean,
): Promise<FoundFile> {
  const medium = site().get('media', name);
  const found = medium && (await mediumFile(medium, path, whole));
  if (found === undefined) throw new ChainbootError('FILE_NOT_FOUND', { name: `${name}/${path}` });
  return found;
}

async function loaderNamed({ loaderFile }: ServedDeps, { '*': name = '' }: Params): Promise<string> {
  const path = await loaderFile(name);
  if (path === undefined) throw new ChainbootError('FILE_NOT_FOUND', { name });
  return path;
}

async function bodyOf<T>(request: BootRequest, schema: z.ZodType<T>, limit: number): Promise<T> {
  const bytes = await request.readBody(limit);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new ChainbootError('REQUEST_MALFORMED', { reason: 'its body is no JSON' });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const reason = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`;
  throw new ChainbootError('REQUEST_MALFORMED', { reason });
}

function json(value: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { kind: 'text', status: 200, text: JSON.stringify(value), type: 'application/json', headers };
}
