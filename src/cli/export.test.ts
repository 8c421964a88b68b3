/** The law: applying what was exported changes nothing. And `chainboot export` as a user runs it. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../test/cli-run.ts';
import { goldenSite } from '../../test/golden/site.ts';
import { loadSites } from '../config/site-file.ts';
import { type Site, SiteIndex } from '../inventory/site.ts';
import type { Collection, Records } from '../inventory/types.ts';
import { planSite, type SitePlan } from '../service/apply.ts';
import { exportSite, siteYaml } from '../service/export.ts';

const root = mkdtempSync(join(tmpdir(), 'chainboot-export-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const options = { makeToken: () => ({ value: 'token' }), now: 0, hasLoader: () => true };

/** What applying a site's export to it would do, with template texts in the file or beside it. */
function applied(site: Site, files: boolean, over: Site = site): SitePlan & { readonly text: string } {
  const exported = exportSite(site, { files });
  for (const { path, text } of exported.files) write(path, text);
  const text = siteYaml(exported);
  const loaded = loadSites([write('site.yaml', text)]);
  expect(loaded.problems).toEqual([]);
  return { ...planSite(loaded.site, over, options), text };
}

function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A new site with the plan's records in it. */
function siteOf({ changes }: SitePlan): SiteIndex {
  const site = new SiteIndex();
  changes.forEach((change, i) => {
    if (change.op === 'put') site.put(change.collection, { ...change.record, id: i + 1 } as never);
  });
  return site;
}

function expectLaw(site: Site): void {
  for (const files of [false, true]) {
    const again = applied(site, files);
    expect(again.faults).toEqual([]);
    expect(again.records.filter(({ action }) => action !== 'keep')).toEqual([]);
    expect(again.changes).toEqual([]);
    const fresh = applied(site, files, new SiteIndex());
    expect(siteYaml(exportSite(siteOf(fresh), { files }))).toBe(fresh.text);
  }
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '12',
    '1e3',
    'true',
    'null',
    '~',
    '- a',
    'a: b',
    '#',
    ' x ',
    '\ttab',
    'a\r\nb',
    '\n',
    'é\u2028',
  ),
);
/** UTF-8 has nothing for half a pair of surrogates. */
const wellFormed = text.filter((value) => !/\p{Cs}/u.test(value));
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 #:,'"&*!%@{}-]{0,12}[A-Za-z0-9]$/);
const json = fc
  .jsonValue({ maxDepth: 2 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'))
  .map((value) => JSON.parse(JSON.stringify(value)));
const key = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/);
const parameters = fc.dictionary(key, json, { maxKeys: 3 });
const flag = fc.option(fc.boolean(), { nil: undefined });

/** ERB never: what is in a template must compile. */
const lines = fc
  .array(
    wellFormed.map((line) => line.replaceAll('<%', '').replaceAll('%>', '')),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) => all.join('\n').replaceAll('<%', '') || 'x');
const header = fc.constantFrom(
  '',
  '<%#\nname: Header\nkind: finish\nsnippet: false\noses:\n- Debian\ndescription: of the header\n-%>\n',
  '<%#\nname: Header\nmodel: Ptable\nos_family: Redhat\nsnippet: true\n-%>\n',
);
const templateText = fc.tuple(header, lines).map((parts) => parts.join(''));
const texts = {
  name,
  locked: flag,
  description: fc.option(wellFormed, { nil: undefined }),
  oses: fc.option(fc.array(name, { maxLength: 2 }), { nil: undefined }),
};
const template = fc.record({
  ...texts,
  locked: fc.boolean(),
  kind: fc.constantFrom('finish', 'provision', 'snippet'),
  template: templateText,
  default: flag,
});
const ptable = fc.record({
  ...texts,
  layout: templateText,
  os_family: fc.constantFrom('Debian', 'Redhat', undefined),
  snippet: flag,
});

const nic = fc.record({
  type: fc.constantFrom('interface', 'bond', 'bmc'),
  identifier: fc.option(fc.stringMatching(/^eth[0-9]$/), { nil: undefined }),
  primary: fc.boolean(),
  provision: fc.boolean(),
  managed: fc.boolean(),
  virtual: fc.boolean(),
  mtu: fc.option(fc.integer({ min: 68, max: 65535 }), { nil: undefined }),
  subnet: fc.constantFrom('lab', undefined),
  domain: fc.constantFrom('example.com', undefined),
});
const host = fc.record({
  enabled: fc.boolean(),
  build: fc.boolean(),
  comment: fc.option(wellFormed, { nil: undefined }),
  architecture: fc.constantFrom('x86_64', 'aarch64', undefined),
  hostgroup: fc.constantFrom('base', 'base/web', undefined),
  root_pass: fc.constantFrom('$6$salt$hash', undefined),
  parameters,
  hidden_parameters: fc.option(fc.array(key, { maxLength: 2 }), { nil: undefined }),
  installed_at: fc.option(fc.nat(), { nil: undefined }),
  interfaces: fc.array(nic, { maxLength: 3 }),
});

