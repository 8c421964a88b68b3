import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiRig, apiRig, NOW } from '../../test/api-rig.ts';

let time = NOW;
let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig({ now: () => time });
});
afterAll(() => rig.close());

const MADE = '2026-01-02 03:04:05 UTC';
const LATER = '2026-01-02 03:04:35 UTC';

it('tells when a record was made and changed, in lists too, as Rails writes times', async () => {
  const { body } = await rig.call('POST', '/models', { name: 'a' });
  expect(body).toMatchObject({ created_at: MADE, updated_at: MADE });
  time = NOW + 30_999;
  expect((await rig.call('PUT', '/models/a', { name: 'a' })).body.updated_at).toBe(MADE);
  expect((await rig.call('PUT', '/models/a', { info: 'x' })).body.updated_at).toBe(LATER);
  expect((await rig.get('/models')).body.results).toEqual([
    expect.objectContaining({ created_at: MADE, updated_at: LATER }),
  ]);
});

it('tells no time of what comes with the program until it is changed', async () => {
  const path = '/architectures/x86_64';
  expect((await rig.get(path)).body).toMatchObject({ created_at: null, updated_at: null });
});

it('notes a change that something else took along, and none that makes no difference', async () => {
  await rig.put(['operatingsystems', { ...OS, name: 'Debian' }], ['hostgroups', { ...GROUP, name: 'g' }]);
  const before = rig.inventory.site.get('hostgroups', 'g')!;
  time += 1000;
  await rig.call('PUT', '/operatingsystems/Debian 12'.replace(' ', '%20'), { name: 'Devuan' });
  const after = rig.inventory.site.get('hostgroups', 'g')!;
  expect(after).toEqual({ ...before, operatingsystem: 'Devuan 12', updated_at: time });
  time += 1000;
  await rig.put(['hostgroups', { ...after, declared: true }]);
  expect(rig.inventory.site.get('hostgroups', 'g')).toEqual({ ...after, declared: true });
});

const LISTS = { media: [], architectures: [], ptables: [], provisioning_templates: [], parameters: {} };
const OS = { ...LISTS, major: '12', minor: '', family: 'Debian' };
const GROUP = { operatingsystem: 'Debian 12', provisioning_templates: [], parameters: {} };
