/**
 * Foreman's objects as templates see them: one table of allowed attributes for each class. An attribute that
 * is not in its table does not exist (Foreman's "jail"); tables hold what Chainboot has an answer for, and
 * nil or false for what a site without that part of Foreman has.
 */

import { archName, osVersion } from '../inventory/bootfiles.ts';
import {
  type Domain,
  osTitle,
  type PartitionTable,
  provisionInterface,
  type Subnet,
} from '../inventory/types.ts';
import { netmask, parseCidr } from '../net/cidr.ts';
import { formatIpv4 } from '../net/ip.ts';
import { fromJson, textOrNil } from './convert.ts';
import { objectMethods } from './ruby/core/classes.ts';
import { aliases, methods } from './ruby/core/table.ts';
import { RObject, RSymbol, str, type Value } from './ruby/values.ts';
import type { HostScope, InterfaceScope, MediumScope } from './scope.ts';

/** What a host object needs besides its own data; parameters may have to be rendered. */
export type HostView = { readonly scope: HostScope; readonly parameters: () => Value };
type NicView = { readonly nic: InterfaceScope; readonly host: HostScope };
type SubnetView = { readonly subnet: Subnet };
type OsView = { readonly host: HostScope };

const nil = (): Value => null;
const no = (): Value => false;

const DOMAIN = objectMethods(
  methods<Domain>({
    id: [0, (domain) => domain.id],
    name: [0, (domain) => str(domain.name)],
    fullname: [0, (domain) => textOrNil(domain.fullname)],
    to_s: [0, (domain) => str(domain.name)],
  }),
);

const SUBNET = objectMethods(
  methods<SubnetView>({
    id: [0, ({ subnet }) => subnet.id],
    name: [0, ({ subnet }) => str(subnet.name)],
    to_s: [0, ({ subnet }) => str(subnet.name)],
    network: [0, ({ subnet }) => str(networkOf(subnet))],
    network_address: [0, ({ subnet }) => str(subnet.network)],
    network_type: [0, ({ subnet }) => str(subnet.network.includes(':') ? 'IPv6' : 'IPv4')],
    cidr: [0, ({ subnet }) => prefixOf(subnet)],
    mask: [0, ({ subnet }) => textOrNil(maskOf(subnet))],
    gateway: [0, ({ subnet }) => textOrNil(subnet.gateway)],
    dns_primary: [0, ({ subnet }) => textOrNil(subnet.dns_primary)],
    dns_secondary: [0, ({ subnet }) => textOrNil(subnet.dns_secondary)],
    dns_servers: [0, ({ subnet }) => dnsServers(subnet).map(str)],
    ntp_servers: [0, () => []],
    from: [0, ({ subnet }) => textOrNil(subnet.from)],
    to: [0, ({ subnet }) => textOrNil(subnet.to)],
    ipam: [0, ({ subnet }) => str(subnet.from === undefined ? 'None' : 'DHCP')],
    boot_mode: [0, ({ subnet }) => str(subnet.boot_mode)],
    'dhcp_boot_mode?': [0, ({ subnet }) => subnet.boot_mode === 'DHCP'],
    'dhcp?': [0, ({ subnet }) => subnet.boot_mode === 'DHCP'],
    vlanid: [0, ({ subnet }) => subnet.vlanid ?? null],
    'has_vlanid?': [0, ({ subnet }) => subnet.vlanid !== undefined],
    mtu: [0, ({ subnet }) => subnet.mtu ?? 1500],
    nic_delay: [0, nil],
    template: [0, nil],
    'template?': [0, no],
    tftp: [0, nil],
    'tftp?': [0, no],
    httpboot: [0, nil],
    'httpboot?': [0, no],
    dhcp: [0, nil],
  }),
);

function networkOf({ network }: Subnet): string {
  return network.split('/')[0]!;
}

function prefixOf({ network }: Subnet): number {
  return Number(network.split('/')[1]);
}

function maskOf({ network }: Subnet): string | undefined {
  const cidr = parseCidr(network);
  return cidr && formatIpv4(netmask(cidr));
}

function dnsServers({ dns_primary, dns_secondary }: Subnet): string[] {
  return [dns_primary, dns_secondary].filter((server) => server !== undefined);
}

