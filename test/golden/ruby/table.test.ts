/**
 * Every method that Foreman's safe mode allows, against what real Ruby answers: one file of expressions a class
 * (corpus/), and what Ruby said to each (answers/). `UPDATE_GOLDEN=1` asks Ruby again; expressions below a line
 * `# Rails` need its ActiveSupport (Debian package: ruby-activesupport) for that, all others only Ruby.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/template/budget.ts';
import { RubyError } from '../../../src/template/errors.ts';
import { programOf } from '../../../src/template/program.ts';
import { Runtime } from '../../../src/template/ruby/runtime.ts';
import { samples } from './samples.ts';
import { WHITE_LIST } from './white-list.ts';

type Answer = { readonly value?: string; readonly error?: string };
type Answers = { readonly [expression: string]: Answer };

const here = (path: string) => new URL(path, import.meta.url);
const files = readdirSync(here('corpus')).map((file) => file.replace('.rb', ''));

type Corpus = {
  readonly plain: readonly string[];
  /** Below `# Rails`. */
  readonly rails: readonly string[];
  /** Below `# Refused`: what is an error here whatever Ruby says. */
  readonly refused: readonly string[];
};

/** The expressions of a class, one a line. */
function corpus(file: string): Corpus {
  const parts: Record<'plain' | 'rails' | 'refused', string[]> = { plain: [], rails: [], refused: [] };
  let part = parts.plain;
  for (const line of readFileSync(here(`corpus/${file}.rb`), 'utf8').split('\n')) {
    if (line === '# Rails') part = parts.rails;
    else if (line === '# Refused') part = parts.refused;
    else if (line !== '' && !line.startsWith('#')) part.push(line);
  }
  return parts;
}

/** Undefined where there is no Ruby. */
function rubys(expressions: readonly string[], rails: boolean): readonly Answer[] | undefined {
  const script = here('answers.rb').pathname;
  const input = JSON.stringify({ expressions, rails });
  const { stdout, stderr, error } = spawnSync('ruby', ['-W0', script], {
    input,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TZ: 'UTC', LANG: 'C.UTF-8' },
  });
  if (error !== undefined) return undefined;
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Answer[];
}

function kept(file: string): Answers {
  const path = here(`answers/${file}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Answers) : {};
}

if (process.env.UPDATE_GOLDEN !== undefined) {
  for (const file of files) {
    const { plain, rails } = corpus(file);
    const answers = [...rubys(plain, false)!, ...(rails.length > 0 ? rubys(rails, true)! : [])];
    const table = Object.fromEntries([...plain, ...rails].map((expression, i) => [expression, answers[i]!]));
    writeFileSync(here(`answers/${file}.json`), `${JSON.stringify(table, null, 1)}\n`);
  }
}

function ours(expression: string): Answer {
  const program = programOf(`<%= (${expression}).inspect %>`);
  if (program.problems.length > 0) return { error: `does not compile: ${program.problems[0]!.message}` };
  const runtime = new Runtime(new Budget(), Object.create(null), undefined, samples());
  try {
    program.run(runtime);
    return { value: runtime.output.text };
  } catch (error) {
    if (!(error instanceof RubyError)) throw error;
    return { error: error.message };
  }
}

describe.for(files)('%s', (file) => {
  const { plain, rails, refused } = corpus(file);
  const answers = kept(file);

  it('answers what Ruby answers', () => {
    const wrong = [...plain, ...rails].flatMap((expression) => {
      const [ruby, here] = [answers[expression], ours(expression)];
      if (ruby === undefined) return [`${expression}: no answer of Ruby is kept`];
      if (ruby.value === undefined) {
        const unknown = /^NoMethodError$/.test(ruby.error!) ? /undefined method|can't be coerced/ : /./;
        if (here.error !== undefined && unknown.test(here.error)) return [];
      } else if (here.value === ruby.value) return [];
      return [`${expression}\n  Ruby: ${ruby.value ?? ruby.error}\n  here: ${here.value ?? here.error}`];
    });
    expect(wrong.join('\n')).toBe('');
  });

  it('says why it refuses what makes no sense in a template', () => {
    const accepted = refused.filter(
      (expression) => !/is not (?:supported|valid|allowed)/.test(ours(expression).error ?? ''),
    );
    expect(accepted).toEqual([]);
  });

  it('has the answers of real Ruby', (ctx) => {
    const fresh = rubys(plain, false);
    if (fresh === undefined) return ctx.skip('ruby is missing (Debian package: ruby)');
    expect(fresh).toEqual(plain.map((expression) => answers[expression]));
  });

  const allowed = WHITE_LIST[file];
  if (allowed === undefined) return;
  it('has every method of the white list', () => {
    const text = [...plain, ...rails, ...refused].join('\n');
    expect(allowed.filter((name) => !calls(name).test(text))).toEqual([]);
  });
});

/** What a call of the method looks like: an operator between blanks, or a name behind a dot. */
function calls(name: string): RegExp {
  const escaped = name.replace(/[-[\]/{}()*+?.\\^$|]/g, '\\$&');
  if (/^\w/.test(name)) return new RegExp(`\\.${escaped}(?![\\w?!])`);
  return new RegExp(`\\.${escaped}(?:\\(|$)`, 'm');
}
