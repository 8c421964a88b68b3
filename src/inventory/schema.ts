/**
 * The shape of every record as a user declares it: the single truth for validation of site files and of what
 * comes out of the database. Keys are Foreman's.
 */

import { z } from 'zod';
import { parseCidr } from '../net/cidr.ts';
import { isIpv6, parseIpv4 } from '../net/ip.ts';
import { parseMac } from '../net/mac.ts';
import type { Collection, Json } from './types.ts';
import { OS_FAMILIES, PXE_LOADERS, TEMPLATE_KINDS } from './types.ts';

const name = z.string().trim().min(1).max(255);
const json: z.ZodType<Json> = z.json();
const parameters = z.record(z.string().min(1), json).default({});
const names = z.array(name).default([]);

const mac = z.string().transform((text, context) => {
  const parsed = parseMac(text);
  if (parsed === undefined) context.addIssue({ code: 'custom', message: `"${text}" is not a MAC address` });
  return parsed ?? text;
});
const ipv4 = z.string().refine((text) => parseIpv4(text) !== undefined, { error: 'not an IPv4 address' });
const ipv6 = z
  .string()
  .refine(isIpv6, { error: 'not an IPv6 address' })
  .transform((text) => text.toLowerCase());
const network = z.string().refine((text) => parseCidr(text) !== undefined, {
  error: 'not a network such as 192.0.2.0/24 (host bits must be zero)',
});
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

const nic = z.strictObject({
  identifier: name.optional(),
  mac: mac.optional(),
  ip: ipv4.optional(),
  ip6: ipv6.optional(),
  type: z.enum(['interface', 'bond', 'bridge', 'bmc']).default('interface'),
  primary: z.boolean().default(false),
  provision: z.boolean().default(false),
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
});

const host = z
  .strictObject({
    name: hostName,
    comment: z.string().optional(),
    enabled: z.boolean().default(true),
    operatingsystem: name.optional(),
    architecture: name.default('x86_64'),
    medium: name.optional(),
    ptable: name.optional(),
    disk: z.string().optional(),
    pxe_loader: z.enum(PXE_LOADERS).optional(),
    root_pass: z.string().optional(),
    parameters,
    /** Of the first interface, for the common host with one. */
    mac: mac.optional(),
    ip: ipv4.optional(),
    ip6: ipv6.optional(),
    interfaces: z.array(nic).default([]),
    /** Puts a host that is new into build mode; an existing one keeps its mode (`host build` changes it). */
    build: z.boolean().default(false),
  })
  .superRefine((value, context) => {
    if (value.interfaces.length > 0 && (value.mac ?? value.ip ?? value.ip6) !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['interfaces'],
        message: 'give mac/ip on the host or interfaces, not both',
      });
    }
  });

const template = z.strictObject({
  name,
  kind: z.enum(TEMPLATE_KINDS),
  template: z.string().min(1),
  description: z.string().optional(),
});

export const SCHEMAS = {
  hosts: host,
  operatingsystems: z.strictObject({
    name,
    major: version,
    minor: version.default(''),
    family: z.enum(OS_FAMILIES),
    release_name: name.optional(),
    media: names,
    architectures: names,
    ptables: names,
    provisioning_templates: names,
    parameters,
  }),
  media: z.strictObject({
    name,
    path: z.string().refine((text) => text.startsWith('/') || /^https?:\/\/[^/]+/.test(text), {
      error: 'neither an http(s) URL nor an absolute directory',
    }),
    os_family: z.enum(OS_FAMILIES).optional(),
  }),
  subnets: z.strictObject({
    name,
    network,
    gateway: ipv4.optional(),
    dns_primary: ipv4.optional(),
    dns_secondary: ipv4.optional(),
    from: ipv4.optional(),
    to: ipv4.optional(),
    boot_mode: z.enum(['DHCP', 'Static']).default('DHCP'),
    domain: name.optional(),
    vlanid: z.int().min(1).max(4094).optional(),
    mtu: z.int().min(68).max(65535).optional(),
    lease_time: z.int().min(60).max(0xffffffff).default(3600),
    parameters,
  }),
  domains: z.strictObject({ name, fullname: z.string().optional(), parameters }),
  ptables: z.strictObject({ name, layout: z.string().min(1), os_family: z.enum(OS_FAMILIES).optional() }),
  provisioning_templates: template,
  common_parameters: z.strictObject({ name, value: json }),
} satisfies Record<Collection, z.ZodType>;

/** A site file: every collection is optional; `parameters` is a short form of `common_parameters`. */
export const SITE_SCHEMA = z.strictObject({
  parameters,
  domains: z.array(SCHEMAS.domains).default([]),
  subnets: z.array(SCHEMAS.subnets).default([]),
  media: z.array(SCHEMAS.media).default([]),
  ptables: z.array(SCHEMAS.ptables).default([]),
  /** `file` names an .erb beside the site file; its metadata header may give name and kind. */
  templates: z
    .array(
      z.union([
        z.strictObject({
          file: z.string().min(1),
          name: name.optional(),
          kind: z.enum(TEMPLATE_KINDS).optional(),
        }),
        template,
      ]),
    )
    .default([]),
  operatingsystems: z.array(SCHEMAS.operatingsystems).default([]),
  hosts: z.array(SCHEMAS.hosts).default([]),
});

export type SiteDeclaration = z.infer<typeof SITE_SCHEMA>;
export type HostDeclaration = z.infer<typeof host>;
