/**
 * What scripts and installers say on their way: `/unattended/beacon` and `/unattended/progress`. Both only tell the trace
 * how far a machine has come. They change nothing, and whoever says whatever is answered 200 at once: a boot must never
 * fail for want of being heard.
 */

import { because } from '../boot/reason.ts';
import { oneLine } from '../boot/said.ts';
import type { Step } from '../boot/step.ts';
import type { Answer, Route } from './answer.ts';
import { claimsOf } from './claims.ts';
import { recorder } from './recorder.ts';
import type { BootRequest } from './request.ts';
import type { UnattendedDeps } from './unattended.ts';

type SaidDeps = Pick<UnattendedDeps, 'identifyReporter' | 'record' | 'now'>;

/** Subiquity's reports are well below; curtin's may carry whole logs, which are left unread. */
const MAX_BODY = 65_536;
const MAX_WORD = 200;
/** iPXE of 2019 has been seen with answers of all sizes but none; so there is one byte. */
const HEARD = '\n';

export function saidRoutes(deps: SaidDeps): readonly Route[] {
  return [
    {
      methods: ['GET', 'HEAD', 'POST'],
      pattern: '/unattended/beacon',
      handle: (request) => beacon(request, deps),
    },
    { methods: ['POST'], pattern: '/unattended/progress', handle: (request) => progress(request, deps) },
  ];
}

async function beacon(request: BootRequest, deps: SaidDeps): Promise<Answer> {
  const given = request.query.get('at') ?? '';
  const at = /^[a-z][a-z0-9-]{0,30}$/.test(given) ? given : 'an unknown place';
  const step = { kind: 'http.beacon', because: because('script-at', { at }), what: at } as const;
  return heard(request, deps, step);
}

async function progress(request: BootRequest, deps: SaidDeps): Promise<Answer> {
  const report = reportOf(await bodyOf(request));
  const step = { kind: 'http.progress', because: because('installer-said', { text: report.text }) } as const;
  return heard(request, deps, step, report);
}

async function heard(
  request: BootRequest,
  deps: SaidDeps,
  said: Pick<Step, 'kind' | 'because' | 'what'>,
  detail: Step['detail'] = {},
): Promise<Answer> {
  const identity = await deps.identifyReporter(claimsOf(request));
  const host = identity.kind === 'unknown' ? undefined : identity.host?.name;
  const step = { ...said, ...(identity.mac && { mac: identity.mac }), ...(host && { host }) };
  return { kind: 'text', status: 200, text: HEARD, onFinished: recorder(request, deps, step, detail) };
}

/** What cannot be read is as good as nothing: the installer has better to do than to send it again. */
async function bodyOf(request: BootRequest): Promise<string> {
  try {
    return new TextDecoder().decode(await request.readBody(MAX_BODY));
  } catch {
    return '';
  }
}

export type InstallerReport = { readonly text: string; readonly severity: string };

/**
 * One event of subiquity, curtin or cloud-init (webhook reporting: `origin`, `event_type`, `name`, `description`,
 * `result`), or whatever text a script of somebody's own sends.
 */
export function reportOf(body: string): InstallerReport {
  const event = eventOf(body);
  if (event === undefined) return { text: oneLine(body) || 'nothing that can be read', severity: 'info' };
  const word = (key: string) => {
    const value = event[key];
    return typeof value === 'string' ? oneLine(value).slice(0, MAX_WORD) : '';
  };
  const result = word('result');
  const text = [word('origin'), word('event_type'), word('name'), word('description'), result];
  const failed = /^FAIL/i.test(result) || /^(ERROR|CRITICAL)$/i.test(word('level'));
  return {
    text: text.filter((part) => part !== '').join(' ') || 'an event without a name',
    severity: failed ? 'err' : 'info',
  };
}

function eventOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
