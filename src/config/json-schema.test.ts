/** The published schemas are current, and a validator that is not ours takes what the docs show, and nothing else. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { parse } from 'yaml';
import { goldenSite } from '../../test/golden/site.ts';
import { exportSite } from '../service/export.ts';
import { configJsonSchema, siteJsonSchema } from './json-schema.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCHEMAS = [
  ['site', siteJsonSchema],
  ['chainboot', configJsonSchema],
] as const;
const directory = mkdtempSync(join(tmpdir(), 'chainboot-schema-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe.each(SCHEMAS)('docs/%s.schema.json', (name, schemaOf) => {
  it('is current (UPDATE_GOLDEN=1 rewrites it)', () => {
    const file = join(ROOT, `docs/${name}.schema.json`);
    const text = `${JSON.stringify(schemaOf(), null, 2)}\n`;
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('describes every key', () => {
    expect(undescribed(schemaOf(), name)).toEqual([]);
  });
});

type Node = Readonly<Record<string, unknown>> & { readonly properties?: Readonly<Record<string, Node>> };

function undescribed(node: unknown, path: string): readonly string[] {
  if (node === null || typeof node !== 'object') return [];
  if (path === 'site.settings') return [];
  const { properties = {}, items, anyOf = [] } = node as Node;
  return [
    ...Object.entries(properties).flatMap(([key, value]) => [
      ...(value.description === undefined && value.properties === undefined ? [`${path}.${key}`] : []),
      ...undescribed(value, `${path}.${key}`),
    ]),
    ...undescribed(items, path),
    ...(anyOf as readonly unknown[]).flatMap((inner) => undescribed(inner, path)),
  ];
}

/** Debian's own has what its packages bring, whichever comes first in the PATH. */
const PYTHONS = ['/usr/bin/python3', 'python3'];
const VALIDATE = `
import json, sys
from jsonschema import Draft202012Validator
schema, documents = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
print(json.dumps([[e.json_path + ': ' + e.message for e in validator.iter_errors(d)] for d in documents]))
`;

/** The faults of each document. */
function validate(
  ctx: TestContext,
  schema: object,
  documents: readonly unknown[],
): readonly (readonly string[])[] {
  const [schemaFile, documentsFile] = [join(directory, 'schema.json'), join(directory, 'documents.json')];
  writeFileSync(schemaFile, JSON.stringify(schema));
  writeFileSync(documentsFile, JSON.stringify(documents));
  const python = PYTHONS.find((program) => spawnSync(program, ['-c', 'import jsonschema']).status === 0);
  if (python === undefined) return ctx.skip('needs jsonschema for Python (Debian: python3-jsonschema)');
  const ran = spawnSync(python, ['-c', VALIDATE, schemaFile, documentsFile], { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout);
}

type Example = { readonly file: string; readonly document: Readonly<Record<string, unknown>> };

/** YAML of the docs, without the indentation that lists give it. */
function examples(): readonly Example[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)].flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].map(
      ([, indent = '', text = '']) => ({
        file,
        document: parse(text.replaceAll(new RegExp(`^${indent}`, 'gm'), '')),
      }),
    ),
  );
}

const SITE_KEYS = new Set(Object.keys((siteJsonSchema() as Node).properties ?? {}));
const isSite = ({ document }: Example) => Object.keys(document).every((key) => SITE_KEYS.has(key));

describe('a validator that is not ours', () => {
  it('takes the sites that the docs show, and that are exported', (ctx) => {
    const sites = examples().filter(isSite);
    expect(sites.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'docs/site-file.md']));
    const documents = [...sites.map(({ document }) => document), exportSite(goldenSite()).site];
    expect(validate(ctx, siteJsonSchema(), documents)).toEqual(documents.map(() => []));
  });

  it('takes the configurations that the docs show', (ctx) => {
    const configurations = examples().filter((example) => !isSite(example) && 'links' in example.document);
    expect(configurations.length).toBeGreaterThan(1);
    const documents = configurations.map(({ document }) => document);
    expect(validate(ctx, configJsonSchema(), documents)).toEqual(documents.map(() => []));
  });

  it('refuses what is unknown, missing or of another type', (ctx) => {
    const wrong = [{ hosts: [{}] }, { hosts: [{ name: 'a', macs: 'x' }] }, { subnets: {} }, { host: [] }];
    for (const faults of validate(ctx, siteJsonSchema(), wrong)) expect(faults).toHaveLength(1);
  });
});
