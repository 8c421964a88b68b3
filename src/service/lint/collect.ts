/** Findings of many renderings as a person wants to read them: each fault once, with the hosts that have it. */

import type { Host } from '../../inventory/types.ts';
import type { Target } from './audience.ts';

type Place = { readonly template: string; readonly line: number; readonly column: number };

/** One finding of one rendering, or of a text alone. */
export type Found = Place & {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly host?: Host | undefined;
  /** The rendered line. */
  readonly rendered?: string;
  /** What was rendered, and what called on the way. */
  readonly via?: readonly string[];
};

export type LintFinding = Place & {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** What was rendered, when the fault is in something that it called. */
  readonly through?: string;
  /** None: it is in the text whatever the host. */
  readonly hosts?: { readonly count: number; readonly first: string };
  /** The line that was rendered for the first of the hosts. */
  readonly rendered?: string;
};

type Kept = { first: Found; readonly hosts: Set<string> };

/** A longer one would hide the others. */
const MAX_EXCERPT = 200;

export class Collector {
  private readonly kept = new Map<string, Kept>();
  /** Snippets that are asked about: of their callers nothing else is of interest, unless they are asked about too. */
  private readonly asked: ReadonlySet<string>;

  constructor(targets: readonly Target[]) {
    this.asked = new Set(targets.map(({ name }) => name));
  }

  /** Whether it is about anything that was asked about. */
  add(found: Found): boolean {
    const { template, line, column, severity, message, host, via = [] } = found;
    if (![template, ...via].some((name) => this.asked.has(name))) return false;
    const key = JSON.stringify([template, line, column, severity, message]);
    const kept = this.kept.get(key) ?? { first: found, hosts: new Set() };
    if (host !== undefined) kept.hosts.add(host.name);
    // Renderings end in any order; the report is the same every time.
    if (host !== undefined && host.name < (kept.first.host?.name ?? '')) kept.first = found;
    this.kept.set(key, kept);
    return true;
  }

  /** By template and place. */
  findings(): readonly LintFinding[] {
    return [...this.kept.values()]
      .map(findingOf)
      .sort((a, b) => compare(a.template, b.template) || a.line - b.line || a.column - b.column);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function findingOf({ first, hosts }: Kept): LintFinding {
  const { template, line, column, severity, message, rendered, via } = first;
  const [through] = via ?? [];
  const host = first.host?.name;
  return {
    template,
    line,
    column,
    severity,
    message,
    ...(through !== undefined && through !== template && { through }),
    ...(host !== undefined && { hosts: { count: hosts.size, first: host } }),
    ...(rendered !== undefined && rendered.trim() !== '' && { rendered: rendered.slice(0, MAX_EXCERPT) }),
  };
}
