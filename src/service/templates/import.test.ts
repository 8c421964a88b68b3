import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../../inventory/site.ts';
import type { OperatingSystem, PartitionTable, ProvisioningTemplate } from '../../inventory/types.ts';
import type { Change } from '../../store/types.ts';
import { type Candidate, candidateOf, type Naming, type Verdict } from './candidate.ts';
import { type ImportOptions, planImport } from './import.ts';

const OPTIONS: ImportOptions = { associate: 'new', default: false, force: false };

function erb(header: string, body = 'text\n'): string {
  return `<%#\n${header}\n-%>\n${body}`;
}

function entry(text: string, file = 'a.erb', naming: Naming = {}): Candidate | Verdict {
  return candidateOf({ file, text, notes: [] }, naming);
}

function os(id: number, name: string, fields: Partial<OperatingSystem> = {}): OperatingSystem {
  return {
    id,
    name,
    major: '9',
    minor: '',
    family: 'Redhat',
    media: [],
    architectures: [],
    ptables: [],
    provisioning_templates: [],
    parameters: {},
    ...fields,
  };
}

/** A site that keeps what is planned, as the store does. */
class Stand {
  readonly site = new SiteIndex();
  private next = 100;

  put(change: Change): void {
    if (change.op === 'put')
      this.site.put(change.collection, {
        ...change.record,
        id: change.record.id ?? this.next++,
      } as never);
  }

  run(entries: readonly (Candidate | Verdict)[], options: Partial<ImportOptions> = {}) {
    const plan = planImport(entries, this.site, { ...OPTIONS, ...options });
    for (const change of plan.changes) this.put(change);
    return plan;
  }

  one(text: string, options: Partial<ImportOptions> = {}, naming: Naming = {}) {
    return this.run([entry(text, 'a.erb', naming)], options).outcomes[0]!;
  }

  template(name: string): ProvisioningTemplate | undefined {
    return this.site.get('provisioning_templates', name);
  }
}

const KS = erb('kind: provision\nname: KS\noses:\n- Rocky 9');

describe('candidateOf', () => {
  it.each([
    ['no header at all', 'plain\n', 'skipped', /no metadata header/],
    ['a header without a name', erb('kind: provision'), 'skipped', /no name/],
    ['no kind', erb('name: x'), 'skipped', /no kind/],
    ['an unknown kind', erb('name: x\nkind: nonsense'), 'skipped', /"nonsense"/],
    ['a job template', erb('name: x\nmodel: JobTemplate'), 'skipped', /job template/],
    ['a report template', erb('name: x\nmodel: ReportTemplate'), 'skipped', /report template/],
    ['an unknown model', erb('name: x\nmodel: Constructor'), 'skipped', /model of template: Constructor/],
    ['a model that is no own property', erb('name: x\nmodel: constructor'), 'skipped', /constructor$/],
    ['a header that is no YAML', '<%#\nname: [x\nkind: provision\n-%>', 'refused', /no YAML/],
    ['a line break in the name', erb('name: "a\\nb"\nkind: provision'), 'refused', /line break/],
    ['a name without end', erb(`name: ${'x'.repeat(300)}\nkind: provision`), 'refused', /255/],
  ])('%s', (_what, text, outcome, reason) => {
    expect(entry(text)).toMatchObject({ outcome, reason: expect.stringMatching(reason) });
  });

  it('refuses what is no Ruby, or outside of safe mode, with every place', () => {
    expect(entry(erb('name: x\nkind: script', 'a\n<% foo( %>\n'))).toMatchObject({
      outcome: 'refused',
      problems: [{ file: 'a.erb', line: 6 }, { line: 6 }],
    });
    expect(entry(erb('name: x\nkind: script', '<%= `ls` %>\n<% def x; end %>'))).toMatchObject({
      outcome: 'refused',
      problems: [{ line: 5, column: 5 }, { line: 6 }],
    });
  });

  it('takes what may fail, and says so', () => {
    expect(entry(erb('name: x\nkind: script', '<%= plugin_macro %>'))).toMatchObject({
      name: 'x',
      warnings: [{ line: 5, message: expect.stringContaining('plugin_macro') }],
    });
  });

  it('filters by the name with its prefix', () => {
    const naming = { prefix: 'ACME ', wanted: (name: string) => /^ACME K/.test(name) };
    expect(entry(KS, 'a.erb', naming)).toMatchObject({ name: 'ACME KS', snippet: false });
    expect(entry(erb('name: ACME KS\nkind: script'), 'a.erb', naming)).toMatchObject({ name: 'ACME KS' });
    expect(entry(erb('name: Other\nkind: script'), 'a.erb', naming)).toMatchObject({ outcome: 'filtered' });
  });
});

