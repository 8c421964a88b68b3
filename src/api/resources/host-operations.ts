/** What can be done with a host besides making, changing and deleting it. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { findTemplate, osOf } from '../../inventory/association.ts';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import { mergedParameters, parameterLayers } from '../../inventory/parameters.ts';
import { buildStatus, globalStatus } from '../../inventory/statuses.ts';
import {
  type Host,
  osTitle,
  type ProvisioningTemplate,
  TEMPLATE_KINDS,
  type TemplateKind,
} from '../../inventory/types.ts';
import { redactRendering, redactSecrets } from '../../service/auth/secrets.ts';
import type { Call, Operation } from '../operation.ts';
import { PARAMETER_SHAPE, showParameter } from '../parameters.ts';
import { listQuery, listRows } from '../rows.ts';
import { rebuilt } from './deployments.ts';
import { kindId } from './template-kinds.ts';

const text = z.string();

function hostOf(call: Call): Host {
  return call.require('hosts', 'host', call.path.id ?? call.path.host_id ?? '');
}

/** What the host would get of a kind now. Throws TEMPLATE_MISSING. */
function templateOf({ site }: Call, host: Host, kind: TemplateKind): ProvisioningTemplate {
  const os = osOf(site, host);
  const template = os && findTemplate(site, os, kind, effectiveHost(site, host));
  if (template === undefined)
    throw new ChainbootError('TEMPLATE_MISSING', {
      host: host.name,
      kind,
      os: os ? osTitle(os) : 'no system',
    });
  return template;
}

async function rendered(call: Call): Promise<object> {
  const host = hostOf(call);
  const asked = call.path.kind ?? '';
  const kind = TEMPLATE_KINDS.find((known) => known.toLowerCase() === asked.toLowerCase());
  if (kind === undefined) throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'template_kind', key: asked });
  const template = await call.services.preview(templateOf(call, host, kind), host);
  return { template: redactRendering(template, call.site, host, call.principal!.role) };
}

function templates(call: Call): object {
  const host = hostOf(call);
  const os = osOf(call.site, host);
  const found = TEMPLATE_KINDS.flatMap((kind) => {
    const template = os && findTemplate(call.site, os, kind, effectiveHost(call.site, host));
    if (template === undefined || kind === 'snippet') return [];
    const id = call.idOf('provisioning_templates', template);
    return [{ id, name: template.name, template_kind_id: kindId(kind), template_kind_name: kind }];
  });
  return listRows(call, found);
}

/** What it gets from everything but itself, the strongest of each name. */
function inherited(call: Call): object {
  const host = hostOf(call);
  const found = new Map<string, object & { readonly id: number }>();
  for (const layer of parameterLayers(call.site, host)) {
    if (layer.source === 'host') continue;
    const { hidden } = layer;
    const record = { parameters: layer.parameters, ...(hidden && { hidden_parameters: hidden }) };
    for (const name of Object.keys(layer.parameters)) {
      const shown = showParameter(record, name, call);
      found.set(name, { ...shown, associated_type: layer.source, associated_name: layer.name } as never);
    }
  }
  return listRows(call, [...found.values()]);
}

function status(call: Call): object {
  const host = hostOf(call);
  const type = call.path.type ?? '';
  if (type === 'global') return globalStatus(host, call.now);
  if (type === 'build') return buildStatus(host, call.now);
  throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'host_status', key: type });
}

/** Foreman's data for configuration management: here what templates see of parameters. */
function classification(call: Call): object {
  const host = hostOf(call);
  const { name, interfaces } = effectiveHost(call.site, host);
  const layers = parameterLayers(call.site, host).map((layer) => {
    const hidden = layer.hidden === undefined ? {} : { hidden_parameters: layer.hidden };
    return { ...layer, ...redactSecrets('domains', { ...layer, ...hidden } as never, call.principal!.role) };
  });
  const parameters = mergedParameters(layers as never);
  return {
    data: { parameters: { ...parameters, hostname: name, interfaces: interfaces.length }, classes: [] },
  };
}

