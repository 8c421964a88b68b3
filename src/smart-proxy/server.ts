/** All that a Foreman, and the machines behind it, ask of a smart proxy. */

import type { Route } from '../http/answer.ts';
import { type LimitDeps, limited } from '../http/limited.ts';
import { type ClientDeps, guarded } from './clients.ts';
import { type DhcpModule, dhcpRoutes } from './dhcp.ts';
import { type HttpbootModule, httpbootRoutes } from './httpboot.ts';
import { featureRoutes, type ModulesDeps, publicRoutes } from './modules.ts';
import { type TemplatesModule, templateRoutes } from './templates.ts';
import { type TftpModule, tftpRoutes } from './tftp.ts';

export type SmartProxyParts = {
  readonly clients: ClientDeps;
  readonly features: ModulesDeps;
  readonly logs: readonly Route[];
  readonly httpboot: HttpbootModule;
  /** Undefined where it does not run: its paths are then none. */
  readonly tftp: TftpModule | undefined;
  readonly dhcp: DhcpModule | undefined;
  readonly templates: TemplatesModule | undefined;
  /** How often a machine may ask for templates. */
  readonly limits: LimitDeps;
};

export function smartProxyRoutes(parts: SmartProxyParts): readonly Route[] {
  const { clients, features, logs, httpboot, tftp, dhcp, templates, limits } = parts;
  const driven = [
    ...featureRoutes(features),
    ...logs,
    ...(tftp === undefined ? [] : tftpRoutes(tftp)),
    ...(dhcp === undefined ? [] : dhcpRoutes(dhcp)),
  ];
  return [
    ...publicRoutes(features),
    ...guarded(driven, clients),
    ...httpbootRoutes(httpboot),
    ...(templates === undefined ? [] : limited(templateRoutes(templates), limits)),
  ];
}
