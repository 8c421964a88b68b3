/** The host, as templates see it. */

import { type Json, type Parameters, primaryInterface, provisionInterface } from '../../inventory/types.ts';
import { fromJson, textOrNil } from '../convert.ts';
import { isFalse, isTrue } from '../render-context.ts';
import { wantName } from '../ruby/arguments.ts';
import { inherit } from '../ruby/core/table.ts';
import { rational } from '../ruby/rational.ts';
import { RHash, RObject, RTime, str, sym, type Value } from '../ruby/values.ts';
import type { HostScope, InterfaceScope } from '../scope.ts';
import { coresOf, isVirtualMachine, ramOf, socketsOf } from './hardware.ts';
import { hostgroupObject } from './hostgroup.ts';
import { nicObject, withoutDomain } from './interface.ts';
import { ownerKeys, ownerObject } from './owner.ts';
import { domainObject, locationObject, organizationObject, realmObject } from './places.ts';
import { subnetObject } from './subnet.ts';
import { architectureObject, bootFile, mediumObject, osObject, ptableObject } from './system.ts';
import { classTable, methods, nil, no, none } from './table.ts';

/** What a host object asks of the rendering it is part of. */
export type HostContext = {
  /** Where this server is reached: `http://192.0.2.1:8080`. */
  readonly base: string;
  parameters(): Value;
  parameter(name: string): Value | undefined;
  /** Renders a text that belongs to the host; `name` is for errors. */
  renderOwn(name: string, text: string): string;
};

type HostView = { readonly scope: HostScope; readonly context: HostContext };

function shortName({ record, domain }: HostScope): string {
  return domain === undefined ? record.name : withoutDomain(record.name, domain.name);
}

function primary({ interfaces }: HostScope): InterfaceScope | undefined {
  return primaryInterface({ interfaces });
}

function bmc({ interfaces }: HostScope): InterfaceScope | undefined {
  return interfaces.find(({ type }) => type === 'bmc');
}

function nicOrNil(nic: InterfaceScope | undefined, host: HostScope): Value {
  return nic === undefined ? null : nicObject(nic, host);
}

function nics(scope: HostScope, keep: (nic: InterfaceScope) => boolean): Value[] {
  return scope.interfaces.filter(keep).map((nic) => nicObject(nic, scope));
}

function withIdentifiers({ scope }: HostView, wanted: Value | undefined): Value[] {
  const names = (Array.isArray(wanted) ? wanted : [wanted]).map(wantName);
  return nics(scope, ({ managed, identifier }) => managed && names.includes(identifier ?? ''));
}

/** The text the disk is laid out by, before rendering. */
export function layoutSource({ record, ptable }: HostScope): { name: string; text: string } | undefined {
  if (record.disk) return { name: 'Custom disk layout', text: record.disk.replaceAll('\r', '') };
  return ptable && { name: ptable.name, text: ptable.layout.replaceAll('\r', '') };
}

/** Empty for a host with neither partition table nor layout of its own, where Foreman fails. */
function diskLayout({ scope, context }: HostView): Value {
  const source = layoutSource(scope);
  return str(source === undefined ? '' : context.renderOwn(source.name, source.text));
}

const MODEL = classTable(
  methods<{ readonly name: string }>({
    id: [0, nil],
    name: [0, ({ name }) => str(name)],
    to_s: [0, ({ name }) => str(name)],
    hardware_model: [0, ({ name }) => str(name)],
  }),
);

function modelObject(name: string | undefined): Value {
  return name === undefined ? null : new RObject('Model', MODEL, { name }, `model ${name}`);
}

const TOKEN = classTable(
  methods<HostView>({
    id: [0, nil],
    value: [0, ({ scope }) => textOrNil(scope.token)],
    host: [0, (view) => hostObject(view.scope, view.context)],
    expires: [0, ({ scope }) => expiry(scope)],
    to_s: [0, ({ scope }) => textOrNil(scope.token)],
  }),
);

/** To the second, as the database of Foreman keeps it. */
function expiry({ tokenExpires }: HostScope): Value {
  if (tokenExpires === undefined) return null;
  return new RTime(rational(BigInt(Math.floor(tokenExpires / 1000))), 0, 'utc');
}

function serverOf({ base }: HostContext): string {
  return new URL(base).hostname;
}

const IDENTITY = methods<HostView>({
  id: [0, ({ scope }) => scope.record.id],
  name: [0, ({ scope }) => str(scope.record.name)],
  shortname: [0, ({ scope }) => str(shortName(scope))],
  certname: [0, ({ scope }) => str(scope.record.certname ?? scope.record.name)],
  uuid: [0, ({ scope }) => textOrNil(scope.record.uuid)],
  comment: [0, ({ scope }) => textOrNil(scope.record.comment)],
  enabled: [0, ({ scope }) => scope.record.enabled],
  managed: [0, () => true],
  model: [0, ({ scope }) => modelObject(scope.record.model)],
  domain: [0, ({ scope }) => domainObject(scope.domain)],
  realm: [0, ({ scope }) => realmObject(scope.realm)],
  otp: [0, ({ scope }) => textOrNil(scope.record.otp)],
  hostgroup: [0, ({ scope }) => hostgroupObject(scope.hostgroup)],
  organization: [0, ({ scope }) => organizationObject(scope.organization)],
  location: [0, ({ scope }) => locationObject(scope.location)],
  owner: [0, ({ scope, context }) => ownerObject(scope.owner, serverOf(context))],
  owner_type: [0, ({ scope }) => textOrNil(scope.owner?.type)],
  ssh_authorized_keys: [0, ({ scope, context }) => ownerKeys(scope.owner, serverOf(context))],
});

