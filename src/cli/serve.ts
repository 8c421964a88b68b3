import type { Command } from 'commander';
import type { Role } from '../app/core.ts';
import type { App } from '../app.ts';
import type { Log } from '../boot/log.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError, formatProblem, reasonOf } from '../errors.ts';
import { createLog } from '../ops/log.ts';
import { type NotifyState, notify } from '../ops/notify.ts';
import { say } from './output.ts';
import { globals } from './verbs.ts';

export function serveVerb(program: Command): void {
  program
    .command('serve')
    .description('the daemon: DHCP, TFTP and HTTP on the configured links (SIGHUP reloads, SIGTERM stops)')
    .action(async (_options, command: Command) => {
      const file = globals(command).config;
      await runDaemon(() => {
        const config = loadConfig(file);
        const { url } = config.upstream;
        if (url !== undefined) throw new ChainbootError('UPSTREAM_IS_SET', { url });
        return config;
      }, 'server');
    });
}

/** @param load throws a ChainbootError; called again for every reload */
export async function runDaemon(load: () => Config, role: Role): Promise<void> {
  const config = load();
  const log = createLog({ level: config.log.level, terminal: process.stderr.isTTY === true });
  // Only the daemon needs the servers, and other verbs are to be quick.
  const { startApp } = await import('../app.ts');
  const app = await startApp(config, log, role);
  await sayFirstPassword(app).catch(async (error) => {
    await app.stop();
    throw error;
  });
  log('info', 'ready', { ...app.addresses });
  tellManager('READY=1', log);
  await untilStopped(app, load, log);
}

/** On the terminal and in no log: it is kept nowhere, and whoever misses it gives another. */
async function sayFirstPassword(app: App): Promise<void> {
  const password = await app.firstPassword();
  if (password === undefined) return;
  say(`The administrator of the API is "admin" with the password ${password}`);
  say('It is shown this once. Another one is given with: chainboot user password admin');
}

/** Resolves when everything is closed. */
function untilStopped(app: App, load: () => Config, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      // A second Ctrl-C does not wait for running transfers.
      if (stopping) process.exit(1);
      stopping = true;
      log('info', 'stopping', { signal });
      tellManager('STOPPING=1', log);
      app.stop().then(resolve, reject);
    };
    process.on('SIGHUP', () => void reload(app, load, log));
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

/** A configuration that cannot be used leaves everything as it was. */
async function reload(app: App, load: () => Config, log: Log): Promise<void> {
  tellManager('RELOADING=1', log);
  try {
    await app.reload(load());
    log('info', 'reloaded', { ...app.addresses });
  } catch (error) {
    log('error', 'not reloaded, the old configuration goes on', { reason: reasonOf(error) });
    if (error instanceof ChainbootError)
      for (const problem of error.problems) log('error', formatProblem(problem));
  }
  tellManager('READY=1', log);
}

function tellManager(state: NotifyState, log: Log): void {
  notify(state, process.env.NOTIFY_SOCKET).catch((error) =>
    log('warn', 'systemd was not told', { state, reason: reasonOf(error) }),
  );
}
