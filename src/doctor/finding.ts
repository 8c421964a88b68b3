/** What a check of `chainboot doctor` says. */

import type { Config } from '../config/schema.ts';

export type Finding = {
  /** Stable: scripts know it. */
  readonly code: string;
  /** `error`: machines do not boot. `warning`: some may not. `ok`: looked at, and fine. `unknown`: could not be looked at. */
  readonly level: 'error' | 'warning' | 'ok' | 'unknown';
  readonly message: string;
  /** What mends it, to be run as they stand; without any, the message says what to do. */
  readonly commands: readonly string[];
};

export type Check = (config: Config) => Promise<readonly Finding[]>;

export function finding(
  level: Finding['level'],
  code: string,
  message: string,
  ...commands: readonly string[]
): Finding {
  return { code, level, message, commands };
}
