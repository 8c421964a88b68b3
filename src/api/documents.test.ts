/** What clients and tools read before they ask: Apipie's document, OpenAPI. */

import { describe, expect, it } from 'vitest';
import { apidoc } from './apidoc.ts';
import { openapi } from './openapi.ts';
import { OPERATIONS } from './resources/all.ts';

type Param = {
  readonly name: string;
  readonly full_name: string;
  readonly required: boolean;
  readonly expected_type: string;
  readonly params?: readonly Param[];
};
type Method = {
  readonly name: string;
  readonly apis: readonly { readonly api_url: string; readonly http_method: string }[];
  readonly params: readonly Param[];
};
type Docs = { readonly resources: Readonly<Record<string, { readonly methods: readonly Method[] }>> };

const document = apidoc(OPERATIONS, '1.2.3');
const { docs } = JSON.parse(document.text) as { readonly docs: Docs };
const methods = Object.entries(docs.resources).flatMap(([resource, { methods }]) =>
  methods.map((method) => ({ resource, ...method })),
);

function methodOf(resource: string, action: string): Method {
  return docs.resources[resource]!.methods.find(({ name }) => name === action)!;
}

function paramsOf(resource: string, action: string, root: string): readonly string[] {
  const { params } = methodOf(resource, action);
  return params.find(({ name }) => name === root)!.params!.map(({ name }) => name);
}

describe('the apidoc document', () => {
  it('has what apypie reads of each method, and each once', () => {
    const seen = new Set<string>();
    for (const { resource, name, apis, params } of methods) {
      expect([resource, name, seen.has(`${resource} ${name}`)]).toEqual([resource, name, false]);
      seen.add(`${resource} ${name}`);
      expect(apis.length).toBeGreaterThan(0);
      for (const { api_url, http_method } of apis) {
        expect(api_url).toMatch(/^\/api\/\w+/);
        expect(http_method).toMatch(/^(GET|POST|PUT|DELETE)$/);
      }
      const names = params.map((param) => param.name);
      expect([resource, name, names]).toEqual([resource, name, [...new Set(names)]]);
    }
  });

  /** apypie takes the first path whose parameters it can fill: every one in a path has to be a parameter. */
  it('names every parameter of its paths', () => {
    for (const { resource, name, apis, params } of methods)
      for (const { api_url } of apis)
        for (const [, key] of api_url.matchAll(/:(\w+)/g))
          expect([resource, name, params.map((param) => param.name)]).toEqual([
            resource,
            name,
            expect.arrayContaining([key]),
          ]);
  });

  it('says of objects, and of lists of them, what is in them', () => {
    const body = methodOf('hosts', 'create').params.find(({ name }) => name === 'host')!;
    expect([body.required, body.expected_type]).toEqual([true, 'hash']);
    const nics = body.params!.find(({ name }) => name === 'interfaces_attributes')!;
    expect([nics.expected_type, nics.full_name]).toEqual(['array', 'host[interfaces_attributes]']);
    expect(nics.params!.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['mac', 'subnet_id', 'attached_devices', 'execution']),
    );
  });

  it('has what Foreman’s clients look for before they ask', () => {
    for (const key of ['home', 'hosts', 'interfaces', 'parameters', 'auth_sources', 'template_kinds'])
      expect(docs.resources).toHaveProperty(key);
    expect(methodOf('home', 'status').apis).toContainEqual(
      expect.objectContaining({ api_url: '/api/status', http_method: 'GET' }),
    );
    expect(methodOf('hosts', 'power_status')).toBeDefined();
    expect(paramsOf('provisioning_templates', 'update', 'provisioning_template')).toContain('audit_comment');
    expect(paramsOf('subnets', 'create', 'subnet')).toEqual(
      expect.arrayContaining(['tftp_id', 'domain_ids', 'subnet_parameters_attributes']),
    );
  });

  it('has a checksum that is another when anything is', () => {
    expect(document.checksum).toMatch(/^[0-9a-f]{32}$/);
    expect(apidoc(OPERATIONS, '1.2.3').checksum).toBe(document.checksum);
    expect(apidoc(OPERATIONS.slice(1), '1.2.3').checksum).not.toBe(document.checksum);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: what comes is what is looked at.
type Json = Readonly<Record<string, any>>;

/** Every object in a document, with where it is. */
function* objectsIn(value: unknown, at = '#'): Generator<readonly [string, Json]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [at, value as Json];
  for (const [key, inner] of Object.entries(value)) yield* objectsIn(inner, `${at}/${key}`);
}

describe('the OpenAPI document', () => {
  // As it is sent.
  const open = JSON.parse(JSON.stringify(openapi(OPERATIONS, '1.2.3'))) as Json;
  const operations = Object.entries(open.paths as Json).flatMap(([path, item]) =>
    Object.entries(item as Json).map(([verb, operation]) => [path, verb, operation as Json] as const),
  );

  it('is one of version 3.1, with an operation for each path', () => {
    expect(open).toMatchObject({ openapi: expect.stringMatching(/^3\.1\.\d$/), info: { version: '1.2.3' } });
    expect(operations).toHaveLength(OPERATIONS.flatMap(({ paths }) => paths).length);
    const ids = operations.map(([, , { operationId }]) => operationId);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('leads nowhere in vain', () => {
    const references = [...objectsIn(open)].filter(([, { $ref }]) => typeof $ref === 'string');
    expect(references.length).toBeGreaterThan(10);
    for (const [at, { $ref }] of references) {
      expect([at, $ref]).toEqual([at, expect.stringMatching(/^#\//)]);
      const found = ($ref as string)
        .slice(2)
        .split('/')
        .reduce(
          (here: Json | undefined, key) => here?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
          open,
        );
      expect([at, typeof found]).toEqual([at, 'object']);
    }
  });

  it('names the parameters of each path, once and required', () => {
    for (const [path, verb, { parameters }] of operations) {
      const given = (parameters as readonly Json[]).filter((one) => one.in === 'path');
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect([verb, path, given.map(({ name }) => name)]).toEqual([verb, path, names]);
      expect([verb, path, given.every(({ required }) => required === true)]).toEqual([verb, path, true]);
      const all = (parameters as readonly Json[]).map((one) => `${one.in} ${one.name}`);
      expect([verb, path, all]).toEqual([verb, path, [...new Set(all)]]);
    }
  });

  it('says what each answers, and what it does when it refuses', () => {
    for (const [path, verb, { responses }] of operations) {
      const codes = Object.keys(responses as Json);
      expect([verb, path, codes.some((code) => code.startsWith('2'))]).toEqual([verb, path, true]);
      expect([verb, path, codes]).toEqual([verb, path, expect.arrayContaining(['default'])]);
    }
    for (const scheme of (open.security as readonly Json[]).flatMap(Object.keys))
      expect(open.components.securitySchemes).toHaveProperty(scheme);
  });
});
