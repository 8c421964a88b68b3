import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../test/macros/world.ts';

const PROGRAM = `require "yaml"; require "json"
readers = { "yaml" => ->(t) { YAML.safe_load(t) }, "json" => ->(t) { JSON.parse(t) } }
print JSON.generate(JSON.parse(STDIN.read).map { |kind, text|
  begin readers[kind].(text).inspect rescue nil end })`;

type Text = readonly [notation: 'yaml' | 'json', text: string];

/** What Ruby makes of each, inspected; null where it raises; undefined without a Ruby. */
function ruby(texts: readonly Text[]): (string | null)[] | undefined {
  try {
    const input = JSON.stringify(texts);
    return JSON.parse(execFileSync('ruby', ['-e', PROGRAM], { input, encoding: 'utf8', timeout: 60_000 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function ours([notation, text]: Text): string | null {
  try {
    return textOf(`parse_${notation}(host_param('t')).inspect`, { parameters: { t: text } });
  } catch {
    return null;
  }
}

const PLAIN =
  'a|true|Yes|no|OFF|~|null|Null|1|-1|+1|1_000|1,000|0x1F|017|08|0o7|0b11|1.5|-.5|1.|1e3|1.5e+3|.inf|-.INF|.nan|12:30|1:30:15|190:20:30.5|2024-01-01|2024-02-31|2001-12-14 21:59:43|:sym|":sym"|\'1\'|"a\\nb"|!!str 1|!ruby/object:X {}|*x|&x 1|=|<<|y|n|12345678901234567890'.split(
    '|',
  );

const DOCUMENTS = [
  '',
  '---\n',
  '# only a comment\n',
  'a: 1\nb: [1, two, 3.0]\nc: {d: null}\n',
  '1: a\ntrue: b\n1.5: c\n~: d\n',
  '? [1, 2]\n: x\n',
  'a: |\n  x\n  y\nb: >\n  x\n  y\nc: "1"\n',
  'a: 1\na: 2\n',
  '- - 1\n  - 2\n-\n',
  'a: &x [1]\nb: *x\n',
  'a: [1\n',
  'a: b: c\n',
  '--- 1\n...\n',
];

const JSONS = [
  '{"a": 1.0, "b": [1, -0.0, 1e3, 12345678901234567890], "c": "1.0 \\" 2", "d": null, "e": {}}',
  '"\\u00e9\\n"',
  '1.50',
  '{"__proto__": {"x": 1}, "constructor": 2}',
  '{"a": 1, "a": 2}',
  '[1,]',
  '{a: 1}',
  '',
];

describe('texts are read as Ruby reads them', () => {
  it('one by one', (ctx) => {
    const yaml = [
      ...PLAIN,
      ...PLAIN.map((text) => `- ${text}`),
      ...PLAIN.map((text) => `k: ${text}`),
      ...DOCUMENTS,
    ];
    const texts: Text[] = [
      ...yaml.map((text) => ['yaml', text] as const),
      ...JSONS.map((text) => ['json', text] as const),
    ];
    const answers = ruby(texts);
    if (answers === undefined) return ctx.skip('ruby (Debian: ruby) is not installed');
    texts.forEach((text, i) => {
      expect.soft(ours(text), JSON.stringify(text)).toBe(answers[i]);
    });
  });

  it('whatever they are', (ctx) => {
    const numbers = fc.oneof(fc.integer(), fc.bigInt().map(String), fc.double({ noNaN: true }).map(String));
    const plain = fc.string({
      unit: fc.constantFrom(...'0123456789+-.:_eExob,~ ynt'),
      minLength: 1,
      maxLength: 8,
    });
    const texts: Text[] = [
      ...fc.sample(fc.json(), { numRuns: 150, seed: 1 }).map((text) => ['json', text] as const),
      ...fc.sample(numbers, { numRuns: 50, seed: 2 }).map((n) => ['json', `[${n}]`] as const),
      ...fc.sample(plain, { numRuns: 400, seed: 3 }).map((text) => ['yaml', `k: ${text.trim()}\n`] as const),
    ];
    const answers = ruby(texts);
    if (answers === undefined) return ctx.skip('ruby (Debian: ruby) is not installed');
    texts.forEach((text, i) => {
      // Parameters with a tag in them are templates.
      if (!text[1].includes('<%')) expect.soft(ours(text), JSON.stringify(text)).toBe(answers[i]);
    });
  });
});