const common = fc.record({
  name: key,
  value: json,
  hidden_value: flag,
  parameter_type: fc.constantFrom('string' as const, undefined),
});

const site = fc
  .record({
    templates: fc.uniqueArray(template, { selector: (one) => one.name, maxLength: 3 }),
    ptables: fc.uniqueArray(ptable, { selector: (one) => one.name, maxLength: 3 }),
    hosts: fc.array(host, { maxLength: 4 }),
    common: fc.uniqueArray(common, { selector: (one) => one.name, maxLength: 3 }),
    group: parameters,
  })
  .map(({ templates, ptables, hosts, common, group }) => {
    const made = new SiteIndex();
    let id = 1;
    const put = <C extends Collection>(collection: C, record: object) =>
      made.put(collection, { ...withoutUndefined(record), id: id++ } as Records[C]);
    put('domains', { name: 'example.com', parameters: {} });
    put('subnets', {
      name: 'lab',
      network: '10.0.0.0/16',
      boot_mode: 'DHCP',
      lease_time: 3600,
      parameters: {},
    });
    put('hostgroups', { name: 'base', provisioning_templates: [], parameters: group });
    put('hostgroups', { name: 'web', parent: 'base', provisioning_templates: [], parameters: {} });
    put('settings', { name: 'root_pass', value: '$6$x' });
    for (const one of templates) put('provisioning_templates', one);
    for (const one of ptables) put('ptables', one);
    for (const one of common) put('common_parameters', one);
    hosts.forEach((one, i) => {
      const interfaces = one.interfaces.map((nic, j) => ({
        ...withoutUndefined(nic),
        ...(j === 0 || !one.enabled ? { mac: `52:54:00:00:0${i}:0${j}`, ip: `10.0.${i}.${j + 1}` } : {}),
        id: j + 1,
      }));
      put('hosts', { ...one, name: `h${i}.example.com`, interfaces });
    });
    return made;
  });

function withoutUndefined(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

describe('apply after export', () => {
  it('changes nothing on the golden sites', () => {
    expectLaw(goldenSite());
  });

  it('changes nothing on any site', () => {
    fc.assert(fc.property(site, expectLaw), { numRuns: 40 });
  });
});

describe('chainboot export', () => {
  const SITE = `parameters: { color: red }
subnets: [{ name: lab, network: 10.0.0.0/24 }]
templates: [{ name: T, kind: finish, template: "a\\nb\\n" }]
users: [{ login: ada }]
hosts: [{ name: a.lab, mac: "52:54:00:00:00:01", ip: 10.0.0.2 }]
`;
  const run = (...words: readonly string[]) => runCli(root, words);

  it('writes what people write, privately', async () => {
    write('config.yaml', `links: [{ interface: lo, address: 127.0.0.1 }]\ndatabase: ${join(root, 'x.db')}\n`);
    expect(await run('apply', '-f', write('in.yaml', SITE))).toMatchObject({ status: 0, err: '' });
    const { out } = await run('export');
    expect(out).toContain('hosts:\n  - name: a.lab\n    mac: 52:54:00:00:00:01\n    ip: 10.0.0.2\n');
    expect(out).toContain('    template: |\n      a\n      b\n');
    expect(out).not.toMatch(/token|build|declared|id:/);
    const only = JSON.parse((await run('export', '--only', 'parameters,users', '--json')).out);
    expect(only).toEqual({ parameters: { color: 'red' }, users: [{ login: 'ada' }] });
    expect(await run('export', '--only', 'host')).toMatchObject({ status: 2 });
  });

  it('writes template texts as files into a directory', async () => {
    const out = join(root, 'out/');
    expect(await run('export', '-o', out)).toMatchObject({ status: 0, out: '' });
    expect(statSync(join(out, 'site.yaml')).mode & 0o777).toBe(0o600);
    const yaml = readFileSync(join(out, 'site.yaml'), 'utf8');
    expect(yaml).toContain('  - file: provisioning_templates/finish/t.erb\n    name: T\n    kind: finish\n');
    expect(readFileSync(join(out, 'provisioning_templates/finish/t.erb'), 'utf8')).toBe('a\nb\n');
    const again = await run('apply', '-f', out, '--prune');
    expect(again.out).toBe('0 created, 0 changed, 5 unchanged\n');
  });
});

describe('chainboot schema', () => {
  it.each([
    ['site', 'site'],
    ['config', 'chainboot'],
  ])('prints that of %s', async (of, file) => {
    const { out } = await runCli(root, ['schema', of]);
    expect(out).toBe(readFileSync(new URL(`../../docs/${file}.schema.json`, import.meta.url), 'utf8'));
  });
});
