/** The configuration: the single truth for validation, defaults and the table in docs/configuration.md. */

import { z } from 'zod';
import { TOKEN_DURATION_MINUTES } from '../inventory/build.ts';
import { parseCidr } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import { DHCP_SERVERS_SCHEMA } from './dhcp-servers.ts';
import { PROXIES_SCHEMA, UPSTREAM_SCHEMA } from './proxies.ts';
import { SMART_PROXIES_CLIENT_SCHEMA } from './smart-proxies-client.ts';

const port = z.int().min(0).max(65535);
const ipv4 = z.string().refine((text) => parseIpv4(text) !== undefined, { error: 'not an IPv4 address' });

/** Where Debian's packages put theirs; modules of PXELINUX for BIOS before those of the same name for UEFI. */
export const DEFAULT_LOADER_DIRECTORIES: readonly string[] = [
  '/usr/lib/ipxe',
  '/usr/lib/PXELINUX',
  '/usr/lib/syslinux/modules/bios',
  '/usr/lib/ipxe/qemu',
  '/usr/lib/shim',
  '/usr/lib/grub/x86_64-efi-signed',
  '/usr/lib/grub/arm64-efi-signed',
  '/usr/lib/SYSLINUX.EFI/efi64',
  '/usr/lib/syslinux/modules/efi64',
];

export const LINK_SCHEMA = z.strictObject({
  interface: z.string().min(1).max(15).describe('network interface, as `ip link` names it'),
  mode: z
    .enum(['proxy', 'server', 'off'])
    .default('proxy')
    .describe(
      '`server` hands out addresses on the declared subnets; `proxy` only adds boot answers beside another DHCP server; `off` answers no DHCP',
    ),
  address: ipv4
    .optional()
    .describe('our address on the link, when it has several (default: its first IPv4 address)'),
  unknown_hosts: z
    .enum(['menu', 'ignore'])
    .optional()
    .describe(
      'machines no host is declared for: `menu` lets them see a boot menu, `ignore` leaves them alone (default: menu on server links, ignore on proxy links)',
    ),
  ipv6_router: z
    .enum(['present', 'none'])
    .default('present')
    .describe(
      '`none`: no IPv6 router answers on this link, so tell an iPXE that, which otherwise waits 13 s for one at every DHCP',
    ),
  probe: z
    .boolean()
    .default(true)
    .describe(
      'on `server` links: look by ARP (0.3 s) whether somebody has an address before it is first offered to a machine; reservations and clients behind relays are not looked at',
    ),
  https_boot: z
    .boolean()
    .default(false)
    .describe(
      'whether UEFI HTTP boot gets https URLs (a loader of Foreman’s with HTTPS in its name always does); the firmware must trust the root',
    ),
});

const file = z.string().startsWith('/', { error: 'must be an absolute path' }).optional();

const HTTPS_SCHEMA = z
  .strictObject({
    enabled: z.boolean().default(false).describe('boot plane over TLS too, beside plain HTTP on every link'),
    port: port.default(443).describe('TCP port'),
    name: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, { error: 'not a host name' })
      .optional()
      .describe(
        'host name in https URLs; on every link it must lead to this server (default: the address of the link)',
      ),
    names: z
      .array(z.string().min(1))
      .default([])
      .describe('more names and addresses for the certificate that is made'),
    certificate: file.describe(
      'PEM file with the certificate of the server; without it, one is made and signed by a root of our own',
    ),
    key: file.describe('PEM file with its private key'),
    ca: file.describe('PEM file with the rest of its chain, up to the root'),
    ipxe: z
      .boolean()
      .default(true)
      .describe(
        'whether an iPXE that says it can do TLS (option 175) gets https URLs; `false` while its builds do not trust the root',
      ),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    path: ['key'],
    error: 'certificate and key go together',
  })
  .refine(({ certificate, ca }) => ca === undefined || certificate !== undefined, {
    path: ['ca'],
    error: 'belongs to a certificate that is given',
  });

