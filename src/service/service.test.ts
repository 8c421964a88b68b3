import { describe, expect, it } from 'vitest';
import { NOW, TOKEN, template } from '../../test/fixtures.ts';
import { because } from '../boot/reason.ts';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import type { Site } from '../inventory/site.ts';
import { memoryBoots } from '../store/memory/boots.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import { type LoadedSite, planSite } from './apply.ts';
import { hostBuilt, requireHost } from './hosts.ts';
import { Inventory } from './inventory.ts';
import { Trace } from './trace.ts';

const SITE = {
  subnets: [
    { name: 'lab', network: '10.0.0.0/24', gateway: '10.0.0.1', from: '10.0.0.100', to: '10.0.0.200' },
  ],
  media: [{ name: 'mirror', path: 'http://deb.debian.org/debian' }],
  operatingsystems: [{ name: 'Debian', major: 12, family: 'Debian', media: ['mirror'] }],
  hosts: [
    {
      name: 'a.lab',
      mac: '52:54:00:00:00:01',
      ip: '10.0.0.11',
      operatingsystem: 'Debian 12',
      medium: 'mirror',
      build: true,
    },
    { name: 'b.lab', interfaces: [{ mac: '52:54:00:00:00:02', ip: '10.0.0.12' }] },
  ],
};

type Loose = Partial<Record<keyof typeof SITE | 'parameters' | 'templates', unknown>>;

const declare = (overrides: Loose = {}): LoadedSite =>
  SITE_SCHEMA.parse({ ...SITE, ...overrides }) as LoadedSite;
const options = {
  makeToken: () => ({ value: TOKEN, expires_at: NOW + 1000 }),
  now: NOW,
  hasLoader: (file: string) => file !== 'pxelinux.efi',
};
const plan = (declaration: LoadedSite, site: Site) => planSite(declaration, site, options);

async function open(store = memoryInventory()) {
  return Inventory.open(store, { provisioning_templates: [template('iPXE global default', 'iPXE', -1)] });
}

async function applied(overrides: Loose = {}) {
  const inventory = await open();
  await inventory.change((site) => ({ changes: plan(declare(overrides), site).changes, result: undefined }));
  return inventory;
}

