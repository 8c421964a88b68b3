/** Boots as traces of OpenTelemetry: one trace a boot, a span a step. Without a loaded SDK this does nothing. */

import { outcomeOf, phaseOf } from '../boot/phase.ts';
import { sentence } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import {
  contextOf,
  loadedTracer,
  NO_CONTEXT,
  type Span,
  type SpanContext,
  type Tracer,
} from '../ops/telemetry.ts';
import type { PlacedStep } from '../store/types.ts';

type OpenBoot = {
  readonly span: Span;
  readonly context: SpanContext;
  /** Epoch milliseconds. */
  last: number;
  ended: boolean;
};

/** A boot that nothing was heard of for so long has ended; an installer may work for many minutes in between. */
const IDLE_MS = 30 * 60_000;
const SWEEP_MS = 10_000;

export class BootSpans {
  /** In the order in which they were last heard of. */
  readonly #open = new Map<string, OpenBoot>();
  #swept = 0;

  observe({ boot, step }: PlacedStep): void {
    const tracer = loadedTracer();
    if (tracer === undefined || step.rehearsal !== undefined) return;
    this.#sweep(step.at);
    const open = this.#open.get(boot) ?? begin(tracer, boot, step);
    this.#open.delete(boot);
    this.#open.set(boot, open);
    open.last = Math.max(open.last, step.at);
    if (step.host !== undefined && !open.ended) open.span.setAttributes({ 'chainboot.host': step.host });
    tell(tracer, open.context, step);
    if (step.kind === 'http.built' || step.kind === 'http.failed') finish(open, step);
  }

  /** Ends what is open. */
  close(): void {
    for (const open of this.#open.values()) finish(open);
    this.#open.clear();
  }

  #sweep(now: number): void {
    if (now - this.#swept < SWEEP_MS) return;
    this.#swept = now;
    for (const [boot, open] of this.#open) {
      if (now - open.last < IDLE_MS) return;
      finish(open);
      this.#open.delete(boot);
    }
  }
}

function begin(tracer: Tracer, boot: string, step: Step): OpenBoot {
  const attributes = {
    'chainboot.boot': boot,
    ...(step.mac !== undefined && { 'chainboot.mac': step.mac }),
    ...(step.arch !== undefined && { 'chainboot.arch': step.arch }),
    ...(step.host !== undefined && { 'chainboot.host': step.host }),
  };
  const span = tracer.startSpan('boot', { startTime: startOf(step), attributes, root: true }, NO_CONTEXT);
  return { span, context: contextOf(span), last: step.at, ended: false };
}

function tell(tracer: Tracer, context: SpanContext, step: Step): void {
  const { kind, because, at, what, bytes, address } = step;
  const attributes = {
    'chainboot.phase': phaseOf(step),
    'chainboot.reason': because.code,
    'chainboot.sentence': sentence(because),
    ...(what !== undefined && { 'chainboot.what': what }),
    ...(bytes !== undefined && { 'chainboot.bytes': bytes }),
    ...(address !== undefined && { 'client.address': address }),
  };
  const span = tracer.startSpan(kind, { startTime: startOf(step), attributes }, context);
  const outcome = outcomeOf(step);
  if (outcome === 'failed' || outcome === 'aborted') span.setStatus({ code: 2, message: sentence(because) });
  span.end(at);
}

function finish(open: OpenBoot, last?: Step): void {
  if (open.ended) return;
  open.ended = true;
  if (last?.kind === 'http.failed') open.span.setStatus({ code: 2, message: sentence(last.because) });
  open.span.end(open.last);
}

function startOf({ at, took = 0 }: Step): number {
  return at - took;
}
