/** Real Ruby is the oracle: the same template and data through its ERB, compared byte for byte. */

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/inventory/types.ts';
import { Budget } from '../../src/template/budget.ts';
import { fromJson } from '../../src/template/convert.ts';
import { programOf } from '../../src/template/program.ts';
import { Runtime } from '../../src/template/ruby/runtime.ts';
import { CORPUS, ERB_CORPUS, VARIABLES } from './oracle.corpus.ts';

/** Reads `{templates, variables}` from stdin, writes the rendered texts; null where Ruby raised. */
const ORACLE = `
require 'erb'
require 'json'
input = JSON.parse(STDIN.read)
class Scope
  def initialize(variables); variables.each { |k, v| instance_variable_set("@#{k}", v) }; end
  def rendered(text); ERB.new(text, trim_mode: '-').result(binding); end
end
puts JSON.generate(input['templates'].map { |text|
  variables = JSON.parse(JSON.generate(input['variables']))
  begin
    { text: Scope.new(variables).rendered(text) }
  rescue ScriptError, StandardError => error
    { error: error.message }
  end
})
`;

type Answer = { readonly text?: string; readonly error?: string };

function ours(text: string, variables: Readonly<Record<string, Json>>): Answer {
  const program = programOf(text);
  if (program.problems.length > 0) return { error: program.problems[0]!.message };
  const values = Object.entries(variables).map(([name, json]) => [`@${name}`, fromJson(json)] as const);
  const runtime = new Runtime(new Budget(), Object.create(null), undefined, new Map(values));
  try {
    program.run(runtime);
    return { text: runtime.output.text };
  } catch (error) {
    return { error: String(error) };
  }
}

/** An expression by itself, shown so that the type can be told from the text. */
const templates = [...ERB_CORPUS, ...CORPUS.map((code) => `<%= (${code}).inspect %>`)];

/** Undefined where there is no Ruby. */
function rubys(texts: readonly string[]): readonly Answer[] | undefined {
  const input = JSON.stringify({ templates: texts, variables: VARIABLES });
  const { stdout, error } = spawnSync('ruby', ['-W0', '-e', ORACLE], { input, encoding: 'utf8' });
  return error === undefined ? (JSON.parse(stdout) as Answer[]) : undefined;
}

const MISSING = 'ruby is missing (Debian package: ruby)';

describe('against the oracle', () => {
  let ruby: readonly Answer[] | undefined;
  beforeAll(() => {
    ruby = rubys(templates);
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
