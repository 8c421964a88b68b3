import { z } from 'zod';
import { ancestry, effectiveHostgroup } from '../../inventory/hostgroup.ts';
import { type Hostgroup, nestedTitle, PXE_LOADERS } from '../../inventory/types.ts';
import type { Call, Operation } from '../operation.ts';
import { present } from '../present.ts';
import type { One, Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { rebuilt } from './deployments.ts';
import { ROOT_PASS_PARAM, rootPassOf } from './root-pass.ts';
import { COMBINATION, combinationsOfGroup } from './template-combinations.ts';

const text = z.string();

type Inherited =
  | 'operatingsystem'
  | 'architecture'
  | 'medium'
  | 'ptable'
  | 'realm'
  | 'domain'
  | 'subnet'
  | 'subnet6';

/** Shown with what the ancestors give; `inherited_…` says where that is so. */
function inheritable(
  field: Inherited,
  collection: One<Hostgroup>['collection'],
  says: string,
): One<Hostgroup> {
  return {
    collection,
    as: field,
    says,
    effective: (group, view) => effectiveHostgroup(view.site, group)[field],
  };
}

const one: Record<string, One<Hostgroup>> = {
  parent: { collection: 'hostgroups', as: 'parent', titled: true, says: 'hostgroup it inherits from' },
  operatingsystem: inheritable('operatingsystem', 'operatingsystems', 'operating system'),
  architecture: inheritable('architecture', 'architectures', 'architecture'),
  medium: inheritable('medium', 'media', 'installation medium'),
  ptable: inheritable('ptable', 'ptables', 'partition table'),
  realm: inheritable('realm', 'realms', 'realm'),
  domain: inheritable('domain', 'domains', 'domain of the primary interface'),
  subnet: inheritable('subnet', 'subnets', 'IPv4 subnet of the primary interface'),
  subnet6: inheritable('subnet6', 'subnets', 'IPv6 subnet of the primary interface'),
};

export const hostgroups: Resource<'hostgroups'> = {
  collection: 'hostgroups',
  name: 'hostgroups',
  singular: 'hostgroup',
  writes: 'operator',
  says: 'what hosts have in common',
  attributes: {
    name: { type: text.max(255), says: 'name, without those of the groups it inherits from' },
    description: { type: text, says: 'what is to be known of it', blank: true },
  },
  required: ['name'],
  one,
  located: true,
  parameters: 'group_parameters_attributes',
  params: {
    pxe_loader: text.nullish().describe(`loader: ${PXE_LOADERS.join(', ')}`),
    ...ROOT_PASS_PARAM,
  },
  finish: (draft, { body }, view, existing) => ({
    ...draft,
    provisioning_templates: draft.provisioning_templates ?? [],
    ...rootPassOf(body, view.site, effectiveHostgroup(view.site, draft as never).operatingsystem, existing),
    pxe_loader: body.pxe_loader === undefined ? existing?.pxe_loader : body.pxe_loader || null,
  }),
  shown: {
    title: { type: text, of: (group) => nestedTitle(group) },
    ancestry: { type: text.nullable(), of: (group, view) => ancestryOf(group, view) },
    pxe_loader: {
      type: text.nullable(),
      of: (group, { site }) => effectiveHostgroup(site, group).pxe_loader ?? null,
    },
    inherited_pxe_loader: {
      type: text.nullable(),
      of: (group, { site }) =>
        group.pxe_loader === undefined ? (effectiveHostgroup(site, group).pxe_loader ?? null) : null,
    },
    ...Object.fromEntries(
      Object.keys(one)
        .filter((field) => field !== 'parent')
        .map((field) => [
          `inherited_${field}_id`,
          {
            type: z.int().nullable(),
            of: (group: Hostgroup, view: View) => inheritedId(group, field as Inherited, view),
          },
        ]),
    ),
  },
  details: {
    template_combinations: {
      type: z.array(COMBINATION),
      of: (group, view) => combinationsOfGroup(view, group),
    },
  },
  filters: {
    parent_id: { collection: 'hostgroups', has: ({ parent }, title) => parent === title },
    operatingsystem_id: {
      collection: 'operatingsystems',
      path: 'operatingsystems',
      has: (group, title, { site }) => effectiveHostgroup(site, group).operatingsystem === title,
    },
  },
  operations: [clone(), rebuildConfig()],
};

/** Numbers of those it inherits from, the outermost first: `1/4`. */
function ancestryOf({ parent }: Hostgroup, view: View): string | null {
  const groups = ancestry(view.site, parent).toReversed();
  return groups.length === 0 ? null : groups.map((group) => view.idOf('hostgroups', group)).join('/');
}

function inheritedId(group: Hostgroup, field: Inherited, view: View): number | null {
  if (group[field] !== undefined) return null;
  return view.idNamed(one[field]!.collection, effectiveHostgroup(view.site, group)[field]);
}

function clone(): Operation {
  return {
    resource: 'hostgroups',
    action: 'clone',
    summary: 'Copy a hostgroup under another name',
    method: 'POST',
    paths: ['/hostgroups/:id/clone'],
    role: 'operator',
    body: { root: 'hostgroup', params: z.object({ name: text.min(1).describe('name of the copy') }) },
    returns: z.looseObject({ id: z.int(), name: text }),
    status: 201,
    handle: (call) => cloned(call),
  };
}

/** With its parameters and templates, below the same parent. */
async function cloned(call: Call): Promise<object> {
  const { result: title } = await call.change((view) => {
    const original = view.require('hostgroups', 'hostgroup', call.path.id ?? '');
    const { id: _id, declared: _declared, ...rest } = original;
    const record = { ...rest, name: String(call.body.name) };
    return { changes: [{ op: 'put', collection: 'hostgroups', record }], result: nestedTitle(record) };
  });
  return present(hostgroups, call.site.get('hostgroups', title)!, call, 'details');
}

function rebuildConfig(): Operation {
  return {
    resource: 'hostgroups',
    action: 'rebuild_config',
    summary: 'Bring what hosts of a hostgroup boot up to date',
    method: 'PUT',
    paths: ['/hostgroups/:id/rebuild_config'],
    role: 'operator',
    returns: z.object({ message: text }),
    handle: (call) => {
      const title = nestedTitle(call.require('hostgroups', 'hostgroup', call.path.id ?? ''));
      const hosts = call.site.list('hosts').filter(({ hostgroup }) => hostgroup === title);
      return rebuilt(call.services, hosts);
    },
  };
}
