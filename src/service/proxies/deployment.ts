/** How far it is with what a host should have on smart proxies, as the API and the command line show it. */

import type { ChainbootError } from '../../errors.ts';
import type { Host, SmartProxy } from '../../inventory/types.ts';
import type { Feature } from './wanted.ts';

export type Deployment = {
  readonly smart_proxy_id: number;
  readonly smart_proxy_name: string;
  readonly feature: Feature;
  /** `failed` is tried again by itself, as is what waits for a proxy that is away. */
  readonly state: 'deployed' | 'pending' | 'failed';
  /** When something last arrived there for the host; epoch milliseconds. */
  readonly deployed_at: number | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
};

/** What the API needs of it. */
export type HostDeployments = {
  readonly of: (host: Host) => readonly Deployment[];
  /** Undefined where no subnet names it. */
  readonly statusOf: (proxy: SmartProxy) => ProxyStatus | undefined;
  /** What it last said that it does; undefined where it was not asked. */
  readonly featuresOf: (proxy: SmartProxy) => readonly string[] | undefined;
  /**
   * Sends everything of these hosts anew; answers with how far it is when that was done, when the proxies turned out to be
   * away, or after `patience` milliseconds. Rejects with FILE_UNWRITABLE.
   */
  readonly redeploy: (hosts: readonly Host[], patience: number) => Promise<readonly Deployment[]>;
  /** The same for the menus of machines that nobody knows; does not wait. */
  readonly redeployMenus: () => Promise<void>;
};

/** One smart proxy that this server drives, or that is not heard of yet. */
export type ProxyStatus = {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly features: readonly string[];
  /** `idle`: all is there; `ours`: a `chainboot proxy`, which needs no orders. */
  readonly state: 'idle' | 'busy' | 'away' | 'ours';
  readonly hosts: { readonly deployed: number; readonly pending: number; readonly failed: number };
  readonly error: Deployment['error'];
  /** Since when it is away; epoch milliseconds. */
  readonly since: number | null;
};

/** It was taken, and is on its way over there. */
export function isAwaited({ code }: ChainbootError): boolean {
  return code === 'PROXY_FILE_AWAITED';
}

export function told({ code, message, hint }: ChainbootError): NonNullable<Deployment['error']> {
  return { code, message, hint };
}