const BUILD = methods<HostView>({
  build: [0, ({ scope }) => scope.record.build],
  token: [
    0,
    (view) => (view.scope.token === undefined ? null : new RObject('Token', TOKEN, view, view.scope.token)),
  ],
  provision_method: [0, ({ scope }) => str(scope.record.provision_method ?? 'build')],
  'pxe_build?': [0, ({ scope }) => (scope.record.provision_method ?? 'build') === 'build'],
  'image_build?': [0, ({ scope }) => scope.record.provision_method === 'image'],
  'bootdisk_build?': [0, ({ scope }) => scope.record.provision_method === 'bootdisk'],
  use_image: [0, no],
  capabilities: [0, () => [sym('build')]],
  pxe_loader: [0, ({ scope }) => textOrNil(scope.record.pxe_loader)],
  'pxe_loader_efi?': [0, ({ scope }) => scope.record.pxe_loader?.includes('EFI') ?? false],
  root_pass: [0, ({ scope }) => textOrNil(scope.record.root_pass)],
  disk: [0, ({ scope }) => str(scope.record.disk ?? '')],
  diskLayout: [0, diskLayout],
  operatingsystem: [0, ({ scope }) => osObject(scope)],
  architecture: [0, ({ scope }) => architectureObject(scope)],
  medium: [0, ({ scope }) => mediumObject(scope)],
  ptable: [0, ({ scope }) => ptableObject(scope)],
  url_for_boot: [1, ({ scope }, [which]) => textOrNil(bootFile(scope, which)?.uri)],
});

const NETWORK = methods<HostView>({
  mac: [0, ({ scope }) => textOrNil(primary(scope)?.mac)],
  ip: [0, ({ scope }) => textOrNil(primary(scope)?.ip)],
  ip6: [0, ({ scope }) => textOrNil(primary(scope)?.ip6)],
  subnet: [0, ({ scope }) => subnetObject(primary(scope)?.ipv4)],
  subnet6: [0, ({ scope }) => subnetObject(primary(scope)?.ipv6)],
  interfaces: [0, ({ scope }) => nics(scope, () => true)],
  // Foreman: those of the class Nic::Managed itself, so neither bonds nor bridges.
  managed_interfaces: [0, ({ scope }) => nics(scope, ({ managed, type }) => managed && type === 'interface')],
  bond_interfaces: [0, ({ scope }) => nics(scope, ({ managed, type }) => managed && type === 'bond')],
  bridge_interfaces: [0, ({ scope }) => nics(scope, ({ managed, type }) => managed && type === 'bridge')],
  interfaces_with_identifier: [1, (view, [wanted]) => withIdentifiers(view, wanted)],
  primary_interface: [0, ({ scope }) => nicOrNil(primary(scope), scope)],
  provision_interface: [
    0,
    ({ scope }) => nicOrNil(provisionInterface({ interfaces: scope.interfaces }), scope),
  ],
  'has_primary_interface?': [0, ({ scope }) => primary(scope) !== undefined],
  bmc_nic: [0, ({ scope }) => nicOrNil(bmc(scope), scope)],
  sp_name: [0, ({ scope }) => textOrNil(bmc(scope)?.name)],
  sp_ip: [0, ({ scope }) => textOrNil(bmc(scope)?.ip)],
  sp_mac: [0, ({ scope }) => textOrNil(bmc(scope)?.mac)],
  sp_subnet: [0, ({ scope }) => subnetObject(bmc(scope)?.ipv4)],
});

const KNOWLEDGE = methods<HostView>({
  params: [0, ({ context }) => context.parameters()],
  host_param: [1, ({ context }, [name]) => context.parameter(wantName(name)) ?? null],
  // Foreman up to 1.x had these where host_param_true? and host_enc are today.
  'param_true?': [1, ({ context }, [name]) => isTrue(context.parameter(wantName(name)) ?? null)],
  'param_false?': [1, ({ context }, [name]) => isFalse(context.parameter(wantName(name)) ?? null)],
  info: [0, ({ context }) => RHash.from([[str('parameters'), context.parameters()]])],
  facts: [0, ({ scope }) => fromJson(factsOf(scope))],
  ram: [0, ({ scope }) => ramOf(factsOf(scope))],
  sockets: [0, ({ scope }) => socketsOf(factsOf(scope))],
  cores: [0, ({ scope }) => coresOf(factsOf(scope))],
  virtual: [0, ({ scope }) => isVirtualMachine(factsOf(scope))],
});

function factsOf({ record }: HostScope): Parameters {
  return record.facts ?? NO_FACTS;
}

const NO_FACTS: Readonly<Record<string, Json>> = {};

/** What a Foreman without Puppet, compute resources, reports and Solaris answers. */
const ELSEWHERE = methods<HostView>({
  compute_resource: [0, nil],
  provider: [0, () => str('BareMetal')],
  environment: [0, nil],
  puppet_server: [0, () => str('')],
  puppet_ca_server: [0, () => str('')],
  puppetca_token: [0, nil],
  smart_proxies: [0, none],
  created_at: [0, nil],
  last_report: [0, nil],
  global_status: [0, () => 0],
  jumpstart_path: [0, nil],
  install_path: [0, nil],
  multiboot: [0, nil],
  miniroot: [0, nil],
});

const HOST = classTable(inherit(IDENTITY, BUILD, NETWORK, KNOWLEDGE, ELSEWHERE), {
  to_s: 'name',
  to_label: 'name',
  fqdn: 'name',
  'build?': 'build',
  'managed?': 'managed',
  os: 'operatingsystem',
  arch: 'architecture',
  host_params: 'params',
  facts_hash: 'facts',
  puppetmaster: 'puppet_server',
});

export function hostObject(scope: HostScope, context: HostContext): RObject {
  return new RObject('Host', HOST, { scope, context } satisfies HostView, scope);
}
