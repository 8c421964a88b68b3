import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Host, Interface } from '../inventory/types.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import type { Actor, Change, Draft } from '../store/types.ts';
import { Inventory } from './inventory.ts';
import { changeRecords } from './records.ts';

const ALICE: Actor = { via: 'api', user: 'alice', remote: '192.0.2.9' };

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

const nic = (fields: Partial<Interface>): Interface => ({
  type: 'interface',
  primary: true,
  provision: true,
  managed: true,
  virtual: false,
  ...fields,
});
const host = (name: string, fields: Partial<Host> = {}): Draft<Host> => ({
  name,
  enabled: true,
  build: false,
  parameters: {},
  interfaces: [],
  ...fields,
});
const put = (collection: string, record: object): Change => ({ op: 'put', collection, record }) as Change;

async function open(...records: readonly Change[]): Promise<Inventory> {
  const inventory = await Inventory.open(memoryInventory(), {}, () => 1000);
  await make(inventory, ...records);
  return inventory;
}

async function make(inventory: Inventory, ...changes: readonly Change[]) {
  return (await changeRecords(inventory, ALICE, () => ({ changes, result: undefined }))).made;
}

async function refused(inventory: Inventory, ...changes: readonly Change[]) {
  const error = await make(inventory, ...changes).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: 'RECORD_INVALID' });
  return (error.problems as { file: string; path: string; message: string }[]).map(
    ({ file, path, message }) => `${file} ${path}: ${message}`,
  );
}

describe('the last administrator', () => {
  const user = (login: string, more: object = {}) => put('users', { login, ssh_keys: [], ...more });
  const group = (more: object) =>
    put('usergroups', { name: 'heads', users: ['ann'], usergroups: [], ...more });
  const remove = (collection: 'users' | 'usergroups', id: number): Change => ({
    op: 'delete',
    collection,
    id,
  });
  const LOST = ['users/ann admin: cannot be taken from the last administrator'];

  it.each([
    ['deleted', remove('users', 1)],
    ['disabled', user('ann', { id: 1, roles: ['admin'], disabled: true })],
    ['made an operator', user('ann', { id: 1, roles: ['operator'] })],
  ])('is not %s, whoever asks', async (_what, change) => {
    const inventory = await open(
      user('ann', { roles: ['admin'] }),
      user('bob', { roles: ['admin'], disabled: true }),
      user('eve', { roles: ['operator'] }),
    );
    expect(await refused(inventory, change)).toEqual(LOST);
  });

  it.each([
    ['that is deleted', [remove('usergroups', 1)]],
    ['that gives another role', [group({ id: 1, roles: ['viewer'] })]],
    ['that the user is no more in', [group({ id: 1, users: [], roles: ['admin'] })]],
    ['that goes with the user', [remove('usergroups', 1), remove('users', 1)]],
  ])('is not lost with a group %s', async (_what, changes) => {
    const inventory = await open(user('ann'), group({ roles: ['admin'] }));
    expect(await refused(inventory, ...changes)).toEqual(LOST);
  });

  it('goes when another comes in the same change, and is not missed where there was none', async () => {
    const inventory = await open(user('ann', { roles: ['admin'] }));
    await make(inventory, remove('users', 1), user('bob', { roles: ['admin'] }));
    const none = await open(user('ann', { roles: ['viewer'] }));
    await make(none, remove('users', 1), user('cy'));
    expect(none.site.list('users').map(({ login }) => login)).toEqual(['cy']);
  });
});

