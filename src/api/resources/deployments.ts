/** What a host has on smart proxies that this server drives, and sending it anew. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import type { Host } from '../../inventory/types.ts';
import type { Services } from '../services.ts';
import { shownTimeOrNull } from '../times.ts';
import type { View } from '../view.ts';

const text = z.string();

export const DEPLOYMENT = z.object({
  smart_proxy_id: z.int(),
  smart_proxy_name: text,
  feature: z.enum(['TFTP', 'DHCP']),
  state: z.enum(['deployed', 'pending', 'failed']),
  deployed_at: text.nullable(),
  error: z.object({ code: text, message: text, hint: text }).nullable(),
});

/** None where a record is shown as it would be. */
export function deploymentsOf(host: Host, view: View): readonly z.infer<typeof DEPLOYMENT>[] {
  const { services } = view as View & { readonly services?: Services };
  return (services?.deployments?.of(host) ?? []).map((one) => ({
    ...one,
    deployed_at: shownTimeOrNull(one.deployed_at ?? undefined),
  }));
}

/** Nothing else is written ahead of time, so without smart proxies there is nothing to rebuild. */
export const REBUILT = 'Configuration successfully rebuilt.';
/** Clients wait for an answer; what takes longer goes on in the background. */
const PATIENCE_MS = 15_000;

/** Rejects with CONFIG_NOT_REBUILT where it did not arrive, which is tried again by itself. */
export async function rebuilt(
  { deployments }: Services,
  hosts: readonly Host[],
): Promise<{ readonly message: string }> {
  const now = (await deployments?.redeploy(hosts, PATIENCE_MS)) ?? [];
  const problems = now.flatMap(({ smart_proxy_name: file, feature: path, state, error }) =>
    // What is on its way over there has arrived, as far as we are concerned.
    error === null || (state === 'pending' && error.code === 'PROXY_FILE_AWAITED')
      ? []
      : [{ file, path, message: error.message, suggestion: error.hint, code: error.code }],
  );
  if (problems.length > 0)
    throw new ChainbootError('CONFIG_NOT_REBUILT', { count: problems.length }, problems);
  return { message: REBUILT };
}
