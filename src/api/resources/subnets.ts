import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { familyOf } from '../../inventory/faults/subnet.ts';
import { ipamOf as effectiveIpam } from '../../inventory/free-address.ts';
import { IPAM_MODES, type Subnet } from '../../inventory/types.ts';
import { maskOf, prefixOf } from '../../net/cidr.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import { formatIpv6, maskOf6, parseIpv6 } from '../../net/ipv6.ts';
import { parseMac } from '../../net/mac.ts';
import type { Call, Operation } from '../operation.ts';
import { referenceTo } from '../present.ts';
import type { Draft, One, Resource } from '../resource.ts';
import type { View } from '../view.ts';

const text = z.string();
const address = text.max(64);

const SERVICES = ['dhcp', 'tftp', 'httpboot', 'template', 'dns', 'bmc'] as const;

const proxies: Record<string, One<Subnet>> = Object.fromEntries(
  SERVICES.map((name) => [
    `${name}_proxy`,
    { collection: 'smart_proxies', as: name, says: `smart proxy that does ${name} there` },
  ]),
);

export const subnets: Resource<'subnets'> = {
  collection: 'subnets',
  name: 'subnets',
  singular: 'subnet',
  writes: 'operator',
  says: 'networks that hosts are in',
  attributes: {
    name: { type: text.max(255), says: 'name of the subnet' },
    description: { type: text, says: 'what is to be known of it', blank: true },
    gateway: { type: address, says: 'router' },
    dns_primary: { type: address, says: 'name server' },
    dns_secondary: { type: address, says: 'another name server' },
    from: { type: address, says: 'first address that is given out' },
    to: { type: address, says: 'last address that is given out' },
    vlanid: { type: z.int().max(4094), says: 'VLAN; 0: none' },
    nic_delay: { type: z.int(), says: 'seconds until a link of this network carries traffic' },
  },
  required: ['name', 'network'],
  one: proxies,
  located: true,
  parameters: 'subnet_parameters_attributes',
  params: {
    network: text.nullish().describe('network address, such as 192.0.2.0, or with its prefix: 192.0.2.0/24'),
    cidr: z.int().min(0).max(128).nullish().describe('length of the prefix'),
    mask: text.nullish().describe('netmask, instead of cidr'),
    network_type: z.enum(['IPv4', 'IPv6']).nullish().describe('family; follows from the network'),
    ipam: z
      .enum([...IPAM_MODES, 'External IPAM'])
      .nullish()
      .describe('how free addresses are found'),
    boot_mode: z.enum(['DHCP', 'Static']).nullish().describe('how installers get their address'),
    mtu: z.int().min(68).max(65535).nullish().describe('longest packet'),
    domain_ids: z
      .array(z.union([z.int(), text]))
      .nullish()
      .describe('domains that are used there, by number'),
    domain_names: z.array(text).nullish().describe('domains that are used there, by name'),
  },
  finish: (draft, call, view, existing) => ({
    ...draft,
    ...networkOf(call, existing),
    ...domainsOf(call, view, existing),
    ipam: ipamOf(call, existing),
    boot_mode: call.body.boot_mode ?? existing?.boot_mode ?? 'DHCP',
    mtu: call.body.mtu === undefined ? existing?.mtu : call.body.mtu,
    vlanid: draft.vlanid === 0 ? undefined : draft.vlanid,
    lease_time: existing?.lease_time ?? 3600,
  }),
  shown: {
    network: { type: text, of: ({ network }) => network.split('/')[0] },
    cidr: { type: z.int(), of: ({ network }) => Number(network.split('/')[1]) },
    mask: { type: text, of: ({ network }) => maskText(network) },
    network_address: { type: text, of: ({ network }) => network },
    network_type: { type: z.enum(['IPv4', 'IPv6']), of: (subnet) => familyOf(subnet) },
    ipam: { type: z.enum(IPAM_MODES), of: (subnet) => effectiveIpam(subnet) },
    boot_mode: { type: z.enum(['DHCP', 'Static']), of: ({ boot_mode }) => boot_mode },
    mtu: { type: z.int(), of: ({ mtu }) => mtu ?? 1500 },
  },
  details: {
    domains: {
      type: z.array(z.object({ id: z.int(), name: text })),
      of: (subnet, view) => domainNames(subnet).map((name) => referenceTo(view, 'domains', name)),
    },
  },
  filters: {
    domain_id: {
      collection: 'domains',
      path: 'domains',
      has: (subnet, domain) => domainNames(subnet).includes(domain),
    },
  },
  operations: [freeip()],
};

