/** What has a file of a few lines: settings, global parameters, smart proxies, models, realms, roles. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';
import { ChainbootError } from '../../errors.ts';

let rig: ApiRig;
let answers: readonly string[] | undefined = ['TFTP', 'DHCP'];
beforeAll(async () => {
  rig = await apiRig({
    proxyFeatures: async (url) => {
      if (answers === undefined) throw new ChainbootError('PROXY_UNREACHABLE', { url, reason: 'refused' });
      return answers;
    },
  });
});
afterAll(() => rig.close());

it('settings have defaults, take texts for what they are, and go back', async () => {
  const { body } = await rig.get('/settings?search=name%3Dtoken_duration');
  expect(body.results).toMatchObject([{ value: 360, default: 360, settings_type: 'integer' }]);
  const set = (name: string, value: unknown) => rig.call('PUT', `/settings/${name}`, { setting: { value } });
  expect((await set('token_duration', '90')).body.value).toBe(90);
  expect((await set('token_duration', 'long')).body.error.errors).toEqual({ value: ['must be a number'] });
  expect((await set('update_ip_from_built_request', 'yes')).body.value).toBe(true);
  expect((await set('http_proxy_except_list', '[a, b]')).body.value).toEqual(['a', 'b']);
  expect((await rig.get('/settings/http_proxy')).body.value).toBe('');
  expect((await set('http_proxy', 'http://proxy:3128')).body.value).toBe('http://proxy:3128');
  expect((await set('token_duration', null)).body.value).toBe(360);
  expect((await rig.get(`/settings/${body.results[0].id}`)).body.name).toBe('token_duration');
  expect((await set('nothing', 1)).status).toBe(404);
});

it('global parameters keep their type, and hidden ones their value to themselves', async () => {
  const made = await rig.call('POST', '/common_parameters', {
    common_parameter: { name: 'n', value: '5', parameter_type: 'integer' },
  });
  expect(made.body).toMatchObject({ value: 5, parameter_type: 'integer', 'hidden_value?': false });
  const set = (fields: object) => rig.call('PUT', '/common_parameters/n', fields);
  expect((await set({ value: '6' })).body).toMatchObject({ value: 6, parameter_type: 'integer' });
  expect((await set({ value: '{"a":1}', parameter_type: 'json' })).body.value).toEqual({ a: 1 });
  expect((await set({ value: '{"a":2}' })).body).toMatchObject({ value: { a: 2 }, parameter_type: 'json' });
  expect((await set({ hidden_value: true })).body['hidden_value?']).toBe(true);
  const shown = await rig.get('/common_parameters/n', 'viewer');
  expect(JSON.stringify(shown.body)).not.toContain('"a"');
  expect((await set({ value: shown.body.value })).body.value).toEqual({ a: 2 });
  const bare = await rig.call('PUT', '/common_parameters/n', { hidden_value: false }, 'operator');
  expect([bare.status, Object.keys(bare.body.error.errors)]).toEqual([422, ['value']]);
  expect((await rig.call('POST', '/common_parameters', { name: 'n' })).status).toBe(422);
});

it('smart proxies are asked what they do, and keep what they said when they do not answer', async () => {
  const proxy = { name: 'edge', url: 'https://edge.example:8443' };
  expect((await rig.call('POST', '/smart_proxies', { smart_proxy: proxy })).body.features).toEqual([]);
  const names = async () =>
    (await rig.get('/smart_proxies/edge')).body.features.map(({ name }: { name: string }) => name);
  expect((await rig.call('PUT', '/smart_proxies/1/refresh')).body.features).toHaveLength(2);
  expect(await names()).toEqual(['TFTP', 'DHCP']);
  answers = undefined;
  const refused = await rig.call('PUT', '/smart_proxies/1/refresh');
  expect(refused.body.error.code).toBe('PROXY_UNREACHABLE');
  expect(await names()).toEqual(['TFTP', 'DHCP']);
  const subnet = { name: 's', network: '192.0.2.0/24', tftp_id: 1 };
  expect((await rig.call('POST', '/subnets', subnet)).body.tftp_name).toBe('edge');
  const host = { name: 'a.example.com', mac: '52:54:00:00:00:01', ip: '192.0.2.9' };
  expect((await rig.call('POST', '/hosts', host)).status).toBe(201);
  expect((await rig.get('/smart_proxies/1')).body.hosts_count).toBe(1);
  await rig.call('POST', '/realms', { name: 'R', realm_type: 'FreeIPA', realm_proxy_id: 1 });
  expect((await rig.get('/realms/R')).body).toMatchObject({ realm_proxy_name: 'edge' });
  expect((await rig.call('DELETE', '/smart_proxies/1')).body.error.errors.base[0]).toMatch(/is used by s/);
});

it('roles are the ones there are', async () => {
  const { results } = (await rig.get('/roles')).body;
  expect(results.map(({ id, name }: { id: number; name: string }) => [id, name])).toEqual([
    [1, 'Viewer'],
    [2, 'Operator'],
    [3, 'Admin'],
  ]);
  expect((await rig.get('/roles/operator')).body.id).toBe(2);
  expect((await rig.get('/roles/4')).status).toBe(404);
  expect((await rig.get('/auth_sources?search=name%3DInternal')).body.results).toHaveLength(1);
});

it('the power of hosts is not known, and not switched', async () => {
  const { body } = await rig.get('/hosts/1/power');
  expect(body).toMatchObject({ id: 1, state: 'na' });
  const refused = await rig.call('PUT', '/hosts/1/power', { power_action: 'on' });
  expect([refused.status, refused.body.error.code]).toEqual([501, 'POWER_UNSUPPORTED']);
  expect((await rig.get('/hosts/none/power')).status).toBe(404);
});
