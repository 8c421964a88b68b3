import { z } from 'zod';
import { OS_FAMILIES } from '../../inventory/types.ts';
import type { Resource } from '../resource.ts';
import { SYSTEMS } from './systems.ts';

export const media: Resource<'media'> = {
  collection: 'media',
  name: 'media',
  singular: 'medium',
  writes: 'operator',
  says: 'installation media: where kernels, initrds and packages come from',
  attributes: {
    name: { type: z.string().max(255), says: 'name of the medium' },
    path: {
      type: z.string(),
      says: 'URL, in which $arch, $major, $minor, $version and $release are filled in, or an absolute directory that is served',
    },
    os_family: { type: z.enum(OS_FAMILIES), says: 'family of the operating systems on it' },
  },
  required: ['name', 'path'],
  located: true,
  reverse: { operatingsystems: { ...SYSTEMS, field: 'media', says: 'operating systems on it' } },
  filters: {
    operatingsystem_id: {
      collection: 'operatingsystems',
      path: 'operatingsystems',
      has: ({ name }, title, { site }) => site.get('operatingsystems', title)?.media.includes(name) ?? false,
    },
  },
};
