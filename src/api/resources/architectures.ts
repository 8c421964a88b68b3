import { z } from 'zod';
import type { Resource } from '../resource.ts';
import { SYSTEMS } from './systems.ts';

export const architectures: Resource<'architectures'> = {
  collection: 'architectures',
  name: 'architectures',
  singular: 'architecture',
  writes: 'operator',
  says: 'processor architectures, such as x86_64',
  attributes: { name: { type: z.string().max(255), says: 'name, such as x86_64 or aarch64' } },
  required: ['name'],
  reverse: {
    operatingsystems: { ...SYSTEMS, field: 'architectures', says: 'operating systems that run on it' },
  },
  filters: {
    operatingsystem_id: {
      collection: 'operatingsystems',
      path: 'operatingsystems',
      has: ({ name }, title, { site }) =>
        site.get('operatingsystems', title)?.architectures.includes(name) ?? false,
    },
  },
};
