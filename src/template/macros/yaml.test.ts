import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rendered, textOf } from '../../../test/macros/world.ts';
import type { Json } from '../../inventory/types.ts';

/** Psych's answers; undefined where there is no Ruby. */
function psych(values: readonly Json[]): string[] | undefined {
  const program =
    'require "yaml"; require "json"; print JSON.generate(JSON.parse(STDIN.read).map(&:to_yaml))';
  try {
    const input = JSON.stringify(values);
    return JSON.parse(execFileSync('ruby', ['-e', program], { input, encoding: 'utf8', timeout: 60_000 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function ours(value: Json): string {
  return textOf("to_yaml(host_enc('parameters', 'v'))", { parameters: { v: value } });
}

const TEXTS =
  'plain|true|yes|No|~|null|1|-1|1.5|.5|0x1f|017|08|1e3|1_000|12:30|1:60|2024-01-01|2024-02-31|2001-12-14 21:59:43|- x|a: b|a:b|a #b|#c|*x|!x|%x|@x|{a|,a|? a|-|---|...|:a|:|a:|"q"|it\'s|\'q|a\\b|y|n|Y|=|<<|.inf|.NaN|off|tRue|ünï|日本|😀|$x|(x)|é: x'.split(
    '|',
  );
const OTHERS = [
  '',
  ' lead',
  'trail ',
  'a\nb',
  'a\nb\n',
  'a\n\nb\n\n',
  '\n',
  'tab\tx',
  'a\u0001b',
  'a\r\nb',
  ' x\ny',
  'x\n  y\n',
  '\u2028',
  '\ufeffa',
  'foo\n',
  'ends\n\n',
  '-\n',
  'x\n\ty',
  'word '.repeat(40).trim(),
  `${'word '.repeat(40)}\nmore`,
  `long: ${'word '.repeat(30)}`,
  'x'.repeat(200),
  `"${'é '.repeat(60)}`,
];
const TREES: readonly Json[] = [
  [],
  {},
  [[]],
  [{}],
  { a: {} },
  { a: [1, { b: [[1, 2], [3]] }] },
  [[1, [2]], { x: { y: 'z' } }],
  { m: 'a\nb', l: ['x\ny\n'] },
  null,
  true,
  1,
  1.5,
  [null, false],
];

it('writes what Psych writes', (ctx) => {
  const texts = [...TEXTS, ...OTHERS];
  const values: Json[] = [
    ...texts,
    ...texts.map((text) => ({ k: text })),
    ...texts.map((text) => [[text]]),
    ...TREES,
  ];
  for (const text of texts) if (text !== '') values.push({ [text]: text });
  const answers = psych(values);
  if (answers === undefined) return ctx.skip('ruby (Debian: ruby) is not installed');
  values.forEach((value, i) => {
    expect(ours(value), JSON.stringify(value)).toBe(answers[i]);
  });
});

it('writes what Psych writes, whatever it is', (ctx) => {
  const text = fc.string({ unit: fc.constantFrom(...'ab1 -:#\n\t\'"{}[],&*!|>%@`~.é0yn='), maxLength: 12 });
  const long = fc.array(text, { minLength: 10, maxLength: 20 }).map((parts) => parts.join(' '));
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      text,
      long,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(text, long), tie('tree'), { maxKeys: 3 }),
    ),
  }));
  const values = fc.sample(tree, { numRuns: 400, seed: 42 });
  const answers = psych(values);
  if (answers === undefined) return ctx.skip('ruby (Debian: ruby) is not installed');
  values.forEach((value, i) => {
    expect(ours(value), JSON.stringify(value)).toBe(answers[i]);
  });
});

it('writes symbols, floats, great numbers, moments and what occurs again', () => {
  expect(textOf('to_yaml({ a: :b, "c" => 10.0, d: 2**70 })')).toBe(
    '---\n:a: :b\nc: 10.0\n:d: 1180591620717411303424\n',
  );
  expect(textOf('x = [1]; to_yaml([x, x])')).toBe('---\n- &1\n  - 1\n- *1\n');
  expect(textOf('to_yaml({ nil => 1, true => 2, [1] => 3 })')).toBe("---\n! '': 1\ntrue: 2\n? - 1\n: 3\n");
});

it('refuses what would never end', () => {
  expect(() => textOf('to_yaml(@host)')).toThrow('to_yaml cannot write host');
});

it('spells out what is named many times until the budget ends', () => {
  const text = '<% a = [1]; 40.times { a = [a, a] } %><%= to_json(a).length %>';
  expect(() => rendered(text)).toThrow('more than');
  const shared = '<% a = [1]; 40.times { a = [a, a] } %><%= to_yaml(a).lines.length %>';
  expect(rendered(shared).text).toBe('82');
});
