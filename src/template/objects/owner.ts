/** Users and user groups that own hosts, and their SSH keys. */

import { createHash } from 'node:crypto';
import type { User, Usergroup } from '../../inventory/types.ts';
import { textOrNil } from '../convert.ts';
import { inherit } from '../ruby/core/table.ts';
import { RObject, str, type Value } from '../ruby/values.ts';
import type { OwnerScope } from '../scope.ts';
import { classTable, methods, nil, no, RECORD } from './table.ts';

/** `server` is the host name of this server, which stands in the comment of every exported key. */
type UserView = { readonly user: User; readonly server: string };
type KeyView = UserView & { readonly line: string };
type GroupView = {
  readonly id: number;
  readonly name: string;
  readonly group: Usergroup;
  readonly users: readonly UserView[];
};

function typeOf({ line }: KeyView): string {
  return line.split(' ')[0]!;
}

function base64Of({ line }: KeyView): string {
  return line.split(' ')[1] ?? '';
}

function commentOf({ user, server }: KeyView): string {
  return `${user.login}@${server}`;
}

function exported(key: KeyView): string {
  return `${typeOf(key)} ${base64Of(key)} ${commentOf(key)}`;
}

/** MD5 in pairs, as Foreman shows it. */
function fingerprint(key: KeyView): string {
  const digest = createHash('md5')
    .update(Buffer.from(base64Of(key), 'base64'))
    .digest('hex');
  return digest.replace(/(..)(?!$)/g, '$1:');
}

const SSH_KEY = classTable(
  methods<KeyView>({
    name: [0, ({ line, user }) => str(line.split(' ').slice(2).join(' ') || user.login)],
    user: [0, userObject],
    key: [0, ({ line }) => str(line)],
    ssh_key: [0, (key) => str(base64Of(key))],
    type: [0, (key) => str(typeOf(key))],
    comment: [0, (key) => str(commentOf(key))],
    fingerprint: [0, (key) => str(fingerprint(key))],
    to_export: [0, (key) => str(exported(key))],
    to_s: [0, (key) => str(exported(key))],
  }),
);

function keysOf(view: UserView): readonly KeyView[] {
  return view.user.ssh_keys.map((line) => ({ ...view, line }));
}

function keyObjects(view: UserView): Value[] {
  return keysOf(view).map((key) => new RObject('SshKey', SSH_KEY, key, key.line));
}

function authorizedKeys(view: UserView): Value[] {
  return keysOf(view).map((key) => str(exported(key)));
}

function fullName({ firstname, lastname, login }: User): string {
  return firstname || lastname ? `${firstname ?? ''} ${lastname ?? ''}` : login;
}

const USER = classTable(
  methods<UserView>({
    id: [0, ({ user }) => user.id],
    login: [0, ({ user }) => str(user.login)],
    name: [0, ({ user }) => str(fullName(user))],
    firstname: [0, ({ user }) => textOrNil(user.firstname)],
    lastname: [0, ({ user }) => textOrNil(user.lastname)],
    mail: [0, ({ user }) => textOrNil(user.mail)],
    description: [0, ({ user }) => textOrNil(user.description)],
    ssh_keys: [0, keyObjects],
    ssh_authorized_keys: [0, authorizedKeys],
    last_login_on: [0, nil],
    disabled: [0, no],
  }),
  { to_s: 'name', to_label: 'name' },
);

const USERGROUP = classTable(
  inherit(
    RECORD,
    methods<GroupView>({
      users: [0, ({ users }) => users.map(userObject)],
      ssh_keys: [0, ({ users }) => users.flatMap(keyObjects)],
      ssh_authorized_keys: [0, ({ users }) => users.flatMap(authorizedKeys)],
    }),
  ),
  { to_label: 'name', all_users: 'users' },
);

function userObject({ user, server }: UserView): RObject {
  return new RObject('User', USER, { user, server } satisfies UserView, user);
}

export function ownerObject(owner: OwnerScope | undefined, server: string): Value {
  if (owner === undefined) return null;
  if (owner.type === 'User') return userObject({ user: owner.user, server });
  const { group } = owner;
  const users = owner.users.map((user) => ({ user, server }));
  return new RObject('Usergroup', USERGROUP, { ...group, group, users } as GroupView, group);
}

/** Of the owner, or of all members of the group that owns. */
export function ownerKeys(owner: OwnerScope | undefined, server: string): Value[] {
  if (owner === undefined) return [];
  const users = owner.type === 'User' ? [owner.user] : owner.users;
  return users.flatMap((user) => authorizedKeys({ user, server }));
}
