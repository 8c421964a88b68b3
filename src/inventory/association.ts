/** Which template a host gets for a kind. */

import type { Site } from './site.ts';
import {
  type Host,
  type OperatingSystem,
  osTitle,
  type ProvisioningTemplate,
  type TemplateKind,
} from './types.ts';

/** Templates name the systems they suit by the beginnings of their titles, in the `oses` of their header. */
function suits(template: ProvisioningTemplate, os: OperatingSystem): boolean {
  return template.oses?.some((prefix) => osTitle(os).startsWith(prefix)) ?? false;
}

/**
 * The first template of the kind that the operating system lists; else the first one made for it, the site's
 * own before the shipped ones. (Foreman: app/models/provisioning_template.rb, `find_template`; host-group combinations are
 * part of the host-group work.)
 */
export function findTemplate(
  site: Site,
  os: OperatingSystem,
  kind: TemplateKind,
): ProvisioningTemplate | undefined {
  for (const name of os.provisioning_templates) {
    const template = site.get('provisioning_templates', name);
    if (template?.kind === kind) return template;
  }
  return site
    .list('provisioning_templates')
    .filter((template) => template.kind === kind && suits(template, os))
    .sort((a, b) => Number(a.locked) - Number(b.locked) || (a.name < b.name ? -1 : 1))[0];
}

export function osOf(site: Site, host: Host): OperatingSystem | undefined {
  return host.operatingsystem === undefined ? undefined : site.get('operatingsystems', host.operatingsystem);
}
