/** Every attribute Foreman allows, for a host that has everything, and what it is. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../../inventory/site.ts';
import { COLLECTIONS, type Host, type Interface } from '../../inventory/types.ts';
import { formatTemplateError } from '../errors.ts';
import { render } from '../render.ts';
import { scopeOf } from '../scope.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1VqPZkqT3bDZ4J2mT9pJp1c8vVbD3m0YQm8sQm1x2y';

const nic = (fields: Partial<Interface>): Interface => ({
  type: 'interface',
  primary: false,
  provision: false,
  managed: true,
  virtual: false,
  ...fields,
});

const HOST: Host = {
  id: 7,
  name: 'web1.example.com',
  enabled: true,
  comment: 'the first',
  hostgroup: 'base/web',
  organization: 'Example/Research',
  location: 'Berlin',
  owner: 'ada',
  otp: 'once',
  model: 'R640',
  uuid: '4c4c4544-0042',
  facts: {
    'processors::count': '8',
    physicalprocessorcount: 2,
    memorysize_mb: '15883.23',
    is_virtual: 'false',
  },
  parameters: {
    color: 'red',
    shout: '<%= @host.shortname.upcase %>',
    nested: ['<%= 1 + 1 %>', { '<% key %>': '<%= @host.name %>', plain: 7 }],
  },
  build: true,
  token: { value: 'tok', expires_at: Date.UTC(2026, 0, 15, 12, 0, 0, 500) },
  interfaces: [
    nic({
      identifier: 'bond0',
      type: 'bond',
      mode: '802.3ad',
      bond_options: 'miimon=100',
      mac: '52:54:00:00:00:01',
      ip: '192.0.2.11',
      ip6: '2001:db8::11',
      attached_devices: ['eth0', 'eth1'],
      primary: true,
      provision: true,
    }),
    nic({ identifier: 'eth0', mac: '52:54:00:00:00:02' }),
    nic({ identifier: 'eth1', mac: '52:54:00:00:00:03', managed: false }),
    nic({
      identifier: 'bond0.10',
      name: 'store',
      virtual: true,
      attached_to: 'bond0',
      tag: '10',
      domain: 'example.com',
    }),
    nic({ identifier: 'bond0:1', virtual: true, attached_to: 'bond0', ip6: '2001:db8::12' }),
    nic({ identifier: 'br0', type: 'bridge', attached_devices: ['eth0'], mtu: 9000 }),
    nic({ identifier: 'ipmi', type: 'bmc', name: 'web1-bmc', mac: '52:54:00:00:00:09', ip: '192.0.2.99' }),
  ],
};

function richSite(): SiteIndex {
  const site = new SiteIndex();
  const subnet = { lease_time: 3600, parameters: {} };
  site.put('domains', { id: 3, name: 'example.com', fullname: 'Our domain', parameters: {} });
  site.put('subnets', {
    ...subnet,
    id: 4,
    name: 'office',
    description: 'first floor',
    network: '192.0.2.0/24',
    gateway: '192.0.2.1',
    dns_primary: '192.0.2.53',
    dns_secondary: '192.0.2.54',
    boot_mode: 'Static',
    domain: 'example.com',
    vlanid: 42,
    nic_delay: 5,
  });
  site.put('subnets', {
    ...subnet,
    id: 5,
    name: 'office6',
    network: '2001:db8::/64',
    from: '2001:db8::100',
    to: '2001:db8::200',
    boot_mode: 'DHCP',
    mtu: 1400,
  });
  site.put('media', { id: 6, name: 'Rocky mirror', path: 'http://mirror.example.com/$major/$arch' });
  site.put('operatingsystems', {
    id: 8,
    name: 'Rocky',
    major: '9',
    minor: '4',
    family: 'Redhat',
    release_name: 'Blue Onyx',
    media: ['Rocky mirror'],
    architectures: [],
    ptables: [],
    provisioning_templates: [],
    parameters: { shape: 'round' },
  });
  site.put('ptables', { id: 9, name: 'dynamic', layout: '#Dynamic\r\nautopart # <%= @host.name %>\r\n' });
  site.put('architectures', { id: 10, name: 'aarch64' });
  site.put('realms', { id: 11, name: 'EXAMPLE.COM', realm_type: 'FreeIPA' });
  site.put('organizations', { id: 12, name: 'Example', parameters: {} });
  site.put('organizations', {
    id: 13,
    name: 'Research',
    parent: 'Example',
    description: 'those who think',
    parameters: {},
  });
  site.put('locations', { id: 14, name: 'Berlin', parameters: {} });
  site.put('users', {
    id: 15,
    login: 'ada',
    firstname: 'Ada',
    lastname: 'Lovelace',
    mail: 'ada@example.com',
    description: 'countess',
    ssh_keys: [`${KEY} ada@laptop`],
  });
  site.put('users', { id: 16, login: 'eve', ssh_keys: [KEY] });
  site.put('usergroups', { id: 17, name: 'staff', users: ['eve'], usergroups: ['heads'] });
  site.put('usergroups', { id: 18, name: 'heads', users: ['ada'], usergroups: ['staff'] });
  const group = { provisioning_templates: [], parameters: {} };
  site.put('hostgroups', {
    ...group,
    id: 19,
    name: 'base',
    architecture: 'aarch64',
    operatingsystem: 'Rocky 9.4',
    ptable: 'dynamic',
    domain: 'example.com',
    subnet: 'office',
    subnet6: 'office6',
    realm: 'EXAMPLE.COM',
    root_pass: '$6$hash',
    parameters: { color: 'blue' },
  });
  site.put('hostgroups', {
    ...group,
    id: 20,
    name: 'web',
    parent: 'base',
    description: 'they serve',
    pxe_loader: 'Grub2 UEFI',
    parameters: { role: 'web' },
  });
  site.put('hosts', HOST);
  return site;
}

const site = richSite();

function text(template: string, host: Host | undefined = HOST, around = site): string {
  const scope = scopeOf({
    site: around,
    kind: 'provision',
    base: 'http://boot.example.com:8080',
    now: 0,
    ...(host && { host }),
  });
  const result = render({ template: 'main', text: template, scope }, new Map());
  return result.ok ? result.text : formatTemplateError(result.error);
}

const inspected = (code: string, host?: Host): string => text(`<%= (${code}).inspect %>`, host);

/** `[object, attributes Foreman's jail of its class allows, those that are refused here]` */
const JAILS: readonly (readonly [object: string, allowed: string, refused?: string])[] = [
  [
    '@host',
    `id name created_at diskLayout puppetmaster puppet_server puppet_ca_server operatingsystem os environment
     ptable hostgroup url_for_boot compute_resource domain ip ip6 mac shortname architecture model certname
     capabilities provider subnet subnet6 token location organization provision_method image_build? pxe_build? otp
     realm nil? indent primary_interface provision_interface interfaces bond_interfaces bridge_interfaces
     interfaces_with_identifier managed_interfaces facts facts_hash root_pass sp_name sp_ip sp_mac sp_subnet
     use_image multiboot jumpstart_path install_path miniroot medium bmc_nic templates_used owner owner_type
     ssh_authorized_keys pxe_loader global_status get_status puppetca_token last_report build? smart_proxies
     host_param virtual ram sockets cores params pxe_loader_efi? comment`,
    // indent is a macro of its own; the others tell about the site, its reports and plugins, not about the host.
    'indent templates_used get_status',
  ],
  [
    '@host.primary_interface',
    `id managed? subnet subnet6 virtual? physical? mac ip ip6 identifier attached_to link tag domain vlanid mtu
     bond_options attached_devices mode attached_devices_identifiers primary provision alias? inheriting_mac
     children_mac_addresses nic_delay fqdn shortname type bond? bridge? bmc?`,
  ],
  ['@host.bmc_nic', 'provider username password'],
  [
    '@host.subnet',
    `id name network mask cidr title to_label gateway dns_primary dns_secondary dns_servers vlanid mtu nic_delay
     boot_mode nil? has_vlanid? dhcp_boot_mode? description present? dhcp dhcp? tftp tftp? dns dns? httpboot
     httpboot? template template? ipam ipam?`,
  ],
  [
    '@host.operatingsystem',
    `id name major minor family to_s == release release_name kernel initrd pxe_type boot_files_uri password_hash
     mediumpath bootfile`,
  ],
  [
    '@host.hostgroup',
    `id name diskLayout puppet_server operatingsystem architecture ptable url_for_boot params puppet_proxy
     puppet_ca_server os arch domain subnet subnet6 hosts realm root_pass description pxe_loader title children
     parent`,
    // A template of one host must not read others.
    'hosts children',
  ],
  ['@host.domain', 'id name fullname'],
  ['@host.realm', 'id name realm_type'],
  ['@host.organization', 'id name title created_at updated_at description'],
  ['@host.location', 'id name title created_at updated_at description'],
  [
    '@host.owner',
    'id login ssh_keys ssh_authorized_keys description firstname lastname mail last_login_on disabled',
  ],
  [
    '@host.owner.ssh_keys.first',
    'id name user key to_export fingerprint length ssh_key type comment',
    // Bits of the key, which nothing but a report shows.
    'id length',
  ],
  ['@host.token', 'id host value expires nil? present?'],
  ['@host.architecture', 'id name'],
  ['@host.medium', 'id name'],
  ['@host.ptable', 'id name'],
  ['@host.model', 'id name'],
  ['medium_provider', 'medium_uri unique_id errors'],
];

