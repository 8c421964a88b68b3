import { z } from 'zod';
import type { Resource } from '../resource.ts';
import { OTHER_ROLES, rolesOf } from './roles.ts';

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
    admin: z.boolean().nullish().describe('whether its users may do everything: the role admin'),
    role_ids: z.array(z.int()).nullish().describe('roles of everybody in it, by number'),
    role_names: z.array(z.string()).nullish().describe('roles of everybody in it, by name'),
  },
  shown: { admin: { type: z.boolean(), of: ({ roles }) => roles?.includes('admin') ?? false } },
  details: { roles: OTHER_ROLES },
  many: {
    users: { collection: 'users', as: 'user', plural: 'users', says: 'users in it' },
    usergroups: { collection: 'usergroups', as: 'usergroup', plural: 'usergroups', says: 'groups in it' },
  },
  finish: (draft, call, _view, existing) => {
    const roles = rolesOf(call, existing?.roles);
    return {
      ...draft,
      users: draft.users ?? [],
      usergroups: draft.usergroups ?? [],
      roles: roles.length === 0 ? undefined : roles,
    };
  },
};
