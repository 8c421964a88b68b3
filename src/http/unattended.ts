/**
 * `/unattended/*`: scripts, answer files and the installer's reports, at Foreman's paths with Foreman's
 * statuses. iPXE gets its errors as scripts (see errors.ts).
 */

import type { Answerer } from '../boot/answer.ts';
import type { Claims, Identity } from '../boot/identify.ts';
import { because } from '../boot/reason.ts';
import type { Recorder } from '../boot/step.ts';
import type { BaseUrl } from '../boot/urls.ts';
import { ChainbootError } from '../errors.ts';
import { TEMPLATE_KINDS, type TemplateKind } from '../inventory/types.ts';
import type { Answer, Route } from './answer.ts';
import { claimsOf } from './claims.ts';
import { errorAnswer } from './errors.ts';
import { recorder } from './recorder.ts';
import type { BootRequest } from './request.ts';

export type UnattendedDeps = {
  readonly answer: Answerer;
  /** An expired token still reports: an installation may outlast it. */
  readonly identifyReporter: (claims: Claims) => Promise<Identity>;
  /** Boot plane as this client reaches it. */
  readonly base: (request: BootRequest) => BaseUrl;
  /** `remote` is the address of the machine that reports. */
  readonly built: (host: string, remote: string) => Promise<Reported>;
  readonly failed: (host: string, log: string, remote: string) => Promise<Reported>;
  readonly record: Recorder;
  readonly now: () => number;
};

/** `rehearsed`: it was only looked whether it could be. */
type Reported = { readonly changed: boolean; readonly rehearsed?: true };

/** Foreman keeps this much of what an installer says about its failure. */
const MAX_REPORT = 65_535;

/** Foreman's alias from the days of gPXE. */
function kindOf(name: string): TemplateKind | undefined {
  if (name === 'gPXE') return 'iPXE';
  return TEMPLATE_KINDS.find((kind) => kind === name && kind !== 'snippet');
}

const isIpxeKind = (params: Readonly<Record<string, string>>) => kindOf(params.kind ?? '') === 'iPXE';

/** What an installer says when it is done, or cannot go on. */
export function reportRoutes(deps: UnattendedDeps): readonly Route[] {
  return [
    {
      // GET is what an installer with a wget that cannot POST does; Foreman takes it too.
      methods: ['GET', 'POST'],
      pattern: '/unattended/built',
      handle: (request) => report(request, deps, 'http.built'),
    },
    {
      methods: ['POST'],
      pattern: '/unattended/failed',
      handle: (request) => report(request, deps, 'http.failed'),
    },
  ];
}

/** What is rendered; beside `reportRoutes`, which come first. */
export function unattendedRoutes(deps: UnattendedDeps): readonly Route[] {
  return [
    {
      methods: ['GET', 'HEAD'],
      pattern: '/unattended/:kind',
      isScript: isIpxeKind,
      handle: async (request, params) => {
        const kind = kindOf(params.kind ?? '');
        if (kind === undefined) return unknownKind(request, deps, params.kind);
        return serve(request, deps, kind, claimsOf(request), request.query.has('bootstrap'));
      },
    },
    {
      // The script for DHCP that nobody manages: the same for everyone, so that it can be written into any server.
      methods: ['GET', 'HEAD'],
      pattern: '/pub/intermediate.ipxe',
      isScript: () => true,
      handle: (request) => serve(request, deps, 'iPXE', claimsOf(request), true),
    },
  ];
}

/** Renders one kind for one machine and records it when the last byte is sent. */
export async function serve(
  request: BootRequest,
  deps: UnattendedDeps,
  kind: TemplateKind,
  claims: Claims,
  bootstrap: boolean,
): Promise<Answer> {
  const fixed = Boolean(request.query.get('static'));
  const retry = request.query.has('retry');
  const base = deps.base(request);
  const answered = await deps.answer({ kind, claims, bootstrap, static: fixed, retry, base });
  const script = kind === 'iPXE';
  const who = { ...(answered.mac && { mac: answered.mac }), ...(answered.host && { host: answered.host }) };
  if (!answered.ok) {
    const step = { kind: 'http.error', because: answered.because, ...who } as const;
    const detail = { error: answered.error.code };
    return {
      ...errorAnswer(request, answered.error, script),
      onFinished: recorder(request, deps, step, detail),
    };
  }
  const step = { kind: script ? 'http.script' : 'http.answers', because: answered.because, ...who } as const;
  const detail = { template: answered.template, identity: answered.identity.code, ...reportedMacs(claims) };
  return {
    kind: 'text',
    status: 200,
    text: answered.text,
    onFinished: recorder(request, deps, step, detail),
  };
}

/** A machine that asks for what there is not has a wrong command line: its boot tells. */
function unknownKind(request: BootRequest, deps: UnattendedDeps, kind: string | undefined): Answer {
  const error = new ChainbootError('KIND_UNKNOWN', { kind });
  const step = { kind: 'http.error', because: because('refused', { sentence: error.message }) } as const;
  const onFinished = recorder(request, deps, step, { error: error.code });
  return { ...errorAnswer(request, error, false), onFinished };
}

/** All cards of a machine, where it names more than the one that asks. */
function reportedMacs({ macs }: Claims): { readonly macs?: string } {
  return macs.length > 1 ? { macs: macs.join(' ') } : {};
}

/** `built` and `failed`: what the store says comes first, then the answer; nothing that fails later undoes it. */
async function report(
  request: BootRequest,
  deps: UnattendedDeps,
  kind: 'http.built' | 'http.failed',
): Promise<Answer> {
  const identity = await deps.identifyReporter(claimsOf(request));
  if (identity.kind !== 'host') return refusal(request, deps, identity);
  const { host, mac } = identity;
  const { address } = request.remote;
  const { changed, rehearsed } =
    kind === 'http.built'
      ? await deps.built(host.name, address)
      : await deps.failed(host.name, new TextDecoder().decode(await request.readBody(MAX_REPORT)), address);
  const code = rehearsed
    ? 'build-rehearsed'
    : changed
      ? kind === 'http.built'
        ? 'build-done'
        : 'build-failed'
      : 'build-again';
  const step = { kind, because: because(code, { host: host.name }), host: host.name, ...(mac && { mac }) };
  const detail = { identity: identity.because.code };
  return { kind: 'text', status: 201, text: '', onFinished: recorder(request, deps, step, detail) };
}

function refusal(
  request: BootRequest,
  deps: UnattendedDeps,
  identity: Exclude<Identity, { kind: 'host' }>,
): Answer {
  const error =
    identity.kind === 'refused'
      ? new ChainbootError(identity.code, identity.values)
      : new ChainbootError('HOST_UNKNOWN', { evidence: identity.evidence });
  const step = {
    kind: 'http.error',
    because: because('refused', { sentence: error.message }),
    ...(identity.mac && { mac: identity.mac }),
  } as const;
  return {
    ...errorAnswer(request, error, false),
    onFinished: recorder(request, deps, step, { error: error.code }),
  };
}
