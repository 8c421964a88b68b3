import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../test/api-rig.ts';

const NIC = { type: 'interface' as const, primary: true, provision: true, managed: true, virtual: false };

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
});
afterAll(() => rig.close());

describe('what is changed over the API', () => {
  it('is held against the schema and against other records, both at once', async () => {
    await rig.call('POST', '/hosts', { name: 'a.example.com', mac: '52:54:00:aa:00:01' });
    const { status, body } = await rig.call('POST', '/hosts', {
      name: 'a b',
      mac: '52:54:00:aa:00:01',
      ip: '192.0.2.300',
    });
    expect([status, Object.keys(body.error.errors).sort()]).toEqual([
      422,
      ['interfaces.ip', 'interfaces.mac', 'name'],
    ]);
    expect(rig.inventory.site.list('hosts')).toHaveLength(1);
  });

  it('is stored in the one way to write it', async () => {
    const { body } = await rig.call('POST', '/hosts', { name: 'b.example.com', ip6: '2001:DB8:0::1' });
    expect(body.ip6).toBe('2001:db8::1');
    const before = (await rig.get('/audits?per_page=1')).body.total;
    await rig.call('PUT', '/hosts/b.example.com', { ip6: '2001:DB8:0:0::1' });
    expect((await rig.get('/audits?per_page=1')).body.total).toBe(before);
  });

  it('keeps what the life cycle added to a record', async () => {
    const build = { build: true, token: { value: 'token-x' }, initiated_at: 5, operatingsystem: 'Debian 12' };
    await rig.put(
      ['operatingsystems', { name: 'Debian', major: '12', minor: '', family: 'Debian', ...LISTS }],
      ['hosts', { name: 'c', enabled: true, parameters: {}, ...build, interfaces: [{ ...NIC, mac: MAC }] }],
    );
    await rig.call('PUT', '/hosts/c', { comment: 'x' });
    expect(rig.inventory.site.get('hosts', 'c')).toMatchObject({ ...build, comment: 'x' });
  });

  it('is not refused for what was wrong before', async () => {
    const old = { name: 'd_old', enabled: true, build: false, parameters: {}, interfaces: [NIC] };
    // As a program of long ago left it.
    await rig.inventory.change(() => ({
      changes: [{ op: 'put', collection: 'hosts', record: old }],
      result: undefined,
    }));
    expect((await rig.call('PUT', '/hosts/d_old', { comment: 'x' })).status).toBe(200);
    const renamed = await rig.call('PUT', '/hosts/d_old', { ip: '1.2.3' });
    expect(Object.keys(renamed.body.error.errors)).toEqual(['interfaces.ip']);
  });
});

const MAC = '52:54:00:aa:00:05';
const LISTS = { media: [], architectures: [], ptables: [], provisioning_templates: [], parameters: {} };
