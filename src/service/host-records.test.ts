import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { NOW } from '../../test/fixtures.ts';
import { easyLifeCycle } from '../../test/life-cycle.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import type { Change, InventoryStore } from '../store/types.ts';
import { lack } from './build/lacks.ts';
import { type CreateOptions, createHost, deleteHost, hostDeclaration } from './host-records.ts';
import { Inventory } from './inventory.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

const LAB = {
  name: 'lab',
  network: '10.0.0.0/22',
  boot_mode: 'DHCP',
  lease_time: 600,
  parameters: {},
} as const;

const DEBIAN = {
  name: 'Debian',
  major: '12',
  minor: '',
  family: 'Debian',
  media: [],
  architectures: [],
  ptables: [],
  provisioning_templates: [],
  parameters: {},
} as const;

async function open(store: InventoryStore): Promise<Inventory> {
  await store.transact(0, (news) =>
    news.length > 0
      ? []
      : [
          { op: 'put', collection: 'subnets', record: LAB } as Change,
          { op: 'put', collection: 'operatingsystems', record: DEBIAN } as Change,
        ],
  );
  return Inventory.open(store, {});
}

function options(fields: Partial<CreateOptions> = {}): CreateOptions {
  return { ...easyLifeCycle(() => NOW), actor: { via: 'api', user: 'ann' }, ...fields };
}

const macOf = (i: number) =>
  `52:54:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`;
const machine = (i: number, fields: object = {}) =>
  hostDeclaration({ name: `h${i}.lab`, mac: macOf(i), subnet: 'lab', ...fields });

describe('a host that is made', () => {
  it('has an address, and is in build mode when it can boot', async () => {
    const inventory = await open(memoryInventory());
    const { host } = await createHost(
      inventory,
      machine(1, { build: true, operatingsystem: 'Debian 12' }),
      options(),
    );
    expect(host).toMatchObject({
      build: true,
      token: { value: 'token-1' },
      interfaces: [{ ip: '10.0.0.1' }],
    });
    expect(inventory.site.hostByToken('token-1')?.id).toBe(host.id);
  });

  it('is not made when it could not boot, unless forced', async () => {
    const inventory = await open(memoryInventory());
    const asked: (string | undefined)[] = [];
    const failing = options({
      check: async (_site, { interfaces }) => {
        asked.push(interfaces[0]?.ip);
        return { errors: [lack('no-disk-layout', 'ptable', { os: 'x' })], warnings: [] };
      },
    });
    const declared = machine(1, { build: true, operatingsystem: 'Debian 12' });
    await expect(createHost(inventory, declared, failing)).rejects.toMatchObject({ code: 'HOST_UNBOOTABLE' });
    expect(inventory.site.list('hosts')).toEqual([]);
    const { warnings } = await createHost(
      inventory,
      machine(1, { build: true, operatingsystem: 'Debian 12' }),
      {
        ...failing,
        force: true,
      },
    );
    expect(warnings.map(({ code }) => code)).toEqual(['no-disk-layout']);
    expect(asked).toEqual(['10.0.0.1', '10.0.0.1']);
  });

  it('is refused with everything that is wrong with it', async () => {
    const inventory = await open(memoryInventory());
    await createHost(inventory, machine(1, { ip: '10.0.0.9' }), options());
    await expect(
      createHost(inventory, machine(2, { mac: macOf(1), ip: '10.0.0.9', hostgroup: 'none' }), options()),
    ).rejects.toMatchObject({
      code: 'RECORD_INVALID',
      problems: [{ path: 'hostgroup' }, { path: 'interfaces.0.mac' }, { path: 'interfaces.0.ip' }],
    });
    expect(() => hostDeclaration({ name: 'no name', mac: 'x' })).toThrowError(
      expect.objectContaining({
        code: 'RECORD_INVALID',
        problems: [expect.objectContaining({ path: 'name' }), expect.objectContaining({ path: 'mac' })],
      }),
    );
  });

  it('can be deleted, which is told to the audit', async () => {
    const inventory = await open(memoryInventory());
    await createHost(inventory, machine(1), options());
    expect(await deleteHost(inventory, 'H1.lab', { via: 'cli' })).toMatchObject({ name: 'h1.lab' });
    expect(inventory.site.hostByMac(macOf(1))).toBeUndefined();
    await expect(deleteHost(inventory, 'h1.lab', { via: 'cli' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const { audits } = await inventory.audits({ collection: 'hosts', limit: 9 });
    expect(audits.map(({ action, via }) => `${action} ${via}`)).toEqual(['destroy cli', 'create api']);
  });
});

describe('hundreds of hosts made at the same time by two processes', () => {
  it('never get one address, whether it is chosen for them or suggested to them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'chainboot-parallel-'));
    cleanup.push(() => rmSync(directory, { recursive: true }));
    const stores = [1, 2].map(() => openSqlite(join(directory, 'x.db')));
    for (const store of stores) cleanup.push(() => store.close());
    const sides = await Promise.all(
      stores.map(async ({ inventory }) => ({ inventory: await open(inventory), options: options() })),
    );
    const made = await Promise.all(
      Array.from({ length: 500 }, (_, i) => {
        const { inventory, options: own } = sides[i % 2]!;
        return createHost(inventory, machine(i), own);
      }),
    );
    const addresses = made.map(({ host }) => host.interfaces[0]?.ip);
    expect(new Set(addresses).size).toBe(500);
    for (const { inventory } of sides) {
      await inventory.refresh();
      expect(inventory.site.list('hosts')).toHaveLength(500);
    }
  });

  it('and of those that ask for one address, one gets it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'chainboot-parallel-'));
    cleanup.push(() => rmSync(directory, { recursive: true }));
    const stores = [1, 2].map(() => openSqlite(join(directory, 'x.db')));
    for (const store of stores) cleanup.push(() => store.close());
    const sides = await Promise.all(stores.map(({ inventory }) => open(inventory)));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        createHost(sides[i % 2]!, machine(i, { ip: '10.0.0.77' }), options()),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : []));
    expect(new Set(codes)).toEqual(new Set(['RECORD_INVALID']));
  });
});
