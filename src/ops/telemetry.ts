/**
 * The part of OpenTelemetry's API that spans need, taken from where an SDK registers itself; the program carries none.
 * `node --import ./your-telemetry.mjs` (or NODE_OPTIONS) loads one. Source: @opentelemetry/api 1.x,
 * `internal/global-utils` (the symbol) and `trace/context-utils` (the key of the span).
 */

export type SpanContext = {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): SpanContext;
  deleteValue(key: symbol): SpanContext;
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export type Span = {
  setAttributes(attributes: Attributes): unknown;
  /** 2: error. */
  setStatus(status: { readonly code: 0 | 1 | 2; readonly message?: string }): unknown;
  updateName(name: string): unknown;
  /** Epoch milliseconds. */
  end(at?: number): void;
};

export type Tracer = {
  startSpan(
    name: string,
    options: { readonly startTime: number; readonly attributes: Attributes; readonly root?: boolean },
    context: SpanContext,
  ): Span;
};

const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

type Api = { readonly trace?: { getTracer(name: string): Tracer } };

/** Undefined as long as no SDK is loaded. */
export function loadedTracer(): Tracer | undefined {
  return ((globalThis as Record<symbol, unknown>)[API] as Api | undefined)?.trace?.getTracer('chainboot');
}

/** A context whose only value is this span, so that others become its children. */
export function contextOf(span: Span): SpanContext {
  return context(new Map([[SPAN, span]]));
}

export const NO_CONTEXT: SpanContext = context(new Map());

function context(values: ReadonlyMap<symbol, unknown>): SpanContext {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => context(new Map(values).set(key, value)),
    deleteValue: (key) => context(new Map([...values].filter(([each]) => each !== key))),
  };
}
