/** `chainboot dhcp-server`: DHCP servers that are not ours, and are kept in step with the inventory. */

import type { Command } from 'commander';
import { askServer } from '../app/control/client.ts';
import { dhcpServerNeeds, driverFor, madeAt, outlineFor } from '../app/dhcp-servers.ts';
import type { DhcpServerConfig } from '../config/dhcp-servers.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { Reconciler, type ServerState } from '../dhcp-drivers/reconciler.ts';
import { type DhcpDriver, type DriverChange, type DriverPlan, isMissing } from '../dhcp-drivers/types.ts';
import { ChainbootError } from '../errors.ts';
import { linksHere } from './import-files.ts';
import { bringIn, type ImportOptions, withImportOptions } from './import-run.ts';
import { withInventory } from './open.ts';
import { clock, EXIT, printJson, printLine, printTable, say } from './output.ts';
import { globals } from './verbs.ts';

const AFTER = `
Which there are is in the configuration (dhcp_servers, see docs/dhcp-servers.md); the running server keeps them in step by
itself. import brings here what others have declared there: look first, with --dry-run.

Exit status: 0 in step; 1 something is to be done, is in the way, or is missing; 2 the request was refused.`;

export function dhcpServerVerb(program: Command): void {
  const verb = program
    .command('dhcp-server')
    .description('DHCP servers that are not ours and are kept in step: what they have, lack, and are to get')
    .addHelpText('after', AFTER);
  verb
    .command('list')
    .description('all of them, and whether they are in step')
    .action(async (_options: object, command: Command) => list(command));
  named(verb, 'needs', 'what it needs, and whether that is there', needs);
  named(verb, 'plan', 'what would be changed there, and what is in the way; nothing is', (asked, json) =>
    planned(asked, json, (reconciler) => reconciler.plan()),
  );
  named(verb, 'sync', 'change it now', (asked, json) =>
    planned(asked, json, (reconciler) => reconciler.sync(), 'done'),
  );
  named(verb, 'leases', 'the leases that it has given', leases);
  const brought = named(verb, 'import', 'bring here what others have declared there', existing);
  withImportOptions(brought);
}

type Asked = { readonly file: string; readonly config: Config; readonly server: DhcpServerConfig };
type Act = (asked: Asked, json: boolean, command: Command) => Promise<void>;

function named(verb: Command, name: string, description: string, act: Act): Command {
  return verb
    .command(name)
    .argument('<name>', 'of the server, as in the configuration')
    .description(description)
    .action(async (wanted: string, _options: object, command: Command) => {
      const { config: file, json } = globals(command);
      const config = loadConfig(file);
      const server = config.dhcp_servers.find((one) => one.name === wanted);
      if (server === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'dhcp-server', name: wanted });
      await act({ file, config, server }, json === true, command);
    });
}

async function list(command: Command): Promise<void> {
  const { config: file, json } = globals(command);
  const config = loadConfig(file);
  const states = new Map((await statesOf(config)).map((state) => [state.name, state]));
  const servers = config.dhcp_servers.map(({ name, kind }) => ({
    name,
    kind,
    state: states.get(name) ?? null,
  }));
  if (servers.some(({ state }) => state !== null && (state.ok === false || state.conflicts.length > 0)))
    process.exitCode = EXIT.failed;
  if (json) return printJson(servers);
  if (servers.length === 0) return printLine('The configuration names none (dhcp_servers).');
  printTable(['NAME', 'KIND', 'STATE', 'IN STEP SINCE', 'IN THE WAY', 'MENDED'], servers.map(row));
  for (const { name, state } of servers)
    if (state?.error !== undefined) printLine(`${name}: ${state.error.message} (${state.error.hint})`);
}

type Listed = { readonly name: string; readonly kind: string; readonly state: ServerState | null };

function row({ name, kind, state }: Listed): readonly string[] {
  if (state === null) return [name, kind, 'no server runs', '', '', ''];
  const { ok, synced, conflicts, mended } = state;
  const word = ok === undefined ? 'being looked at' : ok ? 'in step' : 'not in step';
  return [
    name,
    kind,
    word,
    synced === undefined ? '' : clock(synced),
    String(conflicts.length),
    String(mended),
  ];
}

