/** Which templates are for the hosts of one hostgroup: kept in the hostgroup. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { type Hostgroup, nestedTitle, type ProvisioningTemplate } from '../../inventory/types.ts';
import type { Call, Operation } from '../operation.ts';
import { listQuery, listRows } from '../rows.ts';
import { numberOfName, type View } from '../view.ts';

export const COMBINATION = z.object({
  id: z.int(),
  provisioning_template_id: z.int(),
  provisioning_template_name: z.string(),
  hostgroup_id: z.int(),
  hostgroup_name: z.string(),
});

type Combination = { readonly template: ProvisioningTemplate; readonly group: Hostgroup };

function shown({ template, group }: Combination, view: View): z.infer<typeof COMBINATION> {
  return {
    id: idOf({ template, group }),
    provisioning_template_id: view.idOf('provisioning_templates', template),
    provisioning_template_name: template.name,
    hostgroup_id: view.idOf('hostgroups', group),
    hostgroup_name: nestedTitle(group),
  };
}

function idOf({ template, group }: Combination): number {
  return numberOfName(`${template.name} ${group.id}`);
}

export function combinationsOf(view: View, template: ProvisioningTemplate): readonly object[] {
  return combinations(view, template).map((one) => shown(one, view));
}

export function combinationsOfGroup(view: View, group: Hostgroup): readonly object[] {
  return combinations(view, undefined, group).map((one) => shown(one, view));
}

/** Of one template, of one hostgroup, or all. */
function combinations(view: View, template?: ProvisioningTemplate, of?: Hostgroup): readonly Combination[] {
  return (of === undefined ? view.site.list('hostgroups') : [of]).flatMap((group) =>
    group.provisioning_templates
      .filter((name) => template === undefined || template.name === name)
      .flatMap((name) => {
        const found = view.site.get('provisioning_templates', name);
        return found === undefined ? [] : [{ template: found, group }];
      }),
  );
}

/** What the path speaks of. */
function inPath(call: Call, view: View): readonly Combination[] {
  const { provisioning_template_id: template, hostgroup_id: group } = call.path;
  return combinations(
    view,
    template === undefined
      ? undefined
      : view.require('provisioning_templates', 'provisioning_template', template),
    group === undefined ? undefined : view.require('hostgroups', 'hostgroup', group),
  );
}

function requireCombination(call: Call, view: View): Combination {
  const key = call.path.id ?? '';
  const found = inPath(call, view).find((one) => String(idOf(one)) === key);
  if (found === undefined)
    throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'template_combination', key });
  return found;
}

const BODY = {
  root: 'template_combination',
  params: z.object({
    provisioning_template_id: z
      .union([z.int(), z.string()])
      .nullish()
      .describe('template, by number or name'),
    hostgroup_id: z.union([z.int(), z.string()]).nullish().describe('hostgroup, by number or title'),
  }),
};

function without(group: Hostgroup, name: string): Hostgroup {
  return { ...group, provisioning_templates: group.provisioning_templates.filter((other) => other !== name) };
}

function put(record: Hostgroup) {
  return { op: 'put' as const, collection: 'hostgroups' as const, record };
}

/** `before` is taken away in the same breath. */
async function save(call: Call, find: (view: View) => Combination | undefined): Promise<object> {
  const { result } = await call.change((view) => {
    const before = find(view);
    const template = named(call, view, 'provisioning_templates', 'provisioning_template') ?? before?.template;
    const group = named(call, view, 'hostgroups', 'hostgroup') ?? before?.group;
    const problems = [
      ...(template === undefined ? ['provisioning_template_id'] : []),
      ...(group === undefined ? ['hostgroup_id'] : []),
    ].map((path) => ({ file: 'template_combinations', path, message: "can't be blank" }));
    if (template === undefined || group === undefined)
      throw new ChainbootError('RECORD_INVALID', { count: problems.length }, problems);
    const left = before === undefined ? undefined : without(before.group, before.template.name);
    const base = left !== undefined && left.id === group.id ? left : group;
    const names = [...new Set([...base.provisioning_templates, template.name])];
    const next = { ...base, provisioning_templates: names };
    const changes = left !== undefined && left.id !== group.id ? [put(left), put(next)] : [put(next)];
    return { changes, result: shown({ template, group: next }, view) };
  });
  return result;
}

function named<C extends 'provisioning_templates' | 'hostgroups'>(
  call: Call,
  view: View,
  collection: C,
  label: string,
) {
  const key = call.body[`${label}_id`] ?? call.path[`${label}_id`];
  return key === undefined || key === null ? undefined : view.require(collection, label, String(key));
}

const UNDER = [
  '/provisioning_templates/:provisioning_template_id/template_combinations',
  '/hostgroups/:hostgroup_id/template_combinations',
];
const ONE = [...UNDER.map((path) => `${path}/:id`), '/template_combinations/:id'];
const common = { resource: 'template_combinations', returns: COMBINATION } as const;

export const templateCombinationOperations: readonly Operation[] = [
  {
    ...common,
    action: 'index',
    summary: 'List which templates are for which hostgroups',
    method: 'GET',
    paths: UNDER,
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(COMBINATION) }),
    handle: (call) => listRows(call, inPath(call, call).map((one) => shown(one, call)) as never),
  },
  {
    ...common,
    action: 'show',
    summary: 'Show a template combination',
    method: 'GET',
    paths: ONE,
    role: 'viewer',
    handle: (call) => shown(requireCombination(call, call), call),
  },
  {
    ...common,
    action: 'create',
    summary: 'Give hosts of a hostgroup a template',
    method: 'POST',
    paths: UNDER,
    role: 'operator',
    body: BODY,
    status: 201,
    handle: (call) => save(call, () => undefined),
  },
  {
    ...common,
    action: 'update',
    summary: 'Change a template combination',
    method: 'PUT',
    paths: ONE,
    role: 'operator',
    body: BODY,
    handle: (call) => save(call, (view) => requireCombination(call, view)),
  },
  {
    ...common,
    action: 'destroy',
    summary: 'Take a template from the hosts of a hostgroup',
    method: 'DELETE',
    paths: ONE,
    role: 'operator',
    handle: async (call) => {
      const { result } = await call.change((view) => {
        const found = requireCombination(call, view);
        return { changes: [put(without(found.group, found.template.name))], result: shown(found, view) };
      });
      return result;
    },
  },
];
