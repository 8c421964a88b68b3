/** What a replay found, and how it is told. Pure. */

import type { Diagnosis, SeenStep } from '../boot/diagnose/types.ts';
import type { Neighbour } from '../boot/neighbour.ts';
import { sentence } from '../boot/reason.ts';
import type { Difference } from './compare.ts';

/** One request of the capture: what its server answered, and what this one would have. */
export type Replayed = {
  readonly frame: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly mac?: string;
  readonly protocol: 'dhcp' | 'pxe' | 'tftp' | 'http';
  /** In words, as all that follows. */
  readonly request: string;
  /** Undefined: nobody answered. */
  readonly captured: string | undefined;
  /** Undefined: no answer. */
  readonly here: string | undefined;
  /** Why, by the same code and words as in the trace; undefined where nothing was decided. */
  readonly because: { readonly code: string; readonly sentence: string } | undefined;
  /** A script or answer file of this server. */
  readonly text?: string;
  readonly differences: readonly Difference[];
};

export type ReplayedBoot = {
  readonly id: string;
  readonly mac: string | undefined;
  readonly steps: readonly SeenStep[];
  readonly diagnosis: Diagnosis;
};

export type ReplayReport = {
  /** Of the configuration, on which the requests were answered. */
  readonly link: string;
  readonly mode: 'server' | 'proxy' | 'off';
  /** Those whose answers are taken for the boot's. */
  readonly servers: readonly string[];
  readonly neighbours: readonly Neighbour[];
  readonly boots: readonly ReplayedBoot[];
  readonly requests: readonly Replayed[];
};

const INDENT = '               ';

export function reportLines(report: ReplayReport, began: number): readonly string[] {
  const { link, mode, servers, boots, requests } = report;
  const differing = requests.filter(({ differences }) => differences.length > 0).length;
  return [
    ...boots.flatMap((boot) => bootLines(boot)),
    `Answered here on ${link} (mode ${mode}), beside what ${servers.join(', ') || 'nobody'} answered in the capture:`,
    ...requestsLines(requests, began),
    `${requests.length} request(s), ${differing} answered differently here`,
  ].map(printable);
}

function bootLines({ id, mac, steps, diagnosis }: ReplayedBoot): readonly string[] {
  const started = steps[0]?.at ?? 0;
  return [
    `Boot ${id} of ${mac ?? 'an unknown machine'}`,
    ...steps.map(
      (step) =>
        `${seconds(step.at - started)}  ${step.kind.padEnd(12)} ${step.what ?? ''} — ${sentence(step.because)}`,
    ),
    ...diagnosisLines(diagnosis),
    '',
  ];
}

function diagnosisLines({ code, worked, expected, cause, fix, also, notes }: Diagnosis): readonly string[] {
  const told: readonly (readonly [name: string, text: string | undefined])[] = [
    ['worked', worked],
    ['expected', code === 'well' ? undefined : expected],
    ['cause', `${cause} (${code})`],
    ['fix', fix],
    ...also.map((other) => ['or', `${other.cause} (${other.code})`] as const),
    ...notes.map((note) => ['note', `${note.sentence} (${note.code})`] as const),
  ];
  return told.flatMap(([name, text]) => (text === undefined ? [] : [`  ${`${name}:`.padEnd(10)}${text}`]));
}

/** Machines ask again and again: what is answered as before is not told again. */
function requestsLines(requests: readonly Replayed[], began: number): readonly string[] {
  const first = new Map<string, number>();
  return requests.flatMap((request) => {
    const { frame, request: asked, captured, here, because, differences } = request;
    const key = JSON.stringify([asked, captured, here, because, differences]);
    const known = first.get(key);
    if (known === undefined) first.set(key, frame);
    return known === undefined ? requestLines(request, began) : [`${headLine(request, began)}: as #${known}`];
  });
}

function headLine({ at, frame, request }: Replayed, began: number): string {
  return `${seconds(at - began)}  #${frame}  ${request}`;
}

function requestLines(request: Replayed, began: number): readonly string[] {
  const { captured, here, because, differences } = request;
  return [
    headLine(request, began),
    `${INDENT}captured: ${captured ?? 'no answer'}`,
    `${INDENT}here:     ${here ?? 'no answer'}${because === undefined ? '' : ` (${because.sentence})`}`,
    ...differences.map(
      ({ field, captured: theirs, here: ours }) =>
        `${INDENT}differs:  ${field}: ${theirs ?? 'none'} → ${ours ?? 'none'}`,
    ),
  ];
}

function seconds(milliseconds: number): string {
  return `+${(milliseconds / 1000).toFixed(3)}`.padStart(9);
}

/** Names come from the wire: no control characters on a terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, '?');
}
