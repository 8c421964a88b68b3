import { context, propagation, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, it } from 'vitest';
import { because } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import { BootSpans } from './spans.ts';

const T0 = 1_700_000_000_000;
const step = (
  at: number,
  kind: Step['kind'],
  code: Step['because']['code'],
  more: Partial<Step> = {},
): Step => ({
  at: T0 + at,
  kind,
  via: 'http',
  because: because(code),
  ...more,
});

function loadSdk(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  return exporter;
}

afterEach(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

const millis = ([seconds, nanos]: readonly [number, number]) => seconds * 1000 + nanos / 1e6;

it('are one trace a boot, with a span a step', () => {
  const exporter = loadSdk();
  const spans = new BootSpans();
  const steps = [
    step(0, 'dhcp.offer', 'rom-asks', { mac: '52:54:00:00:00:01', arch: 'BIOS x86' }),
    step(900, 'http.file', 'boot-file', { what: '/media/x/linux', took: 400, bytes: 9 }),
    step(1000, 'http.error', 'refused', { what: '/x' }),
    step(5000, 'http.built', 'build-done', { host: 'vm1.lab' }),
  ];
  steps.forEach((each, seq) => {
    spans.observe({ boot: 'b1', seq, step: each });
  });
  spans.observe({ boot: 'b2', seq: 0, step: step(1, 'dhcp.offer', 'rom-asks') });
  spans.observe({ boot: 'r', seq: 0, step: step(1, 'dhcp.offer', 'rom-asks', { rehearsal: 'r' }) });
  spans.close();
  const all = exporter.getFinishedSpans();
  const roots = all.filter(({ parentSpanContext }) => parentSpanContext === undefined);
  expect(roots.map(({ name, attributes }) => [name, attributes['chainboot.boot']])).toEqual([
    ['boot', 'b1'],
    ['boot', 'b2'],
  ]);
  const [root] = roots;
  expect(root!.attributes).toMatchObject({
    'chainboot.mac': '52:54:00:00:00:01',
    'chainboot.host': 'vm1.lab',
  });
  expect([millis(root!.startTime), millis(root!.endTime)]).toEqual([T0, T0 + 5000]);
  const children = all.filter(
    ({ parentSpanContext }) => parentSpanContext?.spanId === root!.spanContext().spanId,
  );
  expect(children.map(({ name }) => name)).toEqual(steps.map(({ kind }) => kind));
  expect(new Set(children.map((child) => child.spanContext().traceId))).toEqual(
    new Set([root!.spanContext().traceId]),
  );
  expect([millis(children[1]!.startTime), millis(children[1]!.endTime)]).toEqual([T0 + 500, T0 + 900]);
  expect(children.map(({ status }) => status.code)).toEqual([0, 0, 2, 0]);
});

it('end when nothing was heard for long', () => {
  const exporter = loadSdk();
  const spans = new BootSpans();
  spans.observe({ boot: 'b1', seq: 0, step: step(0, 'dhcp.offer', 'rom-asks') });
  spans.observe({ boot: 'b2', seq: 0, step: step(31 * 60_000, 'dhcp.offer', 'rom-asks') });
  expect(exporter.getFinishedSpans().filter(({ name }) => name === 'boot')).toHaveLength(1);
});

it('are none without an SDK', () => {
  const spans = new BootSpans();
  spans.observe({ boot: 'b1', seq: 0, step: step(0, 'dhcp.offer', 'rom-asks') });
  spans.close();
});
