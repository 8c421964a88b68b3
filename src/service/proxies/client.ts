/** Requests to a smart proxy, in the shapes of a Foreman: forms, JSON accepted, our certificate shown (foreman-facts §5). */

import { lookup } from 'node:dns/promises';
import type { Agent as PlainAgent } from 'node:http';
import type { Agent } from 'node:https';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { unmapIpv4 } from '../../net/ip.ts';
import { type HttpResponse, httpRequest } from '../../ops/http-request.ts';
import type { ProxyFacts } from '../../store/deployments.ts';

/** With the connections to a URL, and what is shown there. Rejects with a ChainbootError, as where there are to be no more. */
export type AgentFor = (url: URL) => Promise<Agent | PlainAgent | undefined>;

/** Values in the order they are sent; lists repeat their name, as `related_macs[]`. */
export type Form = readonly [name: string, value: string][];

export type Request = {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  readonly path: string;
  readonly form?: Form;
};

/** As long as a Foreman waits: a proxy that talks to dhcpd may take a while. */
const TIMEOUT_MS = 60_000;
const LIMIT = 8 * 1024 * 1024;

/** Foreman's names of the modules. */
const NAMES: Readonly<Record<string, string>> = {
  bmc: 'BMC',
  dhcp: 'DHCP',
  dns: 'DNS',
  externalipam: 'External IPAM',
  httpboot: 'HTTPBoot',
  logs: 'Logs',
  puppet: 'Puppet',
  puppetca: 'Puppet CA',
  realm: 'Realm',
  registration: 'Registration',
  templates: 'Templates',
  tftp: 'TFTP',
};

/** Rejects with PROXY_UNREACHABLE or PROXY_DISTRUSTED. */
export async function askProxy(
  base: string,
  { method = 'GET', path, form }: Request,
  agentFor?: AgentFor,
  timeout = TIMEOUT_MS,
): Promise<HttpResponse> {
  const text = `${base.replace(/\/+$/, '')}${path}`;
  if (!URL.canParse(text))
    throw new ChainbootError('PROXY_UNREACHABLE', { url: base, reason: 'it is no URL' });
  const url = new URL(text);
  const body = form && new URLSearchParams(form).toString();
  const send = async () => {
    const agent = await agentFor?.(url);
    return httpRequest(url, {
      method,
      headers: {
        Accept: 'application/json,version=2',
        ...(body !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      ...(body !== undefined && { body }),
      timeout,
      limit: LIMIT,
      ...(agent && { agent }),
    });
  };
  try {
    // A connection that was kept may have been closed over there just now; an order that came twice does no harm.
    return await send().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') throw error;
      return send();
    });
  } catch (error) {
    if (error instanceof ChainbootError) throw error;
    const code = isTrouble(error) ? 'PROXY_DISTRUSTED' : 'PROXY_UNREACHABLE';
    throw new ChainbootError(code, { url: base, reason: reasonOf(error) }, [], error);
  }
}

/** Of TLS: their certificate is not believed, or ours is not. */
function isTrouble(error: unknown): boolean {
  const { code = '' } = error as { readonly code?: string };
  return /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_|EPROTO)/.test(
    code,
  );
}

export type Said = Omit<ProxyFacts, 'url'>;

/** What it says of itself. Rejects with PROXY_UNREACHABLE or PROXY_DISTRUSTED. */
export async function factsOf(base: string, agentFor?: AgentFor): Promise<Said> {
  const found =
    (await askJson(base, '/v2/features', agentFor)) ?? (await askJson(base, '/features', agentFor));
  const features = namesOf(found).toSorted();
  const { tftp, templates, httpboot } = settingsOf(found);
  const serverName = features.includes('TFTP')
    ? (textIn(await told(base, '/tftp/serverName', agentFor), 'serverName') ??
      textIn(tftp, 'tftp_servername'))
    : undefined;
  const templateServer = features.includes('Templates')
    ? (textIn(await told(base, '/unattended/templateServer', agentFor), 'templateServer') ??
      textIn(templates, 'template_url'))
    : undefined;
  const addresses = await addressesOf(base);
  const [httpPort, httpsPort] = [portIn(httpboot, 'http_port'), portIn(httpboot, 'https_port')];
  return {
    features,
    // Both go to machines: into their leases and their templates.
    ...(serverName !== undefined && isServer(serverName) && { serverName }),
    ...(templateServer !== undefined &&
      isBase(templateServer) && { templateServer: templateServer.replace(/\/+$/, '') }),
    ...(httpPort !== undefined && { httpPort }),
    ...(httpsPort !== undefined && { httpsPort }),
    ...(addresses.length > 0 && { addresses }),
  };
}

/** None where DNS does not tell, which matters only for what it passes on. */
async function addressesOf(base: string): Promise<readonly string[]> {
  const host = new URL(base).hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(host, { all: true }).catch(() => []);
  return [...new Set(found.map(({ address }) => unmapIpv4(address)))].toSorted();
}

/** Undefined where there is no such path. */
async function askJson(base: string, path: string, agentFor?: AgentFor): Promise<unknown> {
  const { status, text } = await askProxy(base, { path }, agentFor);
  if (status === 404) return undefined;
  if (status === 401 || status === 403)
    throw new ChainbootError('PROXY_DISTRUSTED', {
      url: base,
      reason: firstLine(text) || `it answers ${status}`,
    });
  const unreachable = (reason: string) => new ChainbootError('PROXY_UNREACHABLE', { url: base, reason });
  if (status !== 200) throw unreachable(`it answers ${path} with ${status}`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw unreachable(`it answers ${path} with what is no JSON: ${reasonOf(error)}`);
  }
}

/** What older ones do not know is not told; what they say is JSON, whatever its type (seen: text/html). */
async function told(base: string, path: string, agentFor?: AgentFor): Promise<unknown> {
  const { status, text } = await askProxy(base, { path }, agentFor);
  if (status !== 200) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A list of names, or modules with their states. */
function namesOf(answer: unknown): readonly string[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const modules = Array.isArray(answer)
    ? answer.map(String)
    : Object.entries(answer as Readonly<Record<string, { readonly state?: string } | null>>)
        .filter(([, module]) => module?.state === 'running')
        .map(([name]) => name);
  return modules.flatMap((name) => NAMES[name.toLowerCase()] ?? []);
}

function settingsOf(answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return {};
  const modules = Object.entries(answer as Readonly<Record<string, { readonly settings?: unknown } | null>>);
  return Object.fromEntries(modules.map(([name, module]) => [name.toLowerCase(), module?.settings]));
}

function textIn(value: unknown, name: string): string | undefined {
  const text = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function isServer(text: string): boolean {
  return /^[a-z0-9][a-z0-9.:-]{0,253}$/i.test(text);
}

function isBase(text: string): boolean {
  return /^https?:\/\/[^\s"'<>\\]+$/i.test(text) && URL.canParse(text);
}

/** The real one tells numbers, or texts where its settings have quotes. */
function portIn(value: unknown, name: string): number | undefined {
  const found = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  const port = typeof found === 'string' ? Number(found) : found;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** Of what a proxy says, for a sentence. */
export function firstLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}
