import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import { CONFIG_SCHEMA } from './schema.ts';
import { parseYaml } from './yaml.ts';

function problemsOf(text: string, schema: Parameters<typeof parseYaml>[1] = SITE_SCHEMA) {
  return parseYaml(text, schema, 'f.yaml').problems.map(({ line, column, path, message, suggestion }) => ({
    at: `${line}:${column}`,
    path,
    message,
    suggestion,
  }));
}

describe('faults of a YAML file', () => {
  it('lists every one with its place and a suggestion for a mistyped key', () => {
    const text = [
      'subnets:',
      '  - name: lab',
      '    network: 10.0.0.1/24',
      '    gatway: 10.0.0.1',
      'hosts:',
      '  - name: UPPER_case',
      '    mac: 52:54',
      'hostz: []',
    ].join('\n');
    const problems = problemsOf(text);
    expect(problems.map(({ at, path }) => `${at} ${path}`).sort()).toEqual([
      '3:5 subnets[0].network',
      '4:5 subnets[0].gatway',
      '6:5 hosts[0].name',
      '7:5 hosts[0].mac',
      '8:1 hostz',
    ]);
    expect(problems.find(({ path }) => path === 'subnets[0].gatway')?.suggestion).toBe(
      'did you mean "gateway"?',
    );
    expect(problems.find(({ path }) => path === 'hostz')?.suggestion).toBe('did you mean "hosts"?');
  });

  it('names what is missing and what a word may be', () => {
    expect(problemsOf('subnets: [{ network: 10.0.0.0/24 }]')).toMatchObject([
      { path: 'subnets[0].name', message: 'is required' },
    ]);
    expect(problemsOf('links: [{ interface: eth0, mode: sever }]', CONFIG_SCHEMA)).toMatchObject([
      { at: '1:28', path: 'links[0].mode', message: 'must be one of: proxy, server, off' },
    ]);
  });

  it.each([
    [
      'links: []\ntftp: { singel_port: true }',
      'tftp.singel_port',
      'unknown key',
      'did you mean "single_port"?',
    ],
    ['links: []\nhttps: { nmae: x }', 'https.nmae', 'unknown key', 'did you mean "name"?'],
    ['links: []\ntftp: { max_clients: 0 }', 'tftp.max_clients', 'must be at least 1', undefined],
    ['links: []\ntftp: { max_clients: 1.5 }', 'tftp.max_clients', 'must be a whole number', undefined],
    ['links: []\nhttp: { port: 70000 }', 'http.port', 'must be at most 65535', undefined],
    ['links: []\nhttp: { port: eighty }', 'http.port', 'must be a number', undefined],
    ['links: eth0', 'links', 'must be a list', undefined],
    ['links: []\nhttp: on', 'http', 'must be a map of keys and values', undefined],
    ['links: []\ntftp: { enabled: off }', 'tftp.enabled', 'must be true or false', undefined],
    ['links: [{ interface: "" }]', 'links[0].interface', 'must not be empty', undefined],
  ])('says in words of YAML what is wrong with %j', (text, path, message, suggestion) => {
    expect(problemsOf(text, CONFIG_SCHEMA)).toContainEqual(
      expect.objectContaining({ path, message, suggestion }),
    );
  });

  it('speaks for the closest alternative of a template', () => {
    expect(problemsOf('templates: [{ name: x, kind: nope, template: y }]')).toMatchObject([
      { path: 'templates[0].kind' },
    ]);
  });

  it.each([
    ['a tab', 'hosts:\n\t- x'],
    ['an open bracket', 'hosts: ['],
    ['a key twice', 'hosts: []\nhosts: []'],
    [
      'billion laughs',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(9)}]`)
        .join('\n')}`,
    ],
    ['a list', '- a'],
    ['a word', 'hello'],
  ])('refuses %s', (_what, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });

  it('goes on without unknown keys, so that what is wrong elsewhere is told too', () => {
    const parsed = parseYaml('hostz: 1\ndomains: [{ name: a, nmae: b }]', SITE_SCHEMA, 'f');
    expect(parsed).toMatchObject({ value: { domains: [{ name: 'a' }] } });
    expect(parsed.problems).toHaveLength(2);
    expect(parseYaml('hosts: 1', SITE_SCHEMA, 'f').value).toBeUndefined();
  });

  it('takes an empty file for an empty site', () => {
    expect(parseYaml('', SITE_SCHEMA, 'f')).toMatchObject({
      problems: [],
      value: { hosts: [], subnets: [] },
    });
  });

  it('never throws, whatever the text', () => {
    const yamlish = fc.array(
      fc.constantFrom(
        'hosts',
        ':',
        ' ',
        '\n',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '&a',
        '*a',
        '"',
        "'",
        '|',
        '>',
        '#',
        'name',
        '!!',
        '\t',
        '1',
        '\0',
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          yamlish.map((parts) => parts.join('')),
        ),
        (text) => {
          parseYaml(text, SITE_SCHEMA, 'f');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses a key that would get lost, at its place', () => {
    const { value, problems } = parseYaml('parameters:\n  a: {__proto__: 1}\n', SITE_SCHEMA, 'f');
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([{ line: 2, column: 7, message: 'cannot be used as a key' }]);
  });
});