describe('planImport', () => {
  it('creates, then has nothing to do', () => {
    const stand = new Stand();
    const files = [KS, erb('name: s\nkind: snippet\nsnippet: true'), erb('name: KS\nmodel: Ptable')].map(
      (text, i) => entry(text, `${i}.erb`),
    );
    expect(stand.run(files).outcomes.map(({ outcome, kind }) => `${outcome} ${kind}`)).toEqual([
      'created provision',
      'created snippet',
      'created ptable',
    ]);
    expect(stand.template('KS')).toMatchObject({ template: KS, locked: false, oses: ['Rocky 9'] });
    expect(stand.site.get('ptables', 'KS')).toMatchObject({ layout: erb('name: KS\nmodel: Ptable') });
    const again = stand.run(files);
    expect(again.changes).toEqual([]);
    expect(again.outcomes.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('says which fields it updated', () => {
    const stand = new Stand();
    stand.one(KS);
    const next = erb('kind: finish\nname: KS\ndescription: new\noses:\n- Rocky 9');
    expect(stand.one(next)).toMatchObject({
      outcome: 'updated',
      changed: ['kind', 'template', 'description'],
    });
    expect(stand.template('KS')).toMatchObject({ kind: 'finish', description: 'new' });
  });

  it.each([
    ['new', ['Rocky 9'], ['Rocky 9']],
    ['always', ['Rocky 9'], ['Fedora']],
    ['never', undefined, undefined],
  ] as const)('associates %s', (associate, first, second) => {
    const stand = new Stand();
    stand.one(KS, { associate });
    expect(stand.template('KS')!.oses).toEqual(first);
    stand.one(KS.replace('Rocky 9', 'Fedora'), { associate });
    expect(stand.template('KS')!.oses).toEqual(second);
    stand.one(erb('kind: provision\nname: KS'), { associate });
    expect(stand.template('KS')!.oses).toEqual(second);
  });

  it('keeps, sets and takes away the lock', () => {
    const stand = new Stand();
    stand.one(KS, { lock: true });
    expect(stand.template('KS')!.locked).toBe(true);
    expect(stand.one(KS).outcome).toBe('unchanged');
    const changed = `${KS}more\n`;
    expect(stand.one(changed)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('--force'),
    });
    expect(stand.template('KS')!.template).toBe(KS);
    expect(stand.one(changed, { force: true }).outcome).toBe('updated');
    expect(stand.template('KS')).toMatchObject({ template: changed, locked: true });
    expect(stand.one(KS, { lock: false }).outcome).toBe('updated');
    expect(stand.template('KS')).toMatchObject({ template: KS, locked: false });
  });

  it('takes the place of a shipped one, unless it is the same', () => {
    const stand = new Stand();
    const shipped = { id: -1, name: 'KS', kind: 'provision', template: KS, locked: true, oses: ['Rocky 9'] };
    stand.site.put('provisioning_templates', shipped as ProvisioningTemplate);
    expect(stand.run([entry(KS)])).toMatchObject({ outcomes: [{ outcome: 'unchanged' }], changes: [] });
    const own = erb('kind: provision\nname: KS', 'own\n');
    expect(stand.one(own)).toMatchObject({ outcome: 'created', notes: ['in place of the shipped one'] });
    expect(stand.template('KS')).toMatchObject({ template: own, locked: false, oses: ['Rocky 9'] });
  });

  it('refuses files of one name that differ, and takes one of those that do not', () => {
    const stand = new Stand();
    const plan = stand.run([
      entry(KS, 'a.erb'),
      entry(`${KS}x`, 'b.erb'),
      entry(erb('name: s\nkind: snippet'), 'c.erb'),
      entry(erb('name: s\nkind: snippet'), 'd.erb'),
    ]);
    expect(plan.outcomes.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', 'another file has this name too: b.erb'],
      ['refused', 'another file has this name too: a.erb'],
      ['created', undefined],
      ['skipped', 'the same as c.erb'],
    ]);
    expect(plan.changes).toHaveLength(1);
  });

  it('makes defaults: the first of its kind for each system it suits', () => {
    const stand = new Stand();
    stand.put({ op: 'put', collection: 'operatingsystems', record: os(1, 'Rocky', { ptables: ['old'] }) });
    stand.put({ op: 'put', collection: 'operatingsystems', record: os(2, 'Debian') });
    const files = [
      entry(KS, 'a.erb'),
      entry(erb('kind: provision\nname: Also\noses: [Rocky]'), 'b.erb'),
      entry(erb('kind: finish\nname: End\noses: [Rocky]'), 'c.erb'),
      entry(erb('model: Ptable\nname: Disk\noses: [Rocky]'), 'd.erb'),
    ];
    const plan = stand.run(files, { default: true });
    expect(plan.outcomes.map(({ notes }) => notes[0])).toEqual([
      'the default of Rocky 9',
      'not the default of Rocky 9: KS is',
      'the default of Rocky 9',
      'the default of Rocky 9',
    ]);
    expect(stand.site.get('operatingsystems', 'Rocky 9')).toMatchObject({
      provisioning_templates: ['End', 'KS'],
      ptables: ['Disk', 'old'],
    });
    expect(stand.site.get('operatingsystems', 'Debian 9')!.provisioning_templates).toEqual([]);
    expect(stand.run(files, { default: true }).changes).toEqual([]);
  });

  it('tells when several of its own suit a system that has no default', () => {
    const stand = new Stand();
    stand.put({ op: 'put', collection: 'operatingsystems', record: os(1, 'Rocky') });
    expect(stand.run([entry(KS)]).ambiguities).toEqual([]);
    const other = entry(erb('kind: provision\nname: Atomic KS\noses: [Rocky]'), 'b.erb');
    expect(stand.run([other]).ambiguities).toEqual([
      { os: 'Rocky 9', kind: 'provision', count: 2, used: 'KS' },
    ]);
    expect(stand.run([other]).ambiguities).toEqual([]);
  });

  it('leaves alone what it was told of but cannot import', () => {
    const stand = new Stand();
    const ptable: PartitionTable = { id: 7, name: 'x', layout: 'x' };
    stand.site.put('ptables', ptable);
    const plan = stand.run([entry('plain'), entry(erb('name: x\nmodel: Ptable', '<% foo( %>'))]);
    expect(plan.changes).toEqual([]);
    expect(stand.site.get('ptables', 'x')).toBe(ptable);
  });
});