describe('Foreman’s jails', () => {
  it.each(JAILS)('%s answers to what Foreman allows', (object, allowed = '', refused = '') => {
    const names = allowed.split(/\s+/);
    const missing = names.filter(
      (name) => text(`<%= ${object}.respond_to?(:${name === '==' ? '"=="' : name}) %>`) !== 'true',
    );
    expect(missing).toEqual(refused.split(' ').filter(Boolean));
  });

  it.each(JAILS)('%s gives nothing that Ruby has and Foreman does not', (object) => {
    for (const name of ['send', 'instance_eval', 'constructor', '__proto__', 'update', 'destroy', 'class'])
      expect(text(`<%= ${object}.respond_to?("${name}") %>`)).toBe('false');
  });
});

describe('the host', () => {
  it.each([
    ['id', '7'],
    ['name', '"web1.example.com"'],
    ['to_s', '"web1.example.com"'],
    ['shortname', '"web1"'],
    ['certname', '"web1.example.com"'],
    ['uuid', '"4c4c4544-0042"'],
    ['comment', '"the first"'],
    ['build?', 'true'],
    ['managed?', 'true'],
    ['otp', '"once"'],
    ['root_pass', '"$6$hash"'],
    ['pxe_loader', '"Grub2 UEFI"'],
    ['pxe_loader_efi?', 'true'],
    ['provision_method', '"build"'],
    ['pxe_build?', 'true'],
    ['image_build?', 'false'],
    ['capabilities', '[:build]'],
    ['provider', '"BareMetal"'],
    ['model.to_s', '"R640"'],
    ['architecture.name', '"aarch64"'],
    ['architecture.id', '10'],
    ['architecture.bootfilename_efi', '"aa64"'],
    ['mac', '"52:54:00:00:00:01"'],
    ['ip', '"192.0.2.11"'],
    ['ip6', '"2001:db8::11"'],
    ['subnet.name', '"office"'],
    ['subnet6.name', '"office6"'],
    ['domain.fullname', '"Our domain"'],
    ['realm.realm_type', '"FreeIPA"'],
    ['organization.name', '"Research"'],
    ['organization.title', '"Example/Research"'],
    ['organization.description', '"those who think"'],
    ['location.to_s', '"Berlin"'],
    ['token.value', '"tok"'],
    ['token.expires.to_s', '"2026-01-15 12:00:00 UTC"'],
    ['token.host == @host', 'true'],
    ['params["shape"]', '"round"'],
    ['params["role"]', '"web"'],
    ['params["color"]', '"red"'],
    ['params["shout"]', '"WEB1"'],
    ['host_param("shout")', '"WEB1"'],
    ['host_param("none")', 'nil'],
    ['params["nested"].first', '"2"'],
    ['host_param("nested").last', '{"<% key %>"=>"web1.example.com", "plain"=>7}'],
    ['facts["processors::count"]', '"8"'],
    ['facts_hash["none"]', 'nil'],
    ['cores', '8'],
    ['sockets', '2'],
    ['ram', '15883'],
    ['virtual', 'false'],
    ['diskLayout', '"#Dynamic\\nautopart # web1.example.com\\n"'],
    ['ptable.name', '"dynamic"'],
    ['url_for_boot(:kernel)', '"http://mirror.example.com/9/aarch64/images/pxeboot/vmlinuz"'],
    ['url_for_boot("initrd")', '"http://mirror.example.com/9/aarch64/images/pxeboot/initrd.img"'],
    ['url_for_boot(:nothing)', 'nil'],
    ['sp_ip', '"192.0.2.99"'],
    ['sp_mac', '"52:54:00:00:00:09"'],
    ['sp_name', '"web1-bmc"'],
    ['sp_subnet.name', '"office"'],
    ['smart_proxies', '[]'],
    ['compute_resource', 'nil'],
    ['puppet_server', '""'],
    ['created_at', 'nil'],
    ['owner_type', '"User"'],
    ['== @host', 'true'],
  ])('.%s is %s', (code, value) => {
    expect(inspected(code.startsWith('==') ? `@host ${code}` : `@host.${code}`)).toBe(value);
  });

  it.each([
    ['interfaces', 'bond0 eth0 eth1 bond0.10 bond0:1 br0 ipmi'],
    ['managed_interfaces', 'eth0 bond0.10 bond0:1'],
    ['bond_interfaces', 'bond0'],
    ['bridge_interfaces', 'br0'],
    ['interfaces_with_identifier(["eth0", "eth1", "br0"])', 'eth0 br0'],
    ['interfaces_with_identifier("eth0")', 'eth0'],
  ])('.%s are %s', (code, names) => {
    expect(text(`<%= @host.${code}.map { |nic| nic.identifier }.join(' ') %>`)).toBe(names);
  });

  it('is known by its primary interface', () => {
    expect(inspected('@host.primary_interface == @host.interfaces.first')).toBe('true');
    expect(inspected('@host.subnet == @host.bmc_nic.subnet')).toBe('true');
  });

  it('without anything has nothing, and fails nowhere', () => {
    const bare: Host = {
      id: 1,
      name: 'bare',
      enabled: true,
      architecture: 'x86_64',
      build: false,
      parameters: {},
      interfaces: [],
    };
    for (const attribute of JAILS[0]![1].split(/\s+/)) {
      if (['indent', 'templates_used', 'get_status'].includes(attribute)) continue;
      const given = /^(url_for_boot|host_param|interfaces_with_identifier)$/.test(attribute)
        ? '(:kernel)'
        : '';
      expect(text(`<%= @host.${attribute}${given} %>`, bare)).not.toContain('main:1');
    }
  });

  it('answers whatever is missing around it', () => {
    const names = JAILS[0]![1]
      .split(/\s+/)
      .filter((name) => !['indent', 'templates_used', 'get_status'].includes(name))
      .map((name) =>
        /^(url_for_boot|host_param|interfaces_with_identifier)$/.test(name) ? `${name}(:kernel)` : name,
      );
    const all = names.map((name) => `<%= @host.${name} %>`).join('\n');
    fc.assert(
      fc.property(fc.subarray([...COLLECTIONS]), (gone) => {
        const poorer = richSite();
        for (const collection of gone)
          for (const { id } of poorer.list(collection)) poorer.remove(collection, id);
        expect(text(all, HOST, poorer)).not.toMatch(/^main:/);
      }),
      { numRuns: 60 },
    );
  });

  it('does not give itself away when it is inspected', () => {
    for (const [object] of JAILS) expect(inspected(object)).not.toMatch(/\{|root_pass|\$6\$/);
  });
});

describe('interfaces', () => {
  const at = (identifier: string) => `@host.interfaces.find { |nic| nic.identifier == '${identifier}' }`;

  it.each([
    ['bond0', 'type', '"Nic::Bond"'],
    ['bond0', 'fqdn', '"web1.example.com"'],
    ['bond0', 'shortname', '"web1"'],
    ['bond0', 'virtual?', 'true'],
    ['bond0', 'physical?', 'false'],
    ['bond0', 'mode', '"802.3ad"'],
    ['bond0', 'bond_options', '"miimon=100"'],
    ['bond0', 'attached_devices', '"eth0,eth1"'],
    ['bond0', 'attached_devices_identifiers', '["eth0", "eth1"]'],
    ['bond0', 'children_mac_addresses', '["52:54:00:00:00:02", "52:54:00:00:00:03"]'],
    ['bond0', 'vlanid', '42'],
    ['bond0', 'mtu', '1500'],
    ['bond0', 'nic_delay', '5'],
    ['bond0', 'tag', '""'],
    ['bond0', 'attached_to', '""'],
    ['bond0', 'provision', 'true'],
    ['eth0', 'type', '"Nic::Managed"'],
    ['eth0', 'physical?', 'true'],
    ['eth0', 'vlanid', '""'],
    ['eth0', 'mtu', 'nil'],
    ['eth0', 'nic_delay', 'nil'],
    ['eth0', 'fqdn', 'nil'],
    ['eth0', 'domain', 'nil'],
    ['eth0', 'mode', '"balance-rr"'],
    ['eth0', 'link', 'true'],
    ['eth1', 'managed?', 'false'],
    ['bond0.10', 'vlanid', '"10"'],
    ['bond0.10', 'tag', '"10"'],
    ['bond0.10', 'alias?', 'false'],
    ['bond0.10', 'attached_to', '"bond0"'],
    ['bond0.10', 'inheriting_mac', '"52:54:00:00:00:01"'],
    ['bond0.10', 'fqdn', '"store.example.com"'],
    ['bond0.10', 'shortname', '"store"'],
    ['bond0:1', 'alias?', 'true'],
    ['bond0:1', 'mtu', '1400'],
    ['bond0:1', 'subnet6.name', '"office6"'],
    ['br0', 'bridge?', 'true'],
    ['br0', 'bond?', 'false'],
    ['br0', 'mtu', '9000'],
    ['ipmi', 'bmc?', 'true'],
    ['ipmi', 'virtual?', 'false'],
    ['ipmi', 'password', 'nil'],
  ])('%s.%s is %s', (identifier, attribute, value) => {
    expect(inspected(`${at(identifier)}.${attribute}`)).toBe(value);
  });
});

describe('what a host has', () => {
  it.each([
    ['subnet.network', '"192.0.2.0"'],
    ['subnet.network_address', '"192.0.2.0/24"'],
    ['subnet.mask', '"255.255.255.0"'],
    ['subnet.cidr', '24'],
    ['subnet.to_label', '"office (192.0.2.0/24)"'],
    ['subnet.dns_servers', '["192.0.2.53", "192.0.2.54"]'],
    ['subnet.vlanid', '42'],
    ['subnet.has_vlanid?', 'true'],
    ['subnet.dhcp_boot_mode?', 'false'],
    ['subnet.mtu', '1500'],
    ['subnet.ipam', '"None"'],
    ['subnet.tftp', 'nil'],
    ['subnet.httpboot?', 'false'],
    ['subnet6.network', '"2001:db8::"'],
    ['subnet6.network_type', '"IPv6"'],
    ['subnet6.mask', '"ffff:ffff:ffff:ffff::"'],
    ['subnet6.cidr', '64'],
    ['subnet6.boot_mode', '"DHCP"'],
    ['subnet6.ipam?', 'true'],
    ['subnet6.nic_delay', 'nil'],
    ['operatingsystem.to_s', '"Rocky 9.4"'],
    ['operatingsystem.release', '"9.4"'],
    ['operatingsystem.release_name', '"Blue Onyx"'],
    ['operatingsystem.major.to_i', '9'],
    ['operatingsystem.family', '"Redhat"'],
    ['operatingsystem.pxe_type', '"kickstart"'],
    ['operatingsystem.password_hash', '"SHA512"'],
    ['operatingsystem.mediumpath(medium_provider)', '"url --url http://mirror.example.com/9/aarch64"'],
    ['operatingsystem.kernel(medium_provider) == @kernel', 'true'],
    ['operatingsystem.bootfile(medium_provider, :initrd) == @initrd', 'true'],
    [
      'operatingsystem.boot_files_uri(medium_provider)',
      '["http://mirror.example.com/9/aarch64/images/pxeboot/vmlinuz", "http://mirror.example.com/9/aarch64/images/pxeboot/initrd.img"]',
    ],
    ['medium.path', '"http://mirror.example.com/$major/$arch"'],
    ['hostgroup.name', '"web"'],
    ['hostgroup.title', '"base/web"'],
    ['hostgroup.description', '"they serve"'],
    ['hostgroup.parent.title', '"base"'],
    ['hostgroup.parent.parent', 'nil'],
    ['hostgroup.parent.pxe_loader', 'nil'],
    ['hostgroup.operatingsystem == @host.operatingsystem', 'true'],
    ['hostgroup.arch.name', '"aarch64"'],
    ['hostgroup.subnet6.name', '"office6"'],
    ['hostgroup.realm.name', '"EXAMPLE.COM"'],
    ['hostgroup.root_pass', '"$6$hash"'],
    ['hostgroup.params', '{"shape"=>"round", "color"=>"blue", "role"=>"web"}'],
    ['hostgroup.diskLayout', '"#Dynamic\\nautopart # <%= @host.name %>\\n"'],
    ['hostgroup.url_for_boot(:kernel) == @kernel_uri', 'true'],
    ['owner.login', '"ada"'],
    ['owner.name', '"Ada Lovelace"'],
    ['owner.mail', '"ada@example.com"'],
    ['owner.ssh_authorized_keys', `["${KEY} ada@boot.example.com"]`],
    ['owner.ssh_keys.first.name', '"ada@laptop"'],
    ['owner.ssh_keys.first.type', '"ssh-ed25519"'],
    ['owner.ssh_keys.first.comment', '"ada@boot.example.com"'],
    ['owner.ssh_keys.first.user.login', '"ada"'],
    ['owner.ssh_keys.first.fingerprint.size', '47'],
    ['ssh_authorized_keys == @host.owner.ssh_authorized_keys', 'true'],
  ])('@host.%s is %s', (code, value) => {
    expect(inspected(`@host.${code}`)).toBe(value);
  });

  it('may belong to a group of users, whose groups may be members of each other', () => {
    const shared: Host = { ...HOST, owner: 'staff', owner_type: 'Usergroup' };
    expect(inspected('@host.owner.name', shared)).toBe('"staff"');
    expect(inspected('@host.owner_type', shared)).toBe('"Usergroup"');
    expect(inspected('@host.owner.users.map { |user| user.login }', shared)).toBe('["eve", "ada"]');
    expect(inspected('@host.ssh_authorized_keys.size', shared)).toBe('2');
    expect(inspected('@host.owner.users.first.name', shared)).toBe('"eve"');
  });
});
