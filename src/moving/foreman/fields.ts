/** Fields of Foreman's documents, as they come: null, empty texts and numbers in texts included. */

import type { Json } from '../../inventory/types.ts';
import type { Document } from './collect.ts';

/** A text that says something. */
export function text(document: Document, key: string): string | undefined {
  const value = document[key];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export function number(document: Document, key: string): number | undefined {
  const value = document[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

export function flag(document: Document, key: string): boolean | undefined {
  const value = document[key];
  return typeof value === 'boolean' ? value : undefined;
}

export function list(document: Document, key: string): readonly Document[] {
  const value = document[key];
  return Array.isArray(value)
    ? (value.filter((item) => typeof item === 'object' && item !== null) as Document[])
    : [];
}

/** Names of the records in a list: titles where names are nested. */
export function names(document: Document, key: string): string[] {
  return list(document, key).flatMap((item) => text(item, 'title') ?? text(item, 'name') ?? []);
}

/** The fields that are there, under our names: `{ gateway: 'gateway', dns: 'dns_primary' }` from theirs. */
export function copied(document: Document, keys: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = text(document, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** What remains when undefined fields and empty lists are left out. */
export function present<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  ) as T;
}

type Parameters = {
  readonly parameters?: Record<string, Json>;
  readonly hidden_parameters?: string[];
};

/** `parameters` of a record. Hidden values that the user may not see come as stars; `onHidden` hears of them. */
export function parameters(document: Document, onHidden: (name: string) => void): Parameters {
  const all: Record<string, Json> = {};
  const hidden: string[] = [];
  for (const parameter of list(document, 'parameters')) {
    const name = text(parameter, 'name');
    if (name === undefined) continue;
    if (parameter['hidden_value?'] === true || parameter.hidden_value === true) hidden.push(name);
    if (parameter.value === STARS) onHidden(name);
    else all[name] = parameterValue(parameter);
  }
  return present({
    parameters: Object.keys(all).length === 0 ? undefined : all,
    hidden_parameters: hidden.filter((name) => name in all),
  }) as Parameters;
}

const STARS = '*****';

/** Older versions give every value as a text, and the type beside it. */
export function parameterValue(parameter: Document): Json {
  const value = (parameter.value ?? '') as Json;
  if (typeof value !== 'string') return value;
  switch (parameter.parameter_type) {
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    case 'integer':
    case 'real':
      return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
    case 'array':
    case 'hash':
      return parsed(value);
    default:
      return value;
  }
}

function parsed(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}