const NIC = aliases(
  objectMethods(
    methods<NicView>({
      name: [0, ({ nic, host }) => str(nic.primary ? host.record.name : '')],
      shortname: [0, ({ nic, host }) => str(nic.primary ? shortName(host) : '')],
      identifier: [0, ({ nic }) => textOrNil(nic.identifier)],
      mac: [0, ({ nic }) => textOrNil(nic.mac)],
      inheriting_mac: [0, ({ nic, host }) => textOrNil(inheritedMac(nic, host))],
      ip: [0, ({ nic }) => textOrNil(nic.ip)],
      ip6: [0, ({ nic }) => textOrNil(nic.ip6)],
      type: [0, ({ nic }) => str(NIC_TYPES[nic.type])],
      primary: [0, ({ nic }) => nic.primary],
      provision: [0, ({ nic }) => nic.provision],
      managed: [0, ({ nic }) => nic.managed],
      virtual: [0, ({ nic }) => nic.virtual],
      'bond?': [0, ({ nic }) => nic.type === 'bond'],
      'bridge?': [0, ({ nic }) => nic.type === 'bridge'],
      'bmc?': [0, ({ nic }) => nic.type === 'bmc'],
      'physical?': [0, ({ nic }) => !nic.virtual],
      tag: [0, ({ nic }) => textOrNil(nic.tag)],
      vlanid: [0, ({ nic }) => textOrNil(nic.tag ?? nic.ipv4?.vlanid?.toString())],
      mtu: [0, ({ nic }) => nic.mtu ?? nic.ipv4?.mtu ?? 1500],
      mode: [0, ({ nic }) => textOrNil(nic.mode)],
      bond_options: [0, ({ nic }) => str(nic.bond_options ?? '')],
      attached_to: [0, ({ nic }) => textOrNil(nic.attached_to)],
      attached_devices: [0, ({ nic }) => str((nic.attached_devices ?? []).join(','))],
      attached_devices_identifiers: [0, ({ nic }) => (nic.attached_devices ?? []).map(str)],
      subnet: [0, ({ nic }) => subnetObject(nic.ipv4)],
      subnet6: [0, ({ nic }) => subnetObject(nic.ipv6)],
      domain: [0, ({ nic }) => domainObject(nic.zone)],
      to_s: [0, ({ nic }) => str(nic.identifier ?? nic.mac ?? '')],
    }),
  ),
  { 'primary?': 'primary', 'provision?': 'provision', 'managed?': 'managed', 'virtual?': 'virtual' },
);

const NIC_TYPES = {
  interface: 'Nic::Managed',
  bond: 'Nic::Bond',
  bridge: 'Nic::Bridge',
  bmc: 'Nic::BMC',
} as const;

/** A VLAN has the address of the interface it lies on. */
function inheritedMac(nic: InterfaceScope, host: HostScope): string | undefined {
  return nic.mac ?? host.interfaces.find((parent) => parent.identifier === nic.attached_to)?.mac;
}

const ARCHITECTURE = objectMethods(
  methods<{ readonly name: string }>({
    name: [0, ({ name }) => str(name)],
    to_s: [0, ({ name }) => str(name)],
    bootfilename_efi: [0, ({ name }) => str({ x86_64: 'x64', aarch64: 'aa64', i386: 'ia32' }[name] ?? name)],
  }),
);

/** `bootfile(medium_provider, :kernel)` */
function bootFileNamed({ bootFiles }: HostScope, which: Value | undefined): Value {
  const wanted = which instanceof RSymbol ? which.name : '';
  return wanted === 'kernel' || wanted === 'initrd' ? textOrNil(bootFiles?.[wanted].tftp) : null;
}

export function bootUrl({ bootFiles }: HostScope, which: Value | undefined): Value {
  const wanted = which instanceof RSymbol ? which.name : '';
  return wanted === 'kernel' || wanted === 'initrd' ? textOrNil(bootFiles?.[wanted].uri) : null;
}

const PXE_TYPES: Readonly<Record<string, string>> = {
  Redhat: 'kickstart',
  Debian: 'preseed',
  Suse: 'yast',
  Coreos: 'coreos',
  Windows: 'waik',
  Altlinux: 'alterator',
};

