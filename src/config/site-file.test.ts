import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ChainbootError } from '../errors.ts';
import { SCHEMAS, SITE_SCHEMA } from '../inventory/schema.ts';
import { SiteIndex } from '../inventory/site.ts';
import { planSite } from '../service/apply.ts';
import { loadSite } from './site-file.ts';

const DOCS = readFileSync(new URL('../../docs/site-file.md', import.meta.url), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'chainboot-site-'));
afterAll(() => rmSync(directory, { recursive: true }));

function load(yaml: string, files: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const file = join(directory, 'site.yaml');
  writeFileSync(file, yaml);
  return loadSite(file);
}

function plan(yaml: string, files?: Record<string, string>) {
  const { site, problems } = load(yaml, files);
  const options = { makeToken: () => ({ value: 't' }), now: 0, hasLoader: () => true };
  return { problems, ...planSite(site, new SiteIndex(), options) };
}

describe('docs/site-file.md', () => {
  it('has an example that is taken as it stands', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(DOCS) ?? [];
    const { problems, faults, records } = plan(example);
    expect([...problems, ...faults]).toEqual([]);
    expect(records.filter(({ collection }) => collection === 'hosts')).toHaveLength(2);
    expect(records.map(({ name }) => name)).toContain('base/web');
  });

  it.each(Object.entries(SCHEMAS))('names every key of %s, and no other', (collection, schema) => {
    if (collection === 'common_parameters' || collection === 'settings') return;
    const section = collection === 'provisioning_templates' ? 'templates' : collection;
    expect(keysIn(section)).toEqual(
      new Set([...Object.keys(schema.shape), ...(/^(ptables|templates)$/.test(section) ? ['file'] : [])]),
    );
  });

  it('names every collection', () => {
    for (const section of Object.keys(SITE_SCHEMA.shape)) expect(DOCS).toContain(`\`${section}\``);
  });

  it('names every key of interfaces', () => {
    const { element } = SCHEMAS.hosts.shape.interfaces.unwrap();
    expect(keysIn('interfaces')).toEqual(new Set(Object.keys(element.shape)));
  });
});

/** The keys of a row of the table; what stands in parentheses are values. */
function keysIn(section: string): ReadonlySet<string> {
  const row = DOCS.split('\n').find((line) => new RegExp(`^\\| [^|]*\`${section}\``).test(line)) ?? '';
  const cell = (row.split('|')[2] ?? '')
    .replace('`file` as above', '`file`')
    .replace(/\((?!short form)[^()]*\)/g, '');
  return new Set([...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key!));
}

describe('templates and partition tables', () => {
  const TEMPLATE =
    '<%#\nname: Mine\nkind: provision\ndescription: ours\noses:\n- Debian\n-%>\n<%= 1 + 1 %>\n';

  it('come from files, described by their headers', () => {
    const { site, problems } = load(
      'templates:\n- file: mine.erb\n  oses: [Ubuntu]\nptables:\n- file: disk.erb\n',
      {
        'mine.erb': TEMPLATE,
        'disk.erb': '<%#\nmodel: Ptable\nname: Plain\nos_family: Redhat\n-%>\nautopart\n',
      },
    );
    expect(problems).toEqual([]);
    expect(site.templates).toEqual([
      { name: 'Mine', kind: 'provision', template: TEMPLATE, description: 'ours', oses: ['Ubuntu'] },
    ]);
    expect(site.ptables).toMatchObject([{ name: 'Plain', os_family: 'Redhat' }]);
  });

  it.each([
    ['templates:\n- {name: x, kind: finish, template: "<% def x; end %>"}', 'templates[0].template'],
    ['ptables:\n- {name: x, layout: "<% class X; end %>"}', 'ptables[0].layout'],
    ['templates:\n- {file: none.erb, kind: finish}', 'templates[0].file'],
    ['templates:\n- {file: bare.erb}', 'templates[0].kind'],
  ])('%s: refused at %s', (yaml, path) => {
    const { problems } = load(`${yaml}\n`, { 'bare.erb': 'no header' });
    expect(problems).toMatchObject([{ path }]);
  });
});

describe('what a file may not say', () => {
  it.each([
    ['hostgroups:\n- {name: a/b}', 'hostgroups[0].name', 'parent'],
    ['hostgroups:\n- {name: b, parent: nowhere}', 'hostgroups[0].parent', 'no hostgroup'],
    ['hostgroups:\n- {name: a}\nhosts:\n- {name: h, hostgroup: b}', 'hosts[0].hostgroup', 'no hostgroup'],
    ['users:\n- {login: a, ssh_keys: [nonsense]}', 'users[0].ssh_keys[0]', 'SSH key'],
    ['subnets:\n- {name: s, network: "2001:db8::1/64"}', 'subnets[0].network', 'host bits'],
    [
      'subnets:\n- {name: s, network: "2001:db8::/64", gateway: 192.0.2.1}',
      'subnets[0].gateway',
      'not an IPv6 address',
    ],
    [
      'hosts:\n- {name: h, subnet: x, interfaces: [{mac: "52:54:00:00:00:01"}]}',
      'hosts[0].interfaces',
      'not both',
    ],
  ])('%j at %s', (yaml, path, words) => {
    let found: readonly { path: unknown; message: string }[];
    try {
      const { problems, faults } = plan(`${yaml}\n`);
      found = [...problems, ...faults.map((fault) => ({ ...fault, path: pathText(fault.path) }))];
    } catch (error) {
      found = (error as ChainbootError).problems;
    }
    expect(found).toHaveLength(1);
    expect(found[0]!.path).toBe(path);
    expect(found[0]!.message).toContain(words);
  });
});

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

describe('settings', () => {
  it('are those that templates know', () => {
    const { records, changes } = plan('settings:\n  root_pass: $6$all\n  administrator: it@example.com\n');
    expect(new Set(records.map(({ collection, name }) => `${collection} ${name}`))).toEqual(
      new Set(['settings root_pass', 'settings administrator']),
    );
    expect(changes).toHaveLength(2);
    const { problems } = load('settings:\n  root_paas: x\n');
    const fault = { path: 'settings.root_paas', suggestion: expect.stringContaining('root_pass') };
    expect(problems).toEqual([expect.objectContaining(fault)]);
  });
});
