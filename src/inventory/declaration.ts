/**
 * Records as people write them in a site file: defaults left out, one interface as `mac` and `ip` of the host, nothing
 * of what is state (build mode, tokens, numbers). Two records are the same for `apply` when these are.
 */

import { z } from 'zod';
import { DEFAULT_ARCHITECTURE } from './hostgroup.ts';
import { SCHEMAS, SHORT_FORM } from './schema.ts';
import type { Collection, Host, Interface, Json, Records } from './types.ts';

/** Keys in the order in which they are written. */
export type Declaration = Readonly<Record<string, Json>>;

/** What `apply` may declare. */
export type Declarable = keyof typeof SCHEMAS;

export function isDeclarable(collection: Collection): collection is Declarable {
  return Object.hasOwn(SCHEMAS, collection);
}

type Shape = Readonly<Record<string, z.ZodType>>;
type Fields = Readonly<Record<string, unknown>>;

const NIC_SHAPE: Shape = SCHEMAS.hosts.shape.interfaces.unwrap().element.shape;

/** Optional keys for which a site file has no other word than leaving them out. */
const EMPTY: Readonly<Partial<Record<Declarable, Fields>>> = {
  provisioning_templates: { locked: false, default: false, description: '', oses: [] },
  ptables: { locked: false, snippet: false, description: '', oses: [] },
  common_parameters: { hidden_value: false },
};

export function declarationOf<C extends Declarable>(
  collection: C,
  record: Omit<Records[C], 'id'>,
): Declaration {
  const shape: Shape = SCHEMAS[collection].shape;
  if (collection === 'hosts') return hostDeclaration(record as unknown as Host, shape);
  return said(shape, record, EMPTY[collection]);
}

/** The fields a record has besides what a site file says of it: state, which `apply` leaves as it is. */
export function stateOf(collection: Declarable, record: object): Fields {
  const shape: Shape = SCHEMAS[collection].shape;
  return Object.fromEntries(Object.entries(record).filter(([key]) => !Object.hasOwn(shape, key)));
}

function said(shape: Shape, record: object, empty: Fields = {}): Record<string, Json> {
  const fields = record as Fields;
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, schema]) => {
      const value = fields[key];
      const unsaid = Object.hasOwn(empty, key) ? empty[key] : defaultOf(schema);
      return value === undefined || (unsaid !== undefined && alike(value, unsaid))
        ? []
        : [[key, value as Json]];
    }),
  );
}

const defaults = new WeakMap<z.ZodType, unknown>();

function defaultOf(schema: z.ZodType): unknown {
  if (!(schema instanceof z.ZodDefault)) return undefined;
  if (!defaults.has(schema)) defaults.set(schema, schema.parse(undefined));
  return defaults.get(schema);
}

function hostDeclaration(host: Host, shape: Shape): Declaration {
  const { interfaces: _interfaces, build: _build, name, ...rest } = said(shape, host);
  // Without a hostgroup it has one, whether or not it says so.
  if (host.hostgroup === undefined && rest.architecture === DEFAULT_ARCHITECTURE) delete rest.architecture;
  return { ...(name !== undefined && { name }), ...interfacesSaid(host.interfaces), ...rest };
}

function interfacesSaid(interfaces: readonly Interface[]): Declaration {
  if (interfaces.length === 0) return {};
  const roles = rolesOf(interfaces);
  const nics = interfaces.map((nic, i) => {
    const { primary: _primary, provision: _provision, ...rest } = said(NIC_SHAPE, nic);
    return { ...rest, ...roles(i) };
  });
  const [first, second] = nics;
  const isShort =
    second === undefined &&
    Object.keys(first!).length > 0 &&
    Object.keys(first!).every((key) => (SHORT_FORM as readonly string[]).includes(key));
  return isShort ? first! : { interfaces: nics };
}

/** The first interface has the roles that are given to none, and need not say so. */
function rolesOf(interfaces: readonly Interface[]): (i: number) => Record<string, Json> {
  const holding = (role: 'primary' | 'provision', fallback: number) => {
    const holders = interfaces.flatMap((nic, i) => (nic[role] ? [i] : []));
    return holders.length === 0 ? [fallback] : holders;
  };
  const primary = holding('primary', 0);
  const provision = holding('provision', primary[0]!);
  const isSaid = (holders: readonly number[], i: number) =>
    holders.includes(i) && !(holders.length === 1 && i === 0);
  return (i) => ({
    ...(isSaid(primary, i) && { primary: true }),
    ...(isSaid(provision, i) && { provision: true }),
  });
}

/** Whatever the order of keys. */
export function alike(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b);
}

/** JSON with sorted keys: equal exactly when the values are. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
