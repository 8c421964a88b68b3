/** Scripts and answer files, asked of the server; while it is away, what it said before, or what can be said without it. */

import type { Answered, Answerer, Question } from '../boot/answer.ts';
import { identify } from '../boot/identify.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import { because } from '../boot/reason.ts';
import { CATALOGUE, ChainbootError, type ErrorCode, type ErrorValues } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { type Host, TEMPLATE_KINDS } from '../inventory/types.ts';
import type { KeptAnswers } from './kept.ts';
import type { Upstream } from './upstream.ts';
import type { Asked, Told } from './wire.ts';

export type AskingDeps = {
  readonly upstream: Upstream;
  readonly kept: KeptAnswers;
  /** As mirrored here. */
  readonly site: () => Site;
  readonly leases: LeaseLookup;
  /** What machines have to trust here, PEM. */
  readonly root: () => string | undefined;
  readonly now: () => number;
  readonly log: Log;
};

/** @param own for hosts that are not in build mode: to their disk they are sent without the server, too */
export function askingAnswerer(deps: AskingDeps, own: Answerer): Answerer {
  return async (question) => {
    try {
      const answered = await ask(deps, question, {});
      if (answered.ok) keepFor(deps, question, answered);
      return answered;
    } catch (error) {
      const known =
        error instanceof ChainbootError ? error : new ChainbootError('INTERNAL', { reason: String(error) });
      if (known.code !== 'UPSTREAM_UNREACHABLE' && known.code !== 'UPSTREAM_REFUSED') return failed(known);
      return without(deps, own, question, known);
    }
  };
}

/**
 * Asks for all that a host in build mode may be given, so that it can be installed while the server is away.
 * Rejects as `Upstream.ask`.
 */
export async function askAhead(deps: AskingDeps, host: Host, bases: readonly string[]): Promise<void> {
  const [mac] = host.interfaces.flatMap((nic) => nic.mac ?? []);
  const found: (readonly [Question, Extract<Answered, { ok: true }>])[] = [];
  for (const base of bases) {
    for (const kind of TEMPLATE_KINDS) {
      if (kind === 'snippet') continue;
      const claims = {
        address: '0.0.0.0',
        macs: mac === undefined ? [] : [mac],
        ...(host.token && { token: host.token.value }),
      };
      const question: Question = { kind, claims, bootstrap: false, base };
      const answered = await ask(deps, question, { ahead: true });
      if (answered.ok && answered.host === host.name) found.push([question, answered]);
    }
  }
  deps.kept.keep(host, found);
}

async function ask(
  { upstream, leases, root }: AskingDeps,
  { kind, claims, bootstrap, static: fixed, retry, base }: Question,
  { ahead }: { readonly ahead?: true },
): Promise<Answered> {
  const leased = ahead ? undefined : leases(claims.address);
  const trusted = root();
  const body: Asked = {
    kind,
    claims: { ...claims, macs: [...claims.macs] },
    ...(leased !== undefined && { leased }),
    bootstrap,
    ...(fixed !== undefined && { static: fixed }),
    ...(retry !== undefined && { retry }),
    base,
    ...(trusted !== undefined && { root: trusted }),
    ...(ahead && { ahead }),
  };
  const { value } = await upstream.ask<Told>('/answers', { body });
  if (value.ok) return value;
  const { code, values } = value.error;
  const error = new ChainbootError(
    code in CATALOGUE ? (code as ErrorCode) : 'INTERNAL',
    code in CATALOGUE ? (values as ErrorValues) : { reason: code },
  );
  return { ...value, error };
}

function keepFor(
  { site, kept }: AskingDeps,
  question: Question,
  answered: Extract<Answered, { ok: true }>,
): void {
  const host = answered.host === undefined ? undefined : site().get('hosts', answered.host);
  if (host?.build && !answered.held) kept.keep(host, [[question, answered]]);
}

/** By the same evidence as there. */
async function without(
  deps: AskingDeps,
  own: Answerer,
  question: Question,
  error: ChainbootError,
): Promise<Answered> {
  const { site, leases, now, kept, log } = deps;
  const identity = identify(question.claims, site(), leases, { now: now(), acceptExpired: false });
  if (identity.kind !== 'host' || !identity.host.build) return own(question);
  const { host, mac } = identity;
  const answer = kept.of(host, question);
  log('warn', answer ? 'a machine gets what was kept for it' : 'a machine cannot be told what to do', {
    host: host.name,
    kind: question.kind,
    reason: error.message,
  });
  if (answer === undefined) return { ...failed(error), host: host.name, ...(mac && { mac }) };
  return { ...answer, identity: because('kept-answer', { host: host.name }), ...(mac && { mac }) };
}

function failed(error: ChainbootError): Extract<Answered, { ok: false }> {
  return { ok: false, error, because: because('refused', { sentence: error.message }) };
}
