/** What clients send, as the operation wants it: the root of the body taken off, Rails' loose values made exact. */

import { z } from 'zod';
import { ChainbootError, type Problem } from '../errors.ts';

type Values = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `{"host": {…}}` and `{…}` are the same; what stands beside the root counts where the root does not say. Throws
 * BODY_MALFORMED for a list or a text, which would otherwise be a change of nothing. `params` may have one of the
 * root's name.
 */
export function unwrapped(body: unknown, root: string, params: Values = {}): Values {
  if (body === undefined || body === null) return {};
  if (!isObject(body)) throw new ChainbootError('BODY_MALFORMED', { reason: 'it is no object' });
  const { [root]: inner, ...beside } = body;
  if (isObject(inner)) return { ...beside, ...inner };
  if (inner === undefined || inner === null || Object.hasOwn(params, root)) return body;
  throw new ChainbootError('BODY_MALFORMED', { reason: `"${root}" in it is no object` });
}

/** Rails' clients write lists as `ids[]=1&ids[]=2`. */
export function ofQuery(query: Values): Values {
  return Object.fromEntries(Object.entries(query).map(([key, value]) => [key.replace(/\[\]$/, ''), value]));
}

/** The schema below `optional`, `nullable` and `default`. */
export function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return bare(schema.unwrap() as z.ZodType);
  return schema;
}

const TRUE = new Set(['true', 't', '1', 'yes', 'on']);
const FALSE = new Set(['false', 'f', '0', 'no', 'off']);

/** Forms, queries and older clients send text for numbers and booleans, and a lone value for a list of one. */
export function lenient(value: unknown, schema: z.ZodType): unknown {
  const inner = bare(schema);
  if (value === null || value === undefined) return value;
  if (inner instanceof z.ZodBoolean) return asBoolean(value);
  if (inner instanceof z.ZodNumber) return asNumber(value);
  if (inner instanceof z.ZodString) return typeof value === 'number' ? String(value) : value;
  if (inner instanceof z.ZodArray)
    return asList(value).map((item) => lenient(item, inner.element as z.ZodType));
  if (inner instanceof z.ZodObject && isObject(value)) return lenientObject(value, inner);
  if (inner instanceof z.ZodUnion) return lenientUnion(value, inner.options as readonly z.ZodType[]);
  return value;
}

/** As the first that takes it. */
function lenientUnion(value: unknown, options: readonly z.ZodType[]): unknown {
  for (const option of options) {
    const meant = lenient(value, option);
    if (option.safeParse(meant).success) return meant;
  }
  return value;
}

/** Rails writes lists of records as `{"0": {…}, "1": {…}}` in forms. */
function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isObject(value) && Object.keys(value).every((key) => /^\d+$/.test(key))) return Object.values(value);
  return [value];
}

function asBoolean(value: unknown): unknown {
  if (typeof value === 'object') return value;
  const text = String(value).toLowerCase();
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  return text === '' ? null : value;
}

function asNumber(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return null;
  return /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}

/** Only the keys that the schema knows: clients of other versions send more. */
function lenientObject(values: Values, schema: z.ZodObject): Values {
  return Object.fromEntries(
    Object.entries(schema.shape).flatMap(([key, inner]) =>
      values[key] === undefined ? [] : [[key, lenient(values[key], inner as z.ZodType)]],
    ),
  );
}

/** Throws PARAMETER_INVALID with every problem. */
export function parsed(values: Values, schema: z.ZodObject): Values {
  const outcome = schema.safeParse(lenientObject(values, schema));
  if (outcome.success) return outcome.data;
  const problems: Problem[] = outcome.error.issues.map((issue) => ({
    file: 'request',
    path: issue.path.join('.'),
    message: worded(issue),
  }));
  throw new ChainbootError('PARAMETER_INVALID', { count: problems.length }, problems);
}

/** zod tells those who wrote the schema, not those who sent the request. */
function worded(issue: z.core.$ZodIssue): string {
  if (issue.message.endsWith('received undefined')) return 'is required';
  if (issue.code === 'invalid_type') return `cannot be read as ${issue.expected}`;
  if (issue.code === 'invalid_union') return 'is nothing that can stand here';
  return issue.message;
}
