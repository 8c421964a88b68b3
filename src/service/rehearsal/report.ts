/** What comes of a rehearsal: a boot that was walked through without a machine, and changed nothing. */

import type { Diagnosis } from '../../boot/diagnose/types.ts';
import type { Step } from '../../boot/step.ts';
import type { TemplateKind } from '../../inventory/types.ts';

/** A step of the server, with its reasons in words. */
export type RehearsedStep = Step & { readonly sentence: string; readonly lease_sentence?: string };

/** A file as the machine would get it. */
export type Rendered = {
  readonly kind: TemplateKind;
  readonly template: string;
  readonly text: string;
  /** Of the text in UTF-8. */
  readonly bytes: number;
  readonly sha256: string;
  /** Why this template, and why the machine is taken for this host. */
  readonly sentence: string;
  readonly identity: string;
};

export type RehearsedFile = {
  readonly role: 'kernel' | 'initrd';
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  /** By its first bytes; undefined for an initrd that Linux would not take. */
  readonly format?: string;
};

/** What the virtual machine did and saw. */
export type RehearsedEvent = {
  readonly at: number;
  readonly kind: string;
  readonly text: string;
  readonly url?: string;
  readonly bytes?: number;
  readonly took?: number;
};

export type RehearsalReport = {
  /** In the trace: `rehearsal` of its steps. */
  readonly id: string;
  readonly host: string;
  readonly mac: string;
  /** The machine that was played, and what it is in words. */
  readonly as: string;
  readonly machine: string;
  readonly boots: boolean;
  /** `boots`, `boots-from-disk`, or what keeps it from booting (client/failure.ts, `held`, or an error of the catalogue). */
  readonly code: string;
  readonly sentence: string;
  /** Of the error that the server gave, what to do about it. */
  readonly hint?: string;
  /** What was played beside the machine, and what looks odd but does no harm. */
  readonly notes: readonly string[];
  readonly steps: readonly RehearsedStep[];
  readonly rendered: readonly Rendered[];
  readonly files: readonly RehearsedFile[];
  readonly cmdline?: string;
  /** Where the installer got its answers, and where it would report. */
  readonly answers?: { readonly kind: string; readonly url: string; readonly built_url: string };
  readonly events: readonly RehearsedEvent[];
  /** What `chainboot why` says of the same steps; only where it does not boot. */
  readonly diagnosis?: Diagnosis;
  /** Milliseconds. */
  readonly took: number;
};

/** Of one fleet. */
export const MOST_MACHINES = 5000;

export type RehearsalOptions = {
  /** Name of a persona; that which suits the host unless given. */
  readonly as?: string;
  readonly timeoutMs?: number;
};

/**
 * A host that is there is always reported on. Rejects with NOT_FOUND, REHEARSAL_REFUSED (no such persona, no MAC),
 * REHEARSAL_BUSY.
 */
export type Rehearse = (host: string, options: RehearsalOptions) => Promise<RehearsalReport>;
