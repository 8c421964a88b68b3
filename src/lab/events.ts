/** What happens in the lab, as data: drawn as a timeline, printed as JSON, compared with milestones. */

import type { Step } from '../boot/step.ts';

/** Times are epoch milliseconds. */
export type LabEvent =
  | { readonly kind: 'note'; readonly at: number; readonly text: string }
  /** An answer of the server, as it recorded it. */
  | { readonly kind: 'step'; readonly at: number; readonly step: Step }
  /** A line the machine wrote on its console. */
  | { readonly kind: 'machine'; readonly at: number; readonly text: string }
  | { readonly kind: 'power'; readonly at: number; readonly on: boolean; readonly text: string }
  /** How far the machine is with a download. */
  | { readonly kind: 'progress'; readonly at: number; readonly url: string; readonly percent: number }
  | { readonly kind: 'milestone'; readonly at: number; readonly milestone: string }
  | { readonly kind: 'problem'; readonly at: number; readonly text: string }
  | { readonly kind: 'result'; readonly at: number; readonly text: string; readonly ok: boolean };

export type Tell = (event: LabEvent) => void;
