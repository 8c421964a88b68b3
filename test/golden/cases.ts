/** Every shipped template with the hosts it is rendered for: what golden, format and oracle tests go through. */

import { osOf, suits as suitsOs } from '../../src/inventory/association.ts';
import type { Host, ProvisioningTemplate } from '../../src/inventory/types.ts';
import { loadShippedTemplates } from '../../src/template/library.ts';
import { render } from '../../src/template/render.ts';
import { type ScopeData, scopeOf } from '../../src/template/scope.ts';
import { goldenSite } from './site.ts';

export const templates = loadShippedTemplates(new URL('../../templates/', import.meta.url));
export const library = new Map(templates.map(({ name, template }) => [name, template]));
export const site = goldenSite();

function suits(template: ProvisioningTemplate, host: Host): boolean {
  return suitsOs(template, osOf(site, host)!);
}

export type Case = {
  readonly file: string;
  readonly template: ProvisioningTemplate;
  readonly host: Host | undefined;
};

/** What a machine that nobody knows may be given. */
const LOADER_KINDS: readonly string[] = ['PXELinux', 'PXEGrub2', 'iPXE'];

/** Templates for an operating system: for its hosts. The others: for a machine nobody knows, and one host. */
export const cases: readonly Case[] = templates
  .filter(({ kind }) => kind !== 'snippet')
  .flatMap((template) => {
    const fitting = site.list('hosts').filter((host) => suits(template, host));
    const strangers = LOADER_KINDS.includes(template.kind) ? [undefined] : [];
    const hosts = fitting.length > 0 ? fitting : [...strangers, site.list('hosts')[0]!];
    return hosts.map((host) => ({
      file: `${template.name}, ${host?.name.split('.')[0] ?? 'unknown'}`
        .replaceAll(' ', '_')
        .replace(',', ''),
      template,
      host,
    }));
  });

export function scopeFor({ template, host }: Case): ScopeData {
  return scopeOf({
    site,
    kind: template.kind,
    base: 'http://192.0.2.1:8080',
    now: 0,
    ...(host && { host, mac: host.interfaces[0]!.mac! }),
  });
}

export function rendered(each: Case): string {
  const result = render({ template: each.template.name, scope: scopeFor(each) }, library);
  if (!result.ok) throw new Error(`${result.error.template}:${result.error.line}: ${result.error.message}`);
  return result.text;
}
