/** What can go wrong in a template, inside and as told to the outside. */

/** A position of a template; lines and columns count from 1. */
export type Place = { readonly line: number; readonly column: number };

/** One template calling another; the innermost caller comes first. */
export type Caller = { readonly template: string; readonly line: number };

/** Plain data: it crosses the worker boundary, and is shown as `template:line: message` with the excerpt. */
export type TemplateError = Place & {
  readonly template: string;
  readonly message: string;
  /** The lines around the place, numbered, the faulty one marked. */
  readonly excerpt: string;
  readonly callers: readonly Caller[];
};

/** Raised where the fault is; `at` is an offset in the Ruby text, filled in by the call that ran into it. */
export class RubyError extends Error {
  at: number | undefined;
  constructor(message: string, at?: number) {
    super(message);
    this.at = at;
  }
}

/** A fault with its place, on its way out through the snippets that called each other. */
export class TemplateFailure extends Error {
  readonly error: TemplateError;
  constructor(error: TemplateError) {
    super(error.message);
    this.error = error;
  }

  calledFrom(caller: Caller): TemplateFailure {
    return new TemplateFailure({ ...this.error, callers: [...this.error.callers, caller] });
  }
}

export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

export function excerptOf(text: string, line: number): string {
  const lines = text.split('\n');
  const first = Math.max(1, line - 2);
  const width = String(line + 2).length;
  return lines
    .slice(first - 1, line + 2)
    .map((content, i) => {
      const number = first + i;
      return `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${content.slice(0, 200)}`;
    })
    .join('\n');
}

/** `Kickstart default:12:5: undefined method 'nope' for host`, with the chain of callers. */
export function formatTemplateError(error: TemplateError): string {
  const callers = error.callers.map(({ template, line }) => `, called from ${template}:${line}`).join('');
  return `${error.template}:${error.line}:${error.column}: ${error.message}${callers}`;
}
