import { z } from 'zod';
import { isExpired } from '../../inventory/build.ts';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import { numbered } from '../../inventory/interfaces.ts';
import { parameterLayers } from '../../inventory/parameters.ts';
import { roleAllows } from '../../inventory/roles.ts';
import { domainOfHost, subnet6OfInterface, subnetOfInterface } from '../../inventory/site.ts';
import { buildStatus, globalStatus } from '../../inventory/statuses.ts';
import { type Host, type Inheritable, primaryInterface } from '../../inventory/types.ts';
import { requireBootable } from '../../service/hosts.ts';
import type { Draft as HostDraft } from '../../store/types.ts';
import { PARAMETER_SHAPE, showParameter } from '../parameters.ts';
import type { One, Resource, Shown } from '../resource.ts';
import { shownTimeOrNull } from '../times.ts';
import type { View } from '../view.ts';
import { DEPLOYMENT, deploymentsOf } from './deployments.ts';
import { HOST_PARAMS, hostOf } from './host-draft.ts';
import { hostOperations } from './host-operations.ts';
import { NIC_SHAPE, showNic } from './nic-params.ts';
import { rehearsalOperations } from './rehearsals.ts';

const text = z.string();
const orNull = text.nullable();
const time = orNull;

/** Worked out once for a host, as each of its fields asks. */
const effective = (host: Host, { site }: View) => effectiveHost(site, host);

function inheritable(
  field: keyof Inheritable & string,
  collection: One<Host>['collection'],
  says: string,
): One<Host> {
  return {
    collection,
    as: field,
    says,
    effective: (host, view) => effective(host, view)[field] as string | undefined,
  };
}

/** Of the primary interface. */
function ofNic(field: 'ip' | 'ip6' | 'mac'): Shown<Host> {
  return { type: orNull, of: (host) => primaryInterface(host)?.[field] ?? null };
}

type Finder = (host: Host, view: View) => string | undefined;

const domain: Finder = (host, view) => domainOfHost(view.site, effective(host, view))?.name;
const subnet: Finder = (host, view) => {
  const nic = primaryInterface(effective(host, view));
  return nic && subnetOfInterface(view.site, nic)?.name;
};
const subnet6: Finder = (host, view) => {
  const nic = primaryInterface(effective(host, view));
  return nic && subnet6OfInterface(view.site, nic)?.name;
};

function pair(field: string, collection: 'domains' | 'subnets', find: Finder): Record<string, Shown<Host>> {
  return {
    [`${field}_id`]: {
      type: z.int().nullable(),
      of: (host, view) => view.idNamed(collection, find(host, view)),
    },
    [`${field}_name`]: { type: orNull, of: (host, view) => find(host, view) ?? null },
  };
}

/** Only while it counts, and not for those who may only look: with it a machine is installed. */
function tokenOf({ token }: Host, { now, principal }: View): string | null {
  const allowed = principal !== undefined && roleAllows(principal.role, 'operator');
  return allowed && token !== undefined && !isExpired(token, now) ? token.value : null;
}

const ALL_PARAMETERS = PARAMETER_SHAPE.extend({ associated_type: text });

/** With what hosts get from everything else, the strongest of each name. */
function allParameters(host: Host, view: View): readonly object[] {
  const found = new Map<string, object>();
  for (const layer of parameterLayers(view.site, host))
    for (const name of Object.keys(layer.parameters)) {
      const shown = showParameter(
        { ...layer, ...(layer.hidden && { hidden_parameters: layer.hidden }) },
        name,
        view,
      );
      found.set(name, { ...shown, associated_type: layer.source, associated_name: layer.name });
    }
  return [...found.values()];
}