const SMART_PROXY_SCHEMA = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('let a Foreman drive this server as a smart proxy, over HTTPS on every link'),
    port: port.default(8443).describe('TCP port for Foreman, which shows its client certificate there'),
    http_port: port
      .optional()
      .describe('plain HTTP for the machines: templates and HTTP boot (Foreman’s default: 8000)'),
    plain_http: z
      .boolean()
      .default(false)
      .describe('take orders there too, from `trusted_hosts` by their names in DNS'),
    trusted_hosts: z
      .array(z.string().min(1).toLowerCase())
      .optional()
      .describe(
        'names (CN) in the certificates of clients that may give orders (default: all that `ca` signed)',
      ),
    certificate: file.describe('PEM file with the certificate Foreman is shown (default: that of `https`)'),
    key: file.describe('PEM file with its private key'),
    ca: file.describe('PEM file with the authority that signs the certificates of clients'),
    crl: file.describe('PEM file with its list of revoked certificates'),
    directory: z
      .string()
      .startsWith('/', { error: 'must be an absolute directory' })
      .optional()
      .describe('what Foreman sends is kept here (default: smart-proxy/ beside the database)'),
    boot_file_mib: z
      .int()
      .min(1)
      .max(65536)
      .default(4096)
      .describe('longest kernel or initrd that is fetched for Foreman'),
    foreman_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Foreman itself: machines then get its templates through here'),
    foreman_ca: file.describe('PEM file with the authority of Foreman’s certificate (default: `ca`)'),
    template_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('this server in Foreman’s templates (default: the first link at `http_port`)'),
    tftp_servername: z
      .string()
      .min(1)
      .optional()
      .describe('what Foreman tells machines to fetch from (default: the address of the first link)'),
  })
  .refine(({ enabled, ca }) => !enabled || ca !== undefined, {
    path: ['ca'],
    error: 'is needed: it tells whose orders are taken',
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    path: ['key'],
    error: 'certificate and key go together',
  })
  .refine(({ plain_http, trusted_hosts }) => !plain_http || trusted_hosts !== undefined, {
    path: ['trusted_hosts'],
    error: 'is needed with plain_http: without certificates, names are all there is',
  });

