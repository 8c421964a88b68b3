/** What a verb gets besides its own arguments. */

import type { Command } from 'commander';

export type GlobalOptions = { readonly config: string; readonly json?: true };

/** `--config` and `--json` may stand before or after the verb. */
export function globals(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}
