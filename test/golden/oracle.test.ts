/** Real Ruby is the oracle: the same template and data through its ERB, compared byte for byte. */

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CORPUS, ERB_CORPUS, VARIABLES } from './oracle.corpus.ts';
import { type Answer, MISSING, ours, rubys } from './oracle.ts';

/** An expression by itself, shown so that the type can be told from the text. */
const templates = [...ERB_CORPUS, ...CORPUS.map((code) => `<%= (${code}).inspect %>`)];

describe('against the oracle', () => {
  let ruby: readonly Answer[] | undefined;
  beforeAll(() => {
    ruby = rubys(templates, VARIABLES);
  });

  it.for(templates.map((template, i) => ({ template, i })))('$template', ({ template, i }, ctx) => {
    if (ruby === undefined) return ctx.skip(MISSING);
    const expected = ruby[i]!;
    const answer = ours(template, VARIABLES);
    if (expected.text === undefined) expect(answer.error, `Ruby says: ${expected.error}`).toBeDefined();
    else expect(answer).toEqual({ text: expected.text });
  });
});

describe('random regular expressions', () => {
  const atom = fc.constantFrom(
    ...[
      'a',
      'b',
      '1',
      '-',
      '.',
      ' ',
      '{',
      '}',
      ']',
      'é',
      '=',
      '"',
      '\\.',
      '\\d',
      '\\D',
      '\\w',
      '\\W',
      '\\s',
      '\\S',
      '\\h',
      '\\H',
    ],
    ...[
      '\\b',
      '\\B',
      '^',
      '$',
      '\\A',
      '\\z',
      '\\Z',
      '\\n',
      '\\/',
      '\\R',
      '\\x41',
      '\\u00e9',
      '\\p{L}',
      '\\p{Alpha}',
      '[abc]',
      '[^abc]',
    ],
    ...[
      '[a-c1-3]',
      '[\\w.-]',
      '[[:alpha:]]',
      '[[:digit:]x]',
      '[[:space:]]',
      '[[:upper:]]',
      '[[:punct:]]',
      '[\\-a]',
      '[a\\]]',
      '[-a]',
    ],
    ...['(a)', '(?:ab)', '(?=a)', '(?!b)', '(?<=a)', '(?<!a)', '(?<n>a|b)', '(a|b)', '|'],
  );
  const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{,2}', '*?', '+?', '??');
  const pattern = fc.array(
    fc.tuple(atom, quantifier).map((pair) => pair.join('')),
    { minLength: 1, maxLength: 4 },
  );
  const subject = fc.constantFrom(
    '"abc abd\\nAé1-2\\n"',
    '"aab\\n\\nb a"',
    '"foo.bar-baz_1/x y\\t{z}"',
    '"Ää é\\u00a0x\\r\\n#1"',
    '""',
  );
  const use = fc.constantFrom('scan(RE)', 'gsub(RE, "<\\\\0>")', 'split(RE)', 'match(RE).to_a');
  const expression = fc
    .tuple(subject, use, pattern, fc.constantFrom('', 'i', 'm', 'x'))
    .map(
      ([text, call, parts, options]) =>
        `<%= ${text}.${call.replace('RE', () => `/${parts.join('')}/${options}`)}.inspect %>`,
    );

  it('give what Ruby gives, or are refused', (ctx) => {
    const texts = fc.sample(expression, { numRuns: 800, seed: 20 });
    const ruby = rubys(texts);
    if (ruby === undefined) return ctx.skip(MISSING);
    const answers = texts.map((text) => ours(text, {}));
    const different = texts.filter(
      (_, i) => answers[i]!.text !== undefined && answers[i]!.text !== ruby[i]!.text,
    );
    expect(different).toEqual([]);
    expect(answers.filter(({ text }) => text !== undefined).length).toBeGreaterThan(500);
  });
});
