import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ApiRig, apiRig } from '../../test/api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
});
afterAll(() => rig.close());

it('takes PATCH for PUT, as Rails does', async () => {
  await rig.put(['models', { name: 'a' }]);
  const changed = await rig.call('PATCH', '/models/a', { model: { info: 'x' } });
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({ name: 'a', info: 'x' });
});

it('takes in what other processes stored before it looks who asks', async () => {
  const refresh = vi.spyOn(rig.inventory, 'refresh');
  await rig.call('GET', '/models');
  expect(refresh).toHaveBeenCalled();
});
