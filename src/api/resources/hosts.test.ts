import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';

const MAC = '52:54:00:aa:00:01';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  const made = [
    await rig.call('POST', '/domains', { name: 'example.com' }),
    await rig.call('POST', '/subnets', {
      subnet: {
        name: 'lab',
        network: '192.0.2.0',
        mask: '255.255.255.0',
        from: '192.0.2.10',
        to: '192.0.2.20',
        domain_ids: [1],
        ipam: 'Internal DB',
      },
    }),
    await rig.call('POST', '/media', { name: 'mirror', path: 'http://mirror.example/debian' }),
    await rig.call('POST', '/operatingsystems', {
      name: 'Debian',
      major: '12',
      medium_ids: [1],
      os_parameters_attributes: [{ name: 'of_os', value: '1', parameter_type: 'integer' }],
    }),
    await rig.call('POST', '/hostgroups', {
      name: 'base',
      operatingsystem_id: 1,
      medium_id: 1,
      subnet_id: 1,
      domain_id: 1,
      pxe_loader: 'PXELinux BIOS',
    }),
  ];
  expect(made.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
});
afterAll(() => rig.close());

describe('a host from its making to its end', () => {
  it('gets from its group what it does not say: name, system, address', async () => {
    const { status, body } = await rig.call('POST', '/hosts', {
      host: {
        name: 'web1',
        hostgroup_id: 1,
        mac: MAC.toUpperCase(),
        host_parameters_attributes: [{ name: 'own', value: 'x' }],
      },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: 1,
      name: 'web1.example.com',
      ip: '192.0.2.10',
      mac: MAC,
      hostgroup_id: 1,
      hostgroup_name: 'base',
      hostgroup_title: 'base',
      operatingsystem_id: 1,
      operatingsystem_name: 'Debian 12',
      subnet_name: 'lab',
      domain_name: 'example.com',
      pxe_loader: 'PXELinux BIOS',
      build: false,
      build_status_label: 'Installed',
      global_status_label: 'OK',
      interfaces: [
        {
          id: 1,
          primary: true,
          provision: true,
          mac: MAC,
          subnet_id: 1,
          domain_id: 1,
          fqdn: 'web1.example.com',
        },
      ],
      parameters: [{ name: 'own', value: 'x' }],
      all_parameters: [
        { name: 'of_os', value: 1, associated_type: 'operatingsystem' },
        { name: 'own', value: 'x', associated_type: 'host' },
      ],
    });
  });

  it('is found by what its group gives it', async () => {
    for (const search of [
      'os_title = "Debian 12"',
      'hostgroup_title = base',
      'subnet = lab',
      'params.of_os = 1',
      'ip ~ 192.0.2',
      `mac = ${MAC}`,
      'web1',
      'not build and hostgroup_id = 1',
    ])
      expect([search, (await rig.get(`/hosts?search=${encodeURIComponent(search)}`)).body.subtotal]).toEqual([
        search,
        1,
      ]);
    expect((await rig.get('/hostgroups/base/hosts')).body.results).toHaveLength(1);
    expect((await rig.get('/hosts?thin=true')).body.results).toEqual([{ id: 1, name: 'web1.example.com' }]);
  });

  it('enters build mode, and leaves it', async () => {
    const building = await rig.call('PUT', '/hosts/web1.example.com', { host: { build: true } });
    expect(building.body).toMatchObject({
      build: true,
      build_status_label: 'Pending installation',
      token: expect.stringMatching(/^token-/),
    });
    expect((await rig.get('/hosts/1', 'viewer')).body.token).toBeNull();
    await rig.call('PUT', '/hosts/1', { host: { build: true, comment: 'soon' } });
    expect((await rig.get('/hosts/1', 'operator')).body.token).toBe(building.body.token);
    expect((await rig.get('/hosts/1/status/build')).body).toEqual({
      status: 1,
      label: 'Pending installation',
    });
    const left = await rig.call('PUT', '/hosts/1', { host: { build: false } });
    expect(left.body).toMatchObject({ build: false, token: null, comment: 'soon' });
  });

  it('tells what it would be given, and keeps what is secret', async () => {
    await rig.call('PUT', '/hosts/1', { host: { root_pass: 'correct horse' } });
    const { root_pass } = rig.inventory.site.get('hosts', 'web1.example.com')!;
    expect(root_pass).toMatch(/^\$6\$/);
    await rig.call('PUT', '/hosts/1', { host: { root_pass: 'correct horse' } });
    expect(rig.inventory.site.get('hosts', 'web1.example.com')!.root_pass).toBe(root_pass);
    const { body } = await rig.get('/hosts/1/template/PXELinux');
    expect(body.template).toContain('for web1.example.com');
    expect((await rig.get('/hosts/1/template/nothing')).status).toBe(404);
    const kinds = (await rig.get('/hosts/1/templates')).body.results.map(
      ({ template_kind_name: kind }: { template_kind_name: string }) => kind,
    );
    expect(kinds).toContain('provision');
    expect((await rig.get('/hosts/1/inherited_parameters')).body.results).toMatchObject([
      { name: 'of_os', associated_type: 'operatingsystem' },
    ]);
    expect(JSON.stringify((await rig.get('/hosts/1')).body)).not.toContain('$6$');
    const mayEdit = async (role: 'viewer' | 'operator') =>
      (await rig.get('/hosts/1', role)).body.permissions.edit_hosts;
    expect([await mayEdit('viewer'), await mayEdit('operator')]).toEqual([false, true]);
    expect((await rig.call('PUT', '/hosts/1/power', { power_action: 'on' })).status).toBe(501);
  });

  it('is refused with everything that is wrong', async () => {
    const { status, body } = await rig.call('POST', '/hosts', {
      host: {
        name: 'web1.example.com',
        interfaces_attributes: [{ mac: MAC, ip: '192.0.2.10', primary: true }],
      },
    });
    expect(status).toBe(422);
    expect(body.error.errors).toEqual({
      name: ['has already been taken'],
      'interfaces.mac': [`${MAC} already belongs to web1.example.com`],
      'interfaces.ip': ['192.0.2.10 already belongs to web1.example.com'],
    });
    const bad = await rig.call('POST', '/hosts', {
      host: { name: 'x', mac: 'nonsense', operatingsystem_id: 99 },
    });
    expect(Object.keys(bad.body.error.errors)).toEqual(['operatingsystem_id', 'mac']);
    const many = { pxe_loader: 'x', provision_method: 'x', owner_id: 999, root_pass: 'short', mac: 'zz' };
    expect(Object.keys((await rig.call('PUT', '/hosts/1', { host: many })).body.error.errors).sort()).toEqual(
      ['mac', 'owner_id', 'provision_method', 'pxe_loader', 'root_pass'],
    );
    expect((await rig.call('POST', '/hosts', { host: { comment: 'x' } })).body.error.errors).toEqual({
      name: ["can't be blank"],
    });
  });

  it('belongs to a user or a group, and to the other of the same number when only the type is said', async () => {
    const user = { login: 'kim', password: 'a long enough one', auth_source_id: 1 };
    const { id } = (await rig.call('POST', '/users', { user })).body;
    let group: number;
    do group = (await rig.call('POST', '/usergroups', { usergroup: { name: `g${Math.random()}` } })).body.id;
    while (group < id);
    expect(group).toBe(id);
    const set = async (host: object) => {
      const { owner_id, owner_name, owner_type } = (await rig.call('PUT', '/hosts/1', { host })).body;
      return { owner_id, owner_name, owner_type };
    };
    expect(await set({ owner_id: id, owner_type: 'Usergroup' })).toMatchObject({ owner_type: 'Usergroup' });
    const mine = { owner_id: id, owner_name: 'kim', owner_type: 'User' };
    expect(await set({ owner_type: 'User' })).toEqual(mine);
    expect(await set({ owner_type: 'User' })).toEqual(mine);
    expect(await set({ owner_id: null })).toEqual({ owner_id: null, owner_name: null, owner_type: null });
  });

  it('stays as it is when nothing new is said', async () => {
    const before = (await rig.get('/audits?per_page=1')).body.total;
    const { status } = await rig.call('PUT', '/hosts/1', {
      host: {
        name: 'web1.example.com',
        hostgroup_id: 1,
        mac: MAC,
        ip: '192.0.2.10',
        enabled: true,
        managed: true,
        build: false,
      },
    });
    expect([status, (await rig.get('/audits?per_page=1')).body.total]).toEqual([200, before]);
  });

  it('is gone when it is deleted', async () => {
    await rig.call('POST', '/hosts', { name: 'gone.example.com' });
    expect((await rig.call('DELETE', '/hosts/gone.example.com')).body.name).toBe('gone.example.com');
    expect((await rig.get('/hosts/gone.example.com')).status).toBe(404);
  });
});