function domainNames({ domain, domains }: Pick<Subnet, 'domain' | 'domains'>): readonly string[] {
  return domains ?? (domain === undefined ? [] : [domain]);
}

function maskText(network: string): string {
  const prefix = Number(network.split('/')[1]);
  return network.includes(':') ? formatIpv6(maskOf6(prefix)) : formatIpv4(maskOf(prefix));
}

/** Address and prefix come apart, together, or one of them. */
function networkOf({ body }: Call, existing: Subnet | undefined): Draft {
  const [oldAddress, oldPrefix] = existing?.network.split('/') ?? [];
  const [given, prefix] = String(body.network ?? oldAddress ?? '').split('/');
  const cidr = prefix ?? body.cidr ?? prefixOfMask(body.mask) ?? oldPrefix;
  if (cidr === undefined || cidr === null) refuse('cidr', "can't be blank: give it or the mask");
  const masked = prefixOfMask(body.mask);
  if (masked !== undefined && masked !== Number(cidr)) refuse('mask', `${body.mask} is not that of /${cidr}`);
  const network = `${given}/${cidr}`;
  const type = body.network_type ?? familyOf({ network });
  if (type !== familyOf({ network })) refuse('network_type', `is not that of ${network}`);
  return { network };
}

function prefixOfMask(mask: unknown): number | undefined {
  if (mask === undefined || mask === null || mask === '') return undefined;
  const parsed = parseIpv4(String(mask));
  const parsed6 = parseIpv6(String(mask));
  const prefix =
    parsed6 === undefined
      ? parsed && prefixOf(parsed)
      : Array.from({ length: 129 }, (_, length) => length).find((length) => maskOf6(length) === parsed6);
  return prefix ?? refuse('mask', `${mask} is not a netmask`);
}

/** The first is that of hosts that name none; several are kept as well. */
function domainsOf({ body }: Call, view: View, existing: Subnet | undefined): Draft {
  const keys = (body.domain_ids ?? body.domain_names) as readonly unknown[] | null | undefined;
  if (keys === undefined) return {};
  const names = (keys ?? []).map((key) => {
    const domain = view.find('domains', String(key));
    return (
      domain?.name ?? refuse('domain_ids', `leads nowhere: there is none with the number or name "${key}"`)
    );
  });
  const kept = existing?.domain !== undefined && names.includes(existing.domain) ? existing.domain : names[0];
  return { domain: kept, domains: names.length > 1 ? names : undefined };
}

function ipamOf({ body }: Call, existing: Subnet | undefined): unknown {
  if (body.ipam === 'External IPAM')
    refuse('ipam', 'there is no external IPAM here: take DHCP or Internal DB');
  return body.ipam === undefined ? existing?.ipam : body.ipam;
}

function refuse(path: string, message: string): never {
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: 'subnets', path, message }]);
}

function freeip(): Operation {
  return {
    resource: 'subnets',
    action: 'freeip',
    summary: 'An address that nobody has, kept for who asks for ten minutes',
    method: 'GET',
    paths: ['/subnets/:id/freeip'],
    role: 'viewer',
    query: z.object({
      mac: text.optional().describe('MAC address it is for: the same gets the same again'),
      excluded_ips: z
        .union([z.array(text), text])
        .optional()
        .describe('addresses that will not do'),
    }),
    returns: z.object({ freeip: text.nullable() }),
    handle: async (call) => {
      const subnet = call.require('subnets', 'subnet', call.path.id ?? '');
      const { mac, excluded_ips } = call.query;
      const hardware = mac === undefined || mac === '' ? undefined : parseMac(String(mac));
      if (mac && hardware === undefined) refuse('mac', `"${mac}" is not a MAC address`);
      const except = new Set([excluded_ips ?? []].flat().flatMap((list) => String(list).split(/[\s,]+/)));
      const found = await call.services.lifeCycle.ipam.freeIp(call.site, subnet, {
        mac: hardware,
        except,
      });
      return { freeip: found ?? null };
    },
  };
}
