import { z } from 'zod';
import type { Resource } from '../resource.ts';
import { numberOfName } from '../view.ts';

const FEATURE = z.object({ id: z.int(), name: z.string(), capabilities: z.array(z.string()) });

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
    hosts_count: { type: z.int(), of: () => 0 },
    features: {
      type: z.array(FEATURE),
      of: ({ features = [] }) => features.map((name) => ({ id: numberOfName(name), name, capabilities: [] })),
    },
  },
};
