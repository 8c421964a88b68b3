/** One step of the trace for one request, when its last byte is sent or its client has gone. */

import type { Reason } from '../boot/reason.ts';
import type { Recorder, Step, StepKind } from '../boot/step.ts';
import type { Outcome } from './answer.ts';
import type { BootRequest } from './request.ts';

type RecorderDeps = { readonly record: Recorder; readonly now: () => number };
type StepStart = {
  readonly kind: StepKind;
  readonly because: Reason;
  readonly mac?: string;
  readonly host?: string;
  /** The path of the request unless given. */
  readonly what?: string | undefined;
};

/** Of a Range header what a trace needs. */
const MAX_RANGE = 100;

export function recorder(
  request: BootRequest,
  deps: RecorderDeps,
  step: StepStart,
  detail: Step['detail'] = {},
): (outcome: Outcome) => void {
  const range = request.headers.range?.toString();
  return ({ status, bytes, size, took, aborted, error }) =>
    deps.record({
      ...step,
      at: deps.now(),
      via: 'http',
      address: request.remote.address,
      what: step.what ?? request.path,
      bytes,
      took,
      ...(request.remote.link !== undefined && { link: request.remote.link }),
      detail: {
        ...detail,
        status,
        agent: request.agent,
        ...(range !== undefined && { range: range.slice(0, MAX_RANGE) }),
        ...(request.remote.secure && { tls: true }),
        ...(aborted && { aborted, size }),
        ...(error && { error: error.code }),
      },
    });
}
