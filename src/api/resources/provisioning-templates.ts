import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { suits } from '../../inventory/association.ts';
import { type ProvisioningTemplate, TEMPLATE_KINDS } from '../../inventory/types.ts';
import { AUDIT_COMMENT } from '../audit-comment.ts';
import type { Call, Operation } from '../operation.ts';
import type { Draft, Resource } from '../resource.ts';
import { exportOf, importOf } from '../template-files.ts';
import { refuseLocked } from './locks.ts';
import { namedSystemsOnly, SYSTEMS } from './systems.ts';
import { COMBINATION, combinationsOf } from './template-combinations.ts';
import { kindId, kindOf } from './template-kinds.ts';

const text = z.string();

export const provisioningTemplates: Resource<'provisioning_templates'> = {
  collection: 'provisioning_templates',
  name: 'provisioning_templates',
  singular: 'provisioning_template',
  writes: 'operator',
  says: 'templates of what boot loaders and installers are given',
  attributes: {
    name: { type: text.max(255), says: 'name of the template' },
    description: { type: text, says: 'what is to be known of it', blank: true },
    template: { type: text, says: 'ERB text', detail: true },
    locked: { type: z.boolean(), says: 'whether it may not be changed' },
    default: { type: z.boolean(), says: 'belongs to every new organization and location' },
  },
  required: ['name', 'template'],
  located: true,
  params: {
    snippet: z.boolean().nullish().describe('whether it is a part of others'),
    template_kind_id: z.union([z.int(), text]).nullish().describe('kind, by number or name'),
    template_kind_name: text.nullish().describe('kind, by name'),
    audit_comment: AUDIT_COMMENT,
  },
  finish: (draft, call, view, existing) => {
    const next = namedSystemsOnly(withKind({ ...draft, locked: draft.locked ?? false }, call), call, view);
    refuseLocked('provisioning_template', existing, next, 'template');
    return next;
  },
  shown: {
    template_kind_id: { type: z.int().nullable(), of: ({ kind }) => kindId(kind) },
    template_kind_name: { type: text.nullable(), of: ({ kind }) => (kind === 'snippet' ? null : kind) },
    snippet: { type: z.boolean(), of: ({ kind }) => kind === 'snippet' },
  },
  reverse: {
    operatingsystems: {
      ...SYSTEMS,
      field: 'provisioning_templates',
      says: 'operating systems it is for',
      also: (template, os) => suits(template as ProvisioningTemplate, os as never),
    },
  },
  details: {
    template_combinations: {
      type: z.array(COMBINATION),
      of: (template, view) => combinationsOf(view, template),
    },
  },
  filters: {
    operatingsystem_id: {
      collection: 'operatingsystems',
      path: 'operatingsystems',
      has: (template, title, { site }) => {
        const os = site.get('operatingsystems', title);
        return os !== undefined && (os.provisioning_templates.includes(template.name) || suits(template, os));
      },
    },
  },
  operations: [
    importOf('provisioning_templates', 'provisioning_template', 'template'),
    exportOf('provisioning_templates', 'provisioning_template'),
    cloneOperation(),
    buildPxeDefault(),
  ],
};

function withKind(draft: Draft, { body }: Call): Draft {
  const key = body.template_kind_id ?? body.template_kind_name;
  if (body.snippet === true || key === 'snippet') return { ...draft, kind: 'snippet' };
  if (key === undefined || key === null) {
    if (draft.kind !== undefined && !(body.snippet === false && draft.kind === 'snippet')) return draft;
    return refuse("can't be blank: name a kind, or say snippet: true");
  }
  const kind = kindOf(key);
  return kind === undefined ? refuse(`is none of ${TEMPLATE_KINDS.join(', ')}`) : { ...draft, kind };
}

function refuse(message: string): never {
  const problem = { file: 'provisioning_templates', path: 'template_kind_id', message };
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [problem]);
}

function cloneOperation(): Operation {
  return {
    resource: 'provisioning_templates',
    action: 'clone',
    summary: 'Copy a template under another name',
    method: 'POST',
    paths: ['/provisioning_templates/:id/clone'],
    role: 'operator',
    body: { root: 'provisioning_template', params: z.object({ name: text.describe('name of the copy') }) },
    returns: z.object({ id: z.int(), name: text }),
    status: 201,
    handle: (call) => clone(call),
  };
}

/** Its systems, organizations and locations go with it; its lock does not. */
async function clone(call: Call): Promise<object> {
  const name = String(call.body.name);
  await call.change((view) => {
    const original = view.require('provisioning_templates', 'provisioning_template', call.path.id ?? '');
    const { id: _id, declared: _declared, default: _default, ...rest } = original;
    const listing = view.site
      .list('operatingsystems')
      .filter((os) => os.provisioning_templates.includes(original.name))
      .map((os) => ({
        op: 'put' as const,
        collection: 'operatingsystems' as const,
        record: { ...os, provisioning_templates: [...os.provisioning_templates, name] },
      }));
    const copy = { ...rest, name, locked: false };
    return {
      changes: [{ op: 'put', collection: 'provisioning_templates', record: copy }, ...listing],
      result: undefined,
    };
  });
  const made = call.site.get('provisioning_templates', name)!;
  return { id: call.idOf('provisioning_templates', made), name };
}

function buildPxeDefault(): Operation {
  return {
    resource: 'provisioning_templates',
    action: 'build_pxe_default',
    summary: 'Bring the menu of unknown hosts up to date',
    method: 'POST',
    paths: ['/provisioning_templates/build_pxe_default'],
    role: 'operator',
    returns: z.object({ message: text }),
    // But for smart proxies, whoever asks next gets what the templates say now.
    handle: async ({ services }) => {
      await services.deployments?.redeployMenus();
      return {
        message:
          'PXE default files are rendered when they are asked for: they are up to date. Smart proxies are sent theirs anew.',
      };
    },
  };
}
