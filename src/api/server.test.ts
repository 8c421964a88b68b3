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

it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined])(
  'refuses a body of type %s, as Foreman does',
  async (type) => {
    for (const method of ['POST', 'PUT'] as const) {
      const answer = await rig.server.inject({
        method,
        url: method === 'POST' ? '/api/models' : '/api/models/a',
        headers: { authorization: rig.authorization('admin'), ...(type && { 'content-type': type }) },
        payload: Buffer.from('name=b'),
      });
      expect([answer.statusCode, answer.json().error.code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    }
  },
);

it('takes no notice of the type of a body that is empty', async () => {
  await rig.put(['models', { name: 'gone' }]);
  for (const [type, status] of [
    ['application/x-www-form-urlencoded', 200],
    ['application/json', 404],
  ] as const) {
    const answer = await rig.server.inject({
      method: 'DELETE',
      url: '/api/models/gone',
      headers: { authorization: rig.authorization('admin'), 'content-type': type },
    });
    expect(answer.statusCode).toBe(status);
  }
});

it('says what is wrong with a body whose root holds no object', async () => {
  for (const [method, path] of [
    ['POST', '/models'],
    ['PUT', '/models/a'],
  ] as const) {
    const { status, body } = await rig.call(method, path, { model: 'x' });
    expect([status, body.error.code]).toEqual([400, 'BODY_MALFORMED']);
    expect(body.error.message).toContain('"model" in it is no object');
  }
});

it('words what is wrong with an order as an order', async () => {
  for (const path of ['/models', '/template_kinds'])
    for (const order of ['nmae', 'name UP', 'name desc, -x'])
      expect((await rig.get(`${path}?order=${encodeURIComponent(order)}`)).body.error).toMatchObject({
        code: 'ORDER_INVALID',
        message: expect.stringContaining(`the order "${order}" is wrong`),
      });
});

it('gives clients the apidoc and its checksum, and people the pages', async () => {
  const get = (url: string) => rig.server.inject({ method: 'GET', url });
  const document = await get('/apidoc/v2.json');
  const checksum = document.headers['apipie-checksum'];
  expect(document.json().docs.resources).toHaveProperty('hosts');
  for (const url of ['/apidoc/v2.en.json', '/apidoc/v2.pt_BR.json'])
    expect((await get(url)).body).toBe(document.body);
  expect((await get('/apidoc/apipie_checksum')).json()).toEqual({ checksum });
  for (const url of ['/apidoc', '/apidoc/', '/apidoc/v2', '/apidoc/v2.html', '/apidoc/v2/hosts/index']) {
    const { statusCode, headers } = await get(url);
    expect([url, statusCode, headers.location]).toEqual([url, 302, '/docs']);
  }
  expect((await get('/apidoc/v1.json')).statusCode).toBe(404);
  expect((await get('/docs')).body).toContain('<title>Chainboot API</title>');
});
