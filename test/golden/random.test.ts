/**
 * Random templates through real Ruby and through ours: the same text, or both raise. The seed is fixed;
 * RANDOM_SEED=7 RANDOM_RUNS=5000 npx vitest run test/golden/random.test.ts looks further.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VARIABLES } from './oracle.corpus.ts';
import { MISSING, ours, rubys } from './oracle.ts';
import { GRAMMAR, PREAMBLE } from './random.grammar.ts';

const SEED = Number(process.env.RANDOM_SEED ?? 3);
const RUNS = Number(process.env.RANDOM_RUNS ?? 600);
const EXPRESSION_DEPTH = 3;
const BLOCK_DEPTH = 4;
const OF_BLOCKS = new Set(['piece', 'block']);

/** A comment must not swallow what Ruby puts behind the template. */
const END = '\n<%\n%>.';

/** Ruby's own braces are none of these. */
const KIND = new RegExp(`\\{(${Object.keys(GRAMMAR).join('|')})\\}`);

/** A production with every `{kind}` in it replaced by one of that kind. */
function filled(production: string, tie: (kind: string) => fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const parts = production.split(KIND);
  const arbitraries = parts.map((part, i) => (i % 2 === 0 ? fc.constant(part) : tie(part)));
  return fc.tuple(...arbitraries).map((texts) => texts.join(''));
}

const { template } = fc.letrec((tie) => {
  const kinds = Object.entries(GRAMMAR).map(([kind, { leaves, others }]) => {
    const blocks = OF_BLOCKS.has(kind);
    const options = {
      maxDepth: blocks ? BLOCK_DEPTH : EXPRESSION_DEPTH,
      depthIdentifier: blocks ? 'block' : 'expression',
    };
    const leaf = fc.oneof(...leaves.map((each) => filled(each, tie)));
    const weighted = others.map((each) => ({ arbitrary: filled(each, tie), weight: 1 }));
    const first = { arbitrary: leaf, weight: Math.max(1, Math.ceil(others.length / 4)) };
    return [kind, fc.oneof(options, first, ...weighted)] as const;
  });
  const pieces = fc.array(tie('piece'), { minLength: 1, maxLength: 6, size: 'max' });
  return {
    ...Object.fromEntries(kinds),
    template: pieces.map((found) => `${PREAMBLE}${found.join('')}${END}`),
  };
});

describe('random templates', () => {
  it('render as in Ruby, or fail as in Ruby', (ctx) => {
    const texts = fc.sample(template as fc.Arbitrary<string>, { numRuns: RUNS, seed: SEED });
    const ruby = rubys(texts, VARIABLES);
    if (ruby === undefined) return ctx.skip(MISSING);
    const different = texts.flatMap((text, i) => {
      const answer = ours(text, VARIABLES);
      if (answer.text === ruby[i]!.text) return [];
      return [{ text, ruby: ruby[i]!.text ?? ruby[i]!.error, ours: answer.text ?? answer.error }];
    });
    different.sort((a, b) => a.text.length - b.text.length);
    expect(different.slice(0, Number(process.env.RANDOM_SHOWN ?? 5))).toEqual([]);
    // Most of them are to show something.
    expect(ruby.filter(({ text }) => text !== undefined).length).toBeGreaterThan(RUNS / 2);
  }, 120_000);
});
