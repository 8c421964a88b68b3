/** Errors in Foreman's shapes, with our code and hint beside what its clients read. */

import { ChainbootError, formatProblem, type Problem, reasonOf } from '../errors.ts';

export type ErrorBody = { readonly error: Readonly<Record<string, unknown>> };

export function asError(error: unknown): ChainbootError {
  if (error instanceof ChainbootError) return error;
  return new ChainbootError('INTERNAL', { reason: reasonOf(error) }, [], error);
}

/** `fieldOf` gives the API's name of a field of the record: `operatingsystem` → `operatingsystem_id`. */
export function errorBody(
  error: ChainbootError,
  fieldOf: (path: string) => string = (path) => path,
): ErrorBody {
  const { code, message, hint } = error;
  if (error.status === 422) {
    const problems = error.problems.map((problem) => ({ ...problem, path: fieldOf(problem.path) }));
    const full = problems.length === 0 ? [message] : problems.map(fullMessage);
    return {
      error: { id: null, errors: byField(problems, message), full_messages: full, code, message, hint },
    };
  }
  const details = error.problems.map(formatProblem);
  return { error: { message, code, hint, ...(details.length > 0 && { details }) } };
}

function byField(problems: readonly Problem[], message: string): Readonly<Record<string, readonly string[]>> {
  if (problems.length === 0) return { base: [message] };
  const fields = new Map<string, string[]>();
  for (const problem of problems) {
    const field = problem.path === '' ? 'base' : problem.path;
    fields.set(field, [...(fields.get(field) ?? []), said(problem)]);
  }
  return Object.fromEntries(fields);
}

function said({ message, suggestion }: Problem): string {
  return suggestion === undefined ? message : `${message} (${suggestion})`;
}

/** Rails: `Operatingsystem can't be blank`. */
function fullMessage(problem: Problem): string {
  if (problem.path === '' || problem.path === 'base') return said(problem);
  const words = problem.path.replace(/_id$/, '').replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} ${said(problem)}`;
}
