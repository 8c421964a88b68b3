/** `chainboot proxies`: the smart proxies that this server drives, and how far it is with what they should have. */

import type { Command } from 'commander';
import { askServer } from '../app/control/client.ts';
import { controlPath } from '../app/control/socket.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError } from '../errors.ts';
import type { Deployment, ProxyStatus } from '../service/proxies/deployment.ts';
import { clock, EXIT, printJson, printLine, printTable } from './output.ts';
import { globals } from './verbs.ts';

const AFTER = `
Only the running server knows. What did not arrive is tried again by itself; chainboot host show HOST tells it of one host.

Exit status: 0 all is there or on its way, 1 a smart proxy is away or refused something.`;

const WORDS: Readonly<Record<ProxyStatus['state'], string>> = {
  idle: 'has everything',
  busy: 'being served',
  away: 'away',
  ours: 'chainboot proxy',
};

export function proxiesVerb(program: Command): void {
  program
    .command('proxies')
    .description('the smart proxies of this server, and how far it is with what they should have')
    .addHelpText('after', AFTER)
    .action(async (_options: object, command: Command) => {
      const { config: file, json } = globals(command);
      const config = loadConfig(file);
      const found = await asked<ProxyStatus>(config, {});
      if (found === undefined)
        throw new ChainbootError('SERVER_UNREACHABLE', { socket: controlPath(config), reason: 'none runs' });
      if (found.some(({ state, hosts }) => state === 'away' || hosts.failed > 0))
        process.exitCode = EXIT.failed;
      if (json) return printJson(found);
      if (found.length === 0) return printLine('No subnet names a smart proxy.');
      printTable(['NAME', 'URL', 'FEATURES', 'STATE', 'HOSTS', 'PENDING', 'FAILED'], found.map(row));
      for (const { name, error, since } of found)
        if (error !== null)
          printLine(`${name}: ${error.message}${since === null ? '' : `, since ${clock(since)}`}`);
    });
}

function row({ name, url, features, state, hosts }: ProxyStatus): readonly string[] {
  const { deployed, pending, failed } = hosts;
  return [name, url, features.join(' '), WORDS[state], String(deployed), String(pending), String(failed)];
}

/** What a host has on smart proxies; undefined where no server runs that could tell, or would tell us. */
export async function deploymentsOf(
  config: Config,
  host: string,
): Promise<readonly Deployment[] | undefined> {
  try {
    return await asked<Deployment>(config, { host });
  } catch (error) {
    if (error instanceof ChainbootError) return undefined;
    throw error;
  }
}

async function asked<T>(config: Config, body: object): Promise<readonly T[] | undefined> {
  const lines = await askServer(config, '/proxies', body);
  if (lines === undefined) return undefined;
  const found: T[] = [];
  for await (const line of lines) found.push(line as T);
  return found;
}

/** `TFTP of edge: failed: …` */
export function deploymentLine({
  smart_proxy_name: name,
  feature,
  state,
  deployed_at,
  error,
}: Deployment): string {
  const when = deployed_at === null ? '' : `, last sent ${clock(deployed_at)}`;
  return `${feature} of ${name}: ${state}${error === null ? '' : `: ${error.message}`}${when}`;
}
