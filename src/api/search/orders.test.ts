import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SiteIndex } from '../../inventory/site.ts';
import type { Domain } from '../../inventory/types.ts';
import { sortedOnce } from './orders.ts';
import { runQuery } from './query.ts';

const domain = (id: number, name: string): Domain => ({ id, name, parameters: {} });
const ask = (site: SiteIndex, order: string, page: number) =>
  runQuery({
    site,
    collection: 'domains',
    records: site.list('domains'),
    idOf: (_collection, record) => record.id,
    now: 0,
    order,
    page,
    per_page: 2,
  }).records.map(({ name }) => name);

it('sorts once, until anything changes', () => {
  const site = new SiteIndex();
  let sorts = 0;
  const sorted = () => sortedOnce(site, 'x', () => [++sorts]);
  expect([sorted(), sorted()]).toEqual([[1], [1]]);
  site.put('domains', domain(1, 'a'));
  expect(sorted()).toEqual([2]);
  site.remove('domains', 9);
  expect(sorted()).toEqual([2]);
  site.remove('domains', 1);
  expect(sorted()).toEqual([3]);
});

it('keeps few orders', () => {
  const site = new SiteIndex();
  let sorts = 0;
  for (let i = 0; i < 100; i++) sortedOnce(site, String(i), () => [++sorts]);
  sortedOnce(site, '0', () => [++sorts]);
  expect(sorts).toBe(101);
});

it('gives the pages of what is there after whatever was created, renamed and deleted', () => {
  const step = fc.tuple(
    fc.constantFrom('put', 'remove'),
    fc.integer({ min: 1, max: 9 }),
    fc.stringMatching(/^[a-e]{1,3}$/),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const site = new SiteIndex();
      const names = new Map<number, string>();
      for (const [what, id, name] of steps) {
        if (what === 'put') {
          site.put('domains', domain(id, `${name}${id}`));
          names.set(id, `${name}${id}`);
        } else {
          site.remove('domains', id);
          names.delete(id);
        }
        const all = [...names.values()].sort();
        for (const page of [1, 2, 3, 4, 5])
          expect(ask(site, 'name', page)).toEqual(all.slice((page - 1) * 2, page * 2));
        expect(ask(site, 'name DESC', 1)).toEqual(all.toReversed().slice(0, 2));
      }
    }),
    { numRuns: 60 },
  );
});

it('finds words in what is there after whatever was renamed', () => {
  const site = new SiteIndex();
  const find = (search: string) =>
    runQuery({
      site,
      collection: 'domains',
      records: site.list('domains'),
      idOf: (_collection, record) => record.id,
      now: 0,
      search,
    }).records.map(({ id }) => id);
  site.put('domains', domain(1, 'Alpha.example'));
  site.put('domains', domain(2, 'beta.example'));
  expect([find('ALPHA'), find('example'), find('gamma')]).toEqual([[1], [1, 2], []]);
  site.put('domains', domain(1, 'gamma.example'));
  expect([find('alpha'), find('gamma'), find('not gamma')]).toEqual([[], [1], [2]]);
});
