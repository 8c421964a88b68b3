/** What documents say of a zod schema. */

import { z } from 'zod';
import { bare } from './params.ts';

/** JSON Schema 2020-12, as OpenAPI 3.1 embeds it: of what is taken or of what is given. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Readonly<Record<string, unknown>> {
  const {
    $schema: _draft,
    $defs: _json,
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
  });
  return withoutReferences(rest) as Readonly<Record<string, unknown>>;
}

/**
 * A reference would count from the root of the document that this becomes a part of. `z.json()` alone makes any, as it
 * contains itself: there, every value is right.
 */
function withoutReferences(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutReferences);
  if ('$ref' in value && typeof value.$ref === 'string') {
    const { $ref: _reference, ...rest } = value;
    return rest;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutReferences(inner)]));
}

/** Apipie's word for it. */
export function expectedType(
  schema: z.ZodType,
): 'string' | 'boolean' | 'numeric' | 'array' | 'hash' | 'any_type' {
  const inner = bare(schema);
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodNumber) return 'numeric';
  if (inner instanceof z.ZodArray) return 'array';
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return 'hash';
  if (inner instanceof z.ZodString || inner instanceof z.ZodEnum) return 'string';
  return 'any_type';
}

export function isRequired(schema: z.ZodType): boolean {
  return !schema.safeParse(undefined).success;
}

export function allowsNull(schema: z.ZodType): boolean {
  return schema.safeParse(null).success;
}

export function sayingOf(schema: z.ZodType): string {
  return schema.description ?? bare(schema).description ?? '';
}
