/** Rendering in this thread: what a worker does, and what tests and tools that trust the template call. */

import { performance } from 'node:perf_hooks';
import { Budget, LIMITS, type Limits } from './budget.ts';
import { excerptOf, RubyError, type TemplateError, TemplateFailure } from './errors.ts';
import { MACROS } from './macros/index.ts';
import { type Origin, Trail } from './origins.ts';
import { type Program, programOf } from './program.ts';
import { RenderContext, type Snippets, type TemplateLog } from './render-context.ts';
import { Runtime } from './ruby/runtime.ts';
import type { Value } from './ruby/values.ts';
import type { ScopeData } from './scope.ts';
import { variablesFor } from './variables.ts';
import { enter, leave, makeCells, REQUESTED, UNNUMBERED, type Whereabouts } from './whereabouts.ts';

export type RenderRequest = {
  /** Name in the library, and in errors. */
  readonly template: string;
  /** Instead of the library's text, for previews. */
  readonly text?: string;
  readonly scope: ScopeData;
  /** The result is to say where its text comes from. */
  readonly map?: true;
};

export type RenderResult =
  | {
      readonly ok: true;
      readonly text: string;
      /** Milliseconds of rendering, without waiting. */
      readonly took: number;
      /** Where the text comes from, in its order, when it was asked for: see `originOf`. */
      readonly map?: readonly Origin[];
      /** What templates said with `log_info` and its like. */
      readonly logs?: readonly TemplateLog[];
    }
  | { readonly ok: false; readonly error: TemplateError; readonly logs?: readonly TemplateLog[] };

/** Templates by name. */
export type Library = Snippets;

const UNWATCHED: Whereabouts = { cells: makeCells(false), numbers: new Map() };

export function render(
  request: RenderRequest,
  library: Library,
  limits: Limits = LIMITS,
  whereabouts: Whereabouts = UNWATCHED,
): RenderResult {
  const started = performance.now();
  const logs: TemplateLog[] = [];
  const said = () => (logs.length > 0 ? { logs } : {});
  try {
    const text = request.text ?? library.get(request.template);
    if (text === undefined) return { ok: false, error: missing(request.template) };
    const { output, origins } = renderTemplate({
      name: request.template,
      text,
      scope: request.scope,
      library,
      budget: new Budget(limits),
      depth: 0,
      passed: new Map(),
      mapped: request.map === true,
      whereabouts,
      logs,
    });
    const took = performance.now() - started;
    return { ok: true, text: output, took, ...(origins && { map: origins }), ...said() };
  } catch (error) {
    if (error instanceof TemplateFailure) return { ok: false, error: error.error, ...said() };
    throw error;
  } finally {
    leave(whereabouts.cells, 0);
  }
}

function missing(template: string): TemplateError {
  return {
    template,
    line: 1,
    column: 1,
    message: `there is no template named '${template}'`,
    excerpt: '',
    callers: [],
  };
}

type Rendering = {
  readonly name: string;
  readonly text: string;
  readonly scope: ScopeData;
  readonly library: Library;
  readonly budget: Budget;
  readonly depth: number;
  /** Variables handed in by the caller of a snippet. */
  readonly passed: ReadonlyMap<string, Value>;
  readonly mapped: boolean;
  readonly whereabouts: Whereabouts;
  readonly logs: TemplateLog[];
};

/** Lines for the log that one render may write. */
const MAX_LOGS = 100;

type Rendered = { readonly output: string; readonly origins?: readonly Origin[] | undefined };

function renderTemplate(rendering: Rendering): Rendered {
  const { name, text, scope, budget, depth, passed, library } = rendering;
  const program = programOf(text);
  const [problem] = program.problems;
  if (problem !== undefined) {
    throw new TemplateFailure({
      template: name,
      ...problem,
      excerpt: excerptOf(text, problem.line),
      callers: [],
    });
  }
  const trail = rendering.mapped ? new Trail(name, program) : undefined;
  const { cells } = rendering.whereabouts;
  const cell = enter(cells, depth, numberOf(rendering));
  const context = new RenderContext({
    name,
    scope,
    depth,
    passed,
    library,
    renderText: (inner, innerText, given) => {
      budget.enter(depth + 1);
      const { output, origins } = called(rendering, program, cells[cell]!, () =>
        renderTemplate({ ...rendering, name: inner, text: innerText, depth: depth + 1, passed: given }),
      );
      if (origins !== undefined) trail?.called(output, origins);
      return output;
    },
    log: (level, message) => {
      if (rendering.logs.length >= MAX_LOGS) return;
      rendering.logs.push({ level, message, template: name, line: program.place(runtime.at).line });
    },
  });
  const variables = variablesFor(context, passed);
  const runtime: Runtime = new Runtime(budget, MACROS, context, variables, { trail, cells, cell });
  return { output: run(rendering, program, runtime), origins: trail?.origins };
}

function numberOf({ name, text, library, depth, whereabouts }: Rendering): number {
  if (library.get(name) === text) return whereabouts.numbers.get(name) ?? UNNUMBERED;
  return depth === 0 ? REQUESTED : UNNUMBERED;
}

/** Runs it, giving every fault its place in this template. */
function run({ name, text }: Rendering, program: Program, runtime: Runtime): string {
  try {
    program.run(runtime);
    return runtime.output.text;
  } catch (error) {
    if (error instanceof TemplateFailure) throw error;
    const message = messageOf(error);
    const place = program.place((error instanceof RubyError ? error.at : undefined) ?? runtime.at);
    throw new TemplateFailure({
      template: name,
      ...place,
      message,
      excerpt: excerptOf(text, place.line),
      callers: [],
    });
  }
}

/** Runs what a template calls; a fault in there learns who called. */
function called<T>(caller: Rendering, program: Program, at: number, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    throw error.calledFrom({ template: caller.name, line: program.place(at).line });
  } finally {
    leave(caller.whereabouts.cells, caller.depth + 1);
  }
}

/** Deep recursion and strings beyond what the engine can hold are RangeErrors; anything else is our fault. */
function messageOf(error: unknown): string {
  if (error instanceof RubyError) return error.message;
  if (error instanceof RangeError) return `the template asked for too much: ${error.message.toLowerCase()}`;
  throw error;
}
