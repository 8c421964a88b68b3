/** What documents say of a zod schema. */

import { z } from 'zod';
import { bare } from './params.ts';

/** JSON Schema 2020-12, as OpenAPI 3.1 embeds it: of what is taken or of what is given. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Readonly<Record<string, unknown>> {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
  });
  return rest;
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
