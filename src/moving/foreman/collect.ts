/** Fetches everything that a Foreman knows and Chainboot has a place for. */

import { ChainbootError } from '../../errors.ts';
import { type ForemanClient, PARALLEL } from './client.ts';

/** A record as Foreman shows it. */
export type Document = Readonly<Record<string, unknown>>;

/** Lists, and of these that say too little there the single records. */
export const RESOURCES = [
  { name: 'organizations', single: true },
  { name: 'locations', single: true },
  { name: 'architectures', single: false },
  { name: 'smart_proxies', single: true },
  { name: 'realms', single: false },
  { name: 'domains', single: true },
  { name: 'subnets', single: true },
  { name: 'media', single: true },
  { name: 'ptables', single: true },
  { name: 'provisioning_templates', single: true },
  { name: 'operatingsystems', single: true },
  { name: 'models', single: false },
  { name: 'users', single: true },
  { name: 'usergroups', single: true },
  { name: 'common_parameters', single: false },
  { name: 'settings', single: false },
  { name: 'hostgroups', single: true },
  { name: 'hosts', single: true },
] as const;
export type ResourceName = (typeof RESOURCES)[number]['name'];

export type Collected = {
  readonly version: string;
  readonly documents: Readonly<Record<ResourceName, readonly Document[]>>;
  /** Resources that the user may not see, or that this Foreman has not. */
  readonly refused: readonly { readonly resource: ResourceName; readonly reason: string }[];
};

export type Progress = (resource: ResourceName, done: number, total: number) => void;

const PER_PAGE = 100;

/** Rejects with FOREMAN_UNREACHABLE, or FOREMAN_REFUSED where even the status is not shown. */
export async function collect(
  client: ForemanClient,
  progress: Progress = () => undefined,
): Promise<Collected> {
  const { version } = (await client.get('/status')) as { readonly version?: string };
  const documents: Record<string, readonly Document[]> = {};
  const refused: Collected['refused'][number][] = [];
  for (const { name, single } of RESOURCES) {
    try {
      documents[name] = await fetchAll(client, name, single, progress);
    } catch (error) {
      if (!(error instanceof ChainbootError) || error.code !== 'FOREMAN_REFUSED') throw error;
      documents[name] = [];
      refused.push({ resource: name, reason: error.message });
    }
  }
  return { version: version ?? 'unknown', documents: documents as Collected['documents'], refused };
}

async function fetchAll(
  client: ForemanClient,
  name: ResourceName,
  single: boolean,
  progress: Progress,
): Promise<readonly Document[]> {
  const rows = await fetchList(client, name);
  progress(name, single ? 0 : rows.length, rows.length);
  if (!single || rows.length === 0) return rows;
  let done = 0;
  return inParallel(rows, async ({ id }) => {
    const document = (await client.get(`/${name}/${id}`)) as Document;
    done += 1;
    progress(name, done, rows.length);
    return document;
  });
}

/** Pages in order of number: what is added meanwhile comes at the end. */
async function fetchList(client: ForemanClient, name: ResourceName): Promise<readonly Document[]> {
  const rows = new Map<unknown, Document>();
  for (let page = 1; ; page++) {
    const path = `/${name}?order=id+ASC&per_page=${PER_PAGE}&page=${page}`;
    const { results } = (await client.get(path)) as { readonly results?: readonly Document[] };
    const found = Array.isArray(results) ? results : Object.values(results ?? {}).flat();
    for (const row of found as readonly Document[]) rows.set(row.id, row);
    if (found.length < PER_PAGE) return [...rows.values()];
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
  return results;
}