describe('apply', () => {
  it('creates what is new and then has nothing more to do', async () => {
    const inventory = await applied();
    expect(inventory.site.hostByMac('52:54:00:00:00:01')).toMatchObject({
      host: { name: 'a.lab', build: true, token: { value: TOKEN } },
    });
    const again = plan(declare(), inventory.site);
    expect(again.changes).toEqual([]);
    expect(new Set(again.records.map((record) => record.action))).toEqual(new Set(['keep']));
  });

  it('never puts a host that was installed back into build mode', async () => {
    const inventory = await applied();
    await hostBuilt(inventory, 'a.lab', { now: NOW });
    await inventory.change((site) => ({
      changes: plan(declare({ media: [{ name: 'mirror', path: 'http://other/debian' }] }), site).changes,
      result: undefined,
    }));
    expect(requireHost(inventory.site, 'a.lab')).toMatchObject({ build: false, installed_at: NOW });
    expect(inventory.site.get('media', 'mirror')?.path).toBe('http://other/debian');
  });

  const host = (fields: object) => ({ hosts: [...SITE.hosts, { name: 'c.lab', ...fields }] });
  it.each([
    ['a duplicate MAC', host({ mac: '52:54:00:00:00:01' }), ['hosts', 2, 'mac']],
    ['a duplicate address', host({ ip: '10.0.0.11' }), ['hosts', 2, 'ip']],
    [
      'an address outside of its subnet',
      host({ interfaces: [{ ip: '10.0.1.5', subnet: 'lab' }] }),
      ['hosts', 2, 'interfaces', 0, 'ip'],
    ],
    ['an address in no subnet', host({ ip: '192.0.2.9' }), ['hosts', 2, 'ip']],
    ['the address of the gateway', host({ ip: '10.0.0.1' }), ['hosts', 2, 'ip']],
    ['an unknown operating system', host({ operatingsystem: 'Debian 13' }), ['hosts', 2, 'operatingsystem']],
    ['an unknown medium', host({ medium: 'miror' }), ['hosts', 2, 'medium']],
    ['a loader that is not installed', host({ pxe_loader: 'PXELinux UEFI' }), ['hosts', 2, 'pxe_loader']],
    ['a name twice', { hosts: [SITE.hosts[1], SITE.hosts[1]] }, ['hosts', 1, 'name']],
    [
      'two primary interfaces',
      host({ interfaces: [{ primary: true }, { primary: true }] }),
      ['hosts', 2, 'interfaces'],
    ],
    ['build mode without a MAC', host({ build: true, operatingsystem: 'Debian 12' }), ['hosts', 2]],
    [
      'overlapping subnets',
      { subnets: [...SITE.subnets, { name: 'wide', network: '10.0.0.0/16' }] },
      ['subnets', 1, 'network'],
    ],
    [
      'a pool outside of its subnet',
      { subnets: [{ ...SITE.subnets[0], to: '10.0.1.1' }] },
      ['subnets', 0, 'to'],
    ],
    ['an empty pool', { subnets: [{ ...SITE.subnets[0], to: '10.0.0.99' }] }, ['subnets', 0, 'from']],
    [
      'a missing template',
      { operatingsystems: [{ ...SITE.operatingsystems[0], provisioning_templates: ['Nope'] }] },
      ['operatingsystems', 0, 'provisioning_templates', 0],
    ],
  ])('refuses %s, at its place', async (_what, overrides, path) => {
    const { site } = await open();
    expect(plan(declare(overrides as Loose), site).faults.map((fault) => fault.path)).toContainEqual(path);
  });

  it('lists every fault at once and suggests the near name', async () => {
    const { site } = await open();
    const { faults } = plan(
      declare(host({ medium: 'miror', operatingsystem: 'Debian 13', ip: '10.0.0.11' })),
      site,
    );
    expect(faults).toHaveLength(3);
    expect(faults.find((fault) => fault.path.at(-1) === 'medium')?.suggestion).toBe('did you mean "mirror"?');
  });

  it('lets a template of the site take the place of the shipped one', async () => {
    const inventory = await applied({
      templates: [{ name: 'iPXE global default', kind: 'iPXE', template: '#!ipxe\nexit' }],
    });
    expect(inventory.site.get('provisioning_templates', 'iPXE global default')).toMatchObject({
      locked: false,
      template: '#!ipxe\nexit',
    });
    expect(inventory.site.list('provisioning_templates')).toHaveLength(1);
  });
});

it('a change made through another process is seen after a refresh, and by the next change', async () => {
  const store = memoryInventory();
  const [one, two] = [await open(store), await open(store)];
  await one.change((site) => ({ changes: plan(declare(), site).changes, result: undefined }));
  expect(two.site.get('hosts', 'a.lab')).toBeUndefined();
  await hostBuilt(two, 'a.lab', { now: NOW });
  expect(one.site.get('hosts', 'a.lab')?.build).toBe(true);
  await one.refresh();
  expect(one.site.get('hosts', 'a.lab')?.build).toBe(false);
});

describe('trace', () => {
  const step = (mac: string) =>
    ({ at: NOW, kind: 'dhcp.offer', via: 'dhcp', because: because('rom-asks'), mac, xid: 1 }) as const;

  it('writes every step, in batches, behind the recorder’s back', async () => {
    const store = memoryBoots();
    const trace = new Trace(store, { keep: 100_000, days: 365, now: () => 0, log: () => undefined });
    for (let i = 0; i < 2500; i++)
      trace.record(
        step(
          `52:54:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
        ),
      );
    await trace.close();
    expect(await store.boots({ limit: 10_000 })).toHaveLength(2500);
  });

  it('says how many steps a failing disk cost, and goes on', async () => {
    const logged: unknown[] = [];
    const store = { ...memoryBoots(), append: () => Promise.reject(new Error('disk full')) };
    const trace = new Trace(store, {
      keep: 10,
      days: 365,
      now: () => 0,
      log: (level, message, values) => logged.push([level, message, values?.steps]),
    });
    trace.record(step('52:54:00:00:00:01'));
    await trace.close();
    expect(logged).toEqual([
      ['error', 'the trace cannot be written', 1],
      ['warn', 'steps are missing from the trace', 1],
    ]);
  });
});
