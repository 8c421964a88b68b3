import { z } from 'zod';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import { subnetOfInterface } from '../../inventory/site.ts';
import { primaryInterface, type SmartProxy } from '../../inventory/types.ts';
import type { Call } from '../operation.ts';
import { present } from '../present.ts';
import type { Resource } from '../resource.ts';
import type { Services } from '../services.ts';
import { shownTimeOrNull } from '../times.ts';
import { numberOfName, type View } from '../view.ts';

const SERVICES = [
  'dhcp_proxy',
  'tftp_proxy',
  'httpboot_proxy',
  'template_proxy',
  'dns_proxy',
  'bmc_proxy',
] as const;

const FEATURE = z.object({ id: z.int(), name: z.string(), capabilities: z.array(z.string()) });

const STATUS = z.object({
  state: z.enum(['idle', 'busy', 'away', 'ours']),
  hosts: z.object({ deployed: z.int(), pending: z.int(), failed: z.int() }),
  since: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
});

export const smartProxies: Resource<'smart_proxies'> = {
  collection: 'smart_proxies',
  name: 'smart_proxies',
  singular: 'smart_proxy',
  writes: 'admin',
  says: 'smart proxies, which serve networks that this server does not reach',
  attributes: {
    name: { type: z.string().max(255), says: 'name of the proxy' },
    url: { type: z.string(), says: 'where it listens, such as https://proxy.example.com:8443' },
  },
  required: ['name', 'url'],
  located: true,
  shown: {
    hosts_count: { type: z.int(), of: ({ name }, view) => hostsOf(name, view) },
    features: {
      type: z.array(FEATURE),
      of: (proxy, view) =>
        featuresOf(proxy, view).map((name) => ({ id: numberOfName(name), name, capabilities: [] })),
    },
  },
  details: { deployment: { type: STATUS.nullable(), of: statusOf } },
  operations: [
    {
      resource: 'smart_proxies',
      action: 'refresh',
      summary: 'Ask a smart proxy what it does',
      method: 'PUT',
      paths: ['/smart_proxies/:id/refresh'],
      role: 'admin',
      returns: z.object({ id: z.int(), features: z.array(FEATURE) }),
      handle: refresh,
    },
  ],
};

/** How far it is with what it should have; null where it is not driven from here. */
function statusOf(proxy: SmartProxy, view: View): z.infer<typeof STATUS> | null {
  const { services } = view as View & { readonly services?: Services };
  const status = services?.deployments?.statusOf(proxy);
  if (status === undefined) return null;
  const { state, hosts, since, error } = status;
  return { state, hosts, since: shownTimeOrNull(since ?? undefined), error };
}

/** What it says now, where it is driven from here; else what it said at its last refresh. */
function featuresOf(proxy: SmartProxy, view: View): readonly string[] {
  const { services } = view as View & { readonly services?: Services };
  return services?.deployments?.featuresOf(proxy) ?? proxy.features ?? [];
}

/** Hosts whose primary interface is in a subnet that it serves. */
function hostsOf(name: string, { site }: View): number {
  const served = new Set(
    site
      .list('subnets')
      .flatMap((subnet) => (SERVICES.some((field) => subnet[field] === name) ? subnet.name : [])),
  );
  if (served.size === 0) return 0;
  return site.list('hosts').filter((host) => {
    const nic = primaryInterface(effectiveHost(site, host));
    return served.has((nic && subnetOfInterface(site, nic)?.name) ?? '');
  }).length;
}

async function refresh(call: Call): Promise<object> {
  const { url, id } = call.require('smart_proxies', 'smart_proxy', call.path.id ?? '');
  const features = await call.services.proxyFeatures(url);
  await call.change((view) => {
    const proxy = view.require('smart_proxies', 'smart_proxy', String(id));
    return {
      changes: [{ op: 'put', collection: 'smart_proxies', record: { ...proxy, features } }],
      result: undefined,
    };
  });
  return present(smartProxies, call.site.byId('smart_proxies', id)!, call, 'details');
}
