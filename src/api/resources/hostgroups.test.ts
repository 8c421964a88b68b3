import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

const BASE = {
  name: 'base',
  description: 'all of us',
  domain_id: 1,
  pxe_loader: 'PXELinux BIOS',
  root_pass: 'correct horse',
  group_parameters_attributes: [{ name: 'p', value: '1', parameter_type: 'integer' }],
};

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  await rig.call('POST', '/domains', { name: 'example.com' });
});
afterAll(() => rig.close());

async function refused(method: string, path: string, body?: object): Promise<readonly string[]> {
  const answer = await rig.call(method, path, body);
  expect(answer.status).toBe(422);
  return Object.keys(answer.body.error.errors);
}

describe('a hostgroup from its making to its end', () => {
  it('is made, and its password is not shown', async () => {
    const { status, body } = await rig.call('POST', '/hostgroups', { hostgroup: BASE });
    expect([status, body]).toMatchObject([
      201,
      { id: 1, title: 'base', ancestry: null, domain_name: 'example.com', parameters: [{ value: 1 }] },
    ]);
    expect(JSON.stringify(body)).not.toContain('$6$');
    expect(rig.inventory.site.get('hostgroups', 'base')!.root_pass).toMatch(/^\$6\$/);
  });

  it('is given what it inherits, to any depth, by number, name or title', async () => {
    const child = await rig.call('POST', '/hostgroups', { name: 'web', parent_name: 'base' });
    expect(child.body).toMatchObject({
      title: 'base/web',
      ancestry: '1',
      parent_id: 1,
      inherited_domain_id: 1,
      inherited_pxe_loader: 'PXELinux BIOS',
    });
    const deeper = await rig.call('POST', '/hostgroups', { name: 'eu', parent_title: 'base/web' });
    expect(deeper.body).toMatchObject({ title: 'base/web/eu', ancestry: '1/2', domain_id: 1 });
    expect((await rig.get('/hostgroups/base%2Fweb')).body.id).toBe(2);
    expect((await rig.get('/hostgroups?search=title%3D%22base%2Fweb%22')).body.subtotal).toBe(1);
  });

  it('stays as it is when nothing new is said', async () => {
    const before = (await rig.get('/audits?per_page=1')).body.total;
    const { status } = await rig.call('PUT', '/hostgroups/1', { hostgroup: BASE });
    expect([status, (await rig.get('/audits?per_page=1')).body.total]).toEqual([200, before]);
  });

  it('takes along what is below it when it is renamed', async () => {
    await rig.call('PUT', '/hostgroups/1', { name: 'root' });
    expect((await rig.get('/hostgroups/3')).body.title).toBe('root/web/eu');
  });

  it('is refused with a message for each field', async () => {
    expect(await refused('POST', '/hostgroups', { description: 'x' })).toEqual(['name']);
    expect(await refused('POST', '/hostgroups', { name: 'a/b', pxe_loader: 'x' })).toEqual([
      'name',
      'pxe_loader',
    ]);
    expect(await refused('PUT', '/hostgroups/1', { domain_id: 9, root_pass: 'short' })).toEqual([
      'domain_id',
      'root_pass',
    ]);
    expect(await refused('POST', '/hostgroups/2/clone', { name: 'web' })).toEqual(['name']);
    expect((await rig.get('/hostgroups/99')).status).toBe(404);
    expect((await rig.call('DELETE', '/hostgroups/3', undefined, 'viewer')).status).toBe(403);
  });

  it('is gone when it is deleted, unless there is something below it or in it', async () => {
    expect(await refused('DELETE', '/hostgroups/2')).toEqual(['base']);
    await rig.call('POST', '/hosts', { name: 'web1', hostgroup_id: 3 });
    expect(await refused('DELETE', '/hostgroups/3')).toEqual(['base']);
    await rig.call('DELETE', '/hosts/web1.example.com');
    expect((await rig.call('DELETE', '/hostgroups/3')).body.title).toBe('root/web/eu');
  });
});
