/**
 * Which line of which template a rendering thread is at, kept in memory that is shared with the thread that
 * waits for it: a render that had to be killed can still be reported with its place.
 */

import { placeInText } from './erb.ts';
import { excerptOf, type TemplateError } from './errors.ts';

/**
 * Cell 0 is the depth of the template that is running, -1 for none. Then two cells for every depth: the
 * number of the template, and the offset in its Ruby text of the call that was begun last.
 */
export type Cells = Int32Array;

export type Whereabouts = {
  readonly cells: Cells;
  /** Of the templates of the library, by name. */
  readonly numbers: ReadonlyMap<string, number>;
};

/** Snippets nested deeper than this share the last place; the budget of a render ends far earlier. */
const DEPTHS = 64;

/** The text that came with the request. */
export const REQUESTED = -1;
/** A text of the host's own, such as a parameter with ERB in it; its caller is the place to show. */
export const UNNUMBERED = -2;

export function makeCells(shared: boolean): Cells {
  const bytes = Int32Array.BYTES_PER_ELEMENT * (1 + 2 * DEPTHS);
  const cells = new Int32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  cells[0] = -1;
  return cells;
}

/** Says that the template of that number runs at that depth now. Answers the cell for its offsets. */
export function enter(cells: Cells, depth: number, template: number): number {
  const at = Math.min(depth, DEPTHS - 1);
  cells[1 + 2 * at] = template;
  cells[2 + 2 * at] = 0;
  cells[0] = at;
  return 2 + 2 * at;
}

/** Back to the caller, or to nothing. */
export function leave(cells: Cells, depth: number): void {
  cells[0] = Math.min(depth, DEPTHS) - 1;
}

type Named = readonly [name: string, text: string];

/**
 * The error of a render that was ended from outside, at the place it had come to.
 * @param library the templates in the order of their numbers
 */
export function errorAt(
  cells: Cells,
  message: string,
  request: { readonly template: string; readonly text?: string },
  library: readonly Named[],
): TemplateError {
  const chain = [];
  for (let depth = Math.min(Atomics.load(cells, 0), DEPTHS - 1); depth >= 0; depth--) {
    const number = Atomics.load(cells, 1 + 2 * depth);
    const requested = request.text === undefined ? undefined : ([request.template, request.text] as const);
    const named = number === REQUESTED ? requested : library[number];
    if (named !== undefined) chain.push({ named, at: Atomics.load(cells, 2 + 2 * depth) });
  }
  const [innermost, ...outer] = chain;
  if (innermost === undefined) {
    return { template: request.template, line: 1, column: 1, message, excerpt: '', callers: [] };
  }
  const [template, text] = innermost.named;
  const place = placeInText(text, innermost.at);
  const callers = outer.map(({ named: [name, source], at }) => ({
    template: name,
    line: placeInText(source, at).line,
  }));
  return { template, ...place, message, excerpt: excerptOf(text, place.line), callers };
}
