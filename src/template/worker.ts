/** One rendering thread. It answers requests one after the other; a runaway template ends with the thread. */

import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../errors.ts';
import { LIMITS, type Limits } from './budget.ts';
import { programOf } from './program.ts';
import { type RenderRequest, type RenderResult, render } from './render.ts';
import type { Cells, Whereabouts } from './whereabouts.ts';

export type WorkerMessage =
  | { readonly type: 'library'; readonly templates: readonly (readonly [name: string, text: string])[] }
  | {
      readonly type: 'render';
      readonly id: number;
      readonly request: RenderRequest;
      readonly limits?: Limits;
    };

export type WorkerAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly id: number; readonly result: RenderResult };

/** Handed in when the thread starts. */
export type WorkerData = { readonly cells: Cells };

const { cells } = workerData as WorkerData;
let templates: readonly (readonly [name: string, text: string])[] = [];
let library: ReadonlyMap<string, string> = new Map();
let whereabouts: Whereabouts = { cells, numbers: new Map() };

function answer(message: WorkerAnswer): void {
  parentPort?.postMessage(message);
}

function rendered(request: RenderRequest, limits: Limits): RenderResult {
  try {
    return render(request, library, limits, whereabouts);
  } catch (error) {
    // A defect of ours, not of the template; the thread goes on.
    const message = `internal error: ${reasonOf(error)}`;
    const failure = { template: request.template, line: 1, column: 1, message, excerpt: '', callers: [] };
    return { ok: false, error: failure };
  }
}

parentPort?.on('message', (message: WorkerMessage) => {
  if (message.type === 'library') {
    ({ templates } = message);
    library = new Map(templates);
    whereabouts = { cells, numbers: new Map(templates.map(([name], i) => [name, i])) };
  } else {
    const { id, request, limits = LIMITS } = message;
    answer({ type: 'result', id, result: rendered(request, limits) });
  }
});

// The parser is compiled before the first request needs it.
programOf('<%= 1 %>');
answer({ type: 'ready' });
