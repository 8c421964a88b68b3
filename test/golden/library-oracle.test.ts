/** Every shipped template, for every host of the golden tests, as real Ruby renders it: byte for byte. */

import { beforeAll, describe, expect, it } from 'vitest';
import { cases, library, rendered, scopeFor } from './cases.ts';
import { type OracleAnswer, oracleCase, renderedByRuby } from './library-oracle.ts';

describe('real Ruby renders the library to the same text', () => {
  let answers: readonly OracleAnswer[] | undefined;
  beforeAll(() => {
    answers = renderedByRuby(
      cases.map((each) => oracleCase(each.template.name, scopeFor(each))),
      library,
    );
  });

  it.for(cases.map((each, i) => [each.file, each, i] as const))('%s', ([, each, i], ctx) => {
    if (answers === undefined) return ctx.skip('ruby is missing (Debian package: ruby)');
    const { text, error } = answers[i]!;
    expect(error).toBeUndefined();
    expect(rendered(each)).toBe(text);
  });
});
