/**
 * The shape of every record as a user declares it: the single truth for validation of site files and of what
 * comes out of the database. Keys are Foreman's.
 */

import { z } from 'zod';
import { parseCidr } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import { canonicalIpv6, parseCidr6, parseIpv6 } from '../net/ipv6.ts';
import { parseMac } from '../net/mac.ts';
import { type DhcpOptionFault, encodeDhcpOption } from './dhcp-options.ts';
import { SETTING_NAMES } from './settings.ts';
import type { Collection, Json } from './types.ts';
import {
  BMC_PROVIDERS,
  IPAM_MODES,
  IPXE_DRIVERS,
  OS_FAMILIES,
  PARAMETER_TYPES,
  PASSWORD_HASHES,
  PROVISION_METHODS,
  PXE_LOADERS,
  ROLES,
  TEMPLATE_KINDS,
} from './types.ts';

const name = z.string().trim().min(1).max(255);
const json: z.ZodType<Json> = z.json();
const parameters = z.record(z.string().min(1), json).default({});
const names = z.array(name).default([]);
const parametrized = {
  parameters,
  hidden_parameters: z.array(name).optional(),
  parameter_types: z.record(z.string().min(1), z.enum(PARAMETER_TYPES)).optional(),
};
const located = { organizations: z.array(name).optional(), locations: z.array(name).optional() };

const mac = z.string().transform((text, context) => {
  const parsed = parseMac(text);
  if (parsed === undefined) context.addIssue({ code: 'custom', message: `"${text}" is not a MAC address` });
  return parsed ?? text;
});
const ipv4 = z.string().refine((text) => parseIpv4(text) !== undefined, { error: 'not an IPv4 address' });
const ipv6 = z
  .string()
  .refine((text) => parseIpv6(text) !== undefined, { error: 'not an IPv6 address' })
  .transform((text) => canonicalIpv6(text) ?? text);
/** Of a subnet's family, which consistency.ts looks after. */
const address = z
  .string()
  .refine((text) => (parseIpv4(text) ?? parseIpv6(text)) !== undefined, { error: 'not an IP address' })
  .transform((text) => canonicalIpv6(text) ?? text);
const network = z
  .string()
  .refine((text) => (parseCidr(text) ?? parseCidr6(text)) !== undefined, {
    error: 'not a network such as 192.0.2.0/24 or 2001:db8::/64 (host bits must be zero)',
  })
  .transform(canonicalNetwork);
/** RFC 1123 labels; PXE, DHCP option 12 and installers all want a real host name. */
const hostName = z
  .string()
  .toLowerCase()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/, {
    error: 'not a host name',
  });
/** YAML reads `12` as a number and `12.10` as 12.1: versions are text. */
const version = z.union([z.string(), z.int().transform(String)]);

function canonicalNetwork(text: string): string {
  const [, start = '', prefix = ''] = /^([^/]*)\/(.*)$/.exec(text) ?? [];
  return `${canonicalIpv6(start) ?? start}/${prefix}`;
}

/** One step of a title: slashes stand between the steps. */
const ownName = name.refine((text) => !text.includes('/'), {
  error: 'has a slash in it: give the part before it as parent',
});

/** Names and values are checked together: which values are right depends on the option. */
const dhcpOptions = z
  .record(
    z.string().min(1),
    z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()])).min(1)]),
  )
  .superRefine((options, context) => {
    for (const [option, value] of Object.entries(options)) {
      const encoded = encodeDhcpOption(option, value);
      if (!('code' in encoded)) context.addIssue({ code: 'custom', path: [option], message: words(encoded) });
    }
  });

function words({ message, suggestion }: DhcpOptionFault): string {
  return suggestion === undefined ? message : `${message} (${suggestion})`;
}

const inheritable = {
  operatingsystem: name.optional(),
  architecture: name.optional(),
  medium: name.optional(),
  ptable: name.optional(),
  realm: name.optional(),
  pxe_loader: z.enum(PXE_LOADERS).optional(),
  ipxe_driver: z.enum(IPXE_DRIVERS).optional(),
  root_pass: z.string().optional(),
  dhcp_options: dhcpOptions.optional(),
};

const nic = z.strictObject({
  name: hostName.optional(),
  identifier: name.optional(),
  mac: mac.optional(),
  ip: ipv4.optional(),
  ip6: ipv6.optional(),
  type: z.enum(['interface', 'bond', 'bridge', 'bmc']).default('interface'),
  primary: z.boolean().default(false),
  provision: z.boolean().default(false),
  execution: z.boolean().optional(),
  managed: z.boolean().default(true),
  virtual: z.boolean().default(false),
  subnet: name.optional(),
  subnet6: name.optional(),
  domain: name.optional(),
  attached_to: name.optional(),
  attached_devices: z.array(name).optional(),
  tag: version.optional(),
  mtu: z.int().min(68).max(65535).optional(),
  mode: z.string().optional(),
  bond_options: z.string().optional(),
  provider: z.enum(BMC_PROVIDERS).optional(),
  username: z.string().optional(),
  password: z.string().optional(),
});

