/**
 * What a proxy of ours and the server behind it say to each other, as JSON over HTTP with certificates on both sides. The
 * name in the proxy's certificate says which one it is; there is no other login.
 *
 *     GET  /proxy/v1/site                    what the proxy has to know (an ETag tells whether it is news)
 *     POST /proxy/v1/answers                 Asked → Told: a script or answer file
 *     POST /proxy/v1/reports                 Report → { changed }: an installer is done, or has failed
 *     POST /proxy/v1/steps                   Steps → {}: what machines did
 *     GET  /proxy/v1/files/media/NAME/PATH   a file of a medium; with ranges
 *     GET  /proxy/v1/files/loaders/NAME      a boot loader
 *     GET  /proxy/v1/digests/…               { sha256 } of the same
 */

import { z } from 'zod';
import type { Reason } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import { TEMPLATE_KINDS } from '../inventory/types.ts';
import { type Mac, parseMac } from '../net/mac.ts';
import type { Stored } from '../store/types.ts';

export const ROOT = '/proxy/v1';

const mac = z.string().transform((text, context): Mac => {
  const parsed = parseMac(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'no MAC address' });
  return z.NEVER;
});
const short = z.string().max(2048);
const url = z.url({ protocol: /^https?$/ }).max(300);

/** A machine asks, and the proxy says what it knows of it. */
export const ASKED = z.strictObject({
  kind: z.enum(TEMPLATE_KINDS),
  claims: z.strictObject({
    address: short,
    token: short.optional(),
    macs: z.array(mac).max(64),
  }),
  /** To whom the proxy has leased the address: better evidence than what the machine says of itself. */
  leased: mac.optional(),
  bootstrap: z.boolean(),
  static: z.boolean().optional(),
  retry: z.boolean().optional(),
  /** The proxy, as the machine reaches it. */
  base: url,
  /** The root certificate that machines have to trust there, PEM. */
  root: z.string().max(65_536).optional(),
  /** No machine asks: the proxy keeps the answer for when nobody can be asked. */
  ahead: z.boolean().optional(),
});
export type Asked = z.output<typeof ASKED>;

/** `Answered`, with an error as its code and values. */
export type Told = { readonly host?: string; readonly mac?: Mac } & (
  | {
      readonly ok: true;
      readonly text: string;
      readonly template: string;
      readonly because: Reason;
      readonly identity: Reason;
      readonly held?: true;
    }
  | {
      readonly ok: false;
      readonly error: { readonly code: string; readonly values: Readonly<Record<string, unknown>> };
      readonly because: Reason;
    }
);

export const REPORT = z.strictObject({
  /** Told twice, it counts once. */
  id: z.uuid(),
  kind: z.enum(['built', 'failed']),
  host: short,
  /** The token of the installation that reports; one that was begun later is not ended by it. */
  token: short.optional(),
  /** Address of the machine. */
  remote: short,
  /** Epoch milliseconds, by the clock of the proxy. */
  at: z.int(),
  log: z.string().max(65_535).optional(),
});
export type Report = z.output<typeof REPORT>;

const REASON = z.looseObject({ code: z.string().max(100) });
/** What counts is checked; the rest of a step is kept as it comes. */
const STEP = z.looseObject({
  at: z.int(),
  kind: z.string().max(40),
  via: z.string().max(20),
  because: REASON,
  mac: mac.optional(),
  address: short.optional(),
  host: short.optional(),
  what: short.optional(),
});

export const STEPS = z.strictObject({
  /** Where the first of them is in the trace of the proxy, and what is behind the last. */
  from: z.int(),
  to: z.int(),
  steps: z.array(STEP).max(2000),
});
export type Steps = { readonly from: number; readonly to: number; readonly steps: readonly Step[] };

/** Records that the proxy needs, as changes to nothing. */
export type SiteSlice = { readonly proxy: string; readonly records: readonly Stored[] };
