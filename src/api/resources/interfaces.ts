/** Interfaces of a host, one by one. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import type { Host } from '../../inventory/types.ts';
import type { Call, Operation } from '../operation.ts';
import { listQuery, listRows } from '../rows.ts';
import type { View } from '../view.ts';
import { hostName, interfacesOf, nameOfPrimary } from './host-draft.ts';
import { showInterfaces } from './hosts.ts';
import { NIC_PARAMS, NIC_SHAPE } from './nic-params.ts';

type Shown = z.infer<typeof NIC_SHAPE>;

function hostOf(call: Call, view: View): Host {
  return view.require('hosts', 'host', call.path.host_id ?? '');
}

/** By number, name in the system, host name or MAC. Throws RECORD_NOT_FOUND. */
function requireNic(call: Call, view: View, host: Host): Shown {
  const key = call.path.id ?? '';
  const all = showInterfaces(host, view);
  const found = all.find((nic) => [String(nic.id), nic.identifier, nic.name, nic.mac].includes(key));
  if (found === undefined) throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'interface', key });
  return found;
}

type NumberOf = (host: Host, view: View) => number | undefined;
type Planned = { readonly host: Host; readonly made: number | undefined };

/** The host with one interface made or changed, still without the address that is chosen for it. */
function planned(call: Call, view: View, id: NumberOf): Planned {
  const host = hostOf(call, view);
  const number = id(host, view);
  const given = { ...call.body, ...(number !== undefined && { id: number }) };
  // One that is to be made is never one that there is, not even with the same MAC.
  const match = number === undefined ? () => undefined : undefined;
  const nics = interfacesOf({ interfaces_attributes: [given] }, view, host, match);
  const { own, interfaces } = nameOfPrimary(nics, host.interfaces);
  const name = own === undefined ? host.name : hostName({ name: own }, view, host, interfaces);
  return { host: { ...host, name, interfaces }, made: number ?? interfaces.at(-1)?.id };
}

/** Makes or changes one interface; shows what came of it. */
async function save(call: Call, id: NumberOf): Promise<Shown> {
  const { ipam } = call.services.lifeCycle;
  await ipam.prepare(call.site, planned(call, call, id).host);
  const changed = await call.change((view) => {
    const { host, made } = planned(call, view, id);
    const record = ipam.assigner(view.site)(host);
    return { changes: [{ op: 'put', collection: 'hosts', record }], result: { name: host.name, made } };
  });
  const { name, made } = changed.result;
  return showInterfaces(call.site.get('hosts', name)!, call).find((nic) => nic.id === made)!;
}

async function destroy(call: Call): Promise<Shown> {
  const { result } = await call.change((view) => {
    const host = hostOf(call, view);
    const nic = requireNic(call, view, host);
    const problem = {
      file: `hosts/${host.name}`,
      path: 'base',
      message: 'the primary interface stays with its host',
    };
    if (nic.primary) throw new ChainbootError('RECORD_INVALID', { count: 1 }, [problem]);
    const given = { id: nic.id, _destroy: true };
    const interfaces = interfacesOf({ interfaces_attributes: [given] }, view, host);
    return { changes: [{ op: 'put', collection: 'hosts', record: { ...host, interfaces } }], result: nic };
  });
  return result;
}

const BASE = '/hosts/:host_id/interfaces';
const BODY = { root: 'interface', params: z.object(NIC_PARAMS) };
const common = { resource: 'interfaces', returns: NIC_SHAPE } as const;

export const interfaceOperations: readonly Operation[] = [
  {
    ...common,
    action: 'index',
    summary: 'List the interfaces of a host',
    method: 'GET',
    paths: [BASE],
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(NIC_SHAPE) }),
    handle: (call) => listRows(call, showInterfaces(hostOf(call, call), call) as never),
  },
  {
    ...common,
    action: 'show',
    summary: 'Show an interface of a host',
    method: 'GET',
    paths: [`${BASE}/:id`],
    role: 'viewer',
    handle: (call) => requireNic(call, call, hostOf(call, call)),
  },
  {
    ...common,
    action: 'create',
    summary: 'Add an interface to a host',
    method: 'POST',
    paths: [BASE],
    role: 'operator',
    body: BODY,
    status: 201,
    handle: (call) => save(call, () => undefined),
  },
  {
    ...common,
    action: 'update',
    summary: 'Change an interface of a host',
    method: 'PUT',
    paths: [`${BASE}/:id`],
    role: 'operator',
    body: BODY,
    handle: (call) => save(call, (host, view) => requireNic(call, view, host).id),
  },
  {
    ...common,
    action: 'destroy',
    summary: 'Take an interface from a host',
    method: 'DELETE',
    paths: [`${BASE}/:id`],
    role: 'operator',
    handle: destroy,
  },
];
