import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  await rig.put(...Array.from({ length: 1203 }, (_, i) => ['models', { name: `m${i}` }] as const));
});
afterAll(() => rig.close());

const of = async (query: string) => (await rig.get(`/audits?search=type%3Dmodel&${query}`)).body;
const names = ({ results }: { readonly results: readonly { readonly auditable_name: string }[] }) =>
  results.map(({ auditable_name }) => auditable_name);

it('lists all of them, whatever is added meanwhile', async () => {
  const { audits } = rig.inventory;
  let calls = 0;
  rig.inventory.audits = async (query) => {
    const found = await audits.call(rig.inventory, query);
    // Between two pieces.
    if (++calls === 2) await rig.put(['models', { name: 'late' }]);
    return found;
  };
  const all = await of('per_page=all');
  rig.inventory.audits = audits;
  expect(all).toMatchObject({ total: 1203, subtotal: 1203, page: 1, per_page: 1203 });
  expect(names(all)).toEqual(Array.from({ length: 1203 }, (_, i) => `m${1202 - i}`));
});

it('reads never more than some of them at once', async () => {
  const asked: number[] = [];
  const { audits } = rig.inventory;
  rig.inventory.audits = (query) => {
    asked.push(query.limit);
    return audits.call(rig.inventory, query);
  };
  await of('per_page=1100');
  rig.inventory.audits = audits;
  expect(asked).toEqual([0, 500, 500, 100]);
});

it('lists the page that is asked for, which may be beyond the last or longer than one piece', async () => {
  const all = names(await of('per_page=all'));
  for (const [page, size] of [
    [1, 20],
    [3, 7],
    [2, 600],
    [3, 600],
    [99, 20],
  ] as const) {
    const answer = await of(`page=${page}&per_page=${size}`);
    expect([answer.page, answer.per_page]).toEqual([page, size]);
    expect(names(answer)).toEqual(all.slice((page - 1) * size, page * size));
  }
  expect(await of('per_page=1')).toMatchObject({
    total: all.length,
    subtotal: all.length,
    sort: { by: 'time' },
  });
});

it('shows what became of users to administrators alone', async () => {
  const types = async (role: 'admin' | 'operator' | 'viewer') => {
    const { body } = await rig.get('/audits?per_page=all', role);
    return new Set(body.results.map((one: { auditable_type: string }) => one.auditable_type));
  };
  expect(await types('admin')).toEqual(new Set(['Model', 'User', 'PersonalAccessToken']));
  for (const role of ['operator', 'viewer'] as const) expect(await types(role)).toEqual(new Set(['Model']));
  expect((await rig.get('/audits?search=type%3Duser', 'viewer')).body).toMatchObject({
    total: 0,
    results: [],
  });
});
