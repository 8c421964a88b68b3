/** Which template, and which partition table, a host gets. */

import { type EffectiveHost, effectiveHost } from './hostgroup.ts';
import type { Site } from './site.ts';
import {
  type Host,
  isShipped,
  type OperatingSystem,
  osTitle,
  type PartitionTable,
  type ProvisioningTemplate,
  speaksHttp,
  type TemplateKind,
} from './types.ts';

/**
 * Templates and partition tables name the systems they suit in the `oses` of their header, each entry a regular
 * expression that the title begins with. (Foreman: app/models/template.rb, `import_oses`.)
 */
export function suits(record: { readonly oses?: readonly string[] }, os: OperatingSystem): boolean {
  const title = osTitle(os);
  return record.oses?.some((entry) => titleBegins(title, entry)) ?? false;
}

const PLAIN = /^[^\\^$*+?()[\]{}|]*$/;

/** Nearly every entry is plain text such as `RedHat 7`. */
function titleBegins(title: string, entry: string): boolean {
  return PLAIN.test(entry)
    ? title.startsWith(entry)
    : (patternOf(entry)?.test(title) ?? title.startsWith(entry));
}

/** Without quantified groups and with few quantifiers, no title makes one of these slow. */
const HARMLESS =
  /^(?:(?:[^\\^$*+?()[\]{}|]|\\[dDwWsS.^$*+?()[\]{}|\\/-]|\[\^?[^\]\\[]+\])[*+?]?|\((?:\?:)?|\||\)(?![*+?])|\$)*$/;
const MAX_QUANTIFIERS = 4;
const MAX_PATTERN = 200;
const MAX_KEPT = 1000;
const kept = new Map<string, RegExp | undefined>();

function patternOf(entry: string): RegExp | undefined {
  if (kept.has(entry)) return kept.get(entry);
  if (kept.size >= MAX_KEPT) kept.clear();
  const pattern = compilePattern(entry);
  kept.set(entry, pattern);
  return pattern;
}

/** Undefined for what is no regular expression, or one that a header has no need of. */
function compilePattern(entry: string): RegExp | undefined {
  const quantifiers = entry.match(/[*+?]/g)?.length ?? 0;
  if (entry.length > MAX_PATTERN || quantifiers > MAX_QUANTIFIERS || !HARMLESS.test(entry)) return undefined;
  try {
    return new RegExp(`^${entry}`);
  } catch {
    return undefined;
  }
}

/**
 * The first template of the kind that the hostgroup lists for this operating system; else the one that the operating
 * system names for the kind, or the first that it lists; else the first one made for it, the site's own before the shipped ones. Ancestors of
 * the hostgroup are not asked, as in Foreman (app/models/provisioning_template.rb, `find_template`).
 */
export function findTemplate(
  site: Site,
  os: OperatingSystem,
  kind: TemplateKind,
  { hostgroup, pxe_loader }: Pick<EffectiveHost, 'hostgroup' | 'pxe_loader'> = {},
): ProvisioningTemplate | undefined {
  const group = hostgroup === undefined ? undefined : site.get('hostgroups', hostgroup);
  const ofGroup = named(site, group?.provisioning_templates, kind).find((template) =>
    mayServe(site, template, os),
  );
  if (ofGroup !== undefined) return ofGroup;
  const [ofSystem] = named(site, [os.default_templates?.[kind] ?? '', ...os.provisioning_templates], kind);
  if (ofSystem !== undefined) return ofSystem;
  const fitting = site.list('provisioning_templates').filter((template) => template.kind === kind);
  return firstSuiting(fitting, os, speaksHttp(pxe_loader) ? undefined : WAY_ON);
}

/**
 * The kind that cloud-init is given at `/userdata`. Foreman asks for `cloud-init` before `user_data`; it does so of
 * what somebody chose, and so does this: of what is merely made for the system, `user_data` comes first, since the
 * answers of Ubuntu's installer are of that kind.
 */
export function userDataKind(site: Site, declared: Host): 'cloud-init' | 'user_data' {
  const host = effectiveHost(site, declared);
  const os = osOf(site, host);
  if (os === undefined) return 'user_data';
  const group = host.hostgroup === undefined ? undefined : site.get('hostgroups', host.hostgroup);
  const ofSystem = [...Object.values(os.default_templates ?? {}), ...os.provisioning_templates];
  const chosen = [...(group?.provisioning_templates ?? []), ...ofSystem];
  if (named(site, chosen, 'cloud-init').length > 0) return 'cloud-init';
  return findTemplate(site, os, 'user_data', host) === undefined ? 'cloud-init' : 'user_data';
}

function named(
  site: Site,
  names: readonly string[] | undefined,
  kind: TemplateKind,
): readonly ProvisioningTemplate[] {
  return (names ?? []).flatMap((name) => {
    const template = site.get('provisioning_templates', name);
    return template?.kind === kind ? template : [];
  });
}

/** Associated with the system; one that is associated with none serves them all. */
function mayServe(site: Site, template: ProvisioningTemplate, os: OperatingSystem): boolean {
  const lists = (system: OperatingSystem): boolean => system.provisioning_templates.includes(template.name);
  if (lists(os) || suits(template, os)) return true;
  return (template.oses ?? []).length === 0 && !site.list('operatingsystems').some(lists);
}

/**
 * The partition table the host names; else the first its operating system lists; else the first one made for
 * that system. None: the host has no disk layout.
 */
export function findPtable(site: Site, declared: Host): PartitionTable | undefined {
  const host = effectiveHost(site, declared);
  if (host.ptable !== undefined) return site.get('ptables', host.ptable);
  const os = osOf(site, host);
  if (os === undefined) return undefined;
  const [listed] = os.ptables;
  return listed === undefined ? firstSuiting(site.list('ptables'), os) : site.get('ptables', listed);
}

type Associated = { readonly id: number; readonly name: string; readonly oses?: readonly string[] };

/** Of what PXELINUX can be told, going on with iPXE is the way that gets everything else over HTTP. */
const WAY_ON = 'PXELinux chain iPXE';

/** The site's own come before the shipped ones. */
function firstSuiting<T extends Associated>(
  records: readonly T[],
  os: OperatingSystem,
  preferred?: string,
): T | undefined {
  const rank = (record: T) => (isShipped(record) ? (record.name === preferred ? 1 : 2) : 0);
  return records
    .filter((record) => suits(record, os))
    .sort((a, b) => rank(a) - rank(b) || byGenerality(a.name, b.name))[0];
}

/** Foreman calls the general ones `… default`; of several, `Kickstart default` before `Atomic Kickstart default`. */
export function byGenerality(a: string, b: string): number {
  const special = (name: string) => Number(!/\bdefault\b/i.test(name));
  return special(a) - special(b) || a.length - b.length || (a < b ? -1 : 1);
}

export function osOf(site: Site, host: Host): OperatingSystem | undefined {
  const { operatingsystem } = effectiveHost(site, host);
  return operatingsystem === undefined ? undefined : site.get('operatingsystems', operatingsystem);
}
