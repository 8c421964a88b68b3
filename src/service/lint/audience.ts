/** Which renderings a template is checked by: its own, for every host that could get it, or its callers'. */

import { otherChain, servedByName } from '../../boot/select.ts';
import { findPtable, findTemplate, osOf, suits } from '../../inventory/association.ts';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import type { Site } from '../../inventory/site.ts';
import type { Host, PartitionTable, ProvisioningTemplate, TemplateKind } from '../../inventory/types.ts';

/** A template or a partition table; two of them may share a name. */
export type Target = {
  readonly name: string;
  readonly kind: TemplateKind | 'ptable';
  readonly text: string;
};

export function targetOf(record: ProvisioningTemplate | PartitionTable): Target {
  return 'kind' in record
    ? { name: record.name, kind: record.kind, text: record.template }
    : { name: record.name, kind: 'ptable', text: record.layout };
}

/** Everything that can be checked, in the order of names. */
export function allTargets(site: Site): readonly Target[] {
  return [...site.list('provisioning_templates'), ...site.list('ptables')]
    .map(targetOf)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** No host: a machine that nobody knows. */
export type Rendering = { readonly target: Target; readonly host?: Host };

/** What to render to check the target; none: nobody gets it. */
export function renderingsOf(target: Target, site: Site): readonly Rendering[] {
  if (target.kind === 'snippet') {
    return callersOf(target, site).flatMap((caller) => renderingsOf(caller, site));
  }
  const record = recordOf(target, site);
  if ('kind' in record && servedByName(record) === 'unknown machines') return [{ target }];
  return site
    .list('hosts')
    .filter((host) => mayGet(record, host, site))
    .map((host) => ({ target, host }));
}

function recordOf({ name, kind }: Target, site: Site): ProvisioningTemplate | PartitionTable {
  return kind === 'ptable' ? site.get('ptables', name)! : site.get('provisioning_templates', name)!;
}

function mayGet(record: ProvisioningTemplate | PartitionTable, host: Host, site: Site): boolean {
  if ('kind' in record && servedByName(record) !== undefined) return true;
  const os = osOf(site, host);
  if (os === undefined) return false;
  // The other layouts that would suit its system may well ask for parameters that it has no need of.
  if (!('kind' in record)) return findPtable(site, host)?.name === record.name;
  if (suits(record, os) || os.provisioning_templates.includes(record.name)) return true;
  const given = findTemplate(site, os, record.kind, effectiveHost(site, host))?.name;
  return given !== undefined && (given === record.name || otherChain(given) === record.name);
}

/**
 * Templates that name the snippet, directly or through other snippets. A name that is put together when it is
 * called (`snippet "x_#{y}"`) cannot be seen.
 */
function callersOf(snippet: Target, site: Site): readonly Target[] {
  const all = allTargets(site);
  const reached = new Set([snippet]);
  // The set grows while it is gone through, until no caller is new.
  for (const called of reached) {
    const names = [`'${called.name}'`, `"${called.name}"`];
    for (const target of all) {
      if (!has(reached, target) && names.some((name) => target.text.includes(name))) reached.add(target);
    }
  }
  return [...reached].filter(({ kind }) => kind !== 'snippet');
}

function has(targets: ReadonlySet<Target>, { name, kind }: Target): boolean {
  for (const target of targets) if (target.name === name && target.kind === kind) return true;
  return false;
}
