import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { roleOf } from '../../inventory/roles.ts';
import { hashPassword, MIN_PASSWORD } from '../../service/auth/passwords.ts';
import type { Operation } from '../operation.ts';
import { present } from '../present.ts';
import type { Resource } from '../resource.ts';
import { OTHER_ROLES, rolesOf } from './roles.ts';

const text = z.string();

export const users: Resource<'users'> = {
  collection: 'users',
  name: 'users',
  singular: 'user',
  reads: 'admin',
  writes: 'admin',
  says: 'people and programs that log in',
  attributes: {
    login: { type: text, says: 'name to log in with' },
    firstname: { type: text, says: 'first name', blank: true },
    lastname: { type: text, says: 'last name', blank: true },
    mail: { type: text, says: 'address for mail' },
    description: { type: text, says: 'what is to be known of the user', blank: true },
    locale: { type: text, says: 'language, as in en_GB' },
    timezone: { type: text, says: 'time zone, as Rails names them' },
  },
  required: ['login'],
  one: {
    default_organization: {
      collection: 'organizations',
      as: 'default_organization',
      titled: true,
      says: 'organization in which clients begin',
    },
    default_location: {
      collection: 'locations',
      as: 'default_location',
      titled: true,
      says: 'location in which clients begin',
    },
  },
  located: true,
  params: {
    password: text.nullish().describe(`password, at least ${MIN_PASSWORD} characters`),
    admin: z.boolean().nullish().describe('whether the user may do everything: the role admin'),
    role_ids: z.array(z.int()).nullish().describe('roles, by number'),
    role_names: z.array(text).nullish().describe('roles, by name'),
    auth_source_id: z.int().nullish().describe('1: logins are kept here, and nowhere else'),
    disabled: z.boolean().nullish().describe('whether the user may not log in'),
  },
  prepare: async ({ body }) => {
    const password = body.password as string | null | undefined;
    if (password === undefined || password === null || password === '') return {};
    if (password.length < MIN_PASSWORD)
      refuse('password', `is too short (minimum is ${MIN_PASSWORD} characters)`);
    return { password_hash: await hashPassword(password) };
  },
  finish: (draft, call, _view, existing) => {
    const roles = rolesOf(call, existing?.roles);
    const disabled = call.body.disabled ?? draft.disabled;
    return {
      ...draft,
      ssh_keys: draft.ssh_keys ?? [],
      roles: roles.length === 0 ? undefined : roles,
      disabled: disabled === true ? true : undefined,
    };
  },
  shown: {
    admin: { type: z.boolean(), of: (user) => roleOf(user) === 'admin' },
    disabled: { type: z.boolean(), of: ({ disabled }) => disabled ?? false },
    auth_source_id: { type: z.int(), of: () => 1 },
    auth_source_name: { type: text, of: () => 'Internal' },
  },
  details: {
    roles: OTHER_ROLES,
    ssh_keys: { type: z.array(text), of: ({ ssh_keys }) => ssh_keys },
  },
};

function refuse(path: string, message: string): never {
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: 'users', path, message }]);
}

export const currentUser: Operation = {
  resource: 'users',
  action: 'current_user',
  summary: 'Show who you are',
  method: 'GET',
  paths: ['/current_user'],
  role: 'viewer',
  returns: z.looseObject({ id: z.int(), login: text }),
  handle: (call) => ({
    ...present(users, call.principal!.user, call, 'details'),
    role: call.principal!.role,
    authenticated_by: call.principal!.by,
  }),
};