const OS = aliases(
  objectMethods(
    methods<OsView>({
      id: [0, ({ host }) => host.os!.id],
      name: [0, ({ host }) => str(host.os!.name)],
      major: [0, ({ host }) => str(host.os!.major)],
      minor: [0, ({ host }) => str(host.os!.minor)],
      family: [0, ({ host }) => str(host.os!.family)],
      release: [0, ({ host }) => str(osVersion(host.os!))],
      release_name: [0, ({ host }) => textOrNil(host.os!.release_name)],
      title: [0, ({ host }) => str(osTitle(host.os!))],
      password_hash: [0, () => str('SHA512')],
      pxe_type: [0, ({ host }) => textOrNil(PXE_TYPES[host.os!.family])],
      kernel: [0, 2, ({ host }) => textOrNil(host.bootFiles?.kernel.name)],
      initrd: [0, 2, ({ host }) => textOrNil(host.bootFiles?.initrd.name)],
      bootfile: [1, 2, ({ host }, args) => bootFileNamed(host, args.at(-1))],
      boot_files_uri: [
        0,
        1,
        ({ host }) =>
          host.bootFiles ? [str(host.bootFiles.kernel.uri), str(host.bootFiles.initrd.uri)] : [],
      ],
      mediumpath: [0, 1, ({ host }) => textOrNil(host.medium?.uri)],
    }),
  ),
  { to_s: 'title', fullname: 'title', description: 'title' },
);

const MEDIUM = objectMethods(
  methods<MediumScope>({
    id: [0, (medium) => medium.id],
    name: [0, (medium) => str(medium.name)],
    path: [0, (medium) => str(medium.path)],
    to_s: [0, (medium) => str(medium.name)],
  }),
);

/** What `medium_provider` answers. */
const MEDIUM_PROVIDER = objectMethods(
  methods<HostScope>({
    medium_uri: [
      0,
      1,
      ({ medium }, [path], rt) => textOrNil(medium && withPath(medium.uri, rt.text(path ?? null))),
    ],
    unique_id: [0, ({ bootFiles }) => textOrNil(bootFiles?.kernel.tftp.replace(/^boot\/|-[^-]*$/g, ''))],
    errors: [0, () => []],
    'valid?': [0, ({ medium }) => medium !== undefined],
  }),
);

const PTABLE = objectMethods(
  methods<PartitionTable>({
    id: [0, (ptable) => ptable.id],
    name: [0, (ptable) => str(ptable.name)],
    layout: [0, (ptable) => str(ptable.layout)],
    to_s: [0, (ptable) => str(ptable.name)],
  }),
);

const TOKEN = objectMethods(
  methods<{ readonly value: string }>({
    value: [0, ({ value }) => str(value)],
    to_s: [0, ({ value }) => str(value)],
  }),
);

function pxeLoader({ record }: HostScope): string {
  return record.pxe_loader ?? '';
}

function nics(scope: HostScope, keep: (nic: InterfaceScope) => boolean): Value[] {
  return scope.interfaces.filter(keep).map((nic) => nicObject(nic, scope));
}

function shortName({ record, domain }: HostScope): string {
  const suffix = `.${domain?.name}`;
  return record.name.endsWith(suffix) ? record.name.slice(0, -suffix.length) : record.name.split('.')[0]!;
}