describe('interfaces', () => {
  it('are made, changed and taken away one by one, and keep their numbers', async () => {
    const bond = await rig.call('POST', '/hosts/1/interfaces', {
      interface: { type: 'bond', identifier: 'bond0', mode: '802.3ad', attached_devices: 'eth0,eth1' },
    });
    expect(bond.body).toMatchObject({ id: 2, type: 'bond', attached_devices: 'eth0,eth1', primary: false });
    const nic = await rig.call('POST', '/hosts/1/interfaces', {
      interface: { mac: '52:54:00:aa:00:02', identifier: 'eth1' },
    });
    expect(nic.body.id).toBe(3);
    expect((await rig.call('DELETE', '/hosts/1/interfaces/2')).body.identifier).toBe('bond0');
    expect((await rig.get('/hosts/1/interfaces')).body.results.map(({ id }: { id: number }) => id)).toEqual([
      1, 3,
    ]);
    const primary = await rig.call('PUT', '/hosts/1/interfaces/3', { interface: { primary: true } });
    expect(primary.body.primary).toBe(true);
    expect((await rig.get('/hosts/1/interfaces/1')).body).toMatchObject({ primary: false, provision: true });
    const kept = await rig.call('DELETE', '/hosts/1/interfaces/3');
    expect([kept.status, kept.body.error.errors.base]).toEqual([
      422,
      ['the primary interface stays with its host'],
    ]);
    const again = await rig.call('PUT', '/hosts/1', {
      host: { interfaces_attributes: { 0: { id: 1, primary: true }, 1: { id: 3, _destroy: true } } },
    });
    expect(again.body.interfaces).toMatchObject([{ id: 1, primary: true }]);
  });
});

