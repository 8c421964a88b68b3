import type { Command } from 'commander';
import { ChainbootError } from '../errors.ts';
import type { Audit } from '../store/types.ts';
import { withInventory } from './open.ts';
import { clock, printJson, printTable } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly host?: string; readonly user?: string; readonly limit: string };

export function auditVerb(program: Command): void {
  program
    .command('audit')
    .description('who changed what, newest first')
    .option('--host <name>', 'only changes of this host')
    .option('--user <login>', 'only what this user changed')
    .option('--limit <count>', 'how many', '20')
    .action(async ({ host, user, limit }: Options, command: Command) => {
      const { config, json } = globals(command);
      const { audits } = await withInventory(config, ({ inventory }) =>
        inventory.audits({
          ...(host !== undefined && { collection: 'hosts', name: host.toLowerCase() }),
          user,
          limit: countOf(limit),
        }),
      );
      if (json) return printJson(audits);
      printTable(['WHEN', 'WHO', 'WHAT', 'RECORD', 'CHANGES', 'WHY'], audits.map(row));
    });
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new ChainbootError('USAGE', { reason: `"${text}" is not a number of changes` });
  return count;
}

function row({
  at,
  user,
  remote,
  via,
  action,
  collection,
  name,
  changes,
  comment,
}: Audit): readonly string[] {
  const who = [user ?? remote, `(${via})`].filter((part) => part !== undefined).join(' ');
  const what = action === 'update' ? changesText(changes) : '';
  return [clock(at), who, action, `${collection}/${name}`, what, shortened(comment ?? '')];
}

const MAX_VALUE = 60;

function changesText(changes: Audit['changes']): string {
  return Object.entries(changes)
    .map(([field, [before, after]]) => `${field}: ${valueText(before)} → ${valueText(after)}`)
    .join('; ');
}

/** On one line, and no longer than a line bears; `--json` has the whole. */
function valueText(value: Audit['changes'][string][0]): string {
  const text = typeof value === 'string' ? shortened(value) : cut(JSON.stringify(value));
  return value === null || text === '' ? 'nothing' : text;
}

/** Whatever it holds, on one line. */
function shortened(text: string): string {
  return cut(JSON.stringify(text).slice(1, -1));
}

function cut(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
