import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
});
afterAll(() => rig.close());

describe('a domain from its making to its end', () => {
  it('is made, with the root of the body or without', async () => {
    const made = await rig.call('POST', '/domains', {
      domain: {
        name: 'example.com',
        fullname: 'All of us',
        domain_parameters_attributes: [{ name: 'a', value: '5', parameter_type: 'integer' }],
      },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: 1,
      name: 'example.com',
      fullname: 'All of us',
      parameters: [{ name: 'a', value: 5, parameter_type: 'integer' }],
      subnets: [],
    });
    expect((await rig.call('POST', '/v2/domains', { name: 'example.org' })).status).toBe(404);
    expect((await rig.call('POST', '/domains', { name: 'example.org' })).body.id).toBe(2);
  });

  it('is shown by number, by number and name, and by name', async () => {
    for (const key of ['1', '1-example-com', 'example.com'])
      expect((await rig.get(`/domains/${key}`)).body.name).toBe('example.com');
    const missing = await rig.get('/domains/none');
    expect(missing.status).toBe(404);
    expect(missing.body.error.message).toBe("Resource domain not found by id 'none'");
  });

  it('is listed, searched, ordered', async () => {
    const { body } = await rig.get('/domains?search=name~example&order=name+DESC&per_page=1');
    expect(body).toMatchObject({
      total: 2,
      subtotal: 2,
      page: 1,
      per_page: 1,
      search: 'name~example',
      sort: { by: 'name', order: 'DESC' },
      results: [{ id: 2, name: 'example.org' }],
    });
    expect((await rig.get('/domains?search=name%3D%22example.com%22')).body.results).toHaveLength(1);
    expect((await rig.get('/domains?per_page=all')).body.results).toHaveLength(2);
    const wrong = await rig.get('/domains?search=nam%3Dx');
    expect([wrong.status, wrong.body.error.code]).toEqual([400, 'SEARCH_INVALID']);
    expect(wrong.body.error.message).toContain('did you mean name?');
  });

  it('is changed where the client says so, and only then', async () => {
    const changed = await rig.call('PUT', '/domains/1', { domain: { fullname: '' } });
    // Clients look for the empty text that they sent; null is what takes away.
    expect([changed.status, changed.body.fullname]).toEqual([200, '']);
    expect((await rig.call('PUT', '/domains/1', { fullname: null })).body.fullname).toBeNull();
    expect(changed.body.parameters).toHaveLength(1);
    const before = (await rig.get('/audits?search=type%3Ddomain')).body.total;
    await rig.call('PUT', '/domains/1', { domain: { name: 'example.com' } });
    expect((await rig.get('/audits?search=type%3Ddomain')).body.total).toBe(before);
  });

  it('is refused with a message for each field', async () => {
    const blank = await rig.call('POST', '/domains', { domain: { fullname: 'x' } });
    expect(blank.status).toBe(422);
    expect(blank.body.error).toMatchObject({
      id: null,
      errors: { name: ["can't be blank"] },
      full_messages: ["Name can't be blank"],
      code: 'RECORD_INVALID',
    });
    const taken = await rig.call('POST', '/domains', { domain: { name: 'example.com' } });
    expect(taken.body.error.errors).toEqual({ name: ['has already been taken'] });
    const nowhere = await rig.call('PUT', '/domains/1', { domain: { dns_id: 77 } });
    expect(Object.keys(nowhere.body.error.errors)).toEqual(['dns_id']);
    const wrong = await rig.call('POST', '/domains', { domain: { name: { a: 1 } } });
    expect([wrong.status, wrong.body.error.code]).toEqual([400, 'PARAMETER_INVALID']);
  });

  it('is gone when it is deleted, unless it is in use', async () => {
    await rig.put([
      'subnets',
      {
        name: 's',
        network: '192.0.2.0/24',
        boot_mode: 'DHCP',
        lease_time: 3600,
        domain: 'example.com',
        parameters: {},
      },
    ]);
    expect((await rig.get('/domains/1')).body.subnets).toEqual([{ id: 1, name: 's' }]);
    expect((await rig.get('/subnets/1/domains')).body.results).toHaveLength(1);
    const used = await rig.call('DELETE', '/domains/1');
    expect([used.status, used.body.error.errors]).toEqual([422, { base: ['example.com is used by s'] }]);
    expect((await rig.call('DELETE', '/domains/example.org')).body.name).toBe('example.org');
    expect((await rig.get('/domains/2')).status).toBe(404);
  });
});

describe('parameters, one by one', () => {
  it('are made, found by number, hidden from who may not see them, and deleted', async () => {
    const made = await rig.call('POST', '/domains/example.com/parameters', {
      parameter: { name: 's', value: 'secret', hidden_value: true },
    });
    expect([made.status, made.body.value]).toEqual([201, 'secret']);
    const { id } = made.body;
    expect((await rig.get(`/domains/1/parameters/${id}`, 'viewer')).body.value).toBe('*****');
    const again = await rig.call('PUT', `/domains/1/parameters/${id}`, { parameter: { value: 'other' } });
    expect(again.body).toMatchObject({ name: 's', value: 'other', hidden_value: true });
    const echoed = await rig.call(
      'PUT',
      `/domains/1/parameters/${id}`,
      { parameter: { value: '*****' } },
      'operator',
    );
    expect([echoed.status, (await rig.get(`/domains/1/parameters/${id}`)).body.value]).toEqual([
      200,
      'other',
    ]);
    const renamed = await rig.call(
      'PUT',
      `/domains/1/parameters/${id}`,
      { parameter: { name: 'r' } },
      'operator',
    );
    expect(renamed.body).toMatchObject({ name: 'r', value: '*****', hidden_value: true });
    await rig.call('PUT', `/domains/1/parameters/${renamed.body.id}`, { parameter: { name: 's' } });
    const shown = await rig.call(
      'PUT',
      `/domains/1/parameters/${id}`,
      { parameter: { hidden_value: false } },
      'operator',
    );
    expect([shown.status, shown.body.error.errors]).toEqual([
      422,
      { value: ['must be given anew when it is to be seen'] },
    ]);
    expect((await rig.get('/domains/1/parameters?search=name%3D%22s%22')).body.results).toHaveLength(1);
    expect((await rig.call('DELETE', `/domains/1/parameters/${id}`)).status).toBe(200);
    expect((await rig.get('/domains/1/parameters')).body.total).toBe(1);
  });
});