/** What a host with one interface may say without a list of interfaces. */
export const SHORT_FORM = ['mac', 'ip', 'ip6', 'subnet', 'subnet6', 'domain'] as const;

const host = z
  .strictObject({
    name: hostName,
    comment: z.string().optional(),
    enabled: z.boolean().default(true),
    ...inheritable,
    hostgroup: name.optional(),
    organization: name.optional(),
    location: name.optional(),
    owner: name.optional(),
    owner_type: z.enum(['User', 'Usergroup']).optional(),
    disk: z.string().optional(),
    provision_method: z.enum(PROVISION_METHODS).optional(),
    model: z.string().optional(),
    certname: z.string().optional(),
    uuid: z.string().optional(),
    otp: z.string().optional(),
    facts: z.record(z.string().min(1), json).optional(),
    ...parametrized,
    /** Of the first interface, for the common host with one. */
    mac: mac.optional(),
    ip: ipv4.optional(),
    ip6: ipv6.optional(),
    subnet: name.optional(),
    subnet6: name.optional(),
    domain: name.optional(),
    interfaces: z.array(nic).default([]),
    /** Puts a host that is new into build mode; an existing one keeps its mode (`host build` changes it). */
    build: z.boolean().default(false),
  })
  .superRefine((value, context) => {
    const short = SHORT_FORM.filter((field) => value[field] !== undefined);
    if (value.interfaces.length > 0 && short.length > 0) {
      context.addIssue({
        code: 'custom',
        path: ['interfaces'],
        message: `give ${short.join(', ')} on the host or interfaces, not both`,
      });
    }
  });

/** What a template's header may say as well; the declaration counts. */
const ofTemplates = {
  description: z.string().optional(),
  locked: z.boolean().optional(),
  oses: z.array(name).optional(),
  ...located,
};
/** `file` names an .erb beside the site file; its metadata header may give the rest. */
const fromFile = { file: z.string().min(1), name: name.optional(), ...ofTemplates };

const template = z.strictObject({
  name,
  kind: z.enum(TEMPLATE_KINDS),
  template: z.string().min(1),
  default: z.boolean().optional(),
  ...ofTemplates,
});

const ptable = z.strictObject({
  name,
  layout: z.string().min(1),
  os_family: z.enum(OS_FAMILIES).optional(),
  snippet: z.boolean().optional(),
  ...ofTemplates,
});

const taxonomy = z.strictObject({
  name: ownName,
  parent: name.optional(),
  description: z.string().optional(),
  ignore_types: z.array(name).optional(),
  ...located,
  ...parametrized,
});

/** It stands in paths of the API, and before the colon of HTTP's Basic authentication (RFC 7617 §2). */
const login = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => text === text.trim() && !/[/:\p{Cc}]/u.test(text), {
    error: 'has a slash, a colon or a control character in it, or white space at an end',
  });

/** What mail servers take is for them to say. */
const mail = z
  .string()
  .max(254)
  .regex(/^[^@\s]+@[^@\s]+$/, { error: 'not a mail address' });

/** Type, key and comment, as in a .pub file. */
const sshKey = z
  .string()
  .trim()
  .regex(/^(?:ssh-|ecdsa-|sk-)[\w@.-]+ [A-Za-z0-9+/]+={0,2}(?: .*)?$/, {
    error: 'not a public SSH key',
  });

