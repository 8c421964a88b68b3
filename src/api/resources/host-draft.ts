/** From what a client sends of a host to the host as it is to be. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { cancelBuild } from '../../inventory/build.ts';
import { DEFAULT_ARCHITECTURE, effectiveHost } from '../../inventory/hostgroup.ts';
import { lastNumber, numbered, withRoles } from '../../inventory/interfaces.ts';
import { nameOf, type Site } from '../../inventory/site.ts';
import {
  type Host,
  type Interface,
  PROVISION_METHODS,
  PXE_LOADERS,
  primaryInterface,
} from '../../inventory/types.ts';
import { inBuild } from '../../service/hosts.ts';
import type { Draft as HostDraft } from '../../store/types.ts';
import { Gathering } from '../gather.ts';
import type { Call } from '../operation.ts';
import type { Draft } from '../resource.ts';
import type { View } from '../view.ts';
import { NIC_PARAMS, takeNic } from './nic-params.ts';
import { ROOT_PASS_PARAM, rootPassOf } from './root-pass.ts';

const text = z.string();

/** Besides attributes and references: what belongs to interfaces, to build mode, or has rules of its own. */
export const HOST_PARAMS = {
  name: text.max(255).nullish().describe('name; the domain is added to one without'),
  mac: NIC_PARAMS.mac,
  ip: NIC_PARAMS.ip,
  ip6: NIC_PARAMS.ip6,
  domain_id: NIC_PARAMS.domain_id,
  domain_name: NIC_PARAMS.domain_name,
  subnet_id: NIC_PARAMS.subnet_id,
  subnet_name: NIC_PARAMS.subnet_name,
  subnet6_id: NIC_PARAMS.subnet6_id,
  subnet6_name: NIC_PARAMS.subnet6_name,
  interfaces_attributes: z
    .array(z.object({ id: z.int().optional(), _destroy: z.boolean().optional(), ...NIC_PARAMS }))
    .nullish()
    .describe('interfaces; those that are not named stay as they are'),
  build: z.boolean().nullish().describe('whether the next network boot installs it'),
  enabled: z.boolean().nullish().describe('false: it is left alone'),
  managed: z.boolean().nullish().describe('whether DHCP and installers look after it'),
  pxe_loader: text.nullish().describe(`loader: ${PXE_LOADERS.join(', ')}`),
  provision_method: text.nullish().describe(PROVISION_METHODS.join(', ')),
  owner_id: z.int().nullish().describe('user or user group it belongs to, by number'),
  owner_name: text.nullish().describe('user or user group it belongs to, by name'),
  owner_type: z.enum(['User', 'Usergroup']).nullish().describe('which of the two'),
  overwrite: z
    .boolean()
    .nullish()
    .describe('accepted and of no effect: there are no foreign DHCP records to overwrite'),
  compute_attributes: z
    .unknown()
    .optional()
    .describe('accepted and not kept: there are no compute resources here'),
  ...ROOT_PASS_PARAM,
};

type Given = Readonly<Record<string, unknown>> & { readonly id?: number; readonly _destroy?: boolean };

/** Throws RECORD_INVALID. */
export function hostOf(fields: Draft, call: Call, view: View, existing: Host | undefined): Draft {
  const { body } = call;
  const before = existing?.interfaces ?? [];
  const wrong = new Gathering();
  const given = {
    interfaces: wrong.attempt(() => interfacesOf(body, view, existing)) ?? before,
    ...wrong.attempt(() => listed(body, 'pxe_loader', PXE_LOADERS)),
    ...wrong.attempt(() => listed(body, 'provision_method', PROVISION_METHODS)),
    ...wrong.attempt(() => ownerOf(body, view, existing)),
    ...wrong.attempt(() => hashedPassword(fields, body, view, existing)),
  };
  wrong.done();
  const { own, interfaces } = nameOfPrimary(given.interfaces, before);
  const draft = {
    ...fields,
    ...given,
    name: hostName({ ...body, name: body.name ?? own }, view, existing, interfaces),
    interfaces: withManaged(interfaces, body.managed),
    enabled: body.enabled ?? existing?.enabled ?? true,
    build: existing?.build ?? false,
    ...(fields.hostgroup === undefined &&
      fields.architecture === undefined && { architecture: DEFAULT_ARCHITECTURE }),
  };
  const plain = withoutEmpty(draft) as unknown as HostDraft<Host>;
  const addressed = call.services.lifeCycle.ipam.assigner(view.site)(plain);
  return inMode(addressed, call, existing) as unknown as Draft;
}

