import { z } from 'zod';
import type { Resource } from '../resource.ts';

const text = z.string();

export const models: Resource<'models'> = {
  collection: 'models',
  name: 'models',
  singular: 'model',
  writes: 'operator',
  says: 'hardware models of hosts',
  attributes: {
    name: { type: z.string().max(255), says: 'name of the model' },
    info: { type: text, says: 'what is to be known of it', blank: true },
    vendor_class: { type: text, says: 'vendor class, of SPARC', blank: true },
    hardware_model: { type: text, says: 'hardware model, of SPARC', blank: true },
  },
  required: ['name'],
};
