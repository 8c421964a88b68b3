/** Shapes that most rules have. */

import { last, linesOf, refusedWith, silentFor } from './steps.ts';
import type { Match, Rule, SeenStep, Sight } from './types.ts';

export type Words = Pick<Rule, 'code' | 'symptom' | 'cause' | 'fix' | 'source'>;

export function seen(words: Words, match: Rule['match']): Rule {
  return { ...words, kind: 'fault', basis: 'seen', match };
}

export function note(words: Words, match: Rule['match']): Rule {
  return { ...words, kind: 'note', basis: 'seen', match };
}

export function beside(words: Words, match: Rule['match']): Rule {
  return { ...words, kind: 'fault', basis: 'beside', match };
}

/** Tried only when the machine has been silent for so long. */
export function silence(words: Words, ms: number, match: Rule['match']): Rule {
  return {
    ...words,
    kind: 'fault',
    basis: 'silence',
    match: (sight) => (silentFor(sight) < ms ? undefined : match(sight)),
  };
}

/** What a sentence may say of any step. */
export function valuesOf(step: SeenStep): Match['values'] {
  const { detail, because, what, mac, address, arch, bytes, host } = step;
  return { ...detailValues(detail), ...because, what, mac, address, arch, bytes, host };
}

function detailValues(detail: SeenStep['detail'] = {}): Match['values'] {
  return Object.fromEntries(
    Object.entries(detail).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  );
}

export function found(
  step: SeenStep | undefined,
  values: Match['values'] = {},
  ...more: SeenStep[]
): Match | undefined {
  if (step === undefined) return undefined;
  return { values: { ...valuesOf(step), ...values }, evidence: [step, ...more] };
}

/** The last step whose reason has one of these codes. */
export function becauseOf(...codes: readonly string[]): Rule['match'] {
  return ({ steps }) => found(last(steps, ({ because }) => codes.includes(because.code)));
}

/** The last request that was refused with one of these codes of the catalogue. */
export function refusalOf(
  codes: readonly string[],
  is: (step: SeenStep) => boolean = () => true,
): Rule['match'] {
  return (sight) => {
    const step = last(sight.steps, (one) => codes.includes(refusedWith(one) ?? '') && is(one));
    return found(step, { asked: sight.asked, host: step?.host ?? sight.host?.name });
  };
}

/** What the build check found, unless the trace says more. */
export function lackOf(sight: Sight, ...codes: readonly string[]): Match | undefined {
  const lack = sight.lacks.find(({ code }) => codes.includes(code));
  if (lack === undefined) return undefined;
  return { values: { ...lack, host: sight.host?.name }, evidence: sight.steps.slice(-1) };
}

export function lineOf(pattern: RegExp): Rule['match'] {
  return (sight) => {
    const line = linesOf(sight).findLast(({ text }) => pattern.test(text));
    return found(line?.step, { text: line?.text.trim().slice(0, 300) });
  };
}

/** The first of several that finds something. */
export function either(...matches: readonly Rule['match'][]): Rule['match'] {
  return (sight) => {
    for (const match of matches) {
      const one = match(sight);
      if (one !== undefined) return one;
    }
    return undefined;
  };
}
