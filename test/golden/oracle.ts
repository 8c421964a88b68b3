/** The same template and data through real Ruby's ERB and through ours. */

import { spawnSync } from 'node:child_process';
import type { Json } from '../../src/inventory/types.ts';
import { Budget } from '../../src/template/budget.ts';
import { fromJson } from '../../src/template/convert.ts';
import { programOf } from '../../src/template/program.ts';
import { Runtime } from '../../src/template/ruby/runtime.ts';

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
    { text: Scope.new(variables).rendered(text).scrub }
  rescue ScriptError, StandardError => error
    { error: error.message.dup.force_encoding('UTF-8').scrub }
  end
})
`;

export type Answer = { readonly text?: string; readonly error?: string };

export function ours(text: string, variables: Readonly<Record<string, Json>>): Answer {
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

/** Undefined where there is no Ruby. */
export function rubys(
  texts: readonly string[],
  variables: Readonly<Record<string, Json>> = {},
): readonly Answer[] | undefined {
  return askRuby<Answer>(['-e', ORACLE], { templates: texts, variables });
}

/** What a Ruby program prints as JSON, given JSON; undefined where there is no Ruby. */
export function askRuby<T>(program: readonly string[], question: object): readonly T[] | undefined {
  const { stdout, stderr, error } = spawnSync('ruby', ['-W0', ...program], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TZ: 'UTC', LANG: 'C.UTF-8' },
    maxBuffer: 256 << 20,
    timeout: 60_000,
  });
  if (error !== undefined) {
    if ('code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as T[];
}

export const MISSING = 'ruby is missing (Debian package: ruby)';
