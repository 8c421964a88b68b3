import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  const os = { name: 'Debian', major: '12', minor: '', family: 'Debian', parameters: {} };
  const lists = { media: [], architectures: [], ptables: [], provisioning_templates: [] };
  await rig.put(
    ['operatingsystems', { ...os, ...lists }],
    ['hostgroups', { name: 'base', parameters: {}, provisioning_templates: [] }],
    ['hostgroups', { name: 'web', parent: 'base', parameters: {}, provisioning_templates: [] }],
  );
});
afterAll(() => rig.close());

const template = async (key: string | number) => (await rig.get(`/provisioning_templates/${key}`)).body;
const errors = ({ body }: { readonly body: { readonly error: { readonly errors: object } } }) =>
  body.error.errors;

describe('a provisioning template', () => {
  it('is of a kind, or a snippet', async () => {
    const { status, body } = await rig.call('POST', '/provisioning_templates', {
      provisioning_template: {
        name: 'Ours',
        template: 'd-i x',
        template_kind_id: 5,
        operatingsystem_ids: [1],
      },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: 1,
      template_kind_id: 5,
      template_kind_name: 'provision',
      snippet: false,
      locked: false,
      operatingsystems: [{ name: 'Debian' }],
    });
    const part = await rig.call('POST', '/provisioning_templates', {
      name: 'p',
      template: '#',
      snippet: true,
    });
    expect(part.body).toMatchObject({ snippet: true, template_kind_id: null });
    for (const kind of [{}, { template_kind_name: 'nothing' }]) {
      const refused = await rig.call('POST', '/provisioning_templates', {
        name: 'k',
        template: '#',
        ...kind,
      });
      expect([refused.status, Object.keys(errors(refused))]).toEqual([422, ['template_kind_id']]);
    }
    const { results } = (await rig.get('/template_kinds?search=name%3Dprovision')).body;
    expect(results).toEqual([{ id: 5, name: 'provision', description: null }]);
  });

  it('is not changed while it is locked, unless it is unlocked in the same breath', async () => {
    await rig.call('PUT', '/provisioning_templates/1', { locked: true });
    for (const change of [{ template: 'other' }, { name: 'Other' }, { template_kind_name: 'finish' }]) {
      const refused = await rig.call('PUT', '/provisioning_templates/1', change);
      expect([refused.status, Object.keys(errors(refused))]).toEqual([422, ['base']]);
    }
    expect((await rig.call('PUT', '/provisioning_templates/1', { description: 'd' })).status).toBe(200);
    const both = await rig.call('PUT', '/provisioning_templates/1', { template: 'd-i z', locked: false });
    expect(both.body).toMatchObject({ template: 'd-i z', locked: false });
  });

  it('tells the audit why it was changed', async () => {
    const root = 'provisioning_template';
    const change = { description: 'e', audit_comment: 'because' };
    await rig.call('PUT', '/provisioning_templates/1', { [root]: change });
    await rig.call('PUT', '/provisioning_templates/1', { description: 'f', audit_comment: ' ' });
    const { results } = (await rig.get('/audits?search=type%3DProvisioningTemplate&per_page=2')).body;
    expect(results).toMatchObject([
      { comment: null, audited_changes: { description: ['e', 'f'] } },
      { comment: 'because', audited_changes: { description: ['d', 'e'] }, user_name: 'admin' },
    ]);
    const long = await rig.call('PUT', '/provisioning_templates/1', { audit_comment: 'x'.repeat(1025) });
    expect(long.body.error.code).toBe('PARAMETER_INVALID');
  });

  it('is copied with its systems, without its lock', async () => {
    await rig.call('PUT', '/provisioning_templates/1', { locked: true });
    const { status, body } = await rig.call('POST', '/provisioning_templates/1/clone', { name: 'Copy' });
    expect(status).toBe(201);
    expect(await template(body.id)).toMatchObject({
      name: 'Copy',
      template: 'd-i z',
      locked: false,
      operatingsystems: [{ name: 'Debian' }],
    });
    const taken = await rig.call('POST', '/provisioning_templates/1/clone', { name: 'Copy' });
    expect(errors(taken)).toEqual({ name: ['has already been taken'] });
    await rig.call('PUT', '/provisioning_templates/1', { locked: false });
  });

  it('is imported from a text that says what it is, and exported as one', async () => {
    const text = '<%#\nkind: finish\nname: In\noses:\n- Debian 12\n%>\necho 1\n';
    const body = { provisioning_template: { name: 'In', template: text, audit_comment: 'moved in' } };
    const made = await rig.call('POST', '/provisioning_templates/import', body);
    expect(made.body).toMatchObject({ name: 'In' });
    expect(await template('In')).toMatchObject({
      template_kind_name: 'finish',
      operatingsystems: [{ name: 'Debian' }],
    });
    const exported = await rig.get('/provisioning_templates/In/export');
    expect(exported.headers['content-disposition']).toBe('attachment; filename="in.erb"');
    expect(exported.body).toMatch(/^<%#\n.*kind: finish\n.*%>\necho 1\n$/s);
    const again = await rig.call('POST', '/provisioning_templates/import', {
      provisioning_template: { name: 'In again', template: exported.body },
    });
    expect(again.status).toBe(200);
    const other = await rig.call('POST', '/ptables/import', { ptable: { name: 'In', layout: text } });
    expect([other.status, Object.keys(errors(other))]).toEqual([422, ['layout']]);
    const bare = await rig.call('POST', '/provisioning_templates/import', { name: 'bare' });
    expect(errors(bare)).toEqual({ template: ["can't be blank"] });
  });

  it('that is shipped gives way to one of its name, and is there again when that is deleted', async () => {
    const { id, locked } = await template('Preseed default');
    expect(locked).toBe(true);
    const refused = await rig.call('DELETE', `/provisioning_templates/${id}`);
    expect([refused.status, refused.body.error.code]).toEqual([422, 'RECORD_SHIPPED']);
    await rig.call('PUT', `/provisioning_templates/${id}`, { template: 'd-i own', locked: false });
    expect(await template('Preseed default')).toMatchObject({ id, template: 'd-i own', locked: false });
    await rig.call('PUT', '/operatingsystems/1', { provisioning_template_ids: [id] });
    expect((await rig.call('DELETE', `/provisioning_templates/${id}`)).status).toBe(200);
    expect(await template(id)).toMatchObject({ name: 'Preseed default', locked: true });
    const { provisioning_templates } = (await rig.get('/operatingsystems/1')).body;
    expect(provisioning_templates).toMatchObject([{ id }]);
  });

  it('needs no file for unknown machines', async () => {
    const built = await rig.call('POST', '/provisioning_templates/build_pxe_default');
    expect([built.status, typeof built.body.message]).toEqual([200, 'string']);
  });
});

describe('a template combination', () => {
  it('gives hosts of a hostgroup a template, from either side', async () => {
    const made = await rig.call('POST', '/provisioning_templates/1/template_combinations', {
      template_combination: { hostgroup_id: 2 },
    });
    expect([made.status, made.body]).toMatchObject([
      201,
      { provisioning_template_name: 'Ours', hostgroup_name: 'base/web' },
    ]);
    expect((await template(1)).template_combinations).toMatchObject([{ hostgroup_id: 2 }]);
    const { id } = made.body;
    expect((await rig.get('/hostgroups/base%2Fweb/template_combinations')).body.results).toMatchObject([
      { id },
    ]);
    const moved = await rig.call('PUT', `/template_combinations/${id}`, { hostgroup_id: 'base' });
    expect(moved.body).toMatchObject({ hostgroup_id: 1, provisioning_template_id: 1 });
    expect((await rig.get(`/template_combinations/${id}`)).status).toBe(404);
    expect((await rig.call('DELETE', '/provisioning_templates/1')).body.error.errors.base).toEqual([
      'Ours is used by base',
    ]);
    expect((await rig.call('DELETE', `/template_combinations/${moved.body.id}`)).status).toBe(200);
    expect((await template(1)).template_combinations).toEqual([]);
    const half = await rig.call('POST', '/hostgroups/1/template_combinations', {});
    expect(errors(half)).toEqual({ provisioning_template_id: ["can't be blank"] });
  });
});

describe('a partition table', () => {
  it('is made, locked, copied by its text and deleted', async () => {
    const made = await rig.call('POST', '/ptables', {
      ptable: { name: 'One', layout: 'd-i a', os_family: 'Debian', locked: true, audit_comment: 'why not' },
    });
    expect([made.status, made.body]).toMatchObject([201, { id: 1, locked: true, snippet: false }]);
    expect((await rig.get('/audits?search=type%3DPtable')).body.results[0].comment).toBe('why not');
    const refused = await rig.call('PUT', '/ptables/1', { layout: 'd-i b' });
    expect([refused.status, Object.keys(errors(refused))]).toEqual([422, ['base']]);
    const changed = await rig.call('PUT', '/ptables/1', { layout: 'd-i b', locked: false, snippet: true });
    expect(changed.body).toMatchObject({ layout: 'd-i b', locked: false, snippet: true });
    const layout = (await rig.get('/ptables/1/export')).body;
    expect(layout).toMatch(/^<%#\n.*model: Ptable\n.*d-i b$/s);
    expect((await rig.call('POST', '/ptables/import', { ptable: { name: 'Two', layout } })).status).toBe(200);
    expect((await rig.get('/ptables/Two')).body.layout).toContain('d-i b');
    expect((await rig.call('DELETE', '/ptables/1')).status).toBe(200);
    expect((await rig.call('DELETE', '/ptables/Preseed%20default')).body.error.code).toBe('RECORD_SHIPPED');
  });
});
