import { z } from 'zod';
import type { Resource } from '../resource.ts';

export const realms: Resource<'realms'> = {
  collection: 'realms',
  name: 'realms',
  singular: 'realm',
  writes: 'operator',
  says: 'realms that hosts join when they are installed',
  attributes: {
    name: { type: z.string().max(255), says: 'name of the realm, such as EXAMPLE.COM' },
    realm_type: { type: z.string(), says: 'FreeIPA, Red Hat Identity Management or Active Directory' },
  },
  required: ['name', 'realm_type'],
  one: {
    realm_proxy: { collection: 'smart_proxies', as: 'realm_proxy', says: 'smart proxy that enrols hosts' },
  },
  located: true,
};
