/** Programs of the distributions that read what the templates write, and the pieces of files they are given. */

import { spawnSync } from 'node:child_process';
import { expect, type TestContext } from 'vitest';
import type { Host, Parameters } from '../../../src/inventory/types.ts';
import { type Case, cases, rendered } from '../cases.ts';

/** All renderings of a template, as `[host, case]` for it.for. */
export function renderingsOf(template: string): (readonly [host: string, each: Case])[] {
  return cases
    .filter((each) => each.template.name === template)
    .map((each) => [each.host?.name.split('.')[0] ?? 'unknown', each] as const);
}

/** A template for a host of the golden site that is changed for the occasion. */
export function renderedWith(
  template: string,
  host: string,
  parameters: Parameters,
  changes: Partial<Host> = {},
): string {
  const [, each] = renderingsOf(template).find(([name]) => name === host)!;
  const changed = { ...each.host!, ...changes, parameters: { ...each.host!.parameters, ...parameters } };
  return rendered({ ...each, host: changed });
}

type Tool = { readonly program: string; readonly args?: readonly string[]; readonly debianPackage: string };

/** Gives text to a program on its standard input and expects that it finds nothing to say; skips without it. */
export function expectAccepted(ctx: TestContext, tool: Tool, text: string): void {
  const { program, args = [], debianPackage } = tool;
  const result = spawnSync(program, args, { input: text, encoding: 'utf8', timeout: 60_000 });
  const missing = result.error !== undefined && 'code' in result.error && result.error.code === 'ENOENT';
  if (missing) ctx.skip(`${program} is missing (Debian package: ${debianPackage})`);
  expect({ status: result.status, said: result.stderr + result.stdout }, text).toEqual({
    status: 0,
    said: '',
  });
}

/** Parses with both shells that the scripts may meet; Debian's is dash. */
export function expectShell(ctx: TestContext, text: string, shells: readonly ('dash' | 'bash')[]): void {
  for (const shell of shells)
    expectAccepted(ctx, { program: shell, args: ['-n'], debianPackage: shell }, text);
}

/** The options of a line, without its first word: `--device=x` → `device: x`. Quotes are not looked into. */
export function optionsOf(line: string): Record<string, string> {
  const words = line.split(/\s+/).filter((word) => word.startsWith('--'));
  return Object.fromEntries(
    words.map((word) => {
      const [name, ...value] = word.slice(2).split('=');
      return [name!, value.join('=')];
    }),
  );
}

/** `name=value` pairs of a kernel line, in order; the words of a name that is there more than once are joined. */
export function kernelArguments(line: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const word of line.split(/\s+/)) {
    const [name, ...value] = word.split('=');
    const text = value.join('=');
    found[name!] = found[name!] === undefined ? text : `${found[name!]} ${text}`;
  }
  return found;
}
