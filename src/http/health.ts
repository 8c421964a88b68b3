/** `/healthz`: the process runs. `/readyz`: it can boot machines. For load balancers, systemd and people. */

import type { Answer, Route } from './answer.ts';

export type Readiness = {
  /** Why machines cannot be booted at the moment, a sentence each; empty when they can. */
  readonly problems: () => Promise<readonly string[]>;
};

function plain(status: number, lines: readonly string[]): Answer {
  return { kind: 'text', status, text: `${lines.join('\n')}\n` };
}

export function healthRoutes({ problems }: Readiness): readonly Route[] {
  return [
    { methods: ['GET', 'HEAD'], pattern: '/healthz', handle: async () => plain(200, ['ok']) },
    {
      methods: ['GET', 'HEAD'],
      pattern: '/readyz',
      handle: async () => {
        const found = await problems();
        return found.length === 0 ? plain(200, ['ready']) : plain(503, found);
      },
    },
  ];
}
