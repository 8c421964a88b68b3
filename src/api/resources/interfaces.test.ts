import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

const MAC = '52:54:00:aa:00:01';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  await rig.call('POST', '/domains', { name: 'example.com' });
  await rig.call('POST', '/hosts', { name: 'web1', domain_id: 1, mac: MAC });
});
afterAll(() => rig.close());

const audits = async (): Promise<number> => (await rig.get('/audits?per_page=1')).body.total;

describe('interfaces of a host', () => {
  it('a new one is never one that there is', async () => {
    const { status, body } = await rig.call('POST', '/hosts/1/interfaces', { mac: MAC });
    expect([status, body.error.errors]).toEqual([
      422,
      { 'interfaces.mac': [`${MAC} already belongs to web1.example.com`] },
    ]);
    expect((await rig.get('/hosts/1/interfaces')).body.results).toHaveLength(1);
  });

  it('a BMC says how it is spoken to, and its login to those who may change it', async () => {
    const bmc = { type: 'bmc', mac: '52:54:00:aa:00:07', provider: 'IPMI', username: 'u', password: 'p' };
    const made = await rig.call('POST', '/hosts/1/interfaces', { interface: bmc });
    expect([made.status, made.body]).toMatchObject([201, { ...bmc, primary: false, provision: false }]);
    const seen = await rig.get(`/hosts/1/interfaces/${made.body.id}`, 'viewer');
    expect(seen.body).toMatchObject({ provider: 'IPMI', username: null, password: null });
  });

  it('a VLAN is on top of another', async () => {
    const vlan = { virtual: true, identifier: 'eth0.5', attached_to: 'eth0', tag: '5' };
    const made = await rig.call('POST', '/hosts/web1.example.com/interfaces', { interface: vlan });
    expect([made.status, made.body]).toMatchObject([201, { ...vlan, id: 3 }]);
    expect((await rig.get('/hosts/1/interfaces/eth0.5')).body.id).toBe(3);
  });

  it('a number that is free in between is not given again', async () => {
    await rig.call('DELETE', '/hosts/1/interfaces/2');
    const { body } = await rig.call('POST', '/hosts/1/interfaces', { identifier: 'eth1' });
    expect(body.id).toBe(4);
  });

  it('the highest number is not given again either, whoever takes its interface away', async () => {
    const destroy = { host: { interfaces_attributes: [{ id: 4, _destroy: true }, { identifier: 'eth2' }] } };
    expect(
      (await rig.call('PUT', '/hosts/1', destroy)).body.interfaces.map(({ id }: { id: number }) => id),
    ).toEqual([1, 3, 5]);
    await rig.call('DELETE', '/hosts/1/interfaces/5');
    expect((await rig.get('/hosts/1/interfaces/5')).status).toBe(404);
    await rig.call('PUT', '/hosts/1', { comment: 'the number is still known afterwards' });
    const { body } = await rig.call('POST', '/hosts/1/interfaces', { identifier: 'eth3' });
    expect(body.id).toBe(6);
    await rig.call('DELETE', '/hosts/1/interfaces/6');
    const { last_interface } = rig.inventory.site.get('hosts', 'web1.example.com')!;
    expect(last_interface).toBe(6);
  });

  it('are looked at on the wire before one gets an address', async () => {
    const prepare = vi.spyOn(rig.lifeCycle.ipam, 'prepare');
    const { body } = await rig.call('POST', '/hosts/1/interfaces', { identifier: 'eth9' });
    expect(prepare).toHaveBeenCalledOnce();
    expect(prepare.mock.calls[0]![1].interfaces.map(({ identifier }) => identifier)).toContain('eth9');
    await rig.call('DELETE', `/hosts/1/interfaces/${body.id}`);
  });

  it('are refused with all that is wrong', async () => {
    const wrong = { mac: 'zz', subnet_id: 99, type: 'nonsense' };
    const { status, body } = await rig.call('PUT', '/hosts/1/interfaces/1', { interface: wrong });
    expect([status, Object.keys(body.error.errors).sort()]).toEqual([
      422,
      ['interfaces.mac', 'interfaces.subnet_id', 'interfaces.type'],
    ]);
    const outside = await rig.call('PUT', '/hosts/1/interfaces/1', { ip: '192.0.2.300' });
    expect([outside.status, Object.keys(outside.body.error.errors)]).toEqual([422, ['interfaces.ip']]);
    const unknown = { host: { interfaces_attributes: [{ id: 77, mac: '52:54:00:aa:00:09' }] } };
    const nowhere = await rig.call('PUT', '/hosts/1', unknown);
    expect([nowhere.status, Object.keys(nowhere.body.error.errors)]).toEqual([422, ['interfaces.id']]);
    expect((await rig.call('PUT', '/hosts/1/interfaces/1', { interface: { mtu: 'big' } })).status).toBe(400);
    expect((await rig.get('/hosts/1/interfaces/77')).status).toBe(404);
    expect((await rig.get('/hosts/77/interfaces')).status).toBe(404);
  });

  it('the name of the primary one is that of the host', async () => {
    const renamed = await rig.call('PUT', '/hosts/1/interfaces/1', { interface: { name: 'web2' } });
    expect(renamed.body).toMatchObject({ name: 'web2.example.com', fqdn: 'web2.example.com' });
    expect((await rig.get('/hosts/1')).body.name).toBe('web2.example.com');
    const nested = { host: { interfaces_attributes: { 0: { id: 1, name: 'web3.example.com' } } } };
    expect((await rig.call('PUT', '/hosts/1', nested)).body.name).toBe('web3.example.com');
    expect((await rig.call('PUT', '/hosts/1', { name: 'web4' })).body.interfaces[0].name).toBe(
      'web4.example.com',
    );
  });

  it('stay as they are when nothing new is said', async () => {
    const before = await audits();
    const same = { mac: MAC.toUpperCase(), managed: true, primary: true, provision: true, domain_id: 1 };
    expect((await rig.call('PUT', '/hosts/1/interfaces/1', { interface: same })).status).toBe(200);
    expect(await audits()).toBe(before);
  });
});
