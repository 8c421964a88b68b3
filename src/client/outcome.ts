/** What came of a virtual boot. */

import type { BootEvent } from './events.ts';
import type { FailureCode } from './failure.ts';
import type { InstallerOutcome } from './installer.ts';

export type FileSummary = { readonly url: string; readonly bytes: number; readonly sha256: string };
export type InitrdSummary = FileSummary & {
  /** gzip, xz, cpio …; undefined for what Linux would not take. */
  readonly format?: string;
};

/** `menu`: a person is asked and there is none. */
type Reached = 'installed' | 'kernel' | 'local-boot' | 'menu' | 'failed';

export type BootOutcome = {
  readonly reached: Reached;
  /** One sentence. */
  readonly why: string;
  /** Of a failure. */
  readonly code?: FailureCode;
  readonly kernel?: FileSummary;
  readonly initrds: readonly InitrdSummary[];
  readonly cmdline?: string;
  /** The iPXE scripts that were run, in their order. */
  readonly scripts: readonly { readonly url: string; readonly text: string }[];
  /** What the programs printed. */
  readonly console: readonly string[];
  readonly installer?: InstallerOutcome;
  /** Dotted; the last address the machine was given. */
  readonly address?: string;
  readonly steps: readonly BootEvent[];
  /** Milliseconds. */
  readonly took: number;
};
