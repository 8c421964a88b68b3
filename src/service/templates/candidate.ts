/** From the text of a file to the record it would become, or why it becomes none. */

import type { Problem } from '../../errors.ts';
import type { OsFamily, TemplateKind } from '../../inventory/types.ts';
import { checkTemplate } from '../../template/lint.ts';
import { type Header, headerOf, type Metadata, metadataIn } from '../../template/metadata.ts';
import type { TemplateFile } from './files.ts';

/** A file that can be imported. */
export type Candidate = {
  readonly file: string;
  readonly name: string;
  readonly collection: 'provisioning_templates' | 'ptables';
  /** Of a partition table, `undefined`. */
  readonly kind?: TemplateKind;
  readonly snippet: boolean;
  readonly text: string;
  readonly description?: string;
  /** Undefined when its header does not speak of them. */
  readonly oses?: readonly string[];
  readonly os_family?: OsFamily;
  readonly notes: readonly string[];
  /** What may fail when it is rendered. */
  readonly warnings: readonly Problem[];
};

/** A file that cannot, or is not meant to be. */
export type Verdict = {
  readonly file: string;
  readonly name?: string;
  readonly outcome: 'skipped' | 'refused' | 'filtered';
  readonly reason: string;
  readonly problems: readonly Problem[];
};

export type Naming = {
  /** Names get it unless they begin with it already. */
  readonly prefix?: string;
  /** Whether a name, with its prefix, is wanted. */
  readonly wanted?: (name: string) => boolean;
};

/** What Foreman keeps in the same tree, and Chainboot has no use for. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['ReportTemplate', 'a report template: there are no reports here'],
  ['JobTemplate', 'a job template of Remote Execution: there are no jobs here'],
  ['WebhookTemplate', 'a webhook template: there are no webhooks here'],
]);
const MAX_NAME = 255;

export function candidateOf(source: TemplateFile, naming: Naming): Candidate | Verdict {
  const { file } = source;
  if ('skipped' in source) return verdict(file, 'skipped', source.skipped);
  if ('refused' in source)
    return verdict(file, 'refused', source.refused.message, [{ file, path: '', ...source.refused }]);
  const header = headerOf(source.text);
  if (header.kind !== 'header') return headless(file, header);
  const metadata = metadataIn(header);
  if (metadata.name === undefined) return verdict(file, 'skipped', 'its header has no name');
  const name = prefixed(metadata.name, naming.prefix);
  const unwanted = unwantedReason(metadata, name, naming);
  if (unwanted !== undefined) return { ...unwanted, file, name, problems: [] };
  return checked(source.file, source.text, source.notes, name, metadata);
}

function verdict(
  file: string,
  outcome: Verdict['outcome'],
  reason: string,
  problems: readonly Problem[] = [],
): Verdict {
  return { file, outcome, reason, problems };
}

function headless(file: string, header: Exclude<Header, { kind: 'header' }>): Verdict {
  if (header.kind === 'none') return verdict(file, 'skipped', 'it has no metadata header');
  const message = `its metadata header is no YAML: ${header.message}`;
  return verdict(file, 'refused', message, [{ file, path: '', ...header.place, message }]);
}

/** Foreman's sync plugin does the same, so names that were imported and exported again do not grow. */
function prefixed(name: string, prefix = ''): string {
  return name.startsWith(prefix) ? name : `${prefix}${name}`;
}

function unwantedReason(
  { model, kind, all }: Metadata,
  name: string,
  { wanted }: Naming,
): Pick<Verdict, 'outcome' | 'reason'> | undefined {
  if (wanted !== undefined && !wanted(name))
    return { outcome: 'filtered', reason: 'its name is filtered out' };
  if (model !== 'ProvisioningTemplate' && model !== 'Ptable')
    return { outcome: 'skipped', reason: FOREIGN.get(model) ?? `an unknown model of template: ${model}` };
  if (model === 'ProvisioningTemplate' && kind === undefined)
    return { outcome: 'skipped', reason: kindReason(all.kind) };
  return undefined;
}

function kindReason(kind: unknown): string {
  return kind === undefined ? 'its header has no kind' : `there is no template kind "${String(kind)}"`;
}

function checked(
  file: string,
  text: string,
  notes: readonly string[],
  name: string,
  metadata: Metadata,
): Candidate | Verdict {
  const problem = nameProblem(name);
  if (problem !== undefined) return { ...verdict(file, 'refused', problem), name };
  const findings = checkTemplate(text).map(({ severity, line, column, message }) => ({
    severity,
    problem: { file, line, column, path: '', message },
  }));
  const problemsOf = (wanted: string) =>
    findings.flatMap(({ severity, problem: found }) => (severity === wanted ? [found] : []));
  const errors = problemsOf('error');
  if (errors.length > 0) return { ...verdict(file, 'refused', errors[0]!.message, errors), name };
  const { model, kind, snippet, description, oses, all, os_family } = metadata;
  return {
    file,
    name,
    collection: model === 'Ptable' ? 'ptables' : 'provisioning_templates',
    snippet,
    text,
    notes,
    warnings: problemsOf('warning'),
    ...(model !== 'Ptable' && kind !== undefined && { kind }),
    ...(description !== undefined && { description }),
    ...(all.oses !== undefined && { oses }),
    ...(os_family !== undefined && { os_family }),
  };
}

function nameProblem(name: string): string | undefined {
  if (name.length > MAX_NAME) return `its name is longer than ${MAX_NAME} characters`;
  return /\p{Cc}/u.test(name) ? 'its name has a line break or another control character' : undefined;
}
