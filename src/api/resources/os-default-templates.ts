/** Which template of a kind the hosts of an operating system get. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { type OperatingSystem, osTitle, TEMPLATE_KINDS, type TemplateKind } from '../../inventory/types.ts';
import type { Call, Operation } from '../operation.ts';
import { listQuery, listRows } from '../rows.ts';
import { numberOfName, type View } from '../view.ts';
import { kindId, kindOf } from './template-kinds.ts';

export const DEFAULT_TEMPLATE = z.object({
  id: z.int(),
  operatingsystem_id: z.int(),
  template_kind_id: z.int().nullable(),
  template_kind_name: z.enum(TEMPLATE_KINDS),
  provisioning_template_id: z.int().nullable(),
  provisioning_template_name: z.string(),
});

export function shownDefaultTemplates(os: OperatingSystem, view: View): readonly object[] {
  return kindsNamed(os).map((kind) => shown(os, kind, view));
}

function kindsNamed({ default_templates }: OperatingSystem): readonly TemplateKind[] {
  return TEMPLATE_KINDS.filter((kind) => default_templates?.[kind] !== undefined);
}

function idOf(os: OperatingSystem, kind: TemplateKind): number {
  return numberOfName(`${os.id}/${kind}`);
}

function shown(os: OperatingSystem, kind: TemplateKind, view: View): object {
  const name = os.default_templates?.[kind] ?? '';
  return {
    id: idOf(os, kind),
    operatingsystem_id: view.idOf('operatingsystems', os),
    template_kind_id: kindId(kind),
    template_kind_name: kind,
    provisioning_template_id: view.idNamed('provisioning_templates', name),
    provisioning_template_name: name,
  };
}

function systemOf(call: Call, view: View = call): OperatingSystem {
  return view.require('operatingsystems', 'operatingsystem', call.path.operatingsystem_id ?? '');
}

function requireKind(os: OperatingSystem, key: string): TemplateKind {
  const kind = kindsNamed(os).find((named) => String(idOf(os, named)) === key);
  if (kind === undefined) throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'os_default_template', key });
  return kind;
}

const BODY = {
  root: 'os_default_template',
  params: z.object({
    template_kind_id: z.int().nullish().describe('kind, by number'),
    template_kind_name: z.enum(TEMPLATE_KINDS).nullish().describe('kind, by name'),
    provisioning_template_id: z.int().nullish().describe('template, by number'),
    provisioning_template_name: z.string().nullish().describe('template, by name'),
  }),
};

function refuse(path: string, message: string): never {
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: 'os_default_templates', path, message }]);
}

/** The operating system with the template of the body; `kind` is kept when the body names none. */
async function save(call: Call, find: (os: OperatingSystem) => TemplateKind | undefined): Promise<object> {
  const { body } = call;
  const { result } = await call.change((view) => {
    const os = systemOf(call, view);
    const before = find(os);
    const key = body.provisioning_template_id ?? body.provisioning_template_name;
    const template =
      key === undefined || key === null
        ? before && view.site.get('provisioning_templates', os.default_templates?.[before] ?? '')
        : view.find('provisioning_templates', String(key));
    if (template === undefined) refuse('provisioning_template_id', "can't be blank, and must be there");
    const kind = kindOf(body.template_kind_id ?? body.template_kind_name) ?? before ?? template.kind;
    if (kind !== template.kind)
      refuse('template_kind_id', `"${template.name}" is of kind ${template.kind}, not ${kind}`);
    const { [before ?? kind]: _old, ...others } = os.default_templates ?? {};
    const record = { ...os, default_templates: { ...others, [kind]: template.name } };
    const unchanged = before === kind && os.default_templates?.[kind] === template.name;
    return {
      changes: unchanged ? [] : [{ op: 'put' as const, collection: 'operatingsystems' as const, record }],
      result: { title: osTitle(os), kind },
    };
  });
  return shown(call.site.get('operatingsystems', result.title)!, result.kind, call);
}

const BASE = '/operatingsystems/:operatingsystem_id/os_default_templates';

export const osDefaultTemplateOperations: readonly Operation[] = [
  {
    resource: 'os_default_templates',
    action: 'index',
    summary: 'List the default templates of an operating system',
    method: 'GET',
    paths: [BASE],
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(DEFAULT_TEMPLATE) }),
    handle: (call) => listRows(call, shownDefaultTemplates(systemOf(call), call) as never),
  },
  {
    resource: 'os_default_templates',
    action: 'show',
    summary: 'Show a default template of an operating system',
    method: 'GET',
    paths: [`${BASE}/:id`],
    role: 'viewer',
    returns: DEFAULT_TEMPLATE,
    handle: (call) => {
      const os = systemOf(call);
      return shown(os, requireKind(os, call.path.id ?? ''), call);
    },
  },
  {
    resource: 'os_default_templates',
    action: 'create',
    summary: 'Make a template the default of its kind for an operating system',
    method: 'POST',
    paths: [BASE],
    role: 'operator',
    body: BODY,
    returns: DEFAULT_TEMPLATE,
    status: 201,
    handle: (call) => save(call, () => undefined),
  },
  {
    resource: 'os_default_templates',
    action: 'update',
    summary: 'Change a default template of an operating system',
    method: 'PUT',
    paths: [`${BASE}/:id`],
    role: 'operator',
    body: BODY,
    returns: DEFAULT_TEMPLATE,
    handle: (call) => save(call, (os) => requireKind(os, call.path.id ?? '')),
  },
  {
    resource: 'os_default_templates',
    action: 'destroy',
    summary: 'Leave the choice of a kind to the templates of the operating system',
    method: 'DELETE',
    paths: [`${BASE}/:id`],
    role: 'operator',
    returns: DEFAULT_TEMPLATE,
    handle: async (call) => {
      const { result } = await call.change((view) => {
        const os = systemOf(call, view);
        const kind = requireKind(os, call.path.id ?? '');
        const { [kind]: _gone, ...others } = os.default_templates ?? {};
        const { default_templates: _all, ...rest } = os;
        const record = Object.keys(others).length === 0 ? rest : { ...rest, default_templates: others };
        return {
          changes: [{ op: 'put', collection: 'operatingsystems', record }],
          result: shown(os, kind, view),
        };
      });
      return result;
    },
  },
];
