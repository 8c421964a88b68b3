import { z } from 'zod';
import type { Resource } from '../resource.ts';

export const usergroups: Resource<'usergroups'> = {
  collection: 'usergroups',
  name: 'usergroups',
  singular: 'usergroup',
  reads: 'admin',
  writes: 'admin',
  says: 'groups of users, which may own hosts',
  attributes: { name: { type: z.string().max(255), says: 'name of the group' } },
  required: ['name'],
  params: {
    admin: z.boolean().nullish().describe('accepted and not kept: roles are those of users'),
    role_ids: z.array(z.int()).nullish().describe('accepted and not kept: roles are those of users'),
  },
  shown: { admin: { type: z.boolean(), of: () => false } },
  many: {
    users: { collection: 'users', as: 'user', plural: 'users', says: 'users in it' },
    usergroups: { collection: 'usergroups', as: 'usergroup', plural: 'usergroups', says: 'groups in it' },
  },
  finish: (draft) => ({ ...draft, users: draft.users ?? [], usergroups: draft.usergroups ?? [] }),
};
