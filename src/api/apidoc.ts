/**
 * `/apidoc/v2.json`: Apipie's document, from which the Ansible collection and hammer learn what there is. Only what
 * they read is in it; names of parameters decide what they send.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Operation } from './operation.ts';
import { bare } from './params.ts';
import { allowsNull, expectedType, isRequired, sayingOf } from './schema.ts';

type Param = Readonly<Record<string, unknown>>;

export type Apidoc = {
  /** The document, as it is sent. */
  readonly text: string;
  /** Of the header `Apipie-Checksum`: clients fetch the document again when it changes. */
  readonly checksum: string;
};

export function apidoc(operations: readonly Operation[], version: string): Apidoc {
  const resources: Record<string, { methods: object[] }> = {};
  for (const operation of operations) {
    const { resource } = operation;
    resources[resource] ??= { ...headOf(resource), methods: [] };
    resources[resource].methods.push(methodOf(operation));
  }
  const docs = {
    name: 'Chainboot',
    info: 'Foreman API v2, as far as network boot needs it',
    copyright: '',
    doc_url: '/apidoc/v2',
    api_url: '/api',
    version,
    resources,
  };
  const text = JSON.stringify({ docs });
  return { text, checksum: createHash('md5').update(text).digest('hex') };
}

function headOf(resource: string) {
  return {
    doc_url: `/apidoc/v2/${resource}`,
    id: resource,
    api_url: '/api',
    name: resource
      .split('_')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(' '),
    short_description: null,
    full_description: '',
    version: 'v2',
    formats: ['json'],
    metadata: null,
    methods: [],
    headers: [],
    deprecated: false,
  };
}

function methodOf({ resource, action, summary, method, paths, query, body }: Operation): object {
  const inPath = [
    ...new Set(paths.flatMap((path) => [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!))),
  ];
  const always = inPath.filter((name) => paths.every((path) => path.includes(`:${name}`)));
  const declared = new Set(Object.keys(query?.shape ?? {}));
  const pathParams = inPath
    .filter((name) => !declared.has(name))
    .map((name) => identifier(name, always.includes(name)));
  const queryParams = Object.entries(query?.shape ?? {}).map(([name, schema]) =>
    paramOf(name, schema as z.ZodType),
  );
  const bodyParams = body === undefined ? [] : [rootOf(body.root, body.params, action === 'create')];
  return {
    doc_url: `/apidoc/v2/${resource}/${action}`,
    name: action,
    apis: paths.map((path) => ({
      api_url: `/api${path}`,
      http_method: method,
      short_description: summary,
      deprecated: null,
    })),
    formats: ['json'],
    full_description: '',
    errors: [],
    params: [...pathParams, ...queryParams, ...bodyParams],
    returns: [],
    examples: [],
    metadata: null,
    see: [],
    headers: [],
    show: true,
  };
}

function identifier(name: string, required: boolean): Param {
  return param(name, name, { required, nil: false, type: 'string', says: 'number or name' });
}

function rootOf(root: string, params: z.ZodObject, required: boolean): Param {
  const inner = Object.entries(params.shape).map(([name, schema]) =>
    paramOf(name, schema as z.ZodType, root),
  );
  return {
    ...param(root, root, { required, nil: false, type: 'hash', says: '' }),
    params: inner,
  };
}

function paramOf(name: string, schema: z.ZodType, inside?: string): Param {
  const full = inside === undefined ? name : `${inside}[${name}]`;
  const type = expectedType(schema);
  const plain = param(name, full, {
    required: isRequired(schema),
    nil: allowsNull(schema),
    type,
    says: sayingOf(schema),
  });
  const fields = fieldsOf(bare(schema));
  if (fields === undefined) return plain;
  return {
    ...plain,
    params: Object.entries(fields).map(([key, inner]) => paramOf(key, inner as z.ZodType, full)),
  };
}

/** Of an object, or of the objects of a list. */
function fieldsOf(schema: z.ZodType): Readonly<Record<string, unknown>> | undefined {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodArray) return fieldsOf(bare(schema.element as z.ZodType));
  return undefined;
}

type Facts = {
  readonly required: boolean;
  readonly nil: boolean;
  readonly type: string;
  readonly says: string;
};

function param(name: string, full: string, { required, nil, type, says }: Facts): Param {
  return {
    name,
    full_name: full,
    description: says === '' ? '' : `\n<p>${escaped(says)}</p>\n`,
    required,
    allow_nil: nil,
    allow_blank: !required,
    validator: validatorOf(type),
    expected_type: type,
    metadata: null,
    show: true,
    validations: [],
  };
}

const VALIDATORS: Readonly<Record<string, string>> = {
  string: 'Must be a String',
  boolean: 'Must be one of: true, false, 1, 0',
  numeric: 'Must be a number.',
  array: 'Must be an array of any type',
  hash: 'Must be a Hash',
};

function validatorOf(type: string): string {
  return VALIDATORS[type] ?? '';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
