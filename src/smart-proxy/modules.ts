/** What this server is as a smart proxy: `/features`, `/v2/features`, `/version`. */

import type { Route } from '../http/answer.ts';
import { json } from './asked.ts';

/** In the order of their names. */
export const MODULES = ['dhcp', 'httpboot', 'logs', 'templates', 'tftp'] as const;
export type Module = (typeof MODULES)[number];

export type ModuleState = {
  /** Whether it answers over plain HTTP, and over HTTPS. */
  readonly http_enabled: boolean;
  readonly https_enabled: boolean;
  readonly state: 'running' | 'disabled';
  readonly settings: Readonly<Record<string, string | number | null>>;
  readonly capabilities: readonly string[];
};

export type Modules = Readonly<Record<Module, ModuleState>>;

export type ModulesDeps = { readonly modules: () => Modules; readonly version: string };

/** What everybody may ask. */
export function publicRoutes({ modules, version }: ModulesDeps): readonly Route[] {
  return [
    {
      methods: ['GET'],
      pattern: '/features',
      handle: async () => json(running(modules())),
    },
    {
      methods: ['GET'],
      pattern: '/version',
      handle: async () =>
        json({ version, modules: Object.fromEntries(running(modules()).map((name) => [name, version])) }),
    },
  ];
}

export function featureRoutes({ modules }: ModulesDeps): readonly Route[] {
  return [{ methods: ['GET'], pattern: '/v2/features', handle: async () => json(modules()) }];
}

function running(modules: Modules): readonly Module[] {
  return MODULES.filter((name) => modules[name].state === 'running');
}
