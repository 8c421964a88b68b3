import { describe, expect, it } from 'vitest';
import { SITE_SCHEMA } from '../../inventory/schema.ts';
import { type Collected, type Document, RESOURCES, type ResourceName } from './collect.ts';
import { convertForeman } from './convert.ts';

const SHIPPED = {
  templates: new Set(['Preseed default']),
  ptables: new Set<string>(),
  others: new Set(['Default Location']),
};

function collected(documents: Partial<Record<ResourceName, readonly Document[]>>): Collected {
  const all = Object.fromEntries(RESOURCES.map(({ name }) => [name, documents[name] ?? []]));
  return { version: '3.12.0', documents: all as Collected['documents'], refused: [] };
}

const moved = (documents: Partial<Record<ResourceName, readonly Document[]>>, allTemplates = false) =>
  convertForeman(collected(documents), { shipped: SHIPPED, allTemplates });

/** As Foreman 3.12 shows them, shortened to what is read. */
const OS: Document = {
  id: 3,
  name: 'Debian',
  major: '12',
  minor: '',
  family: 'Debian',
  description: 'Debian bookworm',
  title: 'Debian bookworm',
  release_name: 'bookworm',
  password_hash: 'SHA512',
  media: [{ id: 1, name: 'mirror' }],
  architectures: [{ id: 1, name: 'x86_64' }],
  ptables: [],
  provisioning_templates: [{ id: 9, name: 'Ours' }],
  os_default_templates: [
    { id: 1, template_kind_name: 'provision', provisioning_template_name: 'Ours' },
    { id: 2, template_kind_name: 'unheard of', provisioning_template_name: 'X' },
  ],
  parameters: [{ id: 1, name: 'n', parameter_type: 'integer', value: '5' }],
};
const HOST: Document = {
  id: 7,
  name: 'Web1.example.com',
  managed: true,
  build: true,
  enabled: true,
  operatingsystem_id: 3,
  operatingsystem_name: 'Debian bookworm',
  architecture_name: 'x86_64',
  hostgroup_name: 'web',
  hostgroup_title: 'base/web',
  pxe_loader: 'PXELinux BIOS',
  owner_name: 'jane',
  owner_type: 'User',
  certname: 'web1.example.com',
  interfaces: [
    {
      id: 1,
      identifier: 'eth0',
      mac: '52:54:00:AA:00:01',
      ip: '192.0.2.7',
      type: 'interface',
      primary: true,
      provision: true,
      managed: true,
      virtual: false,
      subnet_name: 'lab',
      domain_name: 'example.com',
      fqdn: 'web1.example.com',
    },
    {
      id: 2,
      identifier: 'bond0',
      type: 'bond',
      mode: '802.3ad',
      attached_devices: 'eth0,eth1',
      managed: false,
    },
  ],
  parameters: [
    { name: 'open', value: 'yes', parameter_type: 'string' },
    { name: 'secret', value: '*****', 'hidden_value?': true },
  ],
};

