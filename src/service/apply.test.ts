import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/fixtures.ts';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import type { Site } from '../inventory/site.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import { type LoadedSite, planSite } from './apply.ts';
import { Inventory } from './inventory.ts';

const declare = (declaration: object): LoadedSite => SITE_SCHEMA.parse(declaration) as LoadedSite;
const OPTIONS = {
  makeToken: () => ({ value: 'token' }),
  now: NOW,
  hasLoader: (file: string) => file === 'grub2/grubaa64.efi',
};
const plan = (declaration: object, site: Site) => planSite(declare(declaration), site, OPTIONS);

async function apply(inventory: Inventory, declaration: object) {
  return inventory.change((site) => {
    const planned = plan(declaration, site);
    return { changes: planned.faults.length > 0 ? [] : planned.changes, result: planned };
  });
}

const open = () => Inventory.open(memoryInventory(), {});

/** Every collection, each before what it refers to. */
const EVERYTHING = {
  hosts: [
    {
      name: 'web1.example.com',
      hostgroup: 'base/web',
      organization: 'A/B',
      location: 'X/Y',
      owner: 'staff',
      owner_type: 'Usergroup',
      mac: '52:54:00:00:00:01',
      ip: '192.0.2.11',
      ip6: '2001:DB8:0:0::11',
      facts: { cores: 8 },
      build: true,
    },
  ],
  hostgroups: [
    { name: 'web', parent: 'base', provisioning_templates: ['T'] },
    {
      name: 'base',
      operatingsystem: 'Rocky 9',
      architecture: 'aarch64',
      medium: 'm',
      ptable: 'p',
      realm: 'R',
      domain: 'example.com',
      subnet: 's',
      subnet6: 's6',
    },
  ],
  organizations: [{ name: 'B', parent: 'A' }, { name: 'A' }],
  locations: [{ name: 'Y', parent: 'X' }, { name: 'X' }],
  usergroups: [{ name: 'staff', users: ['ada'], usergroups: ['heads'] }, { name: 'heads' }],
  users: [{ login: 'ada', ssh_keys: ['ssh-rsa AAAA'] }],
  realms: [{ name: 'R' }],
  operatingsystems: [{ name: 'Rocky', major: 9, family: 'Redhat', media: ['m'], architectures: ['aarch64'] }],
  architectures: [{ name: 'aarch64' }],
  templates: [{ name: 'T', kind: 'provision', template: 'text' }],
  ptables: [{ name: 'p', layout: 'autopart' }],
  media: [{ name: 'm', path: 'http://m' }],
  subnets: [
    { name: 's', network: '192.0.2.0/24', domain: 'example.com' },
    { name: 's6', network: '2001:db8:0::/64' },
  ],
  domains: [{ name: 'example.com' }],
  parameters: { color: 'red' },
};

describe('a site file of everything', () => {
  it('is taken in any order, and then there is nothing more to do', async () => {
    const inventory = await open();
    expect((await apply(inventory, EVERYTHING)).faults).toEqual([]);
    const again = await apply(inventory, EVERYTHING);
    expect(again.records.filter(({ action }) => action !== 'keep')).toEqual([]);
    expect(again.records).toHaveLength(20);
  });

  it('leaves to the hostgroup what the host does not say', async () => {
    const inventory = await open();
    await apply(inventory, EVERYTHING);
    const stored = inventory.site.get('hosts', 'web1.example.com')!;
    expect(stored).not.toHaveProperty('architecture');
    expect(stored).not.toHaveProperty('operatingsystem');
    expect(stored.interfaces[0]).not.toHaveProperty('subnet');
    expect(stored).toMatchObject({ build: true, interfaces: [{ ip6: '2001:db8::11' }] });
    expect(inventory.site.get('subnets', 's6')?.network).toBe('2001:db8::/64');
  });

  it('keeps IPv6 out of the way of DHCP', async () => {
    const inventory = await open();
    await apply(inventory, EVERYTHING);
    expect(inventory.site.subnetOf(0xc0000205)?.subnet.name).toBe('s');
    expect(inventory.site.subnetOf(0x20010db8)).toBeUndefined();
  });
});

describe('boot loaders that nobody installed', () => {
  it.each([
    [{ hostgroups: [{ name: 'g', pxe_loader: 'Grub2 UEFI' }] }, [['hostgroups', 0, 'pxe_loader']]],
    [{ hostgroups: [{ name: 'g', pxe_loader: 'Grub2 UEFI', architecture: 'aarch64' }] }, []],
    [
      {
        hostgroups: [{ name: 'g', architecture: 'aarch64' }],
        hosts: [{ name: 'h', hostgroup: 'g', pxe_loader: 'Grub2 UEFI' }],
      },
      [],
    ],
    [{ hosts: [{ name: 'h', pxe_loader: 'Grub2 UEFI' }] }, [['hosts', 0, 'pxe_loader']]],
  ])('%j', async (declaration, paths) => {
    const { site } = await open();
    expect(plan(declaration, site).faults.map(({ path }) => path)).toEqual(paths);
  });
});

describe('locks', () => {
  const template = { name: 'T', kind: 'finish', template: 'old' };

  it.each([
    ['text', { ...template, template: 'new' }, 1],
    ['nothing', template, 0],
    ['text with the lock opened', { ...template, template: 'new', locked: false }, 0],
    ['text, saying it is locked', { ...template, template: 'new', locked: true }, 1],
  ])('a locked template: changing %s', async (_what, next, faults) => {
    const inventory = await open();
    await apply(inventory, { templates: [{ ...template, locked: true }] });
    const planned = await apply(inventory, { templates: [next] });
    expect(planned.faults).toHaveLength(faults);
    if (faults > 0)
      expect(planned.faults[0]).toMatchObject({ path: ['templates', 0, 'name'], message: 'is locked' });
    const stored = inventory.site.get('provisioning_templates', 'T');
    expect(stored?.locked).toBe(!('locked' in next && next.locked === false));
  });

  it('hold partition tables too', async () => {
    const inventory = await open();
    await apply(inventory, { ptables: [{ name: 'p', layout: 'old', locked: true }] });
    const { faults } = await apply(inventory, { ptables: [{ name: 'p', layout: 'new' }] });
    expect(faults).toMatchObject([{ path: ['ptables', 0, 'name'] }]);
  });
});

it('takes the last administrator away neither by pruning nor by declaring it anew', async () => {
  const inventory = await open();
  await inventory.change((site) => ({
    ...planSite(declare({ users: [{ login: 'ann', roles: ['admin'] }] }), site, { ...OPTIONS, mark: true }),
    result: undefined,
  }));
  for (const users of [[], [{ login: 'ann', roles: ['viewer'] }], [{ login: 'ann', disabled: true }]]) {
    const { faults } = planSite(declare({ users }), inventory.site, { ...OPTIONS, mark: true, prune: true });
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot be taken from the last administrator'),
    ]);
  }
});

it('finds no difference in when records were made', async () => {
  let now = 1000;
  const inventory = await Inventory.open(memoryInventory(), {}, () => now);
  const models = [{ name: 'R640' }];
  await apply(inventory, { models });
  now = 2000;
  expect((await apply(inventory, { models })).changes).toEqual([]);
  expect(inventory.site.get('models', 'R640')).toEqual({
    id: 1,
    name: 'R640',
    created_at: 1000,
    updated_at: 1000,
  });
});
