/** What the API needs of the program around it; app/ brings it. */

import type { LeaseLookup } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import type { Neighbour } from '../boot/neighbour.ts';
import type { Host, ProvisioningTemplate } from '../inventory/types.ts';
import type { Authenticator } from '../service/auth/authenticate.ts';
import type { LifeCycle } from '../service/hosts.ts';
import type { Inventory } from '../service/inventory.ts';
import type { HostDeployments } from '../service/proxies/deployment.ts';
import type { Rehearse } from '../service/rehearsal/report.ts';
import type { BootStore } from '../store/types.ts';

export type Services = {
  readonly inventory: Inventory;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly auth: Authenticator;
  /** Build mode, and addresses for hosts that are made. */
  readonly lifeCycle: LifeCycle;
  /** Renders as for the machine itself. Rejects with TEMPLATE_FAILED. */
  readonly preview: (template: ProvisioningTemplate, host: Host) => Promise<string>;
  /** Plays the boot of a host. */
  readonly rehearse: Rehearse;
  /** Who else answers DHCP. */
  readonly neighbours: () => readonly Neighbour[];
  /** The trace. */
  readonly boots: Pick<BootStore, 'boots' | 'count' | 'steps' | 'tail'>;
  /** What is followed ends with it. */
  readonly closing: AbortSignal;
  /** Who has the lease of an address. */
  readonly leasedTo: LeaseLookup;
  /** Names of what runs on a smart proxy. Rejects with PROXY_UNREACHABLE. */
  readonly proxyFeatures: (url: string) => Promise<readonly string[]>;
  /** What hosts have on smart proxies; undefined where none is driven. */
  readonly deployments?: HostDeployments;
};