export const hosts: Resource<'hosts'> = {
  collection: 'hosts',
  name: 'hosts',
  singular: 'host',
  writes: 'operator',
  says: 'machines that are booted and installed',
  attributes: {
    comment: { type: text, says: 'what is to be known of it', blank: true },
    disk: { type: text, says: 'disk layout of its own, instead of a partition table' },
    certname: { type: text, says: 'name in certificates, where it is another' },
    uuid: { type: text, says: 'UUID of the machine' },
  },
  required: ['name'],
  one: {
    hostgroup: { collection: 'hostgroups', as: 'hostgroup', titled: true, says: 'hostgroup' },
    operatingsystem: inheritable('operatingsystem', 'operatingsystems', 'operating system'),
    architecture: inheritable('architecture', 'architectures', 'architecture'),
    medium: inheritable('medium', 'media', 'installation medium'),
    ptable: inheritable('ptable', 'ptables', 'partition table'),
    realm: inheritable('realm', 'realms', 'realm it joins'),
    model: { collection: 'models', as: 'model', says: 'hardware model' },
    organization: { collection: 'organizations', as: 'organization', titled: true, says: 'organization' },
    location: { collection: 'locations', as: 'location', titled: true, says: 'location' },
  },
  parameters: 'host_parameters_attributes',
  params: HOST_PARAMS,
  finish: hostOf,
  before: async (host, { services, site }, existing) => {
    const { ipam, check } = services.lifeCycle;
    await ipam.prepare(site, host as HostDraft<Host>);
    const enters = host.build && existing?.build !== true;
    if (enters) await requireBootable(check, site, { ...host, id: existing?.id ?? 0 });
  },
  shown: {
    name: { type: text, of: ({ name }) => name },
    display_name: { type: text, of: ({ name }) => name },
    ip: ofNic('ip'),
    ip6: ofNic('ip6'),
    mac: ofNic('mac'),
    ...pair('domain', 'domains', domain),
    ...pair('subnet', 'subnets', subnet),
    ...pair('subnet6', 'subnets', subnet6),
    pxe_loader: { type: orNull, of: (host, view) => effective(host, view).pxe_loader ?? null },
    build: { type: z.boolean(), of: ({ build }) => build },
    enabled: { type: z.boolean(), of: ({ enabled }) => enabled },
    managed: { type: z.boolean(), of: (host) => primaryInterface(host)?.managed ?? true },
    provision_method: { type: text, of: ({ provision_method }) => provision_method ?? 'build' },
    owner_id: { type: z.int().nullable(), of: (host, view) => view.idNamed(ownersOf(host), host.owner) },
    owner_name: { type: orNull, of: ({ owner }) => owner ?? null },
    owner_type: {
      type: orNull,
      of: ({ owner, owner_type }) => (owner === undefined ? null : (owner_type ?? 'User')),
    },
    build_status: { type: z.int(), of: (host, { now }) => buildStatus(host, now).status },
    build_status_label: { type: text, of: (host, { now }) => buildStatus(host, now).label },
    global_status: { type: z.int(), of: (host, { now }) => globalStatus(host, now).status },
    global_status_label: { type: text, of: (host, { now }) => globalStatus(host, now).label },
    initiated_at: { type: time, of: ({ initiated_at }) => shownTimeOrNull(initiated_at) },
    installed_at: { type: time, of: ({ installed_at }) => shownTimeOrNull(installed_at) },
    token: { type: orNull, of: tokenOf },
  },
  details: {
    interfaces: { type: z.array(NIC_SHAPE), of: showInterfaces },
    all_parameters: { type: z.array(ALL_PARAMETERS), of: allParameters },
    permissions: { type: z.record(text, z.boolean()), of: permissionsOf },
    build_errors: { type: orNull, of: ({ build_errors }) => build_errors ?? null },
    proxy_deployments: { type: z.array(DEPLOYMENT), of: deploymentsOf },
  },
  filters: {
    hostgroup_id: {
      collection: 'hostgroups',
      path: 'hostgroups',
      has: ({ hostgroup }, title) => hostgroup === title,
    },
    operatingsystem_id: {
      collection: 'operatingsystems',
      path: 'operatingsystems',
      has: (host, title, view) => effective(host, view).operatingsystem === title,
    },
    domain_id: {
      collection: 'domains',
      path: 'domains',
      has: (host, name, view) => domain(host, view) === name,
    },
    subnet_id: {
      collection: 'subnets',
      path: 'subnets',
      has: (host, name, view) => subnet(host, view) === name,
    },
  },
  operations: [...hostOperations, ...rehearsalOperations],
};

/** By Foreman's names: what whoever asks may do with it. */
function permissionsOf(_host: Host, { principal }: View): Readonly<Record<string, boolean>> {
  const writes = principal !== undefined && roleAllows(principal.role, hosts.writes);
  return {
    view_hosts: true,
    create_hosts: writes,
    edit_hosts: writes,
    destroy_hosts: writes,
    build_hosts: writes,
    power_hosts: false,
    console_hosts: false,
    ipmi_boot_hosts: false,
  };
}

function ownersOf({ owner_type }: Host): 'users' | 'usergroups' {
  return owner_type === 'Usergroup' ? 'usergroups' : 'users';
}

/** With what the hostgroup gives the primary one. */
export function showInterfaces(host: Host, view: View): readonly z.infer<typeof NIC_SHAPE>[] {
  return numbered(effective(host, view).interfaces).map((nic) => showNic(host, nic, view));
}
