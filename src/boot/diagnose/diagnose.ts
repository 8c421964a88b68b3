/** Why a machine did not boot: the rules that match, the surest and latest first. Pure. */

import { sentence } from '../reason.ts';
import { type Progress, progressOf, rankOf, stageOf, stageValues } from './progress.ts';
import { RULES } from './rules.ts';
import { silentFor } from './steps.ts';
import type { Diagnosis, Match, Rule, SeenStep, Sight } from './types.ts';

type Found = { readonly rule: Rule; readonly match: Match; readonly place: number };

const MOST_EVIDENCE = 5;
const BASES = { seen: 0, silence: 1, beside: 2 } as const;

export function diagnose(sight: Sight): Diagnosis {
  const progress = progressOf(sight.steps);
  const found = RULES.flatMap((rule) => tried(rule, sight));
  const notes = found
    .filter(({ rule }) => rule.kind === 'note')
    .map(({ rule, match }) => noteOf(rule, match));
  const faults = found.filter((one) => one.rule.kind === 'fault' && isStill(one, sight)).sort(bySureness);
  const verdict = isEnded(sight, progress) ? faults.filter(({ rule }) => rule.basis === 'seen') : faults;
  const [first, ...others] = isUnderWay(sight, progress)
    ? verdict.filter(({ rule }) => rule.basis === 'seen')
    : verdict;
  return { ...told(sight, progress, first), also: others.map(alsoOf), notes };
}

function tried(rule: Rule, sight: Sight): readonly Found[] {
  const match = rule.match(sight);
  if (match === undefined) return [];
  return [{ rule, match, place: Math.max(-1, ...match.evidence.map((step) => sight.steps.indexOf(step))) }];
}

/** What a machine has got over is no fault: it came further after the last that shows it. */
function isStill({ rule, match, place }: Found, { steps }: Sight): boolean {
  if (rule.basis === 'beside' || match.evidence.length === 0) return true;
  const before = rankOf(progressOf(steps.slice(0, place + 1)).stage.name);
  return !steps.slice(place + 1).some((step) => rankOf(stageOf(step)) > before && !isTrouble(step));
}

function isTrouble({ kind }: SeenStep): boolean {
  return kind === 'http.failed' || kind.startsWith('dhcp.');
}

function bySureness(a: Found, b: Found): number {
  return BASES[a.rule.basis] - BASES[b.rule.basis] || b.place - a.place;
}

function isEnded({ steps }: Sight, { stage }: Progress): boolean {
  return (
    (stage.name === 'ended' && !steps.some(({ kind }) => kind === 'http.failed')) ||
    isAtDisk(stage) ||
    isSystem(steps)
  );
}

function isAtDisk({ name }: Progress['stage']): boolean {
  return name === 'disk';
}

/** An ordinary DHCP client: a system that runs. */
function isSystem(steps: readonly SeenStep[]): boolean {
  return (
    steps.length > 0 &&
    steps.every(({ kind, stage }) => kind.startsWith('dhcp.') && stage === 'os') &&
    steps.some(({ kind }) => kind === 'dhcp.ack')
  );
}

function isUnderWay(sight: Sight, progress: Progress): boolean {
  return sight.steps.length > 0 && !isEnded(sight, progress) && silentFor(sight) < shortest(progress);
}

/** The first silence of a stage that a rule may tell of. */
function shortest({ stage: { name, silence } }: Progress): number {
  return name === 'loader' || name === 'acknowledged' ? Math.min(silence, 15_000) : silence;
}

type Told = Omit<Diagnosis, 'also' | 'notes'>;

function told(sight: Sight, progress: Progress, first: Found | undefined): Told {
  const { stage } = progress;
  const values = stageValues(progress);
  const where = {
    boot: sight.steps[0]?.boot,
    worked: stage.worked && filled(stage.worked, values),
    expected: filled(expectedOf(sight, progress), values),
  };
  if (first !== undefined) return { ...where, ...faultOf(first) };
  const none = { fix: undefined, source: undefined, evidence: evidenceOf(sight.steps.slice(-1)) };
  if (isEnded(sight, progress)) return { ...where, ...none, code: 'well', cause: 'it booted' };
  if (silentFor(sight) < stage.silence)
    return { ...where, ...none, code: 'under-way', cause: 'it goes on: nothing is overdue yet' };
  return {
    ...where,
    ...none,
    code: 'unexplained',
    cause: 'no rule knows why it went no further',
    fix: 'look at the screen of the machine, and record its next boot: chainboot capture MAC',
  };
}

/** GRUB and iPXE go on in other ways from a loader: what comes next is in the table. */
function expectedOf({ steps }: Sight, { stage }: Progress): string {
  return steps.some(({ kind }) => kind === 'http.failed')
    ? 'the installer reports that it is done'
    : stage.expected;
}

function faultOf({ rule, match }: Found): Pick<Diagnosis, 'code' | 'cause' | 'fix' | 'source' | 'evidence'> {
  return {
    code: rule.code,
    cause: filled(rule.cause, match.values),
    fix: filled(rule.fix, match.values),
    source: rule.source,
    evidence: evidenceOf(match.evidence),
  };
}

function noteOf(rule: Rule, { values }: Match): Diagnosis['notes'][number] {
  return { code: rule.code, sentence: filled(rule.cause, values) };
}

function alsoOf({ rule, match }: Found): Diagnosis['also'][number] {
  return { code: rule.code, cause: filled(rule.cause, match.values), fix: filled(rule.fix, match.values) };
}

function evidenceOf(steps: readonly SeenStep[]): Diagnosis['evidence'] {
  return steps.slice(0, MOST_EVIDENCE).map(({ boot, seq, at, kind, what, because }) => ({
    boot,
    seq,
    at,
    sentence: `${`${kind} ${what ?? ''}`.trimEnd()}: ${sentence(because)}`,
  }));
}

/** A value that is not known is called so: no sentence shows its braces. */
function filled(text: string, values: Match['values']): string {
  return text.replace(/\{(\w+)\}/g, (_whole, name: string) =>
    String(values[name] ?? UNKNOWN_WORDS[name] ?? 'it'),
  );
}

const UNKNOWN_WORDS: Readonly<Record<string, string>> = {
  host: 'the host',
  mac: 'MAC',
  address: 'its address',
  what: 'what it asked for',
  file: 'the loader',
  count: 'several',
};
