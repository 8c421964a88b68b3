import type { Command } from 'commander';
import type { Lack } from '../service/build/lacks.ts';
import { buildHost, cancelHost } from '../service/hosts.ts';
import { withLifeCycle } from './building.ts';
import { CLI, withInventory } from './open.ts';
import { clock, printJson, printLine, say } from './output.ts';
import { publicHost } from './public-host.ts';
import { globals } from './verbs.ts';

const AFTER = `
Before anything is changed, Chainboot looks whether the host can boot and install: its loader, its templates (which
are rendered), its system, medium, disk layout, addresses. Everything that is missing is listed at once; --force goes
on in spite of it.`;

export function buildVerb(host: Command): void {
  host
    .command('build <name>')
    .description('put a host into build mode: its next network boot installs it')
    .option('--force', 'also when something is missing for it')
    .addHelpText('after', AFTER)
    .action(async (name: string, { force }: { readonly force?: true }, command: Command) => {
      const { config, json } = globals(command);
      const { host: changed, warnings } = await withInventory(config, (opened) =>
        withLifeCycle(opened, ({ check, tokens }) =>
          buildHost(opened.inventory, name, { actor: CLI, check, tokens, force: force === true }),
        ),
      );
      sayWarnings(changed.name, warnings);
      if (json) return printJson({ ...publicHost(changed), warnings });
      printLine(inBuildMode(changed));
    });
}

export function inBuildMode({
  name,
  token,
}: {
  readonly name: string;
  readonly token?: { readonly expires_at?: number };
}): string {
  const expires = token?.expires_at;
  return `${name} is in build mode${expires === undefined ? '' : ` until ${clock(expires)} UTC`}; boot it from the network`;
}

export function sayWarnings(host: string, warnings: readonly Lack[]): void {
  for (const { field, message, hint } of warnings)
    say(`${host}: warning: ${field === '' ? '' : `${field}: `}${message} (${hint})`);
}

export function cancelVerb(host: Command): void {
  host
    .command('cancel <name>')
    .description('take a host out of build mode: its next network boot goes to its own disk')
    .action(async (name: string, _options, command: Command) => {
      const { config, json } = globals(command);
      const changed = await withInventory(config, ({ inventory }) =>
        cancelHost(inventory, name, { actor: CLI, now: Date.now }),
      );
      if (json) return printJson(publicHost(changed));
      printLine(`${changed.name} is not in build mode`);
    });
}
