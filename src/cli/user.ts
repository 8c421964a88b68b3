import { type Command, Option } from 'commander';
import { ChainbootError } from '../errors.ts';
import { roleOf } from '../inventory/roles.ts';
import { ROLES, type Role, type User } from '../inventory/types.ts';
import { hashPassword } from '../service/auth/passwords.ts';
import type { Inventory } from '../service/inventory.ts';
import { changeRecords } from '../service/records.ts';
import { withInventory } from './open.ts';
import { printJson, printLine, printTable } from './output.ts';
import { readPassword } from './password.ts';
import { globals } from './verbs.ts';

type Options = { readonly role?: Role; readonly passwordFile?: string };

const ROLE = new Option('--role <role>', 'what the user may do').choices([...ROLES]);
const PASSWORD = new Option('--password-file <file>', 'the password is its first line; - is standard input');

export function userVerb(program: Command): void {
  const user = program.command('user').description('who may log in to the API');
  user
    .command('list')
    .description('users and what they may do')
    .action(async (_options, command: Command) => {
      const { config, json } = globals(command);
      const rows = await withInventory(config, async ({ inventory }) =>
        inventory.site.list('users').map(publicUser),
      );
      if (json) return printJson(rows);
      printTable(
        ['LOGIN', 'ROLE', 'PASSWORD', 'MAIL'],
        rows.map(({ login, role, password, mail }) => [login, role, password, mail ?? '']),
      );
    });
  user
    .command('create <login>')
    .description('a new user; asks for a password')
    .addOption(new Option('--role <role>', 'what the user may do').choices([...ROLES]).default('viewer'))
    .addOption(PASSWORD)
    .action(async (login: string, { role, passwordFile }: Options, command: Command) => {
      const password_hash = await hashPassword(await readPassword(passwordFile));
      await change(command, login, (existing) => {
        if (existing !== undefined)
          throw new ChainbootError('USAGE', { reason: `there is a user ${login} already` });
        return { login, roles: [role!], password_hash, ssh_keys: [] };
      });
      printLine(`${login} may log in, as ${role}`);
    });
  user
    .command('password <login>')
    .description('another password; asks for it')
    .addOption(PASSWORD)
    .action(async (login: string, { passwordFile }: Options, command: Command) => {
      const password_hash = await hashPassword(await readPassword(passwordFile));
      await change(command, login, (existing) => ({ ...required(existing, login), password_hash }));
      printLine(`${login} has another password`);
    });
  user
    .command('role <login>')
    .description('what a user may do; none without --role')
    .addOption(ROLE)
    .action(async (login: string, { role }: Options, command: Command) => {
      await change(command, login, (existing) => {
        const { roles: _roles, ...rest } = required(existing, login);
        return role === undefined ? rest : { ...rest, roles: [role] };
      });
      printLine(`${login} ${role === undefined ? 'may do nothing any more' : `is ${role}`}`);
    });
  user
    .command('delete <login>')
    .description('deletes a user and the tokens it has')
    .action(async (login: string, _options, command: Command) => {
      await withInventory(globals(command).config, ({ inventory }) =>
        changeRecords(inventory, { via: 'cli' }, (site) => {
          const { id } = required(site.get('users', login), login);
          return { changes: [{ op: 'delete', collection: 'users', id }], result: undefined };
        }),
      );
      printLine(`${login} is gone`);
    });
}

function publicUser(user: User) {
  const { login, mail, disabled, password_hash } = user;
  return {
    login,
    role: disabled ? 'disabled' : (roleOf(user) ?? 'none'),
    password: password_hash === undefined ? 'none' : 'set',
    ...(mail !== undefined && { mail }),
  };
}

function required(user: User | undefined, login: string): User {
  if (user === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'user', name: login });
  return user;
}

async function change(
  command: Command,
  login: string,
  next: (existing: User | undefined) => Omit<User, 'id'>,
): Promise<void> {
  await withInventory(globals(command).config, ({ inventory }: { readonly inventory: Inventory }) =>
    changeRecords(inventory, { via: 'cli' }, (site) => {
      const record = next(site.get('users', login));
      return { changes: [{ op: 'put', collection: 'users', record }], result: undefined };
    }),
  );
}
