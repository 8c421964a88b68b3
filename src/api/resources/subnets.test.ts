import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

const LAB = {
  name: 'lab',
  network_type: 'IPv4',
  network: '192.0.2.0',
  cidr: 24,
  mask: '255.255.255.0',
  gateway: '192.0.2.1',
  from: '192.0.2.10',
  to: '192.0.2.20',
  boot_mode: 'DHCP',
  ipam: 'DHCP',
  vlanid: 5,
  mtu: 1400,
};

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  for (const name of ['example.com', 'example.org']) await rig.call('POST', '/domains', { name });
});
afterAll(() => rig.close());

async function refused(method: string, path: string, body?: object): Promise<readonly string[]> {
  const answer = await rig.call(method, path, body);
  expect(answer.status).toBe(422);
  return Object.keys(answer.body.error.errors);
}

describe('a subnet from its making to its end', () => {
  it('is made of address and mask, and shows both', async () => {
    const { status, body } = await rig.call('POST', '/subnets', { subnet: { ...LAB, domain_ids: [1, 2] } });
    expect([status, body]).toMatchObject([
      201,
      { ...LAB, id: 1, network_address: '192.0.2.0/24', domains: [{ id: 1 }, { id: 2 }] },
    ]);
    const v6 = { name: 'v6', network: '2001:DB8::', cidr: 64, network_type: 'IPv6', ipam: 'EUI-64' };
    expect((await rig.call('POST', '/subnets', v6)).body).toMatchObject({
      network: '2001:db8::',
      mask: 'ffff:ffff:ffff:ffff::',
    });
  });

  it('is found by number and by name, and below its domain', async () => {
    for (const key of ['1', '1-lab', 'lab']) expect((await rig.get(`/subnets/${key}`)).body.id).toBe(1);
    expect((await rig.get('/domains/example.org/subnets')).body.results).toMatchObject([{ name: 'lab' }]);
    const missing = await rig.get('/subnets/none');
    expect([missing.status, missing.body.error.message]).toEqual([
      404,
      "Resource subnet not found by id 'none'",
    ]);
  });

  it('stays as it is when nothing new is said', async () => {
    const before = (await rig.get('/audits?per_page=1')).body.total;
    const { status } = await rig.call('PUT', '/subnets/1', { subnet: { ...LAB, domain_ids: [1, 2] } });
    expect([status, (await rig.get('/audits?per_page=1')).body.total]).toEqual([200, before]);
  });

  it('is changed by its mask alone', async () => {
    expect((await rig.call('PUT', '/subnets/1', { mask: '255.255.255.128' })).body.cidr).toBe(25);
    expect((await rig.call('PUT', '/subnets/1', { cidr: 24 })).body.mask).toBe('255.255.255.0');
  });

  it('is refused with a message for each field', async () => {
    expect(await refused('POST', '/subnets', {})).toEqual(['name', 'network']);
    expect(
      await refused('POST', '/subnets', {
        name: 'x',
        network: 'nonsense',
        cidr: 24,
        gateway: 'x',
        vlanid: -1,
      }),
    ).toEqual(['network', 'gateway', 'vlanid']);
    expect(await refused('POST', '/subnets', { name: 'x', network: '10.0.0.0' })).toEqual(['cidr']);
    expect(await refused('PUT', '/subnets/1', { cidr: 24, mask: '255.255.0.0' })).toEqual(['mask']);
    expect(await refused('PUT', '/subnets/1', { network_type: 'IPv6' })).toEqual(['network_type']);
    expect(await refused('PUT', '/subnets/1', { from: '10.0.0.1', ipam: 'External IPAM' })).toEqual(['ipam']);
    expect(await refused('POST', '/subnets', { name: 'x', network: '192.0.2.128', cidr: 25 })).toEqual([
      'network',
    ]);
    expect((await rig.call('PUT', '/subnets/1', { subnet: { mtu: 1 } })).status).toBe(400);
  });

  it('gives none of the addresses that will not do', async () => {
    const free = async (query: string) => (await rig.get(`/subnets/1/freeip?${query}`)).body.freeip;
    expect(await free('excluded_ips=192.0.2.10,192.0.2.11')).toBe('192.0.2.12');
    expect(await free('excluded_ips[]=192.0.2.10&excluded_ips[]=192.0.2.11')).toBe('192.0.2.13');
    const wrong = await rig.get('/subnets/1/freeip?mac=nonsense');
    expect([wrong.status, Object.keys(wrong.body.error.errors)]).toEqual([422, ['mac']]);
  });

  it('is gone when it is deleted, unless it is in use', async () => {
    await rig.call('POST', '/hostgroups', { name: 'base', subnet_id: 1 });
    expect(await refused('DELETE', '/subnets/1')).toEqual(['base']);
    expect((await rig.call('DELETE', '/subnets/v6')).body.name).toBe('v6');
    expect((await rig.get('/subnets/2')).status).toBe(404);
  });
});