describe('what is refused, all at once', () => {
  it.each(['hostgroups', 'organizations', 'locations'])('a circle of %s', async (collection) => {
    const fields = collection === 'hostgroups' ? { provisioning_templates: [] } : {};
    const group = (name: string, more: object) =>
      put(collection, { name, parameters: {}, ...fields, ...more });
    const inventory = await open(group('a', {}), group('b', { parent: 'a' }));
    for (const parent of ['a', 'a/b'])
      expect(await refused(inventory, group('a', { id: 1, parent }))).toEqual([
        `${collection}/${parent}/a parent: is the record itself, or one that is below it`,
      ]);
  });

  it('what the schema does not allow, whoever asks; what is allowed is stored in the one way to write it', async () => {
    const inventory = await open();
    const of = (fields: object) => put('hosts', host('a', { interfaces: [nic(fields)] }));
    expect(
      await refused(inventory, put('hosts', host('a b')), put('users', { login: 'x/y', ssh_keys: [] })),
    ).toEqual(['hosts/a b name: not a host name', expect.stringContaining('users/x/y login: ')]);
    expect(await refused(inventory, of({ mac: 'nonsense', ip: '192.0.2.300' }))).toEqual([
      'hosts/a interfaces.0.mac: "nonsense" is not a MAC address',
      'hosts/a interfaces.0.ip: not an IPv4 address',
    ]);
    await make(inventory, of({ mac: '52-54-00-AA-00-01' }));
    expect(inventory.site.get('hosts', 'a')?.interfaces[0]?.mac).toBe('52:54:00:aa:00:01');
  });

  it('names, MACs and addresses that are taken, in the store or in the same change', async () => {
    const inventory = await open(
      put('hosts', host('a', { interfaces: [nic({ mac: '52:54:00:00:00:01' as never, ip: '192.0.2.1' })] })),
    );
    expect(
      await refused(
        inventory,
        put('hosts', host('a')),
        put(
          'hosts',
          host('b', { interfaces: [nic({ mac: '52:54:00:00:00:01' as never, ip: '192.0.2.2' })] }),
        ),
        put('hosts', host('c', { interfaces: [nic({ ip: '192.0.2.2' })] })),
      ),
    ).toEqual([
      'hosts/a name: has already been taken',
      'hosts/c interfaces.0.ip: 192.0.2.2 already belongs to b',
      'hosts/b interfaces.0.mac: 52:54:00:00:00:01 already belongs to a',
    ]);
    expect(inventory.site.list('hosts')).toHaveLength(1);
  });

  it('references that lead nowhere and loops of hostgroups', async () => {
    const inventory = await open(
      put('hostgroups', { name: 'a', provisioning_templates: [], parameters: {} }),
    );
    expect(await refused(inventory, put('hosts', host('h', { medium: 'none' })))).toEqual([
      expect.stringContaining('hosts/h medium'),
    ]);
  });

  it('deleting what is in use, and not when its user goes too', async () => {
    const inventory = await open(
      put('domains', { name: 'example.com', parameters: {} }),
      put('subnets', {
        name: 's',
        network: '192.0.2.0/24',
        boot_mode: 'DHCP',
        lease_time: 3600,
        domain: 'example.com',
        parameters: {},
      }),
    );
    const domain: Change = { op: 'delete', collection: 'domains', id: 1 };
    expect(await refused(inventory, domain)).toEqual(['domains/example.com base: example.com is used by s']);
    await make(inventory, domain, { op: 'delete', collection: 'subnets', id: 1 });
    expect(inventory.site.list('domains')).toEqual([]);
  });

  it('subnets that overlap, whichever of them was changed', async () => {
    const subnet = (name: string, network: string, id?: number) =>
      put('subnets', {
        ...(id && { id }),
        name,
        network,
        boot_mode: 'DHCP',
        lease_time: 3600,
        parameters: {},
      });
    const inventory = await open(subnet('a', '192.0.2.0/25'), subnet('b', '192.0.2.128/25'));
    expect(await refused(inventory, subnet('a', '192.0.2.0/24', 1))).toEqual([
      'subnets/b network: 192.0.2.128/25 overlaps 192.0.2.0/24 of the subnet a',
    ]);
  });

  it('a subnet that its hosts would lie outside of; what was wrong before keeps nobody from changing it', async () => {
    const subnet = (network: string, more: object = {}) =>
      put('subnets', {
        id: 1,
        name: 'a',
        network,
        boot_mode: 'DHCP',
        lease_time: 3600,
        parameters: {},
        ...more,
      });
    const inside = put('hosts', host('h1', { interfaces: [nic({ ip: '192.0.2.200', subnet: 'a' })] }));
    const inventory = await open(subnet('192.0.2.0/24'), inside);
    const outside = 'hosts/h1 interfaces.0.ip: 192.0.2.200 lies outside of the subnet a (192.0.2.0/25)';
    expect(await refused(inventory, subnet('192.0.2.0/25'))).toEqual([outside]);
    await inventory.change(() => ({ changes: [subnet('192.0.2.0/25')], result: undefined }));
    await make(inventory, subnet('192.0.2.0/25', { mtu: 9000, gateway: '192.0.2.1' }));
    expect(inventory.site.get('subnets', 'a')?.mtu).toBe(9000);
  });
});

