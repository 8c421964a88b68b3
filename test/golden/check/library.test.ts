/** docs/library.md names every shipped template and every host parameter that they read. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { templates } from '../cases.ts';

const ROOT = new URL('../../../templates/', import.meta.url);
const DOCUMENT = readFileSync(new URL('../../../docs/library.md', import.meta.url), 'utf8');

const texts = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.erb'))
  .map((file) => readFileSync(new URL(file, ROOT), 'utf8'));

it('names every template', () => {
  const names = [...new Set(templates.map(({ name }) => name))];
  expect(names.filter((name) => !DOCUMENT.includes(`\`${name}\``))).toEqual([]);
});

it('names every parameter', () => {
  const read = texts.flatMap((text) =>
    [...text.matchAll(/host_param(?:_true\?|_false\?|!)?\(\s*'([^'#]+)'/g)].map(([, name]) => name!),
  );
  expect(read.length).toBeGreaterThan(50);
  expect([...new Set(read)].filter((name) => !DOCUMENT.includes(`\`${name}\``))).toEqual([]);
});
