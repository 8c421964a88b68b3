/** `params.NAME`: parameters as values to search for. */

import { parameterLayers, visibleParameters } from '../../../inventory/parameters.ts';
import type { Host, Json, Parameters, Parametrized } from '../../../inventory/types.ts';
import { type Field, type SearchContext, text, type Values } from '../field.ts';

type Place = (host: Host, context: SearchContext) => string | undefined;

/** What is neither text, number nor boolean is searched as JSON. */
export function plain(value: Json | undefined): Values {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

/** Not what every object has, such as `constructor`. */
export function ownValue(values: Parameters | undefined, name: string): Values {
  return values !== undefined && Object.hasOwn(values, name) ? plain(values[name]) : undefined;
}

/** Of the record itself. Hidden ones cannot be searched, and so not guessed bit by bit. */
export function ownParameter({ parameters, hidden_parameters = [] }: Parametrized, name: string): Values {
  return hidden_parameters.includes(name) ? undefined : ownValue(parameters, name);
}

/**
 * As a host gets it. What others give it is the same for all hosts in the same places, and worked out once for them
 * in a search; `places` are those that are costly to find, and are left out when nothing there has the parameter.
 */
export function hostParameter(name: string, places: readonly Place[]): Field<Host> {
  const given = new WeakMap<SearchContext, (host: Host) => Values>();
  return text((host, context) => {
    if (Object.hasOwn(host.parameters, name)) return ownParameter(host, name);
    let from = given.get(context);
    if (from === undefined) {
      from = inheritedOnce(name, places, context);
      given.set(context, from);
    }
    return from(host);
  });
}

function inheritedOnce(name: string, places: readonly Place[], context: SearchContext) {
  const { site } = context;
  const matter = [...site.list('subnets'), ...site.list('domains')].some(({ parameters }) =>
    Object.hasOwn(parameters, name),
  );
  const known = new Map<string, Values>();
  return (host: Host): Values => {
    const { hostgroup, operatingsystem, organization, location } = host;
    const found = matter ? places.map((place) => place(host, context)) : [];
    const key = [hostgroup, operatingsystem, organization, location, ...found].join('\n');
    if (!known.has(key)) known.set(key, ownValue(visibleParameters(parameterLayers(site, host)), name));
    return known.get(key);
  };
}
