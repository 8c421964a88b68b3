/** Users, groups, tokens, organizations and locations. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ApiRig, apiRig, NOW } from '../../../test/api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
});
afterAll(() => rig.close());

const problems = ({ status, body }: Answer) => [status, Object.keys(body.error.errors)];
const roleNames = ({ roles }: { readonly roles: readonly { readonly name: string }[] }) =>
  roles.map(({ name }) => name);

describe('organizations and locations', () => {
  it('lie in one another, and keep what clients say of them', async () => {
    await rig.call('POST', '/organizations', { organization: { name: 'ACME', ignore_types: ['Domain'] } });
    await rig.call('POST', '/locations', { name: 'Berlin', organization_names: ['ACME'] });
    const made = await rig.call('POST', '/locations', {
      location: { name: 'Cellar', parent_id: 1, location_parameters_attributes: [{ name: 'a', value: 'b' }] },
    });
    expect([made.status, made.body]).toMatchObject([
      201,
      { title: 'Berlin/Cellar', ancestry: '1', parent_name: 'Berlin', parameters: [{ name: 'a' }] },
    ]);
    expect((await rig.get('/organizations/ACME')).body.select_all_types).toEqual(['Domain']);
    expect((await rig.get('/locations/Berlin')).body).toMatchObject({
      select_all_types: [],
      organizations: [{ name: 'ACME' }],
    });
    const circle = await rig.call('PUT', '/locations/1', { parent_id: made.body.id });
    expect(problems(circle)).toEqual([422, ['parent_id']]);
  });

  it('take what lies in them along when they are renamed, and stay while it is there', async () => {
    await rig.call('PUT', '/locations/1', { name: 'Bonn' });
    expect((await rig.get('/locations?search=title%3D%22Bonn%2FCellar%22')).body.results).toHaveLength(1);
    const refused = await rig.call('DELETE', '/locations/1');
    expect(refused.body.error.errors).toEqual({ base: ['Bonn is used by Bonn/Cellar'] });
    expect((await rig.call('DELETE', '/organizations/ACME')).body.error.errors.base[0]).toContain('Bonn');
  });
});

describe('a user', () => {
  it('has roles, and may be an administrator besides', async () => {
    const { status, body } = await rig.call('POST', '/users', {
      user: {
        login: 'jane',
        admin: true,
        role_names: ['Operator'],
        default_location_id: 2,
        mail: 'j@x.example',
      },
    });
    expect([status, roleNames(body), body.admin]).toEqual([201, ['Operator'], true]);
    expect(body).toMatchObject({ default_location_title: 'Bonn/Cellar', default_organization_id: null });
    const change = async (fields: object) => (await rig.call('PUT', '/users/jane', fields)).body;
    const viewer = await change({ role_ids: [1] });
    expect([roleNames(viewer), viewer.admin]).toEqual([['Viewer'], true]);
    const plain = await change({ admin: false });
    expect([roleNames(plain), plain.admin]).toEqual([['Viewer'], false]);
    const both = await rig.call('PUT', '/users/jane', { admin: false, role_names: ['Admin'] });
    expect(problems(both)).toEqual([422, ['admin']]);
    expect((await change({ role_names: ['Admin'] })).admin).toBe(true);
    expect((await rig.call('PUT', '/users/jane', { role_names: ['King'] })).status).toBe(404);
  });

  it('logs in with a password that nobody is shown', async () => {
    expect(problems(await rig.call('PUT', '/users/jane', { password: 'short' }))).toEqual([
      422,
      ['password'],
    ]);
    const { body } = await rig.call('PUT', '/users/jane', { password: 'battery staple' });
    expect(JSON.stringify(body)).not.toMatch(/scrypt|battery/);
    const login = (password: string) =>
      rig.server.inject({
        method: 'GET',
        url: '/api/current_user',
        headers: { authorization: `Basic ${Buffer.from(`jane:${password}`).toString('base64')}` },
      });
    expect((await login('battery staple')).json()).toMatchObject({ login: 'jane', role: 'admin' });
    expect((await login('battery stapler')).statusCode).toBe(401);
    await rig.call('PUT', '/users/jane', { disabled: true });
    expect((await login('battery staple')).statusCode).toBe(401);
  });

  it('begins where there is something, and keeps it from being deleted', async () => {
    expect(problems(await rig.call('PUT', '/users/jane', { default_organization_id: 99 }))).toEqual([
      422,
      ['default_organization_id'],
    ]);
    expect((await rig.call('DELETE', '/locations/2')).body.error.errors.base[0]).toContain('jane');
    await rig.call('PUT', '/users/jane', { default_location_id: null });
    expect((await rig.call('DELETE', '/locations/2')).status).toBe(200);
  });
});

describe('a group of users', () => {
  it('has members, groups among them, and gives them its roles', async () => {
    await rig.call('POST', '/users', { login: 'joe' });
    await rig.call('POST', '/usergroups', {
      usergroup: { name: 'inner', user_ids: [], role_names: ['Viewer'] },
    });
    const { body } = await rig.call('POST', '/usergroups', {
      usergroup: { name: 'outer', admin: true, usergroup_names: ['inner'], user_names: ['joe'] },
    });
    expect([body.admin, roleNames(body)]).toEqual([true, []]);
    expect(body).toMatchObject({ users: [{ name: 'joe' }], usergroups: [{ name: 'inner' }] });
    const circle = await rig.call('PUT', '/usergroups/inner', { usergroup_names: ['outer'] });
    expect(problems(circle)).toEqual([422, ['usergroup_ids']]);
    expect((await rig.call('DELETE', '/users/joe')).body.error.errors).toEqual({
      base: ['joe is used by outer'],
    });
  });
});

describe('a personal access token', () => {
  it('is shown once, counts until it is revoked, and says when it ends', async () => {
    const path = '/users/operator/personal_access_tokens';
    const made = await rig.call('POST', path, { name: 'ci', expires_at: '2030-01-31' }, 'operator');
    const { id, token_value, ...shown } = made.body;
    expect([made.status, shown]).toMatchObject([
      201,
      { name: 'ci', 'active?': true, 'revoked?': false, expires_at: expect.stringContaining('2030-01-31') },
    ]);
    const ask = () =>
      rig.server.inject({ url: '/api/current_user', headers: { authorization: `Bearer ${token_value}` } });
    expect((await ask()).json()).toMatchObject({ login: 'operator' });
    expect(JSON.stringify((await rig.get(path)).body)).not.toContain(token_value);
    expect((await rig.call('DELETE', `${path}/${id}`, undefined, 'operator')).body['revoked?']).toBe(true);
    expect((await ask()).statusCode).toBe(401);
    expect(problems(await rig.call('POST', path, { name: 'x', expires_at: 'soon' }))).toEqual([
      422,
      ['expires_at'],
    ]);
    const past = new Date(NOW - 1000).toISOString();
    expect((await rig.call('POST', path, { name: 'old', expires_at: past })).body['active?']).toBe(false);
  });
});
