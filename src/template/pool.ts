/** Rendering in worker threads: a template can neither stop the servers nor eat their memory. */

import { Worker } from 'node:worker_threads';
import type { ProvisioningTemplate } from '../inventory/types.ts';
import { workerFile } from '../worker-file.ts';
import { LIMITS, type Limits } from './budget.ts';
import type { RenderRequest, RenderResult } from './render.ts';
import { type Cells, errorAt, makeCells } from './whereabouts.ts';
import type { WorkerAnswer, WorkerData, WorkerMessage } from './worker.ts';

export type { RenderRequest, RenderResult } from './render.ts';

export type PoolOptions = {
  /** Threads at most; they start when there is work for them. */
  readonly workers?: number;
  /** A render that takes longer loses its thread. */
  readonly timeoutMs?: number;
  /** Characters one render may make. */
  readonly maxBytes?: number;
  /** Memory of one thread, in MiB. */
  readonly memoryMb?: number;
  readonly steps?: number;
};

type Templates = readonly (readonly [name: string, text: string])[];
type Job = {
  readonly id: number;
  readonly request: RenderRequest;
  readonly done: (result: RenderResult) => void;
  /** What it looks snippets up in. */
  templates: Templates;
};
type Thread = {
  readonly worker: Worker;
  /** Resolves when it can render, or has ended. */
  readonly started: Promise<void>;
  /** Where the render that is running has come to. */
  readonly cells: Cells;
  /** What it renders now, and what it goes on with when that is done, without waiting for us. */
  jobs: Job[];
  timer: NodeJS.Timeout | undefined;
  ready: boolean;
  /** What it renders takes long. */
  slow: boolean;
};

/** Reading, compiling and warming up take this long at most on a machine that is busy booting a rack. */
const START_MS = 20_000;

/** Renders given to one thread: while the answer to one travels back, it is at the next. */
const AHEAD = 3;
/** A render that takes longer than this holds up what was given to its thread after it: that moves on. */
const SLOW_MS = 25;

export class RenderPool {
  private readonly size: number;
  private readonly timeoutMs: number;
  private readonly memoryMb: number;
  private readonly limits: Limits;
  private readonly threads = new Set<Thread>();
  private readonly queue: Job[] = [];
  private templates: Templates = [];
  private nextId = 1;
  private closed = false;

  constructor(options: PoolOptions = {}) {
    this.size = options.workers ?? 2;
    this.timeoutMs = options.timeoutMs ?? 2000;
    this.memoryMb = options.memoryMb ?? 128;
    this.limits = {
      ...LIMITS,
      characters: options.maxBytes ?? LIMITS.characters,
      steps: options.steps ?? LIMITS.steps,
    };
  }

  /** Snippets are looked up here by name; renders that have begun keep what they started with. */
  setLibrary(templates: readonly Pick<ProvisioningTemplate, 'name' | 'kind' | 'template'>[]): void {
    this.templates = templates.map(({ name, template }) => [name, template]);
    for (const { worker } of this.threads) this.tell(worker, { type: 'library', templates: this.templates });
  }

  /** Never rejects: whatever goes wrong is a TemplateError. */
  render(request: RenderRequest): Promise<RenderResult> {
    return new Promise((done) => {
      this.queue.push({ id: this.nextId++, request, done, templates: this.templates });
      this.dispatch();
    });
  }

  /** Starts all threads now, so that the first machine to boot need not wait for them. */
  async warm(): Promise<void> {
    while (this.threads.size < this.size) this.start();
    await Promise.all([...this.threads].map(({ started }) => started));
  }

