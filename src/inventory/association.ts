/** Which template a host gets for a kind. */

import type { Site } from './site.ts';
import {
  type Host,
  type OperatingSystem,
  osTitle,
  type ProvisioningTemplate,
  type TemplateKind,
} from './types.ts';

/** Shipped templates name the systems they suit by title prefix, like Foreman's `oses` header does. */
function suits(template: ProvisioningTemplate, os: OperatingSystem): boolean {
  return template.oses?.some((prefix) => osTitle(os).startsWith(prefix)) ?? false;
}

/**
 * The first template of the kind that the operating system lists; else the first shipped one made for it,
 * by name. (Foreman: app/models/provisioning_template.rb, `find_template`; host-group combinations are
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
    .filter((template) => template.kind === kind && template.locked && suits(template, os))
    .sort((a, b) => (a.name < b.name ? -1 : 1))[0];
}

export function osOf(site: Site, host: Host): OperatingSystem | undefined {
  return host.operatingsystem === undefined ? undefined : site.get('operatingsystems', host.operatingsystem);
}
