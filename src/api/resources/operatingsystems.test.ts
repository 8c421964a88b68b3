import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  await rig.put(
    ['media', { name: 'Mirror', path: 'http://mirror.example/debian', os_family: 'Debian' }],
    ['media', { name: 'Other', path: 'http://other.example/debian' }],
    ['architectures', { name: 'riscv64' }],
    ['ptables', { name: 'One big', layout: 'd-i partman-auto/method string regular' }],
    ['provisioning_templates', { name: 'Ours', kind: 'provision', template: 'd-i x' }],
    ['provisioning_templates', { name: 'Theirs', kind: 'provision', template: 'd-i y' }],
    ['provisioning_templates', { name: 'Done', kind: 'finish', template: 'echo' }],
  );
});
afterAll(() => rig.close());

const system = () => rig.get('/operatingsystems/1').then(({ body }) => body);
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

describe('an operating system', () => {
  it('gets its family from its name, and what it is made of by numbers', async () => {
    const { status, body } = await rig.call('POST', '/operatingsystems', {
      operatingsystem: {
        name: 'Debian',
        major: 12,
        release_name: 'bookworm',
        medium_ids: [1],
        architecture_ids: [1],
        ptable_names: ['One big'],
        provisioning_template_names: ['Ours'],
        os_parameters_attributes: [{ name: 'a', value: '[1]', parameter_type: 'array' }],
      },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      family: 'Debian',
      title: 'Debian 12',
      minor: '',
      password_hash: 'SHA512',
      media: [{ id: 1, name: 'Mirror' }],
      architectures: [{ id: 1, name: 'riscv64' }],
      ptables: [{ name: 'One big' }],
      provisioning_templates: [{ name: 'Ours' }],
      parameters: [{ name: 'a', value: [1], parameter_type: 'array' }],
    });
    const nameless = await rig.call('POST', '/operatingsystems', { name: 'Plan 9', major: '4' });
    expect([nameless.status, Object.keys(nameless.body.error.errors)]).toEqual([422, ['family']]);
  });

  it('keeps the type of a parameter whose value alone is given', async () => {
    const path = '/operatingsystems/1/parameters';
    expect((await rig.call('PUT', `${path}/a`, { value: '[1, 2]' })).body).toMatchObject({
      value: [1, 2],
      parameter_type: 'array',
    });
    expect((await rig.call('PUT', `${path}/a`, { value: 'none' })).body).toMatchObject({
      value: 'none',
      parameter_type: 'string',
    });
    expect((await rig.call('PUT', `${path}/a`, { value: '7', parameter_type: 'integer' })).body.value).toBe(
      7,
    );
    expect((await rig.call('PUT', `${path}/a`, { value: '007' })).body.value).toBe(7);
  });

  it('says where kernel and initrd are', async () => {
    const { body } = await rig.get('/operatingsystems/1/bootfiles?medium=Mirror&architecture=x86_64');
    const base = 'http://mirror.example/debian/dists/bookworm/main/installer-amd64/current/images/netboot';
    expect(body).toMatchObject({
      kernel: `${base}/debian-installer/amd64/linux`,
      initrd: `${base}/debian-installer/amd64/initrd.gz`,
    });
    expect((await rig.get('/operatingsystems/1/bootfiles?medium=None')).status).toBe(404);
    expect((await rig.get('/operatingsystems/1/bootfiles')).body.error.code).toBe('PARAMETER_INVALID');
  });

  it('has a default template of a kind, which is of that kind', async () => {
    const path = '/operatingsystems/1/os_default_templates';
    const made = await rig.call('POST', path, {
      os_default_template: { template_kind_id: 5, provisioning_template_id: 1 },
    });
    expect([made.status, made.body]).toMatchObject([
      201,
      { template_kind_name: 'provision', provisioning_template_name: 'Ours' },
    ]);
    const wrong = await rig.call('POST', path, { template_kind_name: 'finish', provisioning_template_id: 1 });
    expect([wrong.status, Object.keys(wrong.body.error.errors)]).toEqual([422, ['template_kind_id']]);
    const one = `${path}/${made.body.id}`;
    expect((await rig.call('PUT', one, { provisioning_template_name: 'Theirs' })).body).toMatchObject({
      id: made.body.id,
      provisioning_template_name: 'Theirs',
    });
    expect((await system()).os_default_templates).toMatchObject([{ provisioning_template_name: 'Theirs' }]);
    const used = await rig.call('DELETE', '/provisioning_templates/Theirs');
    expect(used.body.error.errors).toEqual({ base: ['Theirs is used by Debian 12'] });
    expect((await rig.call('DELETE', one)).status).toBe(200);
    expect((await rig.get(one)).status).toBe(404);
    expect((await rig.get(path)).body.total).toBe(0);
  });
});

describe('what operating systems list', () => {
  it('knows which of them, and may say so', async () => {
    expect((await rig.get('/media/Mirror')).body.operatingsystems).toMatchObject([{ name: 'Debian' }]);
    expect((await rig.get('/media/Other')).body.operatingsystems).toEqual([]);
    await rig.call('PUT', '/media/Other', { medium: { operatingsystem_ids: [1] } });
    await rig.call('PUT', '/media/Mirror', { medium: { operatingsystem_ids: [] } });
    expect(names((await system()).media)).toEqual(['Other']);
    const lost = await rig.call('PUT', '/media/Other', { operatingsystem_ids: [1, 77] });
    expect([lost.status, Object.keys(lost.body.error.errors)]).toEqual([422, ['operatingsystem_ids']]);
    const made = await rig.call('POST', '/architectures', { name: 'sparc', operatingsystem_ids: [1] });
    expect(made.body.operatingsystems).toMatchObject([{ name: 'Debian' }]);
    expect(names((await system()).architectures)).toEqual(['riscv64', 'sparc']);
  });

  it('is found below them, and they below it', async () => {
    const listed = async (path: string) => names((await rig.get(path)).body.results);
    expect(await listed('/operatingsystems/1/media')).toEqual(['Other']);
    expect(await listed('/operatingsystems/1/architectures')).toEqual(['riscv64', 'sparc']);
    expect(await listed('/media/Mirror/operatingsystems')).toEqual([]);
    expect(await listed('/architectures/sparc/operatingsystems')).toEqual(['Debian']);
    expect(await listed('/ptables?operatingsystem_id=1')).toContain('One big');
  });

  it('keeps its place under another name', async () => {
    await rig.call('PUT', '/architectures/sparc', { name: 'sparc64' });
    expect(names((await system()).architectures)).toEqual(['riscv64', 'sparc64']);
  });

  it('can be deleted, and is listed no more', async () => {
    for (const path of ['/media/Other', '/architectures/sparc64', '/ptables/1', '/provisioning_templates/1'])
      expect((await rig.call('DELETE', path)).status).toBe(200);
    const { media, architectures, ptables, provisioning_templates: templates } = await system();
    expect([media, ptables, templates]).toEqual([[], [], []]);
    expect(names(architectures)).toEqual(['riscv64']);
  });

  it('cannot be deleted while a host uses it, and is listed then as before', async () => {
    await rig.call('PUT', '/operatingsystems/1', { medium_ids: [1] });
    const host = { name: 'a.example.com', mac: '52:54:00:00:00:01', operatingsystem_id: 1, medium_id: 1 };
    expect((await rig.call('POST', '/hosts', { host })).status).toBe(201);
    const refused = await rig.call('DELETE', '/media/1');
    expect(refused.body.error.errors).toEqual({ base: ['Mirror is used by a.example.com, Debian 12'] });
    expect(names((await system()).media)).toEqual(['Mirror']);
  });
});