  /** Renders that wait or run are answered with an error. */
  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.done(failed(job.request, 'the server is stopping'));
    await Promise.all([...this.threads].map((thread) => this.end(thread, 'the server is stopping')));
  }

  private tell(worker: Worker, message: WorkerMessage): void {
    worker.postMessage(message);
  }

  private dispatch(): void {
    if (this.closed) {
      for (const job of this.queue.splice(0)) job.done(failed(job.request, 'the server is stopping'));
      return;
    }
    while (this.queue.length > 0) {
      const thread = this.idle() ?? this.another() ?? this.leastBusy();
      if (thread === undefined) return;
      this.give(thread, this.queue.shift()!);
    }
  }

  private idle(): Thread | undefined {
    for (const thread of this.threads) if (thread.jobs.length === 0) return thread;
    return undefined;
  }

  private another(): Thread | undefined {
    return this.threads.size < this.size ? this.start() : undefined;
  }

  private leastBusy(): Thread | undefined {
    let least: Thread | undefined;
    for (const thread of this.threads) {
      const takes = thread.ready && !thread.slow && thread.jobs.length < AHEAD;
      if (takes && thread.jobs.length < (least?.jobs.length ?? AHEAD)) least = thread;
    }
    return least;
  }

  private start(): Thread {
    const cells = makeCells(true);
    const workerData: WorkerData = { cells };
    const worker = new Worker(workerFile(import.meta.url, './worker.js'), {
      resourceLimits: { maxOldGenerationSizeMb: this.memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
      // Flags of a test runner or debugger mean nothing to it.
      execArgv: [],
      workerData,
    });
    const started = new Promise<void>((resolve) => {
      worker.once('message', () => resolve());
      worker.once('exit', () => resolve());
    });
    const thread: Thread = {
      worker,
      started,
      cells,
      jobs: [],
      slow: false,
      timer: undefined,
      ready: false,
    };
    worker.on('message', (answer: WorkerAnswer) => this.hear(thread, answer));
    worker.on('error', (error) => void this.end(thread, `the rendering thread broke down: ${error.message}`));
    worker.on('exit', () => void this.end(thread, 'the rendering thread ended'));
    this.threads.add(thread);
    this.tell(worker, { type: 'library', templates: this.templates });
    return thread;
  }

  private give(thread: Thread, job: Job): void {
    thread.jobs.push(job);
    job.templates = this.templates;
    if (thread.jobs.length === 1) {
      thread.worker.ref();
      this.watch(thread);
    }
    const { id, request } = job;
    this.tell(thread.worker, { type: 'render', id, request, limits: this.limits });
  }

  /** The clock of a render starts when its thread can run it. */
  private watch(thread: Thread): void {
    clearTimeout(thread.timer);
    thread.slow = false;
    if (thread.jobs.length === 0) return;
    const limit = thread.ready ? this.timeoutMs : START_MS;
    const message = `the template ran longer than ${this.timeoutMs / 1000} seconds`;
    const soon = Math.min(SLOW_MS, limit);
    thread.timer = setTimeout(() => {
      this.moveOn(thread);
      thread.timer = setTimeout(() => void this.end(thread, message), limit - soon);
    }, soon);
  }

  /** Whoever waits behind a slow render is given to another thread; the answer of this one no longer counts. */
  private moveOn(thread: Thread): void {
    thread.slow = true;
    this.queue.unshift(...thread.jobs.splice(1));
    this.dispatch();
  }

  private hear(thread: Thread, answer: WorkerAnswer): void {
    if (answer.type === 'ready') {
      thread.ready = true;
      // An idle thread keeps no process alive.
      if (thread.jobs.length === 0) thread.worker.unref();
      this.watch(thread);
      return;
    }
    // The answer to a render that has moved on has been given by another thread, or will be.
    if (thread.jobs[0]?.id !== answer.id) return;
    const job = thread.jobs.shift()!;
    this.watch(thread);
    if (thread.jobs.length === 0) thread.worker.unref();
    job.done(answer.result);
    this.dispatch();
  }

  /** Ends a thread; the next render that finds no free one starts its successor. */
  private async end(thread: Thread, message: string): Promise<void> {
    clearTimeout(thread.timer);
    if (!this.threads.delete(thread)) return;
    const [running, ...waiting] = thread.jobs;
    if (running !== undefined) {
      const error = errorAt(thread.cells, message, running.request, running.templates);
      running.done({ ok: false, error });
    }
    this.queue.unshift(...waiting);
    this.dispatch();
    await thread.worker.terminate();
  }
}

function failed(request: RenderRequest, message: string): RenderResult {
  const error = { template: request.template, line: 1, column: 1, message, excerpt: '', callers: [] };
  return { ok: false, error };
}
