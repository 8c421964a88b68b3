/** `chainboot api`: any request of the API from the command line, from this machine or another. */

import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { type Command, Option } from 'commander';
import { presentChain } from '../app/https.ts';
import { previewBase } from '../app/links.ts';
import { pemOf } from '../certificate/chain.ts';
import { loadConfig, readText } from '../config/load.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { type HttpResponse, httpRequest } from '../ops/http-request.ts';
import { EXIT, say } from './output.ts';
import { readForeignPassword } from './password.ts';
import { globals } from './verbs.ts';

type Options = {
  readonly server?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly data?: string;
};

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const TIMEOUT_MS = 120_000;
const MAX_BYTES = 1024 * 1024 * 1024;

const AFTER = `
  chainboot api GET '/hosts?search=build=true' --user admin
  chainboot api PUT /hosts/web1.example.com --data '{"build": true}' --token-file ~/.chainboot-token
  chainboot api POST /domains --data @domain.json --server https://boot.example.com --ca root.pem --user admin

Paths are those of /docs, below /api. Without --server it is the server of the configuration, and its root is trusted.
The answer goes to standard output; the exit status is 2 when it was refused.`;

export function apiVerb(program: Command): void {
  program
    .command('api <method> <path>')
    .description('a request to the REST API of this server, or of another')
    .option('--server <url>', 'https://… of the server (default: that of the configuration)')
    .option('--user <login>', 'log in with login and password, which is asked for')
    .addOption(new Option('--password-file <file>', 'the password is its first line; - is standard input'))
    .addOption(
      new Option('--token-file <file>', 'log in with the personal access token in a file').conflicts('user'),
    )
    .option('--ca <file>', 'root certificates to trust (PEM)')
    .option('-d, --data <json>', 'body; @FILE reads it from a file, @- from standard input')
    .addHelpText('after', AFTER)
    .action(async (method: string, path: string, options: Options, command: Command) => {
      const verb = method.toUpperCase();
      if (!METHODS.includes(verb) || !path.startsWith('/'))
        throw new ChainbootError('USAGE', {
          reason: `${method} ${path} is no method and path such as GET /hosts`,
        });
      const { url, ca } = await target(options, globals(command).config);
      const response = await ask(url, verb, path, options, ca);
      process.stdout.write(response.text.endsWith('\n') ? response.text : `${response.text}\n`);
      if (response.status >= 400) {
        say(`HTTP ${response.status}`);
        process.exitCode = EXIT.refused;
      }
    });
}

async function target(
  options: Options,
  configFile: string,
): Promise<{ readonly url: string; readonly ca?: string }> {
  const given = options.ca === undefined ? {} : { ca: readText(options.ca) };
  if (options.server !== undefined) return { url: options.server.replace(/\/$/, ''), ...given };
  const config = loadConfig(configFile);
  const host = config.https.name ?? new URL(previewBase(config)).hostname;
  const chain = options.ca === undefined ? (await presentChain(config))?.chain : undefined;
  const own = chain?.complete ? { ca: pemOf(chain.certificates.slice(-1)) } : {};
  return { url: `https://${host}:${config.https.port}`, ...own, ...given };
}

async function ask(
  url: string,
  method: string,
  path: string,
  options: Options,
  ca: string | undefined,
): Promise<HttpResponse> {
  const body = options.data === undefined ? undefined : bodyOf(options.data);
  const headers = {
    Accept: 'application/json',
    ...(await credentials(options)),
    ...(method !== 'GET' && { 'Content-Type': 'application/json' }),
  };
  const below = path.startsWith('/api/') ? path : `/api${path}`;
  try {
    return await httpRequest(new URL(`${url}${below}`), {
      method,
      headers,
      timeout: TIMEOUT_MS,
      limit: MAX_BYTES,
      ...(body !== undefined && { body }),
      ...(ca !== undefined && url.startsWith('https:') && { agent: new Agent({ ca }) }),
    });
  } catch (error) {
    throw new ChainbootError('API_UNREACHABLE', { url, reason: reasonOf(error) }, [], error);
  }
}

function bodyOf(data: string): string {
  if (!data.startsWith('@')) return data;
  return data === '@-' ? readFileSync(0, 'utf8') : readText(data.slice(1));
}

async function credentials({ user, passwordFile, tokenFile }: Options): Promise<Record<string, string>> {
  if (tokenFile !== undefined) return { Authorization: `Bearer ${readText(tokenFile).trim()}` };
  if (user === undefined)
    throw new ChainbootError('USAGE', { reason: 'say who asks, with --user LOGIN or --token-file FILE' });
  const password = await readForeignPassword(passwordFile);
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