describe('hostgroups and subnets', () => {
  it('inherit, are cloned, and are refused in circles', async () => {
    const child = await rig.call('POST', '/hostgroups', { name: 'web', parent_id: 1 });
    expect(child.body).toMatchObject({
      title: 'base/web',
      ancestry: '1',
      operatingsystem_name: 'Debian 12',
      inherited_operatingsystem_id: 1,
    });
    const clone = await rig.call('POST', '/hostgroups/base/web/clone'.replace('base/web', '2'), {
      name: 'copy',
    });
    expect([clone.status, clone.body.title]).toEqual([201, 'base/copy']);
    expect((await rig.call('PUT', '/hostgroups/1', { hostgroup: { parent_id: 2 } })).status).toBe(422);
    expect((await rig.call('DELETE', '/hostgroups/1')).body.error.errors.base[0]).toContain('is used by');
  });

  it('a subnet gives free addresses, another to whoever asks next', async () => {
    const free = async (mac: string) => (await rig.get(`/subnets/lab/freeip?mac=${mac}`)).body.freeip;
    const first = await free('52:54:00:00:00:0a');
    expect(await free('52:54:00:00:00:0b')).not.toBe(first);
    expect(await free('52:54:00:00:00:0a')).toBe(first);
    expect((await rig.get('/subnets/lab')).body).toMatchObject({
      network: '192.0.2.0',
      cidr: 24,
      mask: '255.255.255.0',
      network_type: 'IPv4',
      domains: [{ name: 'example.com' }],
    });
  });

  it('gives every host that is made at the same time an address of its own', async () => {
    const made = await Promise.all(
      Array.from({ length: 9 }, (_, i) =>
        rig.call('POST', '/hosts', { name: `p${i}.example.com`, subnet_id: 1, mac: `52:54:00:bb:00:0${i}` }),
      ),
    );
    expect(made.map(({ status }) => status)).toEqual(Array(9).fill(201));
    expect(new Set(made.map(({ body }) => body.ip)).size).toBe(9);
  });
});
