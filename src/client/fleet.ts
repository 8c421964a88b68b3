/** Many virtual machines at once, and how long each phase of their boots took. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { BootEvent } from './events.ts';
import type { BootOutcome } from './outcome.ts';

export const FLEET_PHASES = [
  'dhcp',
  'tftp',
  'loader',
  'script',
  'beacon',
  'kernel',
  'initrd',
  'answers',
  'report',
] as const;
export type FleetPhase = (typeof FLEET_PHASES)[number];

/** One request of one machine; milliseconds since the fleet was switched on. */
export type Sample = {
  readonly phase: FleetPhase;
  readonly end: number;
  readonly took: number;
  readonly bytes: number;
};

export type FleetOptions<M> = {
  readonly machines: readonly M[];
  readonly boot: (machine: M) => Promise<BootOutcome>;
  /** Machines that are switched on in a second; all at once unless given. */
  readonly rate?: number;
  /** Called after each machine, with how many are done. Must not throw. */
  readonly onDone?: (done: number) => void;
  readonly signal?: AbortSignal;
};

/** What came of one machine, without all that it saw. */
type Ended = Pick<BootOutcome, 'reached' | 'code' | 'why' | 'took'> & { readonly end: number };

export type FleetResult = {
  readonly ended: readonly Ended[];
  readonly samples: readonly Sample[];
  /** Milliseconds, from the first power-on to the end of the last boot. */
  readonly took: number;
};

/** Never rejects: `boot` never does. */
export async function playFleet<M>(options: FleetOptions<M>): Promise<FleetResult> {
  const { machines, boot, rate, onDone, signal } = options;
  const started = performance.now();
  const ended: Ended[] = [];
  const samples: Sample[] = [];
  const play = async (machine: M) => {
    const at = performance.now() - started;
    const outcome = await boot(machine);
    const { reached, code, why, took } = outcome;
    ended.push({ reached, code, why, took, end: at + took });
    samples.push(...samplesOf(outcome, at));
    onDone?.(ended.length);
  };
  const playing: Promise<void>[] = [];
  for (const [i, machine] of machines.entries()) {
    const due = rate === undefined ? 0 : (i / rate) * 1000 - (performance.now() - started);
    if (due > 0) await sleep(due, undefined, { signal }).catch(() => {});
    if (signal?.aborted) break;
    playing.push(play(machine));
  }
  await Promise.all(playing);
  return { ended, samples, took: performance.now() - started };
}

/** `at`: when the machine was switched on. Pure. */
export function samplesOf(
  outcome: Pick<BootOutcome, 'steps' | 'kernel' | 'initrds'>,
  at: number,
): readonly Sample[] {
  const samples: Sample[] = [];
  let asked: number | undefined;
  for (const event of outcome.steps) {
    if (event.kind === 'dhcp.discover') asked ??= event.at;
    if (event.kind === 'dhcp.ack' && asked !== undefined) {
      samples.push({ phase: 'dhcp', end: at + event.at, took: event.at - asked, bytes: 0 });
      asked = undefined;
    }
    if ((event.kind !== 'http.file' && event.kind !== 'tftp.file') || event.took === undefined) continue;
    const { took, bytes = 0 } = event;
    samples.push({ phase: phaseOf(event, outcome), end: at + event.at, took, bytes });
  }
  return samples;
}

function phaseOf(
  { kind, url = '' }: BootEvent,
  { kernel, initrds }: Pick<BootOutcome, 'kernel' | 'initrds'>,
): FleetPhase {
  if (url === kernel?.url) return 'kernel';
  if (initrds.some((initrd) => initrd.url === url)) return 'initrd';
  if (kind === 'tftp.file') return 'tftp';
  const { pathname } = new URL(url);
  if (/^\/unattended\/(iPXE|gPXE|PXE\w+)$|\.ipxe$/.test(pathname)) return 'script';
  if (pathname === '/unattended/beacon') return 'beacon';
  if (/^\/unattended\/(built|failed)$/.test(pathname)) return 'report';
  return /^\/(unattended|userdata)\//.test(pathname) ? 'answers' : 'loader';
}

export type PhaseTimes = {
  readonly phase: FleetPhase;
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly bytes: number;
  /** Requests and bytes in a second, from the first request of the phase to the end of its last. */
  readonly per_second: number;
  readonly bytes_per_second: number;
};

export type FleetReport = {
  readonly machines: number;
  readonly booted: number;
  /** Why others did not, the most frequent first, with the words of one of them. */
  readonly failures: readonly { readonly code: string; readonly count: number; readonly example: string }[];
  readonly seconds: number;
  readonly boots_per_second: number;
  /** Of whole boots that came to their end, milliseconds. */
  readonly boot: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  readonly phases: readonly PhaseTimes[];
};

/** Pure. */
export function fleetReport(
  { ended, samples, took }: FleetResult,
  isBooted: (end: Pick<BootOutcome, 'reached'>) => boolean,
): FleetReport {
  const booted = ended.filter(isBooted);
  const seconds = took / 1000;
  return {
    machines: ended.length,
    booted: booted.length,
    failures: failuresOf(ended.filter((end) => !isBooted(end))),
    seconds: rounded(seconds),
    boots_per_second: seconds === 0 ? 0 : rounded(booted.length / seconds),
    boot: percentiles(booted.map((end) => end.took)),
    phases: FLEET_PHASES.flatMap((phase) => {
      const own = samples.filter((sample) => sample.phase === phase);
      return own.length === 0 ? [] : [timesOf(phase, own)];
    }),
  };
}

function failuresOf(ended: readonly Ended[]): FleetReport['failures'] {
  const byCode = new Map<string, { count: number; example: string }>();
  for (const { code, reached, why } of ended) {
    const key = code ?? reached;
    const known = byCode.get(key);
    if (known === undefined) byCode.set(key, { count: 1, example: why });
    else known.count++;
  }
  return [...byCode].map(([code, found]) => ({ code, ...found })).sort((a, b) => b.count - a.count);
}

function timesOf(phase: FleetPhase, samples: readonly Sample[]): PhaseTimes {
  const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { end, took } of samples) {
    first = Math.min(first, end - took);
    last = Math.max(last, end);
  }
  const seconds = Math.max(last - first, 1) / 1000;
  return {
    phase,
    count: samples.length,
    ...percentiles(samples.map(({ took }) => took)),
    bytes,
    per_second: rounded(samples.length / seconds),
    bytes_per_second: Math.round(bytes / seconds),
  };
}

/** By the nearest rank; zeros for nothing. */
function percentiles(values: readonly number[]): FleetReport['boot'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
