import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLLECTIONS } from '../../inventory/types.ts';
import { SEARCHABLE } from './fields/all.ts';

const DOCS = readFileSync(new URL('../../../docs/search.md', import.meta.url), 'utf8');

/** The fields of a collection as the page lists them. */
function listed(collection: (typeof COLLECTIONS)[number]): string {
  const { fields, families = {} } = SEARCHABLE[collection];
  const own = Object.entries<{ readonly type: string; readonly bare?: true }>(fields).map(
    ([name, { type, bare }]) => `\`${name}\`${bare ? ' •' : ''}${type === 'text' ? '' : ` (${type})`}`,
  );
  const more = Object.keys(families).map((name) => `\`${name}.NAME\``);
  return `**${collection}**: ${[...own, ...more].join(', ')}`;
}

describe('docs/search.md', () => {
  it.each(COLLECTIONS.filter((name) => name !== 'holds'))('has the fields of %s', (collection) => {
    expect(DOCS.split('\n')).toContain(listed(collection));
  });
});
