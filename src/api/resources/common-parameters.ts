import { z } from 'zod';
import { type Json, PARAMETER_TYPES } from '../../inventory/types.ts';
import { HIDDEN } from '../../service/auth/secrets.ts';
import { isSaid, typeKept, typeOfValue, unhidden, valueAs } from '../parameters.ts';
import type { Resource } from '../resource.ts';

/** Global parameters. */
export const commonParameters: Resource<'common_parameters'> = {
  collection: 'common_parameters',
  name: 'common_parameters',
  singular: 'common_parameter',
  writes: 'operator',
  says: 'parameters of all hosts, which organizations, locations, domains, subnets, systems, hostgroups and hosts override',
  attributes: { name: { type: z.string().max(255), says: 'name of the parameter' } },
  required: ['name'],
  params: {
    value: z.json().optional().describe('its value, or the text of one'),
    parameter_type: z.enum(PARAMETER_TYPES).nullish().describe('what its value is'),
    hidden_value: z.boolean().nullish().describe('whether only administrators see the value'),
  },
  finish: (draft, { body }) => {
    const type = (body.parameter_type ??
      draft.parameter_type ??
      typeKept(body.value as Json | undefined, draft.value as Json | undefined)) as
      | (typeof PARAMETER_TYPES)[number]
      | undefined;
    const wasHidden = draft.hidden_value === true;
    const hidden = (body.hidden_value ?? draft.hidden_value) === true;
    const said = isSaid(body.value as Json | undefined, wasHidden);
    if (wasHidden && !hidden && !said) throw unhidden(String(draft.name));
    const value = said ? valueAs(body.value as Json, type) : (draft.value as Json | undefined);
    const named = type === undefined || type === typeOfValue(value ?? '') ? undefined : type;
    return {
      ...draft,
      value: value ?? '',
      parameter_type: named,
      hidden_value: hidden ? true : undefined,
    };
  },
  shown: {
    value: {
      type: z.json(),
      of: ({ value, hidden_value }, { principal }) =>
        hidden_value && principal?.role !== 'admin' ? HIDDEN : value,
    },
    parameter_type: {
      type: z.enum(PARAMETER_TYPES),
      of: ({ value, parameter_type }) => parameter_type ?? typeOfValue(value),
    },
    hidden_value: { type: z.boolean(), of: ({ hidden_value }) => hidden_value ?? false },
    'hidden_value?': { type: z.boolean(), of: ({ hidden_value }) => hidden_value ?? false },
  },
};
