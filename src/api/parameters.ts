/** Parameters of hosts, groups, systems … in Foreman's shape, and back. */

import { parse } from 'yaml';
import { z } from 'zod';
import { ChainbootError } from '../errors.ts';
import {
  type Collection,
  type Json,
  PARAMETER_TYPES,
  type Parameters,
  type ParameterType,
  type Parametrized,
  type Records,
} from '../inventory/types.ts';
import { HIDDEN } from '../service/auth/secrets.ts';
import type { Draft, Resource, Shown } from './resource.ts';
import { numberOfName, type View } from './view.ts';

export const PARAMETER_SHAPE = z.object({
  id: z.int(),
  name: z.string(),
  value: z.json(),
  parameter_type: z.enum(PARAMETER_TYPES),
  hidden_value: z.boolean(),
});

export const PARAMETER_PARAMS = {
  name: z.string().min(1).optional().describe('name of the parameter'),
  value: z.json().optional().describe('its value, or the text of one'),
  parameter_type: z.enum(PARAMETER_TYPES).nullish().describe('what its value is'),
  hidden_value: z.boolean().nullish().describe('whether only administrators see the value'),
};

/** A parameter as a client gives it. */
export type GivenParameter = {
  readonly name?: string;
  readonly value?: Json;
  readonly parameter_type?: ParameterType | null;
  readonly hidden_value?: boolean | null;
};

export function parametersParam<C extends Collection>({
  parameters,
}: Resource<C>): Readonly<Record<string, z.ZodType>> {
  if (parameters === undefined) return {};
  const list = z.array(
    z.object({ ...PARAMETER_PARAMS, id: z.int().optional(), _destroy: z.boolean().optional() }),
  );
  return { [parameters]: list.nullish().describe('parameters: all of them, as they are to be') };
}

export function shownParameters<C extends Collection>({
  parameters,
}: Resource<C>): [string, Shown<Records[C]>][] {
  if (parameters === undefined) return [];
  const of = (record: Records[C], view: View) => listParameters(record as unknown as Parametrized, view);
  return [['parameters', { type: z.array(PARAMETER_SHAPE), of }]];
}

export function listParameters(record: Parametrized, view: View): readonly object[] {
  return Object.keys(record.parameters).map((name) => showParameter(record, name, view));
}

export function showParameter(record: Parametrized, name: string, view: View): object {
  const value = own(record.parameters, name) ?? null;
  const hidden = record.hidden_parameters?.includes(name) ?? false;
  return {
    id: numberOfName(name),
    name,
    value: hidden && view.principal?.role !== 'admin' ? HIDDEN : value,
    parameter_type: own(record.parameter_types, name) ?? typeOfValue(value),
    hidden_value: hidden,
  };
}

/** Not what every object has: a parameter may be called `constructor`. */
function own<T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Foreman's name of what a value is by itself. */
export function typeOfValue(value: Json): ParameterType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'real';
  if (Array.isArray(value)) return 'array';
  return value !== null && typeof value === 'object' ? 'hash' : 'string';
}

/** The parameters of a body: the list is the whole of them, save that `_destroy` and `id` of nested forms are heeded. */
export function takenParameters<C extends Collection>(
  { parameters: key }: Resource<C>,
  body: Draft,
  existing: object | undefined,
): Draft {
  const list = key === undefined ? undefined : body[key];
  if (!Array.isArray(list)) return existing === undefined && key !== undefined ? { parameters: {} } : {};
  let record: Parametrized = { parameters: {} };
  for (const given of list as readonly (GivenParameter & { readonly _destroy?: boolean })[])
    if (given.name !== undefined && given._destroy !== true)
      record = withParameter(record, given.name, given, existing as Parametrized | undefined);
  return { hidden_parameters: undefined, parameter_types: undefined, ...record };
}

/** Throws RECORD_INVALID for a hidden one that is to be shown as it is. With one parameter set; what the client leaves out stays as it was (in `before`). */
export function withParameter(
  record: Parametrized,
  name: string,
  given: GivenParameter,
  before: Parametrized | undefined = record,
): Parametrized {
  const type =
    given.parameter_type ??
    own(before?.parameter_types, name) ??
    typeKept(given.value, own(before?.parameters, name));
  const wasHidden = before?.hidden_parameters?.includes(name) ?? false;
  const hidden = given.hidden_value ?? wasHidden;
  const said = isSaid(given.value, wasHidden);
  if (wasHidden && !hidden && !said) throw unhidden(name);
  const value = said ? valueAs(given.value!, type) : (own(before?.parameters, name) ?? '');
  const { [name]: _type, ...types } = record.parameter_types ?? {};
  const named = type === undefined || type === typeOfValue(value) ? types : { ...types, [name]: type };
  const others = (record.hidden_parameters ?? []).filter((other) => other !== name);
  return described({ ...record.parameters, [name]: value }, hidden ? [...others, name] : others, named);
}

/** The stars come back from clients that were not shown what is behind them. */
export function isSaid(value: Json | undefined, hidden: boolean): boolean {
  return value !== undefined && !(hidden && value === HIDDEN);
}

/** Else whoever may change a parameter could look at it by taking the veil away. */
export function unhidden(name: string): ChainbootError {
  const message = 'must be given anew when it is to be seen';
  return new ChainbootError('RECORD_INVALID', { count: 1 }, [
    { file: `parameters/${name}`, path: 'value', message },
  ]);
}

export function withoutParameter(record: Parametrized, name: string): Parametrized {
  const { [name]: _value, ...parameters } = record.parameters;
  const { [name]: _type, ...types } = record.parameter_types ?? {};
  return described(
    parameters,
    (record.hidden_parameters ?? []).filter((other) => other !== name),
    types,
  );
}

function described(
  parameters: Parameters,
  hidden: readonly string[],
  types: Readonly<Record<string, ParameterType>>,
): Parametrized {
  return {
    parameters,
    ...(hidden.length > 0 && { hidden_parameters: hidden }),
    ...(Object.keys(types).length > 0 && { parameter_types: types }),
  };
}

/** Clients that change a value do not say its type again: a text that can be read as what was there before is that. */
export function typeKept(value: Json | undefined, before: Json | undefined): ParameterType | undefined {
  if (typeof value !== 'string' || before === undefined || typeof before === 'string') return undefined;
  const type = typeOfValue(before);
  return typeof valueAs(value, type) === 'string' ? undefined : type;
}

/** Clients give values as texts of their type; a text that is none of it is left as it is. */
export function valueAs(value: Json, type: ParameterType | undefined): Json {
  if (typeof value !== 'string') return value;
  switch (type) {
    case 'boolean':
      return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value;
    case 'integer':
    case 'real':
      return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
    case 'array':
    case 'hash':
    case 'json':
      return orText(value, JSON.parse);
    case 'yaml':
      return orText(value, parse);
    default:
      return value;
  }
}

function orText(value: string, read: (text: string) => unknown): Json {
  try {
    return read(value) as Json;
  } catch {
    return value;
  }
}
