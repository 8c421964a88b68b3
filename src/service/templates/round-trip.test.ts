/** import∘export is the identity, both ways: over what is shipped, and over generated trees. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyOf, SiteIndex } from '../../inventory/site.ts';
import { OS_FAMILIES, TEMPLATE_KINDS } from '../../inventory/types.ts';
import { loadLibrary } from '../../template/library.ts';
import { candidateOf } from './candidate.ts';
import { type ExportedFile, exportables, exportFiles, type HeaderMode } from './export.ts';
import { type ImportOptions, planImport } from './import.ts';

const OPTIONS: ImportOptions = { associate: 'new', default: false, force: false };

type File = Pick<ExportedFile, 'path' | 'text'>;

function imported(files: readonly File[], site = new SiteIndex()): SiteIndex {
  const entries = files.map(({ path, text }) => candidateOf({ file: path, text, notes: [] }, {}));
  const plan = planImport(entries, site, OPTIONS);
  expect(plan.outcomes.filter(({ outcome }) => outcome === 'refused' || outcome === 'skipped')).toEqual([]);
  const after = copyOf(site);
  let id = 1;
  for (const change of plan.changes)
    if (change.op === 'put') after.put(change.collection, { ...change.record, id: id++ } as never);
  return after;
}

function exported(site: SiteIndex, mode: HeaderMode = 'refresh'): readonly File[] {
  return exportFiles(exportables(site), mode).map(({ path, text }) => ({ path, text }));
}

function texts(files: readonly File[]): readonly string[] {
  return files.map(({ text }) => text).sort();
}

describe('the shipped library', () => {
  const { provisioning_templates, ptables } = loadLibrary(new URL('../../../templates/', import.meta.url));

  it('comes back byte for byte', () => {
    const files = [
      ...provisioning_templates.map(({ name, template }) => ({ path: name, text: template })),
      ...ptables.map(({ name, layout }) => ({ path: name, text: layout })),
    ];
    expect(files.length).toBeGreaterThan(10);
    const there = exported(imported(files));
    expect(texts(there)).toEqual(texts(files));
    expect(exported(imported(there))).toEqual(there);
  });
});

/** Headers as people write them: quoted or not, lists in both styles, keys in any order, keys of plugins. */
const names = fc
  .array(
    fc.constantFrom('Kickstart', 'default', 'iPXE', "Bob's", 'a/b', '.x', '100%', 'Ümläut', 'Ä:b', '"q"'),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((words) => words.join(' '));
const titles = fc.constantFrom('RedHat', 'CentOS 7', 'Debian 1[012]', 'Fedora', 'openSUSE Leap');
const list = fc.uniqueArray(titles, { maxLength: 3 });

function header(
  name: string,
  kind: string,
  oses: readonly string[],
  extras: readonly string[],
  flow: boolean,
): string {
  const quoted = JSON.stringify(name);
  const systems = flow
    ? `oses: ${JSON.stringify(oses)}`
    : ['oses:', ...oses.map((os) => `- "${os}"`)].join('\n');
  const model = kind === 'ptable' ? 'Ptable' : 'ProvisioningTemplate';
  return [
    `kind: ${kind}`,
    ...extras,
    `name: ${quoted}`,
    `model: ${model}`,
    ...(oses.length === 0 ? [] : [systems]),
  ].join('\n');
}

const extra = fc.constantFrom(
  'require:\n- plugin: foreman_x\n  version: 1.10',
  'description: |\n  Some text,\n  on two lines',
  'test_on:\n- rhel9_dhcp',
  'template_inputs: []',
  '# a remark',
  'snippet: false',
  `os_family: ${OS_FAMILIES[1]}`,
);
const opening = fc.constantFrom('', '#!gpxe\n', '#!ipxe\n\n');
const closing = fc.constantFrom('-%>\n', '%>\n', '-%>');
const bodies = fc.constantFrom(
  '',
  'text\n',
  '<%= @host.name %>\n',
  '<%# remark -%>\n<% if true -%>\nx\n<% end %>',
);

const file = fc
  .record({
    name: names,
    kind: fc.constantFrom(...TEMPLATE_KINDS, 'ptable', 'gPXE'),
    oses: list,
    extras: fc.uniqueArray(extra, { maxLength: 3 }),
    flow: fc.boolean(),
    opening,
    closing,
    body: bodies,
  })
  .map((parts) => {
    const yaml = header(parts.name, parts.kind, parts.oses, parts.extras, parts.flow);
    const text = `${parts.opening}<%#\n${yaml}\n${parts.closing}${parts.body}`;
    return { key: `${parts.kind === 'ptable'} ${parts.name}`, path: `${parts.name}.erb`, text };
  });
const tree = fc.uniqueArray(file, { selector: ({ key }) => key, maxLength: 6 });

describe('generated trees', () => {
  it.each(['refresh', 'keep'] as const)('come back byte for byte, with the header of mode %s', (mode) => {
    fc.assert(
      fc.property(tree, (files) => {
        expect(texts(exported(imported(files), mode))).toEqual(texts(files));
      }),
      { numRuns: 150 },
    );
  });

  it('make the same site again, and nothing is left to do', () => {
    fc.assert(
      fc.property(tree, (files) => {
        const site = imported(files);
        const again = imported(exported(site));
        expect(exported(again)).toEqual(exported(site));
        const entries = exported(site).map(({ path, text }) =>
          candidateOf({ file: path, text, notes: [] }, {}),
        );
        expect(planImport(entries, site, OPTIONS).changes).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('have a place of its own for every file, below the directory', () => {
    fc.assert(
      fc.property(tree, (files) => {
        const paths = exported(imported(files)).map(({ path }) => path);
        expect(new Set(paths).size).toBe(files.length);
        for (const path of paths)
          expect(path).toMatch(
            /^(provisioning_templates\/[\w-]+|partition_tables_templates)\/[^/.][^/]*\.erb$/,
          );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a record that changed', () => {
  const FILE = '<%#\nname: KS\nkind: provision\noses: [Rocky]\n-%>\ntext\n';

  it('is exported with what it says now', () => {
    const site = imported([{ path: 'a', text: FILE }]);
    const record = site.get('provisioning_templates', 'KS')!;
    site.put('provisioning_templates', { ...record, name: 'New', description: 'why' });
    site.put('operatingsystems', {
      id: 1,
      name: 'Debian',
      major: '12',
      minor: '',
      family: 'Debian',
      media: [],
      architectures: [],
      ptables: [],
      provisioning_templates: ['New'],
      parameters: {},
    });
    expect(exported(site)).toEqual([
      {
        path: 'provisioning_templates/provision/new.erb',
        text: '<%#\nname: New\ndescription: why\nsnippet: false\nmodel: ProvisioningTemplate\nkind: provision\noses:\n- Rocky\n- Debian 12\n-%>\ntext\n',
      },
    ]);
    expect(exported(site, 'keep')[0]!.text).toBe(FILE);
    expect(exported(site, 'remove')[0]!.text).toBe('text\n');
  });

  it('gets a number when another makes the same file name', () => {
    const files = ['a b', 'A b', 'a_b'].map((name) => ({
      path: name,
      text: FILE.replace('KS', name),
    }));
    expect(exported(imported(files)).map(({ path }) => path)).toEqual([
      'provisioning_templates/provision/a_b.erb',
      'provisioning_templates/provision/a_b_2.erb',
      'provisioning_templates/provision/a_b_3.erb',
    ]);
  });
});
