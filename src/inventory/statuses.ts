/** Statuses of a host under Foreman's numbers and names, worked out whenever they are asked for. */

import { isExpired } from './build.ts';
import type { Host } from './types.ts';

export type Status = { readonly status: number; readonly label: string };

/** `build_status` by its number. */
export const BUILD_STATUSES = [
  'Installed',
  'Pending installation',
  'Token expired',
  'Installation error',
] as const;
/** `build_status = …` of a search, by the same number. */
export const BUILD_STATUS_WORDS = ['built', 'pending', 'token_expired', 'build_failed'] as const;
/** `global_status` by its number. */
export const GLOBAL_STATUSES = ['OK', 'Warning', 'Error'] as const;

type Building = Pick<Host, 'build' | 'token' | 'build_errors'>;

/** `now` is epoch milliseconds, as in all that follows. */
export function buildStatus(host: Building, now: number): Status & { readonly label: BuildStatusLabel } {
  const status = buildStatusNumber(host, now);
  return { status, label: BUILD_STATUSES[status] };
}

export type BuildStatusLabel = (typeof BUILD_STATUSES)[number];

function buildStatusNumber({ build, token, build_errors }: Building, now: number): 0 | 1 | 2 | 3 {
  if (build) return token !== undefined && isExpired(token, now) ? 2 : 1;
  return build_errors === undefined ? 0 : 3;
}

/** The worst of all statuses: an expired token and a failed installation are errors. A host that is held needs somebody, too. */
export function globalStatus(host: Building & Pick<Host, 'hold'>, now: number): Status {
  const failed = buildStatusNumber(host, now) >= 2;
  const status = failed ? 2 : host.hold === undefined ? 0 : 1;
  return { status, label: GLOBAL_STATUSES[status] };
}
