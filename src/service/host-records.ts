/** Hosts as a whole: made from a declaration, with addresses where they have none, and deleted. */

import { ChainbootError, type Problem } from '../errors.ts';
import { declaredHost } from '../inventory/declare.ts';
import { type HostDeclaration, SCHEMAS } from '../inventory/schema.ts';
import type { Site } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import type { Actor, Draft } from '../store/types.ts';
import type { Lack } from './build/lacks.ts';
import { inBuild, type LifeCycle, requireBootable, requireHost } from './hosts.ts';
import type { Inventory } from './inventory.ts';
import { changeRecords } from './records.ts';

export type CreateOptions = LifeCycle & {
  readonly actor: Actor;
  /** Into build mode also when something is missing for it. */
  readonly force?: boolean;
};

export type Created = { readonly host: Host; readonly warnings: readonly Lack[] };

/** What a person declared of a host, checked. Throws RECORD_INVALID with every problem. */
export function hostDeclaration(fields: Readonly<Record<string, unknown>>): HostDeclaration {
  const parsed = SCHEMAS.hosts.safeParse(fields);
  if (parsed.success) return parsed.data;
  const problems: Problem[] = parsed.error.issues.map(({ path, message }) => ({
    file: `hosts/${String(fields.name)}`,
    path: path.join('.'),
    message,
  }));
  throw new ChainbootError('RECORD_INVALID', { count: problems.length }, problems);
}

/**
 * Makes a host; one that is declared with `build: true` enters build mode at once, if it can boot. Interfaces in a subnet
 * that gives addresses get one. Rejects with RECORD_INVALID, SUBNET_FULL, HOST_UNBOOTABLE.
 */
export async function createHost(
  inventory: Inventory,
  declaration: HostDeclaration,
  { actor, check, tokens, ipam, force = false }: CreateOptions,
): Promise<Created> {
  await inventory.refresh();
  const draft = declaredHost({ ...declaration, build: false }, undefined, neverAsked, tokens().now());
  await ipam.prepare(inventory.site, draft);
  const made = (site: Site): Draft<Host> => {
    const addressed = ipam.assigner(site)(draft);
    return declaration.build ? withoutId(inBuild({ ...addressed, id: 0 }, tokens())) : addressed;
  };
  const warnings = declaration.build
    ? await requireBootable(check, inventory.site, { ...made(inventory.site), id: 0 }, force)
    : [];
  const { made: stored } = await changeRecords(inventory, actor, (site) => ({
    changes: [{ op: 'put', collection: 'hosts', record: made(site) }],
    result: undefined,
  }));
  const host = stored.find((change) => change.op === 'put' && change.collection === 'hosts');
  return { host: (host as { readonly record: Host }).record, warnings };
}

/** A host that is not in build mode needs no token. */
function neverAsked(): never {
  throw new Error('a host out of build mode has no token');
}

function withoutId({ id: _id, ...host }: Host): Draft<Host> {
  return host;
}

/** Rejects with NOT_FOUND; answers with what there was. */
export async function deleteHost(inventory: Inventory, name: string, actor: Actor): Promise<Host> {
  const { result } = await changeRecords(inventory, actor, (site) => {
    const host = requireHost(site, name);
    return { changes: [{ op: 'delete', collection: 'hosts', id: host.id }], result: host };
  });
  return result;
}