export const SCHEMAS = {
  hosts: host,
  hostgroups: z.strictObject({
    name: ownName,
    parent: name.optional(),
    description: z.string().optional(),
    ...inheritable,
    domain: name.optional(),
    subnet: name.optional(),
    subnet6: name.optional(),
    ...located,
    provisioning_templates: names,
    ...parametrized,
  }),
  architectures: z.strictObject({ name }),
  realms: z.strictObject({ name, realm_type: z.string().min(1).default('FreeIPA'), ...located }),
  organizations: taxonomy,
  locations: taxonomy,
  users: z.strictObject({
    login,
    firstname: z.string().optional(),
    lastname: z.string().optional(),
    mail: mail.optional(),
    description: z.string().optional(),
    roles: z.array(z.enum(ROLES)).optional(),
    password_hash: z
      .string()
      .regex(/^scrypt:\d+:\d+:\d+:[\w-]+:[\w-]+$/, { error: 'not a hash made by `chainboot user password`' })
      .optional(),
    locale: z.string().optional(),
    timezone: z.string().optional(),
    default_organization: name.optional(),
    default_location: name.optional(),
    disabled: z.boolean().optional(),
    ssh_keys: z.array(sshKey).default([]),
    ...located,
  }),
  usergroups: z.strictObject({
    name,
    users: names,
    usergroups: names,
    roles: z.array(z.enum(ROLES)).optional(),
  }),
  operatingsystems: z.strictObject({
    name,
    major: version,
    minor: version.default(''),
    family: z.enum(OS_FAMILIES),
    release_name: name.optional(),
    description: z.string().optional(),
    password_hash: z.enum(PASSWORD_HASHES).optional(),
    media: names,
    architectures: names,
    ptables: names,
    provisioning_templates: names,
    default_templates: z.partialRecord(z.enum(TEMPLATE_KINDS), name).optional(),
    ...parametrized,
  }),
  media: z.strictObject({
    name,
    path: z.string().refine((text) => text.startsWith('/') || /^https?:\/\/[^/]+/.test(text), {
      error: 'neither an http(s) URL nor an absolute directory',
    }),
    os_family: z.enum(OS_FAMILIES).optional(),
    ...located,
  }),
  subnets: z.strictObject({
    name,
    description: z.string().optional(),
    network,
    gateway: address.optional(),
    dns_primary: address.optional(),
    dns_secondary: address.optional(),
    from: address.optional(),
    to: address.optional(),
    boot_mode: z.enum(['DHCP', 'Static']).default('DHCP'),
    ipam: z.enum(IPAM_MODES).optional(),
    domain: name.optional(),
    domains: z.array(name).optional(),
    dhcp_proxy: name.optional(),
    tftp_proxy: name.optional(),
    httpboot_proxy: name.optional(),
    template_proxy: name.optional(),
    dns_proxy: name.optional(),
    bmc_proxy: name.optional(),
    ...located,
    vlanid: z.int().min(1).max(4094).optional(),
    mtu: z.int().min(68).max(65535).optional(),
    nic_delay: z.int().min(0).max(1024).optional(),
    shared_network: name.optional(),
    relay: z.strictObject({ circuit_id: name.optional(), remote_id: name.optional() }).optional(),
    authoritative: z.boolean().optional(),
    lease_time: z.int().min(60).max(0xffffffff).default(3600),
    ipxe_driver: z.enum(IPXE_DRIVERS).optional(),
    dhcp_options: dhcpOptions.optional(),
    ...parametrized,
  }),
  domains: z.strictObject({
    name,
    fullname: z.string().optional(),
    dns_proxy: name.optional(),
    ...located,
    ...parametrized,
  }),
  models: z.strictObject({
    name,
    info: z.string().optional(),
    vendor_class: z.string().optional(),
    hardware_model: z.string().optional(),
  }),
  smart_proxies: z.strictObject({
    name,
    url: z.string().regex(/^https?:\/\/[^/]+/, { error: 'not an http(s) URL' }),
    features: z.array(name).optional(),
    ...located,
  }),
  ptables: ptable,
  provisioning_templates: template,
  common_parameters: z.strictObject({
    name,
    value: json,
    hidden_value: z.boolean().optional(),
    parameter_type: z.enum(PARAMETER_TYPES).optional(),
  }),
  settings: z.strictObject({ name: z.enum(SETTING_NAMES), value: json }),
} satisfies Record<Exclude<Collection, 'holds' | 'personal_access_tokens'>, z.ZodType>;

const familyOfText = z.enum(OS_FAMILIES).nullable().optional();

/**
 * A site file: every collection is optional. `parameters` is a short form of `common_parameters`, and `settings` is
 * one too. The text of a partition table may have a header; `os_family: null` is of none, whatever that says.
 */
export const SITE_SCHEMA = z.strictObject({
  parameters,
  common_parameters: z.array(SCHEMAS.common_parameters).default([]),
  settings: z
    .strictObject(Object.fromEntries(SETTING_NAMES.map((setting) => [setting, json.optional()])))
    .default({}),
  domains: z.array(SCHEMAS.domains).default([]),
  subnets: z.array(SCHEMAS.subnets).default([]),
  media: z.array(SCHEMAS.media).default([]),
  ptables: z
    .array(
      z.union([
        z.strictObject({ ...fromFile, os_family: familyOfText, snippet: z.boolean().optional() }),
        ptable.extend({ os_family: familyOfText }),
      ]),
    )
    .default([]),
  templates: z
    .array(
      z.union([
        z.strictObject({
          ...fromFile,
          kind: z.enum(TEMPLATE_KINDS).optional(),
          default: z.boolean().optional(),
        }),
        template,
      ]),
    )
    .default([]),
  architectures: z.array(SCHEMAS.architectures).default([]),
  operatingsystems: z.array(SCHEMAS.operatingsystems).default([]),
  realms: z.array(SCHEMAS.realms).default([]),
  organizations: z.array(SCHEMAS.organizations).default([]),
  locations: z.array(SCHEMAS.locations).default([]),
  users: z.array(SCHEMAS.users).default([]),
  usergroups: z.array(SCHEMAS.usergroups).default([]),
  models: z.array(SCHEMAS.models).default([]),
  smart_proxies: z.array(SCHEMAS.smart_proxies).default([]),
  hostgroups: z.array(SCHEMAS.hostgroups).default([]),
  hosts: z.array(SCHEMAS.hosts).default([]),
});

export type SiteDeclaration = z.infer<typeof SITE_SCHEMA>;
export type HostDeclaration = z.infer<typeof host>;
