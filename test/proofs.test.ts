/** Every rule of `chainboot why` has a test that provokes its fault for real. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RULES } from '../src/boot/diagnose/rules.ts';

const HERE = import.meta.dirname;

/** Codes named by `proves('…'` in the tests of whole systems. */
function proven(): Set<string> {
  const files = readdirSync(HERE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  const texts = files.map((name) => readFileSync(join(HERE, name), 'utf8'));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/proves\(\s*'([a-z0-9-]+)'/g)].map(([, code]) => code!)),
  );
}

it('proves each rule with a real fault', () => {
  const codes = proven();
  expect(RULES.map(({ code }) => code).filter((code) => !codes.has(code))).toEqual([]);
});

it('proves no rule that there is not', () => {
  const rules = new Set(RULES.map(({ code }) => code));
  expect([...proven()].filter((code) => !rules.has(code))).toEqual([]);
});
