/** What a smart proxy says it does (foreman-facts: `GET /v2/features`, older ones `GET /features`). */

import { type AgentFor, factsOf } from './proxies/client.ts';

/** Names of the modules that run there, sorted. Rejects with PROXY_UNREACHABLE or PROXY_DISTRUSTED. */
export async function proxyFeatures(url: string, agentFor?: AgentFor): Promise<readonly string[]> {
  return (await factsOf(url, agentFor)).features;
}