function hashedPassword(fields: Draft, body: Draft, { site }: View, existing: Host | undefined): Draft {
  const { operatingsystem } = effectiveHost(site, { interfaces: [], ...withoutEmpty(fields) } as never);
  return rootPassOf(body, site, operatingsystem, existing);
}

type Named = { readonly own: string | undefined; readonly interfaces: readonly Interface[] };

/** A new name for the primary interface is one for the host, which keeps it. */
export function nameOfPrimary(interfaces: readonly Interface[], before: readonly Interface[]): Named {
  const primary = primaryInterface({ interfaces });
  const old = numbered(before).find(({ id }) => id === primary?.id);
  if (primary?.name === undefined || primary.name === old?.name) return { own: undefined, interfaces };
  const { name: own, ...unnamed } = primary;
  return { own, interfaces: interfaces.map((nic) => (nic === primary ? unnamed : nic)) };
}

/** null takes away. */
function withoutEmpty(draft: Draft): Draft {
  return Object.fromEntries(
    Object.entries(draft).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** A new token when it enters build mode; one that is in it stays as it is. */
function inMode(
  host: HostDraft<Host>,
  { body, services, actor }: Call,
  existing: Host | undefined,
): HostDraft<Host> {
  const { tokens } = services.lifeCycle;
  const now = existing?.build ?? false;
  if (typeof body.build !== 'boolean' || body.build === now) return host;
  const numbered = { ...host, id: existing?.id ?? 0 };
  const { id: _id, ...next } = body.build
    ? inBuild(numbered, tokens())
    : cancelBuild(numbered, tokens().now(), actor.user);
  return next;
}

/** What the host itself says of an interface is meant for the primary one. */
const OF_PRIMARY = [
  'mac',
  'ip',
  'ip6',
  'domain_id',
  'domain_name',
  'subnet_id',
  'subnet_name',
  'subnet6_id',
  'subnet6_name',
];

/** What a body says of interfaces, put over those there are. Throws RECORD_INVALID with everything that is wrong. */
export function interfacesOf(
  body: Draft,
  view: View,
  before: Pick<Host, 'interfaces' | 'last_interface'> = { interfaces: [] },
  match: typeof matching = matching,
): readonly Interface[] {
  const wrong = new Gathering();
  const used = lastNumber(before);
  let nics: readonly Interface[] = numbered(before.interfaces);
  const take = (given: Given, nic: Interface | undefined, path: string): void => {
    const next = wrong.attempt(() => takeNic(given, view, nic, path));
    if (next === undefined) return;
    const changed = nic === undefined ? numbered([...nics, next], used).at(-1)! : next;
    const all =
      nic === undefined ? [...nics, changed] : nics.map((other) => (other === nic ? changed : other));
    nics = withRoles(all, { ...changed, ...rolesOf(given) });
  };
  for (const given of (body.interfaces_attributes ?? []) as readonly Given[]) {
    const nic = wrong.attempt(() => match(nics, given));
    // A number that leads nowhere is refused already.
    if (nic === undefined && given.id !== undefined) continue;
    if (given._destroy) nics = nics.filter((other) => other !== nic);
    else take(given, nic, 'interfaces.');
  }
  const short = Object.fromEntries(
    OF_PRIMARY.flatMap((key) => (body[key] === undefined ? [] : [[key, body[key]]])),
  );
  if (Object.keys(short).length > 0) take(short, primaryInterface({ interfaces: nics }), '');
  wrong.done();
  return nics.length === 0 ? nics : withRoles(nics);
}

/** Only what the client says of roles; what an interface had before gives way to it. */
function rolesOf({ primary, provision }: Given): Pick<Interface, 'primary' | 'provision'> {
  return { primary: primary === true, provision: provision === true };
}

/** The same by number, else by name in the system, else by MAC. Throws RECORD_INVALID for a number it does not have. */
function matching(nics: readonly Interface[], given: Given): Interface | undefined {
  if (given.id !== undefined)
    return (
      nics.find(({ id }) => id === given.id) ??
      refuse('interfaces.id', `leads nowhere: the host has no interface ${given.id}`)
    );
  const { identifier, mac } = given;
  return (
    nics.find((nic) => identifier !== undefined && identifier !== null && nic.identifier === identifier) ??
    nics.find((nic) => nic.mac !== undefined && nic.mac === String(mac ?? '').toLowerCase())
  );
}

function withManaged(nics: readonly Interface[], managed: unknown): readonly Interface[] {
  if (typeof managed !== 'boolean') return nics;
  return nics.map((nic) => (nic.primary ? { ...nic, managed } : nic));
}

/** Foreman: a name without a dot gets the domain. */
export function hostName(
  body: Draft,
  view: View,
  existing: Host | undefined,
  nics: readonly Interface[],
): string {
  const given = String(body.name ?? existing?.name ?? '').toLowerCase();
  const domain = primaryInterface({ interfaces: nics })?.domain ?? groupDomain(body, view, existing);
  return given.includes('.') || domain === undefined || given === '' ? given : `${given}.${domain}`;
}

function groupDomain(body: Draft, { site, find }: View, existing: Host | undefined): string | undefined {
  const key = body.hostgroup_id ?? body.hostgroup_name ?? body.hostgroup_title;
  const group = key === undefined || key === null ? undefined : find('hostgroups', String(key));
  const title = group === undefined ? existing?.hostgroup : nameOf('hostgroups', group);
  return title === undefined ? undefined : domainOfGroup(site, title);
}

function domainOfGroup(site: Site, title: string): string | undefined {
  const probe = { hostgroup: title, interfaces: [{ primary: true } as Interface] } as unknown as Host;
  return primaryInterface(effectiveHost(site, probe))?.domain;
}

function listed(body: Draft, field: string, known: readonly string[]): Draft {
  const value = body[field];
  if (value === undefined) return {};
  if (value === null || value === '') return { [field]: null };
  if (!known.includes(String(value))) refuse(field, `is none of ${known.join(', ')}`);
  return { [field]: value };
}

/** `owner_type` alone says that the number is of the other kind: clients send what differs, and that may be all. */
function ownerOf(body: Draft, view: View, existing: Host | undefined): Draft {
  const before = existing?.owner_type ?? 'User';
  const type = body.owner_type ?? before;
  const [owner_id, owner_name] = [body.owner_id, body.owner_name];
  const isNamed = owner_id !== undefined || owner_name !== undefined;
  if (!isNamed && type === before) return {};
  const key = isNamed ? (owner_id ?? owner_name ?? null) : ownerNumber(view, existing);
  if (key === null || key === '') return { owner: null, owner_type: null };
  const collection = type === 'Usergroup' ? 'usergroups' : 'users';
  const owner = view.find(collection, String(key));
  if (owner === undefined)
    refuse('owner_id', `leads nowhere: there is no such ${String(type).toLowerCase()}`);
  return { owner: nameOf(collection, owner), owner_type: type };
}

function ownerNumber(view: View, host: Host | undefined): number | null {
  const collection = host?.owner_type === 'Usergroup' ? 'usergroups' : 'users';
  return view.idNamed(collection, host?.owner);
}

function refuse(path: string, message: string): never {
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: 'hosts', path, message }]);
}
