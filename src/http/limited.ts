/**
 * How much of the expensive kind, scripts and answer files that are rendered, one address may ask for. The limit is far
 * above what a hall of machines behind one NAT address asks for, and keeps one client gone wild from the others' share.
 */

import type { Log } from '../boot/log.ts';
import { because } from '../boot/reason.ts';
import type { Recorder } from '../boot/step.ts';
import { ChainbootError } from '../errors.ts';
import type { Answer, Route } from './answer.ts';
import { errorAnswer } from './errors.ts';
import { recorder } from './recorder.ts';
import type { BootRequest } from './request.ts';
import { sparingLog } from './sparing-log.ts';

/** Takes one for an address. @returns seconds to wait; 0: it was taken */
export type Limiter = { take(address: string): number };

export type LimitDeps = {
  readonly requests: Limiter;
  /** What is recorded of refusals: a flood must not fill the trace. */
  readonly told: Limiter;
  readonly record: Recorder;
  readonly now: () => number;
  readonly log: Log;
};

/**
 * The same routes, where an address that asks too often gets BOOT_RATE_LIMITED: a script that waits and asks again where
 * iPXE runs the answer, else 429 with Retry-After (RFC 6585 §4).
 */
export function limited(routes: readonly Route[], deps: LimitDeps): readonly Route[] {
  const tell = sparingLog(deps.log, deps.now);
  return routes.map((route) => ({
    ...route,
    handle: async (request, params) => {
      const { address } = request.remote;
      const wait = deps.requests.take(address);
      if (wait === 0) return route.handle(request, params);
      const error = new ChainbootError('BOOT_RATE_LIMITED', { address, retry_after: wait });
      tell('an address asks for more than http.boot_burst and http.boot_rate allow', { last: address });
      return refusal(request, error, route.isScript?.(params) ?? false, deps);
    },
  }));
}

function refusal(request: BootRequest, error: ChainbootError, isScript: boolean, deps: LimitDeps): Answer {
  const answer = errorAnswer(request, error, isScript);
  const headers = { ...answer.headers, 'Retry-After': String(error.values.retry_after) };
  if (deps.told.take(request.remote.address) > 0) return { ...answer, headers };
  const step = { kind: 'http.error', because: because('refused', { sentence: error.message }) } as const;
  return { ...answer, headers, onFinished: recorder(request, deps, step, { error: error.code }) };
}
