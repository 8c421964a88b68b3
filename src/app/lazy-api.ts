/**
 * The API is read from the disk when the servers answer machines already: it is more code than all the rest, and nobody
 * boots by it. Who asks before it is there waits for it.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiServer } from '../api/server.ts';
import { ownsTarget } from '../api/target.ts';
import type { Log } from '../boot/log.ts';
import { reasonOf } from '../errors.ts';

export type LazyApi = ApiServer & {
  /** Begins to read it. */
  start(): void;
};

export function lazyApi(open: () => Promise<ApiServer>, log: Log): LazyApi {
  let opening: Promise<ApiServer> | undefined;
  let closed = false;
  const opened = () => (opening ??= open());
  const failed = (error: unknown) => log('error', 'the API cannot be started', { reason: reasonOf(error) });
  return {
    owns: ownsTarget,
    start() {
      if (!closed) opened().catch(failed);
    },
    handle(request: IncomingMessage, response: ServerResponse) {
      opened().then(
        (api) => api.handle(request, response),
        () => response.writeHead(503).end(),
      );
    },
    close: async () => {
      closed = true;
      const api = await opening?.catch(() => undefined);
      await api?.close();
    },
  };
}
