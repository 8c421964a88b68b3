import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OS_FAMILIES, TEMPLATE_KINDS } from '../inventory/types.ts';
import { type Described, withHeader, withoutHeader } from './header.ts';
import { headerOf, metadataOf } from './metadata.ts';

const TEXT = '<%#\nkind: provision\nname: Mine\nmodel: ProvisioningTemplate\noses:\n- Debian\n-%>\nd-i x\n';
const MINE: Described = {
  name: 'Mine',
  model: 'ProvisioningTemplate',
  kind: 'provision',
  snippet: false,
  oses: ['Debian'],
};

/** Everything YAML, ERB and Ruby could stumble over; names and descriptions come trimmed out of a header. */
const word = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    fc.constantFrom('yes', '0x10', '1.0', '12:30:00', '- a', '%>', '-%>', '"%>"', '# x', 'a: b', "it's", '~'),
    fc.constantFrom('2024-01-01', '&a', '*a', '<%# x %>', 'null', '|', '>', '{a: b}', '\\', 'Ünï'),
  )
  .map((text) => text.replace(/\p{C}/gu, '').trim())
  .filter((text) => text !== '');
const lines = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('\n'));

const described: fc.Arbitrary<Described> = fc
  .record({
    name: word,
    kind: fc.constantFrom(...TEMPLATE_KINDS),
    oses: fc.array(word, { maxLength: 3 }),
    description: fc.option(lines, { nil: undefined }),
    table: fc.boolean(),
    os_family: fc.option(fc.constantFrom(...OS_FAMILIES), { nil: undefined }),
  })
  .map(({ name, kind, oses, description, table, os_family }) => ({
    name,
    oses,
    model: table ? 'Ptable' : 'ProvisioningTemplate',
    snippet: !table && kind === 'snippet',
    ...(!table && kind !== 'snippet' && { kind }),
    ...(description !== undefined && { description }),
    ...(table && os_family !== undefined && { os_family }),
  }));

const body = fc.constantFrom('', 'text\n', '\ntext', '<%= 1 %>\n', '<%# other\nname: no\n-%>\n', '#!ipxe\n');

function describedBy(text: string): Described {
  const { name, model, kind, snippet, description, oses, os_family } = metadataOf(text);
  return {
    name: name!,
    model: model as Described['model'],
    snippet,
    oses,
    ...(!snippet && kind !== undefined && { kind }),
    ...(description !== undefined && { description }),
    ...(os_family !== undefined && { os_family }),
  };
}

describe('withHeader', () => {
  it('leaves a text alone whose header says what the record says', () => {
    expect(withHeader(TEXT, MINE)).toBe(TEXT);
  });

  it('changes what the record says otherwise, in the order of Foreman, and keeps the rest', () => {
    const old = TEXT.replace('oses:', 'require:\n- plugin: x\n  version: 1.0\noses:');
    const record = { ...MINE, name: 'Other', oses: ['Ubuntu 22.04', 'Debian'], description: 'Two\nlines' };
    expect(withHeader(old, record)).toBe(
      '<%#\nname: Other\ndescription: |-\n  Two\n  lines\nsnippet: false\nmodel: ProvisioningTemplate\nkind: provision\n' +
        'oses:\n- Ubuntu 22.04\n- Debian\nrequire:\n- plugin: x\n  version: 1.0\n-%>\nd-i x\n',
    );
  });

  it.each([
    ['#!gpxe\n<%#\nname: a\n%>\nrest', '\nrest'],
    ['#!gpxe\n<%#\nname: a\n-%>\nrest', 'rest'],
    ['#!gpxe\n<%#\nname: a\n-%>rest', 'rest'],
  ])('keeps how the header of %j ends, so that what is rendered stays the same', (old, rest) => {
    const text = withHeader(old, MINE);
    expect(describedBy(text)).toEqual(MINE);
    expect(withoutHeader(text)).toBe(`#!gpxe\n${rest}`);
  });

  it('gives one to a text without', () => {
    expect(withoutHeader(withHeader('#!ipxe\nexit\n', MINE))).toBe('#!ipxe\nexit\n');
    expect(describedBy(withHeader('<%# a remark -%>\nx', MINE))).toEqual(MINE);
  });

  it('is read back as it was meant, whatever the words', () => {
    fc.assert(
      fc.property(described, described, body, (first, second, rest) => {
        const text = withHeader(rest, first);
        expect(describedBy(text)).toEqual(first);
        expect(withHeader(text, first)).toBe(text);
        const changed = withHeader(text, second);
        expect(describedBy(changed)).toEqual(second);
        expect(withoutHeader(changed)).toBe(headerOf(rest).kind === 'header' ? withoutHeader(text) : rest);
      }),
      { numRuns: 200 },
    );
  });

  it('is read by Foreman, that is by Psych, as it was meant', (context) => {
    const meant = fc.sample(described, { numRuns: 300, seed: 1 });
    const ran = spawnSync('ruby', ['-rjson', '-ryaml', '-e', PSYCH_READS], {
      input: JSON.stringify(meant.map((record) => withHeader('text\n', record))),
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (ran.error !== undefined) return context.skip('ruby is missing: apt install ruby');
    expect(ran.stderr).toBe('');
    expect(JSON.parse(ran.stdout)).toEqual(
      meant.map(({ name, snippet, kind = null, description = null, oses }) => ({
        name,
        snippet,
        kind,
        description,
        oses: oses.length === 0 ? null : oses,
      })),
    );
  });
});

/** The first ERB comment, read as YAML. */
const PSYCH_READS = `
  $stdout.set_encoding('UTF-8'); $stdin.set_encoding('UTF-8')
  puts JSON.generate(JSON.parse($stdin.read).map { |text|
    found = YAML.safe_load(text[/<%#(.*?)-?%>/m, 1])
    %w[name snippet kind description oses].to_h { |key| [key, found[key]] }
  })`;
