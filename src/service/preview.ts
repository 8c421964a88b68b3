/** What a host would get now, asked by a person: rendered by the same code that answers the host. */

import type { BaseUrl } from '../boot/urls.ts';
import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { type Host, type ProvisioningTemplate, provisionInterface } from '../inventory/types.ts';
import type { Rendering, RenderingStore } from '../store/types.ts';
import type { RenderPool } from '../template/pool.ts';
import { renderFor } from './answers.ts';

export type PreviewDeps = {
  readonly site: Site;
  readonly pool: Pick<RenderPool, 'render'>;
  readonly base: BaseUrl;
  readonly now: () => number;
};

/** Rejects with TEMPLATE_FAILED. */
export async function previewText(
  { site, pool, base, now }: PreviewDeps,
  template: ProvisioningTemplate,
  host: Host,
): Promise<string> {
  const mac = provisionInterface(host)?.mac;
  const outcome = await renderFor({ site: () => site, pool, now }, template, {
    kind: template.kind,
    host,
    base,
    mac,
    preview: true,
  });
  if (outcome instanceof ChainbootError) throw outcome;
  return outcome;
}

/** Throws NOT_FOUND. */
export function requireTemplate(site: Site, name: string): ProvisioningTemplate {
  const found = site.get('provisioning_templates', name);
  if (found === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'template', name });
  return found;
}

/** What the host last received of the template; else of another template of its kind. */
export async function lastReceived(
  store: RenderingStore,
  host: Host,
  { name, kind }: ProvisioningTemplate,
): Promise<Rendering | undefined> {
  const received = await store.of(host.id, kind);
  return received.find(({ template }) => template === name) ?? received[0];
}
