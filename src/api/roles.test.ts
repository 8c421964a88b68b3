/** Who may what: made from the table of operations, so that no route is forgotten. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../test/api-rig.ts';
import { ROLES } from '../inventory/types.ts';
import { OPERATIONS } from './resources/all.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
});
afterAll(() => rig.close());

const routes = OPERATIONS.filter(({ role }) => role !== 'public').flatMap(
  ({ method, paths, role, resource, action }) =>
    paths.map((path) => ({
      method,
      role: role as (typeof ROLES)[number],
      url: path.replace(/:\w+/g, '1'),
      name: `${resource}.${action}`,
      path,
    })),
);

describe('every route, below the role it needs', () => {
  it.each(routes)('$name: $method $path', async ({ method, url, role }) => {
    const body = method === 'GET' ? undefined : {};
    const nobody = await rig.call(method, url, body, null);
    expect(nobody.status).toBe(401);
    expect(nobody.body.error.code).toBe('UNAUTHENTICATED');
    for (const lower of ROLES.slice(0, ROLES.indexOf(role))) {
      const { status, body: answer } = await rig.call(method, url, body, lower);
      expect([lower, status, answer.error?.code]).toEqual([lower, 403, 'FORBIDDEN']);
    }
  });
});

it('lets in whoever has the role', async () => {
  const refused = [];
  for (const { method, url, role, name } of routes.filter((route) => route.method === 'GET')) {
    const { status } = await rig.call(method, url, undefined, role);
    if (status === 401 || status === 403) refused.push(name);
  }
  expect(refused).toEqual([]);
});

it('shows personal access tokens to their user and to administrators', async () => {
  const tokens = (login: string, role: (typeof ROLES)[number]) =>
    rig.get(`/users/${login}/personal_access_tokens`, role);
  expect((await tokens('viewer', 'viewer')).body.results).toHaveLength(1);
  expect((await tokens('viewer', 'admin')).body.results).toHaveLength(1);
  expect((await tokens('admin', 'operator')).status).toBe(403);
  expect((await tokens('nobody', 'operator')).status).toBe(403);
});