describe('what follows a change', () => {
  it('a renamed hostgroup takes its children, their hosts, and so on along', async () => {
    const group = (name: string, parent?: string, id?: number) =>
      put('hostgroups', {
        ...(id && { id }),
        name,
        ...(parent && { parent }),
        provisioning_templates: [],
        parameters: {},
      });
    const inventory = await open(
      group('base'),
      group('web', 'base'),
      put('hosts', host('h1', { hostgroup: 'base/web' })),
      put('hosts', host('h2', { hostgroup: 'base' })),
    );
    await make(inventory, group('ground', undefined, 1));
    const { site } = inventory;
    expect(site.get('hostgroups', 'ground/web')?.parent).toBe('ground');
    expect(site.get('hosts', 'h1')?.hostgroup).toBe('ground/web');
    expect(site.get('hosts', 'h2')?.hostgroup).toBe('ground');
    expect(site.get('hostgroups', 'base')).toBeUndefined();
  });

  it('personal access tokens go with their user', async () => {
    const inventory = await open(
      put('users', { login: 'u', ssh_keys: [] }),
      put('personal_access_tokens', { name: 't', user: 'u', hash: '00', created_at: 1 }),
    );
    await make(inventory, { op: 'delete', collection: 'users', id: 1 });
    expect(inventory.site.list('personal_access_tokens')).toEqual([]);
  });
});

describe('the audit', () => {
  it('says who changed which field from what to what, and no secret', async () => {
    const inventory = await open(
      put('hosts', host('h', { root_pass: '$6$x', parameters: { a: 1, s: 'x' }, hidden_parameters: ['s'] })),
    );
    const [stored] = inventory.site.list('hosts');
    await make(
      inventory,
      put('hosts', { ...stored, comment: 'new', root_pass: '$6$y', parameters: { a: 1, s: 'y' } }),
    );
    await make(inventory, put('hosts', inventory.site.list('hosts')[0]!));
    const { total, audits } = await inventory.audits({ collection: 'hosts', limit: 10 });
    expect(total).toBe(2);
    expect(audits[0]).toMatchObject({ ...ALICE, at: 1000, action: 'update', record: 1, name: 'h' });
    expect(audits[0]!.changes).toEqual({
      comment: [null, 'new'],
      root_pass: ['[redacted]', '[redacted]'],
      parameters: [
        { a: 1, s: '[redacted]' },
        { a: 1, s: '[redacted]' },
      ],
    });
    expect(JSON.stringify(audits)).not.toMatch(/\$6\$|"[xy]"/);
  });
});

it('never gives two hosts one address, however many processes write at once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-records-'));
  cleanup.push(() => rmSync(directory, { recursive: true }));
  const inventories = await Promise.all(
    [1, 2, 3].map(async () => {
      const store = openSqlite(join(directory, 'chainboot.db'));
      cleanup.push(() => store.close());
      return Inventory.open(store.inventory, {});
    }),
  );
  const free = (used: readonly Host[]): string => {
    const taken = new Set(used.flatMap(({ interfaces }) => interfaces.map(({ ip }) => ip)));
    for (let i = 1; ; i++) if (!taken.has(`10.0.${i >> 8}.${i & 255}`)) return `10.0.${i >> 8}.${i & 255}`;
  };
  await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      changeRecords(inventories[i % 3]!, ALICE, (site) => ({
        changes: [put('hosts', host(`h${i}`, { interfaces: [nic({ ip: free(site.list('hosts')) })] }))],
        result: undefined,
      })),
    ),
  );
  for (const inventory of inventories) await inventory.refresh();
  const ips = inventories[0]!.site.list('hosts').map(({ interfaces }) => interfaces[0]!.ip);
  expect(new Set(ips).size).toBe(300);
});
