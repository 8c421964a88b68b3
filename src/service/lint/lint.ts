/**
 * Everything that can be said about templates before a machine meets them: whether they can be read and are
 * safe, what happens when they are rendered for each host that would get them, and whether what comes out has
 * the format that its reader wants. Findings are led back to the line of the template they come from.
 */

import type { BaseUrl } from '../../boot/urls.ts';
import type { FormatFinding } from '../../formats/finding.ts';
import { checkFormat, formatOf, shellParts } from '../../formats/format.ts';
import { osOf } from '../../inventory/association.ts';
import type { Site } from '../../inventory/site.ts';
import { type Host, provisionInterface } from '../../inventory/types.ts';
import { checkTemplate } from '../../template/lint.ts';
import { type Origin, originOf } from '../../template/origins.ts';
import type { RenderPool, RenderResult } from '../../template/pool.ts';
import { scopeOf } from '../../template/scope.ts';
import { type Rendering, renderingsOf, type Target } from './audience.ts';
import { Collector, type Found, type LintFinding } from './collect.ts';
import type { ShellCheck } from './shell-check.ts';

export type LintDeps = {
  /** With the records to check in it. */
  readonly site: Site;
  /** Whose library has the texts to check in it. */
  readonly pool: Pick<RenderPool, 'render'>;
  readonly shell: ShellCheck;
  readonly base: BaseUrl;
  /** Root certificate of our HTTPS, PEM. */
  readonly root?: string | undefined;
  readonly now: number;
};

export type LintOptions = {
  /** Render for this host only. */
  readonly host?: Host;
  /** Render for that host also what it would not get. */
  readonly anyway?: boolean;
  /** Hosts a template is rendered for at most; all of them when not given. */
  readonly maxHosts?: number;
  /** Called after each rendering. */
  readonly onProgress?: (done: number, of: number) => void;
};

export type LintReport = {
  /** By template and place. */
  readonly findings: readonly LintFinding[];
  /** What could not be looked at, and why. */
  readonly notes: readonly { readonly template?: string; readonly message: string }[];
  /** Templates that were looked at. */
  readonly checked: number;
  readonly renderings: number;
};

/** Renderings under way at once. */
const CONCURRENCY = 4;

export async function lint(
  deps: LintDeps,
  targets: readonly Target[],
  options: LintOptions = {},
): Promise<LintReport> {
  const collector = new Collector(targets);
  const notes: { template?: string; message: string }[] = [];
  const planned = new Map<string, Rendering>();
  for (const target of targets) {
    const faults = checkTemplate(target.text);
    for (const fault of faults) collector.add({ ...fault, template: target.name });
    // It would fail in the same place for every host.
    if (faults.some(({ severity }) => severity === 'error')) continue;
    const renderings = wanted(target, deps.site, options);
    if (renderings.length === 0) notes.push({ template: target.name, message: unused(target, options) });
    for (const rendering of some(renderings, options.maxHosts)) planned.set(keyOf(rendering), rendering);
  }
  const check = new RenderingCheck(deps, (found) => collector.add(found));
  let done = 0;
  await inParallel([...planned.values()], CONCURRENCY, async (rendering) => {
    await check.run(rendering);
    options.onProgress?.(++done, planned.size);
  });
  for (const message of check.notes) notes.push({ message });
  return { findings: collector.findings(), notes, checked: targets.length, renderings: planned.size };
}

function keyOf({ target: { kind, name }, host }: Rendering): string {
  return JSON.stringify([kind === 'ptable', name, host?.id]);
}

function wanted(target: Target, site: Site, { host, anyway }: LintOptions): readonly Rendering[] {
  const all = renderingsOf(target, site);
  if (host === undefined) return all;
  const own = all.filter((rendering) => rendering.host?.id === host.id);
  // A snippet alone lacks what its callers give it.
  return own.length === 0 && anyway && target.kind !== 'snippet' ? [{ target, host }] : own;
}

function unused({ kind }: Target, { host }: LintOptions): string {
  if (host !== undefined) return `not rendered: ${host.name} does not use it`;
  return kind === 'snippet'
    ? 'not rendered: nothing that a host uses calls it'
    : 'not rendered: no host uses it';
}

/** Evenly spread, so that hosts declared one after the other, which are alike, do not stand for all. */
function some<T>(all: readonly T[], most = all.length): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!);
}

async function inParallel<T>(
  items: readonly T[],
  most: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const runner = async () => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: most }, runner));
}

type Rendered = { readonly text: string; readonly map: readonly Origin[]; readonly rendering: Rendering };

/** Renders, and checks what came out. */
class RenderingCheck {
  /** What could not be looked at. */
  readonly notes = new Set<string>();
  private readonly deps: LintDeps;
  private readonly add: (found: Found) => boolean;

  constructor(deps: LintDeps, add: (found: Found) => boolean) {
    this.deps = deps;
    this.add = add;
  }

  async run(rendering: Rendering): Promise<void> {
    const result = await this.render(rendering);
    if (result.ok) return this.checkText({ text: result.text, map: result.map ?? [], rendering });
    const { template, line, column, message, callers } = result.error;
    const { target, host } = rendering;
    const via = [target.name, ...callers.map((caller) => caller.template)];
    if (!this.add({ template, line, column, message, severity: 'error', host, via }))
      this.notes.add(
        `nothing is known of what ${target.name} calls after ${template}:${line}, where it fails`,
      );
  }

  private render({ target, host }: Rendering): Promise<RenderResult> {
    const { site, pool, base, root, now } = this.deps;
    const mac = host && provisionInterface(host)?.mac;
    const scope = scopeOf({
      site,
      kind: target.kind === 'ptable' ? 'provision' : target.kind,
      base,
      preview: true,
      now,
      ...(root !== undefined && { root }),
      ...(host && { host }),
      ...(mac && { mac }),
    });
    return pool.render({ template: target.name, text: target.text, scope, map: true });
  }

  private async checkText(rendered: Rendered): Promise<void> {
    const { text, rendering } = rendered;
    const os = rendering.host && osOf(this.deps.site, rendering.host);
    const format = formatOf(rendering.target.kind, os, text);
    if (format === undefined) return;
    for (const finding of checkFormat(format, text, os)) this.report(finding, rendered);
    for (const part of shellParts(format, text, os)) {
      const said = await this.deps.shell(part);
      if (said === 'unavailable')
        this.notes.add(`scripts for ${part.shell} were not read: it is not installed here`);
      else for (const finding of said) this.report(finding, rendered);
    }
  }

  private report({ offset, severity, message }: FormatFinding, { text, map, rendering }: Rendered): void {
    const { target, host } = rendering;
    // Behind the last character there is nothing: what is missing there belongs to the end of the text.
    const origin = originOf(map, Math.min(offset, Math.max(0, text.length - 1)));
    const { template, line, column } = origin ?? { template: target.name, line: 1, column: 1 };
    this.add({
      template,
      line,
      column,
      severity,
      message,
      host,
      rendered: lineAt(text, offset),
      via: [target.name],
    });
  }
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end);
}