/** Only the running server knows. */
async function statesOf(config: Config): Promise<readonly ServerState[]> {
  const lines = await askServer(config, '/dhcp-servers', {});
  const states: ServerState[] = [];
  if (lines !== undefined) for await (const line of lines) states.push(line as ServerState);
  return states;
}

async function needs({ config, server }: Asked, json: boolean): Promise<void> {
  const found = await dhcpServerNeeds(server, config);
  if (found.some(isMissing)) process.exitCode = EXIT.failed;
  if (json) return printJson(found);
  for (const one of found) {
    const { need, ok, instead, problem, hint } = one;
    const word = ok ? 'ok' : isMissing(one) ? 'MISSING' : 'not there';
    printLine(`${word}: ${need}${instead === undefined ? '' : ` (${instead})`}`);
    if (problem !== undefined) printLine(`  ${problem}`);
    if (hint !== undefined) printLine(`  ${hint}`);
  }
}

async function planned(
  { file, config, server }: Asked,
  json: boolean,
  work: (reconciler: Reconciler) => Promise<DriverPlan>,
  done?: 'done',
): Promise<void> {
  const plan = await withInventory(file, async ({ inventory }) => {
    const driver = await driverFor(server, config, inventory.site);
    const reconciler = new Reconciler({
      driver,
      made: madeAt(config, server.name),
      wanted: () => outlineFor(inventory.site, config, server),
      log: () => {},
      now: Date.now,
    });
    try {
      return await work(reconciler);
    } finally {
      await reconciler.close();
    }
  });
  const isLeft = plan.conflicts.length > 0 || (done === undefined && plan.changes.length > 0);
  if (isLeft) process.exitCode = EXIT.failed;
  if (json) return printJson(plan);
  for (const change of plan.changes) printChange(change);
  for (const { host, wanted, foreign } of plan.conflicts)
    printLine(
      `! ${host}: ${wanted.mac} ${wanted.ip ?? ''} is not made, as ${foreign.name} has ${foreign.mac} ${foreign.ip ?? ''}`,
    );
  const { length } = plan.changes;
  if (length === 0) say('Nothing is to be changed.');
  else
    say(
      done === undefined
        ? `${length} to be made: chainboot dhcp-server sync ${server.name}`
        : `${length} made.`,
    );
}

const SIGNS = { add: '+', change: '~', remove: '-' } as const;

function printChange({ op, what, name, before, after, drift }: DriverChange): void {
  printLine(`${SIGNS[op]} ${what} ${name}${drift ? ' (somebody else changed it)' : ''}`);
  if (before !== undefined) for (const line of before.trimEnd().split('\n')) printLine(`  - ${line}`);
  if (after !== undefined) for (const line of after.trimEnd().split('\n')) printLine(`  + ${line}`);
}

async function leases(asked: Asked, json: boolean): Promise<void> {
  const found = await withDriver(asked, (driver) => driver.leases());
  if (json) return printJson(found);
  const rows = found.map(({ ip, mac, hostname = '', ends }) => [
    ip,
    mac,
    hostname,
    ends === undefined ? 'for ever' : clock(ends),
  ]);
  printTable(['ADDRESS', 'MAC', 'NAME', 'UNTIL'], rows);
}

async function existing(asked: Asked, _json: boolean, command: Command): Promise<void> {
  const moved = await withDriver(asked, (driver) => driver.existing(linksHere()));
  const { name } = asked.server;
  await bringIn(
    moved,
    { file: name, source: 'dhcp-server import', options: command.opts<ImportOptions>() },
    command,
  );
}

function withDriver<T>(
  { file, config, server }: Asked,
  work: (driver: DhcpDriver) => Promise<T>,
): Promise<T> {
  return withInventory(file, async ({ inventory }) => {
    const driver = await driverFor(server, config, inventory.site);
    try {
      return await work(driver);
    } finally {
      await driver.close();
    }
  });
}
