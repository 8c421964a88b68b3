/** What a host would get now, asked by a person: rendered by the same code that answers the host. */

import type { BaseUrl } from '../boot/urls.ts';
import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import {
  type Host,
  type PartitionTable,
  type ProvisioningTemplate,
  provisionInterface,
  type TemplateKind,
} from '../inventory/types.ts';
import type { Rendering, RenderingStore } from '../store/types.ts';
import type { RenderPool } from '../template/pool.ts';
import { type AnswersDeps, type Renderable, renderFor } from './answers.ts';

export type PreviewDeps = {
  readonly site: Site;
  readonly pool: Pick<RenderPool, 'render'>;
  readonly base: BaseUrl;
  /** Root certificate of our HTTPS, PEM. */
  readonly root?: string | undefined;
  readonly now: () => number;
  readonly through?: AnswersDeps['through'];
};

/** Partition tables have no kind; they are put into what is of kind `provision`. */
export type Previewed = Renderable & { readonly kind: TemplateKind };

/** Rejects with TEMPLATE_FAILED. */
export async function previewText(
  { site, pool, base, root, now, through }: PreviewDeps,
  template: Previewed,
  host: Host,
): Promise<string> {
  const mac = provisionInterface(host)?.mac;
  const deps = { site: () => site, pool, now, root: () => root, ...(through && { through }) };
  const outcome = await renderFor(deps, template, {
    kind: template.kind,
    host,
    base,
    mac,
    preview: true,
  });
  if (outcome instanceof ChainbootError) throw outcome;
  return outcome;
}

/** The template of that name, else the partition table, which also may be asked for by itself. Throws NOT_FOUND. */
export function requireTemplate(
  site: Site,
  name: string,
  kind?: string,
): ProvisioningTemplate | PartitionTable {
  const template = kind === 'ptable' ? undefined : site.get('provisioning_templates', name);
  const found = template ?? site.get('ptables', name);
  if (found === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'template', name });
  return found;
}

export function previewed(record: ProvisioningTemplate | PartitionTable): Previewed {
  if ('template' in record) return record;
  return { name: record.name, kind: 'provision', text: record.layout };
}

/** What the host last received of the template; else of another template of its kind. */
export async function lastReceived(
  store: RenderingStore,
  host: Host,
  { name, kind, text }: Previewed,
): Promise<Rendering | undefined> {
  // A partition table is received as a part of something else.
  if (text !== undefined) return undefined;
  const received = await store.of(host.id, kind);
  return received.find(({ template }) => template === name) ?? received[0];
}
