/** Interfaces of hosts, as clients give and see them. */

import { z } from 'zod';
import { roleAllows } from '../../inventory/roles.ts';
import { domainOfInterface, subnet6OfInterface, subnetOfInterface } from '../../inventory/site.ts';
import { BMC_PROVIDERS, type Collection, type Host, type Interface } from '../../inventory/types.ts';
import { parseMac } from '../../net/mac.ts';
import { Gathering } from '../gather.ts';
import type { Draft } from '../resource.ts';
import type { View } from '../view.ts';

const text = z.string();
const TYPES = ['interface', 'bond', 'bridge', 'bmc'] as const;

export const NIC_PARAMS = {
  mac: text.nullish().describe('hardware address'),
  ip: text.nullish().describe('IPv4 address'),
  ip6: text.nullish().describe('IPv6 address'),
  type: text.nullish().describe(TYPES.join(', ')),
  name: text.nullish().describe('host name of the interface'),
  subnet_id: z.int().nullish().describe('IPv4 subnet, by number'),
  subnet_name: text.nullish().describe('IPv4 subnet, by name'),
  subnet6_id: z.int().nullish().describe('IPv6 subnet, by number'),
  subnet6_name: text.nullish().describe('IPv6 subnet, by name'),
  domain_id: z.int().nullish().describe('domain, by number'),
  domain_name: text.nullish().describe('domain, by name'),
  identifier: text.nullish().describe('name in the operating system, such as eth0'),
  managed: z.boolean().nullish().describe('whether DHCP and installers look after it'),
  primary: z.boolean().nullish().describe('whether its name is that of the host'),
  provision: z.boolean().nullish().describe('whether the host is installed over it'),
  execution: z.boolean().nullish().describe('whether commands are to reach the host there; kept for clients'),
  username: text.nullish().describe('of a BMC: whom it knows us as'),
  password: text.nullish().describe('of a BMC: with what password'),
  provider: text.nullish().describe(`of a BMC: ${BMC_PROVIDERS.join(', ')}`),
  virtual: z.boolean().nullish().describe('on top of another: a VLAN or an alias'),
  tag: text.nullish().describe('VLAN id'),
  mtu: z.int().min(68).max(65535).nullish().describe('longest packet'),
  attached_to: text.nullish().describe('identifier of the interface below'),
  mode: text.nullish().describe('of a bond: 802.3ad, active-backup …'),
  attached_devices: z
    .union([z.array(text), text])
    .nullish()
    .describe('of a bond or bridge: identifiers of its members'),
  bond_options: text.nullish().describe('of a bond: further options'),
  compute_attributes: z
    .unknown()
    .optional()
    .describe('accepted and not kept: there are no compute resources here'),
};

export const NIC_SHAPE = z.looseObject({
  id: z.int(),
  name: text.nullable(),
  ip: text.nullable(),
  ip6: text.nullable(),
  mac: text.nullable(),
  mtu: z.int().nullable(),
  fqdn: text.nullable(),
  identifier: text.nullable(),
  primary: z.boolean(),
  provision: z.boolean(),
  execution: z.boolean(),
  managed: z.boolean(),
  virtual: z.boolean(),
  type: z.enum(TYPES),
  subnet_id: z.int().nullable(),
  subnet_name: text.nullable(),
  subnet6_id: z.int().nullable(),
  subnet6_name: text.nullable(),
  domain_id: z.int().nullable(),
  domain_name: text.nullable(),
  tag: text.nullable(),
  attached_to: text.nullable(),
});

