/** Findings of the linter as people read them. */

import type { LintFinding } from '../service/lint/collect.ts';

/** `template:line:column: severity: message`, then what was rendered and for whom. */
export function findingLines(
  finding: LintFinding,
  files: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  const { template, line, column, severity, message, hosts, through, rendered } = finding;
  const shown = (name: string) => files.get(name) ?? name;
  const who = hosts && `for ${hosts.count === 1 ? '' : `${hosts.count} hosts, first `}${hosts.first}`;
  const where = [through && `in ${shown(through)}`, who].filter((part) => part !== undefined).join(' ');
  return [
    `${shown(template)}:${line}:${column}: ${severity}: ${message}`,
    ...(where === '' ? [] : [`    ${where}`]),
    ...(rendered === undefined ? [] : [`    | ${rendered}`]),
  ];
}
