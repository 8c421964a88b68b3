/** What can be said about a template when it is saved, before any host boots from it. */

import type { Place } from './errors.ts';
import { MACROS } from './macros/index.ts';
import { MAX_PROBLEMS, programOf } from './program.ts';
import { ANY, arityText } from './ruby/core/table.ts';

/** An `error` can never render; a `warning` fails only when it is reached (a plugin's macro behind a condition). */
export type Finding = Place & { readonly severity: 'error' | 'warning'; readonly message: string };

/** In the order of the text, the first hundred at most; none: it is fine. */
export function checkTemplate(text: string): readonly Finding[] {
  const program = programOf(text);
  const errors = program.problems.map((problem) => ({ severity: 'error' as const, ...problem }));
  const uses = program.macroUses
    .flatMap(({ name, at, given }) => {
      const message = checkUse(name, given);
      return message === undefined ? [] : [{ name, at, message }];
    })
    .slice(0, MAX_PROBLEMS)
    .map(({ name, at, message }): Finding => {
      return { severity: isKnown(name) ? 'error' : 'warning', ...program.place(at), message };
    });
  return [...errors, ...uses].sort((a, b) => a.line - b.line || a.column - b.column);
}

function isKnown(name: string): boolean {
  const macro = MACROS[name];
  return macro !== undefined && !macro.refused;
}

function checkUse(name: string, given: number | undefined): string | undefined {
  const macro = MACROS[name];
  if (macro === undefined) return `there is no macro or variable named '${name}'`;
  if (macro.refused) return `${name} ${macro.text}`;
  if (given === undefined || (given >= macro.min && (macro.max === ANY || given <= macro.max)))
    return undefined;
  return `${name} takes ${arityText(macro)} argument(s), not ${given}`;
}