const common = { resource: 'hosts', method: 'GET', role: 'viewer' } as const;

export const hostOperations: readonly Operation[] = [
  {
    ...common,
    action: 'template',
    summary: 'Render what a host would get of a kind, now',
    paths: ['/hosts/:id/template/:kind'],
    returns: z.object({ template: text }),
    handle: rendered,
  },
  {
    ...common,
    action: 'templates',
    summary: 'List the templates that a host would get',
    paths: ['/hosts/:id/templates'],
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(z.object({ id: z.int(), name: text })) }),
    handle: templates,
  },
  {
    ...common,
    action: 'inherited_parameters',
    summary: 'List the parameters that a host gets from elsewhere',
    paths: ['/hosts/:id/inherited_parameters'],
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(PARAMETER_SHAPE) }),
    handle: inherited,
  },
  {
    ...common,
    action: 'get_status',
    summary: 'Show a status of a host: build or global',
    paths: ['/hosts/:id/status/:type'],
    returns: z.object({ status: z.int(), label: text }),
    handle: status,
  },
  {
    ...common,
    action: 'enc',
    summary: 'Show what configuration management would be told of a host',
    paths: ['/hosts/:id/enc'],
    returns: z.object({ data: z.record(text, z.json()) }),
    handle: classification,
  },
  {
    ...common,
    action: 'facts',
    summary: 'Show what is known of a machine',
    paths: ['/hosts/:id/facts'],
    returns: z.looseObject({ results: z.record(text, z.record(text, z.json())) }),
    handle: (call) => {
      const { name, facts = {} } = hostOf(call);
      const total = Object.keys(facts).length;
      return { total, subtotal: total, page: 1, per_page: total, results: { [name]: facts } };
    },
  },
  {
    ...common,
    action: 'rebuild_config',
    summary: 'Bring what a host boots up to date',
    method: 'PUT',
    paths: ['/hosts/:id/rebuild_config'],
    role: 'operator',
    query: z.object({
      only: z.array(text).nullish().describe('accepted: what is up to date stays so'),
    }),
    returns: z.object({ message: text }),
    handle: (call) => rebuilt(call.services, [hostOf(call)]),
  },
  {
    ...common,
    action: 'power_status',
    summary: 'Show whether a host is switched on: not known here yet',
    paths: ['/hosts/:id/power'],
    returns: z.object({ id: z.int(), state: z.literal('na'), title: text, statusText: text }),
    handle: (call) => {
      const host = hostOf(call);
      const statusText = `The power of ${host.name} is not looked after from here.`;
      return { id: call.idOf('hosts', host), state: 'na', title: 'N/A', statusText };
    },
  },
  {
    ...common,
    action: 'power',
    summary: 'Switch the power of a host: not possible from here yet',
    method: 'PUT',
    paths: ['/hosts/:id/power'],
    role: 'operator',
    body: { root: 'host', params: z.object({ power_action: text.nullish().describe('on, off, state …') }) },
    returns: z.object({ power: z.json() }),
    handle: (call) => {
      throw new ChainbootError('POWER_UNSUPPORTED', { host: hostOf(call).name });
    },
  },
  {
    ...common,
    action: 'boot',
    summary: 'Boot a host from another device: not possible from here yet',
    method: 'PUT',
    paths: ['/hosts/:id/boot'],
    role: 'operator',
    body: { root: 'host', params: z.object({ device: text.nullish().describe('pxe, disk, cdrom, bios') }) },
    returns: z.object({ boot: z.json() }),
    handle: (call) => {
      throw new ChainbootError('POWER_UNSUPPORTED', { host: hostOf(call).name });
    },
  },
  {
    ...common,
    action: 'disassociate',
    summary: 'Forget the virtual machine of a host: hosts have none here',
    method: 'PUT',
    paths: ['/hosts/:id/disassociate'],
    role: 'operator',
    returns: z.object({ id: z.int(), name: text }),
    handle: (call) => {
      const host = hostOf(call);
      return { id: call.idOf('hosts', host), name: host.name };
    },
  },
];
