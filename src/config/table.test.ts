import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationTable } from './table.ts';

const DOC = new URL('../../docs/configuration.md', import.meta.url);
const TABLE = /<!-- table -->\n[\s\S]*?\n<!-- end of table -->/;

it('docs/configuration.md lists every key (UPDATE_GOLDEN=1 rewrites it)', () => {
  const text = readFileSync(DOC, 'utf8');
  const expected = text.replace(
    TABLE,
    () => `<!-- table -->\n${configurationTable()}\n<!-- end of table -->`,
  );
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(DOC, expected);
  expect(readFileSync(DOC, 'utf8')).toBe(expected);
  expect(expected).toContain('`links[].ipv6_router`');
});
