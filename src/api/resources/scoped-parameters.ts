/** Parameters as records of their own, below what has them: how Ansible and hammer set them one by one. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { nameOf } from '../../inventory/site.ts';
import type { Collection, Parametrized, Records } from '../../inventory/types.ts';
import type { Change } from '../../store/types.ts';
import type { Call, Operation } from '../operation.ts';
import {
  type GivenParameter,
  isSaid,
  listParameters,
  PARAMETER_PARAMS,
  PARAMETER_SHAPE,
  showParameter,
  unhidden,
  withoutParameter,
  withParameter,
} from '../parameters.ts';
import { listQuery, listRows } from '../rows.ts';
import { numberOfName, type View } from '../view.ts';

const OWNERS = [
  ['hosts', 'host'],
  ['hostgroups', 'hostgroup'],
  ['domains', 'domain'],
  ['operatingsystems', 'operatingsystem'],
  ['locations', 'location'],
  ['organizations', 'organization'],
  ['subnets', 'subnet'],
] as const;

type Owners = (typeof OWNERS)[number][0];
type Owner = { readonly collection: Owners; readonly record: Records[Owners] & Parametrized };

/** What the path speaks of. */
function ownerOf(call: Call, view: View): Owner {
  const [collection, label] = OWNERS.find(([, name]) => call.path[`${name}_id`] !== undefined)!;
  return { collection, record: view.require(collection, label, call.path[`${label}_id`] ?? '') };
}

function requireName({ record }: Owner, key: string): string {
  const name = Object.keys(record.parameters).find((own) => own === key || String(numberOfName(own)) === key);
  if (name === undefined) throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'parameter', key });
  return name;
}

function put({ collection, record }: Owner, next: Parametrized): Change {
  const { parameters: _p, hidden_parameters: _h, parameter_types: _t, ...rest } = record;
  return { op: 'put', collection, record: { ...rest, ...next } } as unknown as Change;
}

function refuse(message: string): never {
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: 'parameters', path: 'name', message }]);
}

async function create(call: Call): Promise<object> {
  const given = call.body as GivenParameter;
  const name = given.name ?? refuse("can't be blank");
  return save(call, name, (owner) => {
    if (Object.hasOwn(owner.record.parameters, name)) refuse('has already been taken');
    return withParameter(owner.record, name, given);
  });
}

async function update(call: Call): Promise<object> {
  const given = call.body as GivenParameter;
  let name = '';
  return save(
    call,
    () => name,
    (owner) => {
      const before = requireName(owner, call.path.id ?? '');
      name = given.name ?? before;
      return name === before
        ? withParameter(owner.record, name, given)
        : withParameter(withoutParameter(owner.record, before), name, carried(owner.record, before, given));
    },
  );
}

/** Under another name, with what it was: value, type, and whether it is hidden. Throws RECORD_INVALID. */
function carried(record: Parametrized, before: string, given: GivenParameter): GivenParameter {
  const wasHidden = record.hidden_parameters?.includes(before) ?? false;
  const hidden_value = given.hidden_value ?? wasHidden;
  const said = isSaid(given.value, wasHidden);
  if (wasHidden && !hidden_value && !said) throw unhidden(before);
  const type = given.parameter_type ?? record.parameter_types?.[before];
  return {
    ...given,
    hidden_value,
    ...(!said && { value: record.parameters[before] ?? '' }),
    ...(type !== undefined && { parameter_type: type }),
  };
}

/** The owner with other parameters; shows the one of that name. */
async function save(
  call: Call,
  name: string | (() => string),
  next: (owner: Owner) => Parametrized,
): Promise<object> {
  const { result } = await call.change((view) => {
    const owner = ownerOf(call, view);
    const changed = next(owner);
    return { changes: [put(owner, changed)], result: { changed } };
  });
  return showParameter(result.changed, typeof name === 'string' ? name : name(), call);
}

async function destroy(call: Call): Promise<object> {
  const { result } = await call.change((view) => {
    const owner = ownerOf(call, view);
    const name = requireName(owner, call.path.id ?? '');
    return {
      changes: [put(owner, withoutParameter(owner.record, name))],
      result: showParameter(owner.record, name, view),
    };
  });
  return result;
}

async function reset(call: Call): Promise<object> {
  const { result } = await call.change((view) => {
    const owner = ownerOf(call, view);
    return {
      changes: [put(owner, { parameters: {} })],
      result: nameOf(owner.collection as Collection, owner.record as never),
    };
  });
  return { message: `${result} has no parameters of its own any more` };
}

const UNDER = OWNERS.map(([collection, label]) => `/${collection}/:${label}_id/parameters`);
const ONE = UNDER.map((path) => `${path}/:id`);
const BODY = { root: 'parameter', params: z.object(PARAMETER_PARAMS) };
const common = { resource: 'parameters', returns: PARAMETER_SHAPE } as const;

export const parameterOperations: readonly Operation[] = [
  {
    ...common,
    action: 'index',
    summary: 'List the parameters of a host, hostgroup, domain, operating system, subnet …',
    method: 'GET',
    paths: UNDER,
    role: 'viewer',
    query: listQuery({
      show_hidden: z.boolean().optional().describe('administrators always see hidden values'),
    }),
    returns: z.object({ total: z.int(), results: z.array(PARAMETER_SHAPE) }),
    handle: (call) => listRows(call, listParameters(ownerOf(call, call).record, call) as never),
  },
  {
    ...common,
    action: 'show',
    summary: 'Show a parameter',
    method: 'GET',
    paths: ONE,
    role: 'viewer',
    query: z.object({
      show_hidden: z.boolean().optional().describe('administrators always see hidden values'),
    }),
    handle: (call) => {
      const owner = ownerOf(call, call);
      return showParameter(owner.record, requireName(owner, call.path.id ?? ''), call);
    },
  },
  {
    ...common,
    action: 'create',
    summary: 'Create a parameter',
    method: 'POST',
    paths: UNDER,
    role: 'operator',
    body: BODY,
    status: 201,
    handle: create,
  },
  {
    ...common,
    action: 'update',
    summary: 'Change a parameter',
    method: 'PUT',
    paths: ONE,
    role: 'operator',
    body: BODY,
    handle: update,
  },
  {
    ...common,
    action: 'destroy',
    summary: 'Delete a parameter',
    method: 'DELETE',
    paths: ONE,
    role: 'operator',
    handle: destroy,
  },
  {
    ...common,
    action: 'reset',
    summary: 'Delete all parameters of a host, hostgroup, domain …',
    method: 'DELETE',
    paths: UNDER,
    role: 'operator',
    returns: z.object({ message: z.string() }),
    handle: reset,
  },
];
