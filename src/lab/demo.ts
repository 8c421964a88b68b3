/** `npm start`: a machine is installed over the network in front of the user, and everything is gone afterwards. */

import { ChainbootError, reasonOf } from '../errors.ts';
import { createDemoLab, MACHINE_PROOF, playMachine } from './demo-machine.ts';
import { type DemoStage, makeStage } from './demo-stage.ts';
import { playVirtual, VIRTUAL_PROOF } from './demo-virtual.ts';
import type { Tell } from './events.ts';
import { whatIsMissing } from './needs.ts';
import type { Lab } from './netns.ts';
import { inOrder } from './order.ts';
import type { Reached } from './story.ts';
import { createJsonLines, createTimeline } from './timeline.ts';

export type DemoIo = {
  readonly stdout: {
    write(text: string): unknown;
    readonly isTTY?: boolean;
    readonly columns?: number;
  };
  /** One JSON object per event instead of a timeline. */
  readonly json: boolean;
};

export type DemoResult = {
  readonly ok: boolean;
  readonly mode: 'machine' | 'virtual';
  readonly milestones: readonly Reached[];
  /** Of the whole demo. */
  readonly seconds: number;
  /** 0; 1 for a failure; 128 + signal when interrupted. */
  readonly exitCode: number;
};

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Signal = keyof typeof SIGNALS;

/**
 * Plays the demo. Never rejects for what goes wrong in it: that is told and shows in the result.
 * CHAINBOOT_DEMO=virtual asks for the virtual client even where a real machine could be booted.
 */
export async function runDemo(io: DemoIo): Promise<DemoResult> {
  const started = Date.now();
  const { tell, end } = inOrder(teller(io));
  const stage = makeStage(tell);
  let interrupted: Signal | undefined;
  const release = onSignals((signal) => {
    interrupted ??= signal;
    stage.story.break(new ChainbootError('LAB_INTERRUPTED', { signal, last: stage.story.last }));
  });
  const { mode, error } = await play(stage, tell);
  await stage.clear();
  release();
  end();
  const seconds = (Date.now() - started) / 1000;
  const proof = mode === 'machine' ? MACHINE_PROOF : VIRTUAL_PROOF;
  const text = error === undefined ? `Proven in ${seconds.toFixed(1)} s: ${proof}.` : failureText(error);
  tell({ kind: 'result', at: Date.now(), ok: error === undefined, text });
  const exitCode = interrupted === undefined ? Number(error !== undefined) : 128 + SIGNALS[interrupted];
  return { ok: error === undefined, mode, milestones: stage.story.reached, seconds, exitCode };
}

type Played = { readonly mode: DemoResult['mode']; readonly error?: unknown };

async function play(stage: DemoStage, tell: Tell): Promise<Played> {
  const lab = await labOrWhyNot();
  const mode = typeof lab === 'string' ? 'virtual' : 'machine';
  try {
    if (typeof lab === 'string') {
      note(tell, `Chainboot boots its virtual PXE client on loopback, because ${lab}.`);
      await playVirtual(stage);
    } else {
      stage.undo(() => lab.close());
      note(tell, `Chainboot installs a machine, in a network of its own (namespace ${lab.namespace}).`);
      await playMachine(stage, lab);
    }
    return { mode };
  } catch (error) {
    if (!isInterruption(error)) tellLogs(stage, tell);
    return { mode, error };
  }
}

/** A network for real machines, or the reason there can be none. */
async function labOrWhyNot(): Promise<Lab | string> {
  if (process.env.CHAINBOOT_DEMO === 'virtual') return 'CHAINBOOT_DEMO=virtual asks for it';
  const missing = whatIsMissing(process.env.PATH);
  if (missing !== undefined) return missing;
  try {
    return await createDemoLab();
  } catch (error) {
    return `no network namespace can be made: ${reasonOf(error)}`;
  }
}

function teller(io: DemoIo): Tell {
  const write = (text: string) => io.stdout.write(text);
  if (io.json) return createJsonLines(write);
  const live = io.stdout.isTTY === true;
  const colour = live && (process.env.NO_COLOR ?? '') === '';
  return createTimeline(write, { columns: live ? io.stdout.columns : undefined, colour, live });
}

/** Further signals while the lab is being cleared change nothing: clearing is bounded, and must finish. */
function onSignals(handle: (signal: Signal) => void): () => void {
  const names = Object.keys(SIGNALS) as Signal[];
  const handlers = names.map((name) => [name, () => handle(name)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

function isInterruption(error: unknown): boolean {
  return error instanceof ChainbootError && error.code === 'LAB_INTERRUPTED';
}

function note(tell: Tell, text: string): void {
  tell({ kind: 'note', at: Date.now(), text });
}

function tellLogs(stage: DemoStage, tell: Tell): void {
  for (const [title, lines] of stage.logs()) {
    if (lines.length === 0) continue;
    note(tell, `Last lines of the ${title}:`);
    for (const line of lines) note(tell, `  ${line}`);
  }
}

function failureText(error: unknown): string {
  if (!(error instanceof ChainbootError)) return `Failed: ${reasonOf(error)}`;
  return isInterruption(error) ? `${error.message}; ${error.hint}.` : `${error.code}: ${error.message}`;
}
