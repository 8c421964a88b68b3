/** The API without a socket: an inventory in memory, and whoever asks. */

import fastify, { type FastifyInstance } from 'fastify';
import { addApi } from '../src/api/server.ts';
import type { Services } from '../src/api/services.ts';
import { ShippedIds } from '../src/api/view.ts';
import { shippedRecords } from '../src/app/core.ts';
import { ChainbootError } from '../src/errors.ts';
import { COLLECTIONS, ROLES, type Role } from '../src/inventory/types.ts';
import { Authenticator } from '../src/service/auth/authenticate.ts';
import { makeAccessToken } from '../src/service/auth/tokens.ts';
import { Inventory } from '../src/service/inventory.ts';
import { changeRecords } from '../src/service/records.ts';
import { memoryBoots } from '../src/store/memory/boots.ts';
import { memoryInventory } from '../src/store/memory/inventory.ts';
import type { Change } from '../src/store/types.ts';
import { easyLifeCycle } from './life-cycle.ts';

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

export type Answer = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what is looked at.
  readonly body: any;
  readonly headers: Readonly<Record<string, unknown>>;
};

export type ApiRig = {
  readonly inventory: Inventory;
  readonly server: FastifyInstance;
  readonly lifeCycle: Services['lifeCycle'];
  /** As an administrator unless told; `null`: as nobody. */
  call(method: string, path: string, body?: unknown, role?: Role | null): Promise<Answer>;
  get(path: string, role?: Role | null): Promise<Answer>;
  /** The header of that name. */
  authorization(role: Role): string;
  /** Makes records without the API. */
  put(...changes: readonly (readonly [collection: string, record: object])[]): Promise<void>;
  close(): Promise<void>;
};

/** What a template says, with the name of the host: rendering has tests of its own. */
const preview: Services['preview'] = async ({ template }, { name }) => `${template} for ${name}`;

const proxyFeatures: Services['proxyFeatures'] = async () => ['TFTP'];

/** Playing machines has tests of its own. */
const rehearse: Services['rehearse'] = async () => {
  throw new ChainbootError('REHEARSAL_BUSY', {});
};

export async function apiRig(more: Partial<Services> = {}): Promise<ApiRig> {
  const now = more.now ?? (() => NOW);
  const inventory = await Inventory.open(memoryInventory(), shippedRecords(), now);
  const auth = new Authenticator({ site: () => inventory.site, now });
  const tokens = new Map(ROLES.map((role) => [role, makeAccessToken()]));
  const put = async (...records: readonly (readonly [string, object])[]) => {
    const changes = records.map(([collection, record]) => ({ op: 'put', collection, record }) as Change);
    await changeRecords(inventory, { via: 'cli' }, () => ({ changes, result: undefined }));
  };
  await put(
    ...ROLES.map((role) => ['users', { login: role, roles: [role], ssh_keys: [] }] as const),
    ...ROLES.map(
      (role) =>
        [
          'personal_access_tokens',
          { name: 't', user: role, hash: tokens.get(role)!.hash, created_at: NOW },
        ] as const,
    ),
  );
  const lifeCycle = easyLifeCycle(now);
  const server = fastify();
  await addApi(server, {
    services: {
      inventory,
      now,
      log: () => undefined,
      auth,
      lifeCycle,
      preview,
      proxyFeatures,
      rehearse,
      neighbours: () => [],
      boots: memoryBoots(),
      closing: AbortSignal.abort(),
      leasedTo: () => undefined,
      ...more,
    },
    shipped: new ShippedIds(COLLECTIONS, (collection) => inventory.shippedNames(collection)),
    version: '0.0.0',
    bodyLimit: 1024 * 1024,
    depthLimit: 32,
    admit: () => undefined,
  });
  await server.ready();
  const authorization = (role: Role) => `Bearer ${tokens.get(role)!.value}`;
  const call: ApiRig['call'] = async (method, path, body, role = 'admin') => {
    const response = await server.inject({
      method: method as 'GET',
      url: `/api${path}`,
      headers: {
        ...(role !== null && { authorization: authorization(role) }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const { statusCode: status, headers, body: text } = response;
    const isJson = String(headers['content-type']).startsWith('application/json');
    return { status, headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    inventory,
    server,
    lifeCycle,
    call,
    authorization,
    get: (path, role) => call('GET', path, undefined, role),
    put,
    close: () => server.close(),
  };
}
