/**
 * Boots and renderings in SQLite, written by a thread of their own: a commit or a checkpoint waits for the disk,
 * and no DHCP answer may wait with it. Steps are encoded here, which is cheaper than handing objects over.
 */

import { Worker } from 'node:worker_threads';
import { ChainbootError } from '../../errors.ts';
import { workerFile } from '../../worker-file.ts';
import type { BootQuery, BootStore, Rendering, RenderingStore } from '../types.ts';
import { type Chunk, encodeChunks } from './chunk.ts';

export type BootsCall =
  | { readonly op: 'write'; readonly chunk: Chunk }
  | { readonly op: 'boots'; readonly query: Parameters<BootStore['boots']>[0] }
  | { readonly op: 'count'; readonly query: BootQuery }
  | { readonly op: 'steps'; readonly boot: string; readonly afterSeq: number | undefined }
  | { readonly op: 'tail'; readonly cursor: number; readonly limit: number }
  | { readonly op: 'put renderings'; readonly renderings: readonly Rendering[] }
  | { readonly op: 'renderings'; readonly of: Parameters<RenderingStore['of']> }
  | { readonly op: 'prune'; readonly keep: number; readonly since: number; readonly atMost: number }
  | { readonly op: 'close' };

export type BootsAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly reason: string };

export type Threaded = { readonly boots: BootStore; readonly renderings: RenderingStore };

type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/** Calls reject with STORE_UNAVAILABLE; a thread that died is replaced at the next call. */
export function threadedBoots(file: string): Threaded {
  const waiting = new Map<number, Waiting>();
  // At once, so that the first boot need not wait for it.
  let worker: Worker | undefined = start();
  let nextId = 0;

  function start(): Worker {
    const started = new Worker(workerFile(import.meta.url, './boots-worker.js'), { workerData: { file } });
    started.on('message', (answer: BootsAnswer) => {
      const caller = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (answer.ok) caller?.resolve(answer.value as never);
      else caller?.reject(unavailable(answer.reason));
    });
    started.on('error', (error) => ended(started, error.message));
    started.on('exit', () => ended(started, 'its thread ended'));
    return started;
  }

  function ended(thread: Worker, reason: string): void {
    if (worker !== thread) return;
    worker = undefined;
    for (const [id, caller] of waiting) {
      waiting.delete(id);
      caller.reject(unavailable(reason));
    }
  }

  function unavailable(reason: string): ChainbootError {
    return new ChainbootError('STORE_UNAVAILABLE', { file, reason });
  }

  function ask<T>(call: BootsCall): Promise<T> {
    worker ??= start();
    const id = nextId++;
    worker.postMessage({ id, call });
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  const boots: BootStore = {
    append: async (steps) => {
      await Promise.all(encodeChunks(steps).map((chunk) => ask({ op: 'write', chunk })));
    },
    boots: (query) => ask({ op: 'boots', query }),
    count: (query) => ask({ op: 'count', query }),
    steps: (boot, afterSeq) => ask({ op: 'steps', boot, afterSeq }),
    tail: (cursor, limit) => ask({ op: 'tail', cursor, limit }),
    prune: (keep, since, atMost) => ask({ op: 'prune', keep, since, atMost }),
    close: () => (worker === undefined ? Promise.resolve() : ask({ op: 'close' })),
  };
  const renderings: RenderingStore = {
    put: (made) => ask({ op: 'put renderings', renderings: made }),
    of: (...of) => ask({ op: 'renderings', of }),
  };
  return { boots, renderings };
}
