/** What a smart proxy says it does (foreman-facts: `GET /v2/features`, older ones `GET /features`). */

import { ChainbootError, reasonOf } from '../errors.ts';
import { httpRequest } from '../ops/http-request.ts';

const REQUEST = { headers: { Accept: 'application/json' }, timeout: 10_000, limit: 1024 * 1024 };

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

/** Names of the modules that run there, sorted. Rejects with PROXY_UNREACHABLE. */
export async function proxyFeatures(url: string): Promise<readonly string[]> {
  const found = (await ask(url, '/v2/features')) ?? (await ask(url, '/features'));
  return namesOf(found).toSorted();
}

/** A list of names, or modules with their states. */
function namesOf(answer: unknown): readonly string[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const modules = Array.isArray(answer)
    ? answer.map(String)
    : Object.entries(answer as Readonly<Record<string, { readonly state?: string }>>)
        .filter(([, { state }]) => state === 'running')
        .map(([name]) => name);
  return modules.flatMap((name) => NAMES[name.toLowerCase()] ?? []);
}

/** Undefined where there is no such path. */
async function ask(base: string, path: string): Promise<unknown> {
  try {
    const { status, text } = await httpRequest(new URL(`${base.replace(/\/$/, '')}${path}`), REQUEST);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`it answers ${path} with ${status}`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ChainbootError('PROXY_UNREACHABLE', { url: base, reason: reasonOf(error) }, [], error);
  }
}
