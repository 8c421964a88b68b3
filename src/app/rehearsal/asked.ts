/** What is asked of a server over its control socket. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import type { Handler } from '../control/socket.ts';
import { personaFor } from './persona.ts';
import type { Rehearser } from './rehearser.ts';
import { rehearseSeveral } from './several.ts';

const REHEARSE = z.strictObject({
  /** All that are in build mode unless given. */
  hosts: z.array(z.string()).optional(),
  as: z.string().optional(),
  timeoutMs: z.int().min(1000).max(3_600_000).optional(),
});

/** First a line that tells how many hosts there are, then one for each. */
export function rehearseHandler(rehearser: () => Rehearser): Handler {
  return async function* (body, signal) {
    const { hosts: named, as, timeoutMs } = parsed(REHEARSE, body);
    const playing = rehearser();
    const hosts = named ?? (await playing.building());
    // Said once, not of each of a thousand hosts.
    if (as !== undefined) personaFor(undefined, as);
    if (named !== undefined) await playing.requireAll(named);
    yield { hosts: hosts.length };
    const options = { ...(as !== undefined && { as }), ...(timeoutMs !== undefined && { timeoutMs }) };
    yield* rehearseSeveral(playing, hosts, options, signal);
  };
}

export function parsed<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new ChainbootError('REHEARSAL_REFUSED', { reason: z.prettifyError(result.error) });
}
