import { z } from 'zod';
import { referenceTo } from '../present.ts';
import type { Resource } from '../resource.ts';

export const domains: Resource<'domains'> = {
  collection: 'domains',
  name: 'domains',
  singular: 'domain',
  writes: 'operator',
  says: 'DNS domains of hosts',
  attributes: {
    name: { type: z.string().max(255), says: 'the domain, such as example.com' },
    fullname: { type: z.string().max(255), says: 'description of the domain', blank: true },
  },
  required: ['name'],
  one: {
    dns_proxy: { collection: 'smart_proxies', as: 'dns', says: 'smart proxy that looks after its DNS' },
  },
  located: true,
  parameters: 'domain_parameters_attributes',
  details: {
    subnets: {
      type: z.array(z.object({ id: z.int(), name: z.string() })),
      of: ({ name }, view) =>
        view.site
          .list('subnets')
          .filter(({ domain, domains: more }) => domain === name || more?.includes(name))
          .map((subnet) => referenceTo(view, 'subnets', subnet.name)),
    },
  },
  filters: {
    subnet_id: {
      collection: 'subnets',
      path: 'subnets',
      has: ({ name }, subnet, view) => {
        const { domain, domains: more } = view.site.get('subnets', subnet)!;
        return domain === name || (more?.includes(name) ?? false);
      },
    },
  },
};
