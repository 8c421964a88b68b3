import type { Command } from 'commander';
import { ChainbootError } from '../errors.ts';
import type { PersonalAccessToken } from '../inventory/types.ts';
import { isUsable, makeAccessToken } from '../service/auth/tokens.ts';
import { changeRecords } from '../service/records.ts';
import { withInventory } from './open.ts';
import { printJson, printLine, printTable, say } from './output.ts';
import { globals } from './verbs.ts';

const DAY = 86_400_000;

export function tokenVerb(program: Command): void {
  const token = program.command('token').description('personal access tokens, which programs log in with');
  token
    .command('list [login]')
    .description('tokens of everybody, or of one user; never what they are')
    .action(async (login: string | undefined, _options, command: Command) => {
      const { config, json } = globals(command);
      const tokens = await withInventory(config, async ({ inventory }) =>
        inventory.site
          .list('personal_access_tokens')
          .filter(({ user }) => login === undefined || user === login),
      );
      const rows = tokens.map((one) => publicToken(one, Date.now()));
      if (json) return printJson(rows);
      printTable(
        ['USER', 'NAME', 'STATE', 'EXPIRES'],
        rows.map(({ user, name, state, expires_at }) => [user, name, state, expires_at ?? 'never']),
      );
    });
  token
    .command('create <login> <name>')
    .description('a new token, shown this once')
    .option('--days <days>', 'how long it works (default: for ever)')
    .action(async (login: string, name: string, { days }: { readonly days?: string }, command: Command) => {
      const { config, json } = globals(command);
      const { value, hash } = makeAccessToken();
      const created_at = Date.now();
      const expiry = days === undefined ? {} : { expires_at: created_at + daysOf(days) * DAY };
      await withInventory(config, ({ inventory }) =>
        changeRecords(inventory, { via: 'cli' }, (site) => {
          if (site.get('users', login) === undefined)
            throw new ChainbootError('NOT_FOUND', { kind: 'user', name: login });
          const record = { name, user: login, hash, created_at, ...expiry };
          return {
            changes: [{ op: 'put', collection: 'personal_access_tokens', record }],
            result: undefined,
          };
        }),
      );
      if (json) return printJson({ user: login, name, token: value });
      printLine(value);
      say('this is the only time it is shown; it goes where a password would');
    });
  token
    .command('revoke <login> <name>')
    .description('a token works no more')
    .action(async (login: string, name: string, _options, command: Command) => {
      await withInventory(globals(command).config, ({ inventory }) =>
        changeRecords(inventory, { via: 'cli' }, (site) => {
          const found = site.get('personal_access_tokens', `${login}/${name}`);
          if (found === undefined)
            throw new ChainbootError('NOT_FOUND', { kind: 'token', name: `${login}/${name}` });
          const record = { ...found, revoked_at: found.revoked_at ?? Date.now() };
          return {
            changes: [{ op: 'put', collection: 'personal_access_tokens', record }],
            result: undefined,
          };
        }),
      );
      printLine(`${name} of ${login} works no more`);
    });
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!Number.isFinite(days) || days <= 0)
    throw new ChainbootError('USAGE', { reason: `--days ${text} is no number of days` });
  return days;
}

function publicToken(token: PersonalAccessToken, now: number) {
  const { user, name, expires_at, revoked_at } = token;
  const state = isUsable(token, now) ? 'works' : revoked_at === undefined ? 'expired' : 'revoked';
  return {
    user,
    name,
    state,
    ...(expires_at !== undefined && { expires_at: new Date(expires_at).toISOString() }),
  };
}
