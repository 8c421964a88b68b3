/** DHCP servers that are not ours, and are kept in step: one entry each, with what its kind needs. */

import { z } from 'zod';
import { parseIpv4 } from '../net/ip.ts';

const file = z.string().startsWith('/', { error: 'must be an absolute path' });
const ipv4 = z.string().refine((text) => parseIpv4(text) !== undefined, { error: 'not an IPv4 address' });

const common = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: 'letters, digits, dot, dash and underscore only' })
    .describe('what it is called here'),
  subnets: z
    .array(z.string().min(1))
    .optional()
    .describe('names of the subnets it serves; hosts on others are left out (default: all)'),
  next_server: ipv4
    .optional()
    .describe('this server, as its machines reach it (default: the address of the first link)'),
};

const DNSMASQ = z.strictObject({
  ...common,
  kind: z.literal('dnsmasq'),
  hosts_directory: file.describe('dnsmasq: what its `dhcp-hostsdir` names; a file of ours is kept in there'),
  config_file: file
    .optional()
    .describe(
      'dnsmasq: a file that its configuration includes (`conf-dir`), for the lines that choose loaders',
    ),
  main_config: file
    .default('/etc/dnsmasq.conf')
    .describe('dnsmasq: its own configuration, where hosts of others are looked for'),
  pid_file: file
    .optional()
    .describe(
      'dnsmasq: where its process id is; with it, it is told of changes by SIGHUP, else by inotify alone',
    ),
  leases: file.default('/var/lib/misc/dnsmasq.leases').describe('dnsmasq: its leases'),
});

const KEA = z.strictObject({
  ...common,
  kind: z.literal('kea'),
  control: z
    .string()
    .regex(/^(\/|https?:\/\/)/, { error: 'must be the absolute path of a socket, or a URL' })
    .default('/run/kea/kea4-ctrl-socket')
    .describe('kea: the control socket of kea-dhcp4, or the URL of kea-ctrl-agent'),
  user: z.string().min(1).optional().describe('kea: user at that URL'),
  password_file: file.optional().describe('kea: file with the password'),
  ca: file.optional().describe('kea: PEM file with the authority of its certificate'),
});

const ISC = z.strictObject({
  ...common,
  kind: z.literal('isc'),
  omapi_address: z.string().min(1).default('127.0.0.1').describe('isc: where dhcpd answers OMAPI'),
  omapi_port: z.int().min(1).max(65535).default(7911).describe('isc: its `omapi-port`'),
  omapi_key_file: file
    .optional()
    .describe(
      'isc: file with its `omapi-key`, written as in dhcpd.conf (`key … { … };`), which can include it',
    ),
  dhcpd_config: file
    .default('/etc/dhcp/dhcpd.conf')
    .describe('isc: its configuration, where hosts of others are looked for'),
  include_file: file
    .default('/etc/dhcp/chainboot.conf')
    .describe('isc: a file of ours that its configuration includes, with the class that chooses loaders'),
  leases_file: file
    .default('/var/lib/dhcp/dhcpd.leases')
    .describe('isc: its leases, where it writes the hosts that are made over OMAPI'),
  dhcpd_pid_file: file.default('/run/dhcpd.pid').describe('isc: tells when it was started'),
});

const LIBVIRT = z.strictObject({
  ...common,
  kind: z.literal('libvirt'),
  network: z.string().min(1).default('default').describe('libvirt: name of the network'),
  uri: z.string().min(1).optional().describe('libvirt: connection, such as `qemu:///system`'),
});

export const DHCP_SERVERS_SCHEMA = z
  .array(z.discriminatedUnion('kind', [DNSMASQ, ISC, KEA, LIBVIRT]))
  .default([])
  .superRefine((servers, context) => {
    servers.forEach(({ name }, i) => {
      if (servers.findIndex((other) => other.name === name) < i)
        context.addIssue({ code: 'custom', path: [i, 'name'], message: `another one is called ${name}` });
    });
  })
  .describe('DHCP servers that are kept in step with the inventory (see dhcp-servers.md)');

export type DhcpServerConfig = z.output<typeof DHCP_SERVERS_SCHEMA>[number];