const HOST = aliases(
  objectMethods(
    methods<HostView>({
      id: [0, ({ scope }) => scope.record.id],
      name: [0, ({ scope }) => str(scope.record.name)],
      shortname: [0, ({ scope }) => str(shortName(scope))],
      comment: [0, ({ scope }) => textOrNil(scope.record.comment)],
      enabled: [0, ({ scope }) => scope.record.enabled],
      build: [0, ({ scope }) => scope.record.build],
      managed: [0, () => true],
      root_pass: [0, ({ scope }) => textOrNil(scope.record.root_pass)],
      disk: [0, ({ scope }) => textOrNil(scope.record.disk)],
      diskLayout: [0, ({ scope }) => str(diskLayout(scope))],
      pxe_loader: [0, ({ scope }) => str(pxeLoader(scope))],
      'pxe_loader_efi?': [0, ({ scope }) => pxeLoader(scope).includes('UEFI')],
      provision_method: [0, () => str('build')],
      'pxe_build?': [0, () => true],
      'image_build?': [0, no],
      'bootdisk_build?': [0, no],
      use_image: [0, no],
      mac: [0, ({ scope }) => textOrNil(primary(scope)?.mac)],
      ip: [0, ({ scope }) => textOrNil(primary(scope)?.ip)],
      ip6: [0, ({ scope }) => textOrNil(primary(scope)?.ip6)],
      subnet: [0, ({ scope }) => subnetObject(primary(scope)?.ipv4)],
      subnet6: [0, ({ scope }) => subnetObject(primary(scope)?.ipv6)],
      domain: [0, ({ scope }) => domainObject(scope.domain)],
      architecture: [
        0,
        ({ scope }) => new RObject('Architecture', ARCHITECTURE, { name: scope.record.architecture }),
      ],
      operatingsystem: [
        0,
        ({ scope }) => (scope.os ? new RObject('Operatingsystem', OS, { host: scope }, scope.os) : null),
      ],
      medium: [0, ({ scope }) => (scope.medium ? new RObject('Medium', MEDIUM, scope.medium) : null)],
      ptable: [0, ({ scope }) => (scope.ptable ? new RObject('Ptable', PTABLE, scope.ptable) : null)],
      token: [0, ({ scope }) => (scope.token ? new RObject('Token', TOKEN, { value: scope.token }) : null)],
      params: [0, ({ parameters }) => parameters()],
      interfaces: [0, ({ scope }) => nics(scope, () => true)],
      managed_interfaces: [0, ({ scope }) => nics(scope, (nic) => nic.managed && nic.type !== 'bmc')],
      bond_interfaces: [0, ({ scope }) => nics(scope, (nic) => nic.type === 'bond')],
      bridge_interfaces: [0, ({ scope }) => nics(scope, (nic) => nic.type === 'bridge')],
      interfaces_with_identifier: [0, ({ scope }) => nics(scope, (nic) => nic.identifier !== undefined)],
      primary_interface: [0, ({ scope }) => nicOrNil(primary(scope), scope)],
      provision_interface: [0, ({ scope }) => nicOrNil(provisionInterface(scope), scope)],
      bmc_nic: [
        0,
        ({ scope }) =>
          nicOrNil(
            scope.interfaces.find((nic) => nic.type === 'bmc'),
            scope,
          ),
      ],
      url_for_boot: [1, ({ scope }, [which]) => bootUrl(scope, which)],
      facts: [0, () => fromJson({})],
      ssh_authorized_keys: [0, () => []],
      hostgroup: [0, nil],
      organization: [0, nil],
      location: [0, nil],
      realm: [0, nil],
      otp: [0, nil],
      owner: [0, nil],
      owner_type: [0, nil],
      model: [0, nil],
      puppetca_token: [0, nil],
      puppet_server: [0, nil],
      multiboot: [0, nil],
      miniroot: [0, nil],
      compute_resource: [0, nil],
      uuid: [0, nil],
    }),
  ),
  {
    to_s: 'name',
    certname: 'name',
    fqdn: 'name',
    'build?': 'build',
    'managed?': 'managed',
    os: 'operatingsystem',
    arch: 'architecture',
    host_params: 'params',
  },
);

function diskLayout({ record, ptable }: HostScope): string {
  return (record.disk ?? ptable?.layout ?? '').replaceAll('\r', '');
}

function primary({ interfaces }: HostScope): InterfaceScope | undefined {
  return interfaces.find((nic) => nic.primary) ?? interfaces[0];
}

export function hostObject(view: HostView): RObject {
  return new RObject('Host', HOST, view, view.scope);
}

function nicObject(nic: InterfaceScope, host: HostScope): RObject {
  return new RObject('Interface', NIC, { nic, host }, nic);
}

function nicOrNil(nic: InterfaceScope | undefined, host: HostScope): Value {
  return nic === undefined ? null : nicObject(nic, host);
}

function subnetObject(subnet: Subnet | undefined): Value {
  return subnet === undefined ? null : new RObject('Subnet', SUBNET, { subnet }, subnet);
}

function domainObject(domain: Domain | undefined): Value {
  return domain === undefined ? null : new RObject('Domain', DOMAIN, domain);
}

export function mediumProvider(host: HostScope): RObject {
  return new RObject('MediumProvider', MEDIUM_PROVIDER, host);
}

export function withPath(uri: string, path: string): string {
  return path === '' ? uri : `${uri}/${path.replace(/^\/+/, '')}`;
}

/** The architecture as the installer of the operating system calls it. */
export function installerArch({ os, record }: HostScope): string {
  return os === undefined ? record.architecture : archName(os, record.architecture);
}