export const CONFIG_SCHEMA = z.strictObject({
  database: z
    .string()
    .min(1)
    .default('/var/lib/chainboot/chainboot.db')
    .describe('SQLite file of hosts and boots'),
  leases: z
    .string()
    .min(1)
    .optional()
    .describe('lease journal (default: leases.journal beside the database)'),
  links: z.array(LINK_SCHEMA).min(1).describe('the network interfaces to serve'),
  dhcp: z
    .strictObject({ port: port.default(67).describe('UDP port; 4011 moves along with it') })
    .prefault({}),
  tftp: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Serve TFTP'),
      port: port.default(69).describe('UDP port'),
      single_port: z
        .boolean()
        .default(false)
        .describe('send files from that port too, for firewalls and NAT that let nothing else pass'),
      max_clients: z
        .int()
        .min(1)
        .max(100_000)
        .default(1000)
        .describe('transfers at the same time; who comes later is told to try again'),
      max_per_client: z
        .int()
        .min(1)
        .max(100_000)
        .default(100)
        .describe('of these, to one address; more is for many machines behind one NAT address'),
    })
    .prefault({}),
  http: z
    .strictObject({
      port: port.default(80).describe('TCP port of the boot plane'),
      cache_mib: z
        .int()
        .min(0)
        .max(65536)
        .default(256)
        .describe('memory for boot files, shared by all clients'),
      boot_burst: z
        .int()
        .min(10)
        .max(1_000_000)
        .default(10_000)
        .describe(
          'scripts and answer files that one address may ask for at once; a machine needs about five',
        ),
      boot_rate: z
        .int()
        .min(1)
        .max(100_000)
        .default(200)
        .describe('of these, how many a second in the long run'),
    })
    .prefault({}),
  https: HTTPS_SCHEMA.prefault({}),
  loaders: z
    .strictObject({
      directories: z
        .array(z.string().startsWith('/', { error: 'must be an absolute directory' }))
        .default([...DEFAULT_LOADER_DIRECTORIES])
        .describe('where boot loaders are looked for, first match wins'),
      store: z
        .string()
        .startsWith('/', { error: 'must be an absolute directory' })
        .optional()
        .describe(
          'where `chainboot firmware fetch` puts loaders, looked into first (default: firmware/ beside the database)',
        ),
    })
    .prefault({}),
  api: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('REST API on `https.port` of every link, with or without `https.enabled`'),
      plain_http: z
        .boolean()
        .default(false)
        .describe('answer it on `http.port` too, where passwords go over the wire for everyone to read'),
      admin_password_file: file.describe(
        'password of the first administrator, `admin`; without it one is made at the first start and shown once',
      ),
      body_limit_kib: z.int().min(1).max(1_048_576).default(4096).describe('longest body of a request'),
      json_depth: z.int().min(4).max(1000).default(32).describe('deepest nesting of JSON that is read'),
    })
    .prefault({}),
  smart_proxy: SMART_PROXY_SCHEMA.prefault({}),
  smart_proxies_client: SMART_PROXIES_CLIENT_SCHEMA.prefault({}),
  proxies: PROXIES_SCHEMA.prefault({}),
  upstream: UPSTREAM_SCHEMA.prefault({}),
  dhcp_servers: DHCP_SERVERS_SCHEMA,
  token_duration: z
    .int()
    .min(0)
    .max(525_600)
    .default(TOKEN_DURATION_MINUTES)
    .describe('minutes a build token lives; 0: for ever'),
  loop_guard: z
    .strictObject({
      enabled: z.boolean().default(true).describe('whether machines that boot in circles are held'),
      chains: z
        .int()
        .min(2)
        .max(60)
        .default(5)
        .describe('the same loader or script that often without progress: the machine is held'),
      minutes: z.int().min(1).max(1440).default(20).describe('the time in which they are counted'),
      installs: z
        .int()
        .min(1)
        .max(60)
        .default(3)
        .describe(
          'installations that are started for one `host build` and never report built: the next is held',
        ),
      install_minutes: z.int().min(1).max(10_080).default(360).describe('the time in which they are counted'),
    })
    .prefault({}),
  trace: z
    .strictObject({
      keep: z.int().min(1).max(10_000_000).default(10_000).describe('boots to keep'),
      keep_days: z
        .int()
        .min(1)
        .max(36_500)
        .default(365)
        .describe('boots that were last heard of before that many days go, too'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      allow: z
        .array(z.string().refine((text) => parseCidr(text) !== undefined, { error: 'not a network' }))
        .default(['127.0.0.0/8'])
        .describe('networks that may read `/metrics` (Prometheus)'),
    })
    .prefault({}),
  watch: z
    .strictObject({
      probe_minutes: z
        .int()
        .min(0)
        .max(10_080)
        .default(60)
        .describe(
          'how often, and at start, it is asked on links with DHCP who else answers (a DISCOVER that takes no lease); 0: never',
        ),
    })
    .prefault({}),
  syslog: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('take what kernels and installers log (syslog over UDP and TCP) into the trace'),
      port: port
        .default(514)
        .describe('UDP and TCP port; where another program has it, the log says so and boots go on without'),
    })
    .prefault({}),
  audit: z
    .strictObject({
      keep_days: z.int().min(1).max(36_500).default(730).describe('how long it is known who changed what'),
    })
    .prefault({}),
  templates: z
    .strictObject({
      workers: z.int().min(1).max(64).default(2).describe('threads that render templates'),
      timeout_ms: z
        .int()
        .min(10)
        .max(60_000)
        .default(2000)
        .describe('a template that takes longer is stopped'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('The least that is logged'),
    })
    .prefault({}),
});

export type Config = z.output<typeof CONFIG_SCHEMA>;
export type LinkConfig = z.output<typeof LINK_SCHEMA>;
