/** `/openapi.json`: OpenAPI 3.1 of the same operations. */

import type { z } from 'zod';
import { CATALOGUE } from '../errors.ts';
import { SESSION_COOKIE } from '../service/auth/authenticate.ts';
import { words } from './crud.ts';
import type { Operation } from './operation.ts';
import { jsonSchema, sayingOf } from './schema.ts';

type Document = Readonly<Record<string, unknown>>;

const ERROR = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      properties: {
        message: { type: 'string', description: 'what is wrong, in a sentence' },
        code: { type: 'string', enum: Object.keys(CATALOGUE) },
        hint: { type: 'string', description: 'what to do about it' },
        errors: {
          type: 'object',
          additionalProperties: { type: 'array', items: { type: 'string' } },
          description: 'of a 422: field → what is wrong with it',
        },
        full_messages: { type: 'array', items: { type: 'string' } },
      },
    },
  },
};

export function openapi(operations: readonly Operation[], version: string): Document {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations)
    for (const [i, path] of operation.paths.entries()) {
      const key = `/api${path.replace(/:(\w+)/g, '{$1}')}`;
      paths[key] ??= {};
      paths[key][operation.method.toLowerCase()] = described(operation, path, i);
    }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Chainboot API',
      version,
      description:
        'Foreman’s API v2, as far as network boot needs it: playbooks, scripts and clients written for Foreman work here. Lists take `search`, `order`, `page` and `per_page`; records are found by number, by name or by title; bodies may stand below their root (`{"host": {…}}`) or alone.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(operations.map(({ resource }) => resource))].map((name) => ({
      name,
      description: words(name),
    })),
    security: [{ basic: [] }, { bearer: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'login and password, or login and personal access token',
        },
        bearer: { type: 'http', scheme: 'bearer', description: 'personal access token' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
      },
      schemas: { Error: ERROR },
    },
  };
}

function described(operation: Operation, path: string, variant: number): object {
  const { resource, action, summary, role, query, body, returns, status = 200 } = operation;
  const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
  return {
    operationId: variant === 0 ? `${resource}.${action}` : `${resource}.${action}.${variant}`,
    tags: [resource],
    summary,
    description: role === 'public' ? 'Needs no login.' : `For users with the role ${role} or above.`,
    ...(role === 'public' && { security: [] }),
    parameters: [...inPath.map(pathParameter), ...queryParameters(query, inPath)],
    ...(body !== undefined && { requestBody: requestBody(body) }),
    responses: {
      [status]: {
        description: 'done',
        content: { 'application/json': { schema: jsonSchema(returns, 'output') } },
      },
      default: {
        description: 'refused',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function pathParameter(name: string): object {
  return { name, in: 'path', required: true, schema: { type: 'string' }, description: 'number or name' };
}

function queryParameters(query: z.ZodObject | undefined, inPath: readonly string[]): readonly object[] {
  return Object.entries(query?.shape ?? {})
    .filter(([name]) => !inPath.includes(name))
    .map(([name, schema]) => ({
      name,
      in: 'query',
      schema: jsonSchema(schema as z.ZodType, 'input'),
      description: sayingOf(schema as z.ZodType),
    }));
}

function requestBody({ root, params }: NonNullable<Operation['body']>): object {
  const schema = jsonSchema(params, 'input');
  return {
    required: true,
    content: {
      'application/json': {
        schema: { anyOf: [{ type: 'object', properties: { [root]: schema }, required: [root] }, schema] },
      },
    },
  };
}
