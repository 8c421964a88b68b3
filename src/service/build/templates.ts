/** What a host lacks of templates: of those that its loader and its installer ask for, and that they render. */

import { loaderKindOf } from '../../boot/loaders.ts';
import { otherChain } from '../../boot/select.ts';
import { ChainbootError } from '../../errors.ts';
import { findTemplate, userDataKind } from '../../inventory/association.ts';
import type { EffectiveHost } from '../../inventory/hostgroup.ts';
import type { Site } from '../../inventory/site.ts';
import {
  type Host,
  type OperatingSystem,
  osTitle,
  type ProvisioningTemplate,
  provisionInterface,
  type TemplateKind,
} from '../../inventory/types.ts';
import { renderFor } from '../answers.ts';
import type { BuildCheckDeps } from './deps.ts';
import { type Found, gathered, type Lack, lack } from './lacks.ts';
import { bootsFromNetwork } from './loader.ts';

/** Those without which nothing installs come first; the others only matter where a machine asks for them. */
const BY_THE_WAY: readonly TemplateKind[] = ['finish', 'script'];

export async function templateLacks(
  deps: BuildCheckDeps,
  site: Site,
  host: EffectiveHost,
  os: OperatingSystem,
): Promise<Found> {
  const boot = bootTemplates(site, host, os);
  const answers = answerTemplates(site, host, os);
  const later = BY_THE_WAY.flatMap((kind) => findTemplate(site, os, kind, host) ?? []);
  const renderings = [...boot.templates, ...answers.templates, ...later].map(async (template) => {
    const found = await renderLack(deps, site, host, template);
    if (found === undefined) return {};
    return later.includes(template) ? { warnings: [found] } : { errors: [found] };
  });
  return gathered([boot, answers, ...(await Promise.all(renderings))]);
}

type Templates = Found & { readonly templates: readonly ProvisioningTemplate[] };

/** What its loader reads, and what that goes on with. */
function bootTemplates(site: Site, host: EffectiveHost, os: OperatingSystem): Templates {
  const kind = bootsFromNetwork(host) ? loaderKindOf(host.pxe_loader) : undefined;
  if (kind === undefined) return { templates: [] };
  const first = findTemplate(site, os, kind, host);
  if (first === undefined) return { templates: [], errors: [noTemplate(kind, os)] };
  if (otherChain(first.name) === undefined) return { templates: [first] };
  const next = findTemplate(site, os, 'iPXE', host);
  return next === undefined
    ? { templates: [first], errors: [noTemplate('iPXE', os)] }
    : { templates: [first, next] };
}

function noTemplate(kind: TemplateKind, os: OperatingSystem): Lack {
  return lack('no-template', 'operatingsystem', { kind, os: osTitle(os) });
}

/** What tells the installer what to do. */
function answerTemplates(site: Site, host: EffectiveHost, os: OperatingSystem): Templates {
  const kinds: readonly TemplateKind[] = ['provision', userDataKind(site, host)];
  const templates = kinds.flatMap((kind) => findTemplate(site, os, kind, host) ?? []);
  if (templates.length > 0) return { templates };
  const values = { os: osTitle(os), kinds: kinds.join(' or ') };
  return { templates, errors: [lack('no-answers', 'operatingsystem', values)] };
}

async function renderLack(
  { pool, base, root, now }: BuildCheckDeps,
  site: Site,
  host: Host,
  template: ProvisioningTemplate,
): Promise<Lack | undefined> {
  if (pool === undefined) return undefined;
  const { kind, name } = template;
  const mac = provisionInterface(host)?.mac;
  const outcome = await renderFor(
    { site: () => site, pool, now, root },
    // With its text: whoever looks at a change has templates that no machine can be given yet.
    { name, text: template.template },
    { kind, host, base: base(), mac, preview: true },
  );
  if (!(outcome instanceof ChainbootError)) return undefined;
  const values = { kind, template: name, host: host.name, reason: String(outcome.values.reason) };
  return lack('template-fails', 'operatingsystem', values);
}