describe('what comes of a Foreman', () => {
  it('a host, with systems by their name and version', () => {
    const { site, notes } = moved({ operatingsystems: [OS], hosts: [HOST] });
    expect(site.hosts?.[0]).toEqual({
      name: 'web1.example.com',
      hostgroup: 'base/web',
      operatingsystem: 'Debian 12',
      architecture: 'x86_64',
      owner: 'jane',
      owner_type: 'User',
      pxe_loader: 'PXELinux BIOS',
      interfaces: [
        {
          identifier: 'eth0',
          mac: '52:54:00:aa:00:01',
          ip: '192.0.2.7',
          primary: true,
          provision: true,
          subnet: 'lab',
          domain: 'example.com',
        },
        {
          identifier: 'bond0',
          type: 'bond',
          managed: false,
          attached_devices: ['eth0', 'eth1'],
          mode: '802.3ad',
        },
      ],
      parameters: { open: 'yes' },
    });
    expect(site.operatingsystems?.[0]).toMatchObject({
      name: 'Debian',
      major: '12',
      provisioning_templates: ['Ours'],
      default_templates: { provision: 'Ours' },
      parameters: { n: 5 },
    });
    const said = notes
      .filter(({ outcome }) => outcome === 'human')
      .map(({ subject, message }) => `${subject}: ${message}`);
    expect(said).toEqual([
      'host Web1.example.com: it is in build mode there; here it is not, until somebody says so',
      'host Web1.example.com: the value of the hidden parameter secret was not shown: set it here',
    ]);
    expect(SITE_SCHEMA.safeParse(site).error).toBeUndefined();
  });

  it('subnets of both families, masks and proxies', () => {
    const base = {
      boot_mode: 'Static',
      ipam: 'Internal DB',
      domains: [
        { id: 1, name: 'a.example' },
        { id: 2, name: 'b.example' },
      ],
      parameters: [],
    };
    const { site } = moved({
      subnets: [
        {
          ...base,
          id: 1,
          name: 'v4',
          network: '192.0.2.0',
          mask: '255.255.255.128',
          tftp_name: 'proxy',
          vlanid: 0,
        },
        {
          ...base,
          id: 2,
          name: 'v6',
          network: '2001:db8::',
          cidr: 64,
          template: { id: 1, name: 'other' },
          ipam: 'EUI-64',
        },
      ],
    });
    expect(site.subnets).toEqual([
      {
        name: 'v4',
        network: '192.0.2.0/25',
        boot_mode: 'Static',
        ipam: 'Internal DB',
        domain: 'a.example',
        domains: ['a.example', 'b.example'],
        tftp_proxy: 'proxy',
      },
      expect.objectContaining({ network: '2001:db8::/64', template_proxy: 'other', ipam: 'EUI-64' }),
    ]);
  });

  it('templates, and combinations of them with hostgroups', () => {
    const templates = [
      {
        id: 9,
        name: 'Ours',
        template: 'x',
        template_kind_name: 'provision',
        snippet: false,
        operatingsystems: [{ id: 3, name: 'Debian', title: 'Debian bookworm' }],
        template_combinations: [{ id: 1, hostgroup_name: 'base/web' }],
      },
      { id: 10, name: 'Preseed default', template: 'x', template_kind_name: 'provision', snippet: false },
      { id: 11, name: 'part', template: 'y', snippet: true },
      { id: 12, name: 'report', template: 'z', template_kind_name: 'nonsense', snippet: false },
    ];
    const groups = [
      { id: 1, name: 'base', title: 'base' },
      { id: 2, name: 'web', title: 'base/web', subnet_name: 'lab' },
    ];
    const documents = { operatingsystems: [OS], provisioning_templates: templates, hostgroups: groups };
    const { site, notes } = moved(documents);
    expect(site.templates).toEqual([
      { name: 'Ours', template: 'x', kind: 'provision' },
      { name: 'part', template: 'y', kind: 'snippet' },
    ]);
    expect(site.hostgroups).toEqual([
      { name: 'base' },
      { name: 'web', parent: 'base', subnet: 'lab', provisioning_templates: ['Ours'] },
    ]);
    expect(notes.filter(({ outcome }) => outcome === 'left')).toHaveLength(2);
    expect(moved(documents, true).site.templates).toHaveLength(3);
  });

  it('leaves what is here anyway, unless more is to be said of it', () => {
    const { site } = moved({
      locations: [
        { id: 1, name: 'Default Location', title: 'Default Location', parameters: [] },
        { id: 2, name: 'Rack', title: 'Default Location/Rack' },
      ],
    });
    expect(site.locations).toEqual([{ name: 'Rack', parent: 'Default Location' }]);
  });

  it('says what it cannot take, and takes the rest', () => {
    const { site, notes } = moved({
      hosts: [{ id: 1, name: 'no host name!', interfaces: [] }],
      media: [{ id: 1, name: 'nfs', path: 'nfs://x/y' }],
      operatingsystems: [{ id: 1, name: 'Weird', major: '1', family: 'Weird' }],
      users: [
        { id: 1, login: 'u', admin: false, auth_source_name: 'LDAP', roles: [{ id: 1, name: 'Manager' }] },
      ],
      settings: [
        { id: 1, name: 'dns_timeout', value: [5], default: [5, 10] },
        { id: 2, name: 'no_setting_here', value: 1, default: 2 },
        { id: 3, name: 'http_proxy', value: '', default: null },
      ],
    });
    expect(site).toEqual({ users: [{ login: 'u', roles: ['operator'] }], settings: { dns_timeout: [5] } });
    expect(
      notes
        .filter(({ outcome }) => outcome !== 'taken')
        .map(({ outcome, subject }) => `${outcome} ${subject}`),
    ).toEqual([
      'human medium nfs',
      'human operatingsystem Weird',
      'human operatingsystem Weird',
      'human user u',
      'refused host no host name!',
    ]);
  });
});
