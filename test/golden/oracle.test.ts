/** Real Ruby is the oracle: the same template and data through its ERB, compared byte for byte. */

import { spawnSync } from 'node:child_process';
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
let ruby: readonly Answer[] | undefined;

beforeAll(() => {
  const input = JSON.stringify({ templates, variables: VARIABLES });
  const { stdout, error } = spawnSync('ruby', ['-W0', '-e', ORACLE], { input, encoding: 'utf8' });
  if (error === undefined) ruby = JSON.parse(stdout) as Answer[];
});

describe('against the oracle', () => {
  it.for(templates.map((template, i) => ({ template, i })))('$template', ({ template, i }, ctx) => {
    if (ruby === undefined) return ctx.skip('ruby is missing (Debian package: ruby)');
    const expected = ruby[i]!;
    const answer = ours(template, VARIABLES);
    if (expected.text === undefined) expect(answer.error, `Ruby says: ${expected.error}`).toBeDefined();
    else expect(answer).toEqual({ text: expected.text });
  });
});
