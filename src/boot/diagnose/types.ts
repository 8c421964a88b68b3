/** Why a machine did not boot: what is looked at, what a rule is, and what it answers. */

import type { Host } from '../../inventory/types.ts';
import type { Mac } from '../../net/mac.ts';
import type { Neighbour } from '../neighbour.ts';
import type { Step } from '../step.ts';

/** A step with its place in the trace. */
export type SeenStep = Step & { readonly boot: string; readonly seq: number };

/** A known host whose MAC is nearly that of the machine. */
export type NearMiss = {
  readonly host: string;
  readonly mac: Mac;
  /** `digit`: they differ in one hexadecimal digit. `neighbour`: cards of one board, whose numbers follow each other. */
  readonly how: 'digit' | 'neighbour';
};

/** Everything a rule may look at; nothing is fetched while rules are tried. */
export type Sight = {
  /** Of one boot, oldest first; empty: the machine was never seen. */
  readonly steps: readonly SeenStep[];
  /** The boots of the machine before this one, newest first, a few of them. */
  readonly earlier: readonly (readonly SeenStep[])[];
  /** What was asked for, as it was written: host, MAC or address. */
  readonly asked: string;
  /** The host that it is, if any; its values are those that it inherits, too. */
  readonly host: Host | undefined;
  /** Of the machine, as far as it is known. */
  readonly mac: Mac | undefined;
  /** Only looked for when no host is known for the machine. */
  readonly near: readonly NearMiss[];
  readonly neighbours: readonly Neighbour[];
  /** What keeps the host from installing, by the codes of the build check: no-template, medium-unreachable … */
  readonly lacks: readonly { readonly code: string; readonly sentence: string; readonly hint: string }[];
  /** Epoch milliseconds. */
  readonly now: number;
};

/** What a rule has found. Values fill the sentences of the rule. */
export type Match = {
  readonly values: Readonly<Record<string, string | number | undefined>>;
  /** The steps that show it, the most telling one first. */
  readonly evidence: readonly SeenStep[];
};

export type Rule = {
  /** Stable: tests, metrics and users' tools know it. `kebab-case`. */
  readonly code: string;
  /** What is seen over the steps, in one sentence without values. */
  readonly symptom: string;
  /** Sentences with `{values}` of the match. */
  readonly cause: string;
  readonly fix: string;
  /** RFC and section, firmware on which it was seen, or the page of docs that tells more. */
  readonly source: string;
  /** `fault`: it did not boot for this. `note`: looks wrong and is not, and says so. */
  readonly kind: 'fault' | 'note';
  /**
   * How sure it is. `seen`: an exchange says it outright. `silence`: something did not follow in its time.
   * `beside`: nothing in the trace says it, only what is known beside it.
   */
  readonly basis: 'seen' | 'silence' | 'beside';
  readonly match: (sight: Sight) => Match | undefined;
};

export type Diagnosis = {
  /** Of the rule, or `well` (it booted), `under-way`, `unexplained`. */
  readonly code: string;
  readonly boot: string | undefined;
  /** The last thing that worked. */
  readonly worked: string | undefined;
  /** What should have come next. */
  readonly expected: string | undefined;
  readonly cause: string;
  readonly fix: string | undefined;
  readonly source: string | undefined;
  readonly evidence: readonly {
    readonly boot: string;
    readonly seq: number;
    readonly at: number;
    readonly sentence: string;
  }[];
  /** Other rules that match, the likelier first. */
  readonly also: readonly { readonly code: string; readonly cause: string; readonly fix: string }[];
  /** Rules of kind `note`. */
  readonly notes: readonly { readonly code: string; readonly sentence: string }[];
};