/** `nic` is numbered, and has what its hostgroup gives it. */
export function showNic(host: Host, nic: Interface, view: View): z.infer<typeof NIC_SHAPE> {
  const { site } = view;
  const name = nic.name ?? (nic.primary ? host.name : undefined);
  const subnet = subnetOfInterface(site, nic)?.name;
  const subnet6 = subnet6OfInterface(site, nic)?.name;
  const domain = domainOfInterface(site, nic)?.name;
  return {
    id: nic.id ?? 0,
    name: name ?? null,
    ip: nic.ip ?? null,
    ip6: nic.ip6 ?? null,
    mac: nic.mac ?? null,
    mtu: nic.mtu ?? null,
    fqdn: name ?? null,
    identifier: nic.identifier ?? null,
    primary: nic.primary,
    provision: nic.provision,
    execution: nic.execution ?? false,
    managed: nic.managed,
    virtual: nic.virtual,
    type: nic.type,
    subnet_id: view.idNamed('subnets', subnet),
    subnet_name: subnet ?? null,
    subnet6_id: view.idNamed('subnets', subnet6),
    subnet6_name: subnet6 ?? null,
    domain_id: view.idNamed('domains', domain),
    domain_name: domain ?? null,
    tag: nic.tag ?? null,
    attached_to: nic.attached_to ?? null,
    ...(nic.type === 'bmc' && bmcOf(nic, view)),
    ...(nic.type === 'bond' && { mode: nic.mode ?? null, bond_options: nic.bond_options ?? '' }),
    ...(nic.attached_devices !== undefined && { attached_devices: nic.attached_devices.join(',') }),
  };
}

/** Name and password are for those who may change them. */
function bmcOf({ provider, username, password }: Interface, { principal }: View): object {
  const isShown = principal !== undefined && roleAllows(principal.role, 'operator');
  return {
    provider: provider ?? null,
    username: (isShown ? username : undefined) ?? null,
    password: (isShown ? password : undefined) ?? null,
  };
}

const NEW: Interface = { type: 'interface', primary: false, provision: false, managed: true, virtual: false };

/**
 * The interface with what the client names; null and an empty text take away. Throws RECORD_INVALID with all that is
 * wrong; `path` is what the names of its fields begin with.
 */
export function takeNic(given: Draft, view: View, before: Interface = NEW, path = ''): Interface {
  const wrong = new Gathering();
  const refuse: Refuse = (field, message) => {
    wrong.problems.push({ file: 'interfaces', path: `${path}${field}`, message });
    return undefined;
  };
  const named = (field: string, collection: Collection, key = field): Draft => {
    const id = given[`${field}_id`] ?? given[`${field}_name`];
    if (given[`${field}_id`] === undefined && given[`${field}_name`] === undefined) return {};
    if (id === null || id === '') return { [key]: undefined };
    const record = view.find(collection, String(id));
    return record === undefined
      ? { [key]: refuse(`${field}_id`, `leads nowhere: there is none with the number or name "${id}"`) }
      : { [key]: (record as { readonly name: string }).name };
  };
  const plain = [
    'ip',
    'ip6',
    'identifier',
    'tag',
    'mtu',
    'attached_to',
    'mode',
    'bond_options',
    'provider',
    'username',
    'password',
  ].flatMap((field) => (given[field] === undefined ? [] : [[field, orNothing(given[field])]]));
  const flags = ['execution', 'managed', 'primary', 'provision', 'virtual'].flatMap((field) =>
    typeof given[field] === 'boolean' ? [[field, given[field]]] : [],
  );
  const next = {
    ...before,
    ...Object.fromEntries([...plain, ...flags]),
    ...(given.mac !== undefined && { mac: macOf(given.mac, refuse) }),
    ...(given.name !== undefined && { name: orNothing(given.name)?.toString().toLowerCase() }),
    ...(given.type !== undefined && given.type !== null && { type: typeOf(String(given.type), refuse) }),
    ...(given.attached_devices !== undefined && { attached_devices: devicesOf(given.attached_devices) }),
    ...named('subnet', 'subnets'),
    ...named('subnet6', 'subnets'),
    ...named('domain', 'domains'),
  };
  wrong.done();
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as Interface;
}

function orNothing(value: unknown): unknown {
  return value === null || value === '' ? undefined : value;
}

/** Notes what is wrong with a field, which is then left out. */
type Refuse = (field: string, message: string) => undefined;

function macOf(value: unknown, refuse: Refuse): string | undefined {
  if (value === null || value === '') return undefined;
  return parseMac(String(value)) ?? refuse('mac', `"${value}" is not a MAC address`);
}

/** `Nic::Bond` and `bond`. */
function typeOf(value: string, refuse: Refuse): Interface['type'] | undefined {
  const plain = value.toLowerCase().replace(/^nic::/, '');
  if (plain === 'managed') return 'interface';
  return TYPES.find((type) => type === plain) ?? refuse('type', `is none of ${TYPES.join(', ')}`);
}

function devicesOf(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\s,]+/);
  const devices = list.filter(Boolean);
  return devices.length === 0 ? undefined : devices;
}
